"""Addresses of a régie that joins the online invoices."""

from django.urls import path

from marelle.web.office.joining import tokens, views

urlpatterns = [
    path("<slug:regie>/en-ligne/", views.show, name="office_joining"),
    path("<slug:regie>/en-ligne/quitter/", views.leave, name="office_leaving"),
    path("<slug:regie>/en-ligne/jetons/", tokens.make, name="office_token_make"),
    path("<slug:regie>/en-ligne/jetons/<slug:api_token>/revoquer/", tokens.revoke, name="office_token_revoke"),
]
