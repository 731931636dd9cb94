"""Addresses of absences."""

from django.urls import path

from marelle.web.family.absences import views

urlpatterns = [
    path("<str:square>/", views.absence, name="absence"),
    path("<str:square>/retirer/", views.withdraw, name="absence_withdraw"),
    path("<str:square>/liberer/", views.let_go, name="place_let_go"),
    path("<str:square>/garder/", views.take_back, name="place_take_back"),
]
