"""Addresses of the configuration as a file, and of the copy of a year."""

from django.urls import path

from marelle.web.office.setup_file import views

urlpatterns = [
    path("configuration/", views.configuration_file, name="office_configuration_file"),
]
