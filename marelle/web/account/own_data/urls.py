"""Addresses of one's own data."""

from django.urls import path

from marelle.web.account.own_data import views

urlpatterns = [
    path("", views.own, name="own_data"),
    path("mes-donnees.json", views.as_json_file, name="own_data_json"),
    path("mes-donnees.pdf", views.as_pdf, name="own_data_pdf"),
    path("effacer/", views.erase, name="account_erase"),
    path("efface/", views.erased, name="account_erased"),
]
