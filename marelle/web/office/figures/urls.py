"""Addresses of the figures. `?fichier=csv` and `?fichier=xlsx` hand over the same figures."""

from django.urls import path

from marelle.web.office.figures import attendance, foreseen, hours, money

urlpatterns = [
    path("", attendance.attendance, name="office_figures"),
    path("remplissage/", attendance.filling, name="office_figures_filling"),
    path("prevision/", foreseen.forecast, name="office_figures_forecast"),
    path("heures/", hours.hours, name="office_figures_hours"),
    path("quotients/", money.quotients, name="office_figures_quotients"),
    path("impayes/", money.unpaid, name="office_figures_unpaid"),
]
