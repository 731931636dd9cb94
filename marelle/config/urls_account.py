"""Addresses of the account site: the one place where one signs in, for all the others."""

from django.urls import include, path

urlpatterns = [
    path("", include("marelle.web.account.provider.urls")),
    path("", include("marelle.config.urls_shared")),
    path("", include("marelle.web.account.urls")),
    path("", include("marelle.web.account.home.urls")),
]

handler400 = "marelle.web.errors.bad_request"
handler403 = "marelle.web.errors.forbidden"
handler404 = "marelle.web.errors.not_found"
handler500 = "marelle.web.errors.failure"
