"""Addresses of the menus."""

from django.urls import path

from marelle.web.family.menus import views

urlpatterns = [
    path("<slug:authority>/menus/", views.menus, name="menus"),
    path("<slug:authority>/menus.csv", views.open_data, name="menus_open_data"),
]
