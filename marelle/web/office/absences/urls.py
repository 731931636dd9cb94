"""Addresses of the absences that families tell."""

from django.urls import path

from marelle.web.office.absences import views

urlpatterns = [
    path("", views.recent, name="office_absences"),
    path("<slug:absence>/certificat/", views.certificate, name="office_certificate"),
]
