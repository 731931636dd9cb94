"""Addresses of the règlements, as families read them."""

from django.urls import path

from marelle.web.family.reglement import views

urlpatterns = [path("<slug:ruled>/", views.reglement, name="reglement")]
