"""Addresses of events."""

from django.urls import path

from marelle.web.office.disruptions import declaring, looking

urlpatterns = [
    path("", looking.every, name="office_disruptions"),
    path("declarer/", declaring.new, name="office_disruption_new"),
    path("declarer/faire/", declaring.declare, name="office_disruption_declare"),
    path("<slug:disruption>/", looking.one, name="office_disruption"),
    path("<slug:disruption>/defaire/", looking.undo, name="office_disruption_undo"),
]
