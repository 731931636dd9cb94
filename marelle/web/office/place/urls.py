"""Addresses of who takes a family's place."""

from django.urls import path

from marelle.web.office.place import views

urlpatterns = [
    path("<slug:family>/place/<slug:guardian>/", views.take, name="office_take_place"),
]
