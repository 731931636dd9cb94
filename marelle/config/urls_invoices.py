"""Addresses of the online invoices site."""

from django.urls import include, path

urlpatterns = [
    path("", include("marelle.config.urls_shared")),
    path("", include("marelle.web.account.elsewhere")),
]

handler400 = "marelle.web.errors.bad_request"
handler403 = "marelle.web.errors.forbidden"
handler404 = "marelle.web.errors.not_found"
handler500 = "marelle.web.errors.failure"
