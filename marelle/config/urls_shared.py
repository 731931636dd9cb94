"""Addresses that every site has."""

from django.urls import include, path

from marelle.web import brand, health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("marque", brand.operator_mark, name="operator_mark"),
    path("", include("marelle.web.pages.urls")),
    path("<slug:authority>/couleurs-<slug:digest>.css", brand.colours, name="colours"),
    path("<slug:authority>/logo", brand.logo, name="logo"),
]
