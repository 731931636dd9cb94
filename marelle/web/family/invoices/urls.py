"""Addresses of the invoices."""

from django.urls import path

from marelle.web.family.invoices import documents, paying, views

urlpatterns = [
    path("", views.invoices, name="invoices"),
    path("payees/", views.paid, name="invoices_paid"),
    path("payer/", paying.pay, name="invoices_pay"),
    path("attestation-<int:year>/<slug:payer>/", documents.certificate, name="tax_certificate"),
    path("<slug:invoice>/", views.detail, name="invoice"),
    path("<slug:invoice>/pdf/", documents.pdf, name="invoice_pdf"),
    path("<slug:invoice>/masquer/", views.hide, name="invoice_hide"),
    path("<slug:invoice>/montrer/", views.show, name="invoice_show"),
]
