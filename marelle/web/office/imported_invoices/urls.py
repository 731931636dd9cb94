"""Addresses of imported invoices."""

from django.urls import path

from marelle.web.office.imported_invoices import views

urlpatterns = [
    path("", views.show, name="office_imported"),
    path("modele.csv", views.template, name="office_import_template"),
    path("verifier/", views.check, name="office_import_check"),
    path("importer/", views.bring, name="office_import"),
    path("<slug:imported>/retirer/", views.withdraw, name="office_imported_withdraw"),
]
