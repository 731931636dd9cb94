"""Addresses of the page of reservations."""

from django.urls import path

from marelle.web.family.calendar import period, views

urlpatterns = [
    path("", views.calendar, name="calendar"),
    path("case/", views.change_square, name="calendar_square"),
    path("periode/", period.period, name="period"),
]
