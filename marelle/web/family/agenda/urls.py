"""Addresses of the page of the agenda, and the one that agendas read, which names no authority."""

from django.urls import path

from marelle.web.family.agenda import views

urlpatterns = [
    path("", views.agenda, name="agenda"),
    path("arreter/", views.stop, name="agenda_stop"),
]
feed_patterns = [path("<str:feed>.ics", views.feed, name="agenda_feed")]
