"""Addresses of the calendar."""

from django.urls import path

from marelle.web.office.calendar import closures, holidays, listing

urlpatterns = [
    path("", listing.every, name="office_calendar"),
    path("publie/", listing.follow, name="office_calendar_follow"),
    path("conges/<slug:holiday>/", holidays.one, name="office_holiday"),
    path("conges/<slug:holiday>/supprimer/", holidays.remove, name="office_holiday_remove"),
    path("fermetures/<str:closure>/", closures.one, name="office_closure"),
    path("fermetures/<str:closure>/supprimer/", closures.remove, name="office_closure_remove"),
]
