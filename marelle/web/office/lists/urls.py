"""Addresses of the lists: by class, by group, by option; who is to be counted outside."""

from django.urls import path

from marelle.web.office.lists import evacuation, views

urlpatterns = [
    path("", views.lists, name="office_lists"),
    path("fichier/<slug:kind>/", views.file, name="office_list_file"),
    path("evacuation/", evacuation.page, name="office_evacuation"),
    path("evacuation/fichier/<slug:kind>/", evacuation.file, name="office_evacuation_file"),
]
