"""Addresses of the invoices."""

from django.urls import path

from marelle.web.family.invoices import views

urlpatterns = [path("", views.invoices, name="invoices")]
