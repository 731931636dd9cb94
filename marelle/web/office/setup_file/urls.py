"""Addresses of the configuration as a file, and of the copy of a year."""

from django.urls import path

from marelle.web.office.setup_file import next_year, views

urlpatterns = [
    path("fichier/", views.configuration_file, name="office_configuration_file"),
    path("annee-suivante/", next_year.show, name="office_next_year"),
    path("annee-suivante/defaire/", next_year.undo, name="office_next_year_undo"),
]
