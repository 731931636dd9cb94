"""Addresses of the absences that families tell."""

from django.urls import path

from marelle.web.office.absences import together, views

urlpatterns = [
    path("", views.recent, name="office_absences"),
    path("ensemble/", together.certificates, name="office_certificates_together"),
    path("<slug:absence>/certificat/", views.certificate, name="office_certificate"),
]
