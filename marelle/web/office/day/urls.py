"""Addresses of the day: today, any day, its held places, its attendance sheet and what tablets exchange of it."""

from django.urls import path

from marelle.web.office.day import marks, views

urlpatterns = [
    path("", views.today, name="office_day"),
    path("presences/", views.sheet_today, name="office_sheet_today"),
    path("presences/a-pointer/", marks.unfinished, name="office_unfinished_sheets"),
    path("<slug:day>/", views.any_day, name="office_any_day"),
    path("<slug:day>/places/", views.held_place, name="office_held_place"),
    path("<slug:day>/presences/", views.sheet, name="office_sheet"),
    path("<slug:day>/presences/pointages/", marks.marks, name="office_attendance_marks"),
]
