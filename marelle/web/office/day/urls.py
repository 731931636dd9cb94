"""Addresses of the day: today, any day, its held places, its attendance sheet."""

from django.urls import path

from marelle.web.office.day import views

urlpatterns = [
    path("", views.today, name="office_day"),
    path("presences/", views.sheet_today, name="office_sheet_today"),
    path("<slug:day>/", views.any_day, name="office_any_day"),
    path("<slug:day>/places/", views.held_place, name="office_held_place"),
    path("<slug:day>/presences/", views.sheet, name="office_sheet"),
]
