"""Addresses of the requests."""

from django.urls import path

from marelle.web.family.requests import views

urlpatterns = [path("", views.requests, name="requests")]
