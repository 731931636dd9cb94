"""Addresses of the change of address."""

from django.urls import path

from marelle.web.account.email_change import views

urlpatterns = [
    path("securite/adresse/", views.ask, name="email_change"),
    path("securite/adresse/abandonner/", views.abandon, name="email_change_abandon"),
    path("adresse/<slug:proof>/", views.confirm, name="email_change_confirm"),
]
