"""Addresses of the offer."""

from django.urls import path

from marelle.web.office.offer import activities, listing, opening

urlpatterns = [
    path("", listing.every, name="office_offer"),
    path("monter/", listing.move, name="office_offer_move"),
    path("services/<slug:offered>/", listing.one, name="office_offer_service"),
    path("services/<slug:offered>/supprimer/", listing.remove, name="office_offer_service_remove"),
    path("activites/<slug:activity>/", activities.one, name="office_offer_activity"),
    path("activites/<slug:activity>/supprimer/", activities.remove, name="office_offer_activity_remove"),
    path("activites/<slug:activity>/ouverture/", opening.show, name="office_opening_day"),
]
