"""Addresses of who stands in a family's place."""

from django.urls import path

from marelle.web.family.place import views

urlpatterns = [
    path("quitter/", views.leave, name="place_leave"),
    path("<str:sealed>/", views.come, name="place_come"),
]
