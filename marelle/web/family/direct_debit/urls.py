"""Addresses of direct debits."""

from django.urls import path

from marelle.web.family.direct_debit import views

urlpatterns = [
    path("", views.mandates, name="debit_mandates"),
    path("<slug:regie>/signer/", views.sign, name="debit_sign"),
    path("mandats/<slug:mandate>/", views.mandate, name="debit_mandate"),
    path("mandats/<slug:mandate>/compte/", views.account, name="debit_account"),
    path("mandats/<slug:mandate>/revoquer/", views.revoke, name="debit_revoke"),
]
