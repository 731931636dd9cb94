"""Addresses of the offer."""

from django.urls import path

from marelle.web.office.offer import activities, opening, public_services

urlpatterns = [
    path("", public_services.every, name="office_offer"),
    path("monter/", public_services.move, name="office_offer_move"),
    path("services/<slug:offered>/", public_services.one, name="office_offer_service"),
    path("services/<slug:offered>/supprimer/", public_services.remove, name="office_offer_service_remove"),
    path("activites/<slug:activity>/", activities.one, name="office_offer_activity"),
    path("activites/<slug:activity>/supprimer/", activities.remove, name="office_offer_activity_remove"),
    path("activites/<slug:activity>/ouverture/", opening.show, name="office_opening_day"),
]
