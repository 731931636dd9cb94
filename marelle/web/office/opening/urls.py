"""Addresses of the opening of a town."""

from django.urls import path

from marelle.web.office.opening import views

urlpatterns = [
    path("<str:opening>/", views.open_town, name="town_opening"),
]
