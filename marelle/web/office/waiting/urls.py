"""Addresses of the waiting lists."""

from django.urls import path

from marelle.web.office.waiting import views

urlpatterns = [
    path("", views.waiting, name="office_waiting"),
    path("proposer/", views.offer_all, name="office_waiting_offer_all"),
    path("une-place/", views.offer_one, name="office_waiting_offer_one"),
]
