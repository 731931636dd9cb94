"""Addresses of the interface, under `/api/v1/<authority>/factures/`."""

from django.urls import path

from marelle.web.api import invoices

urlpatterns = [
    path("", invoices.bring, name="api_invoices"),
    path("<path:reference>/", invoices.one, name="api_invoice"),
]
