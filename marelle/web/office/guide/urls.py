"""Addresses of the guided first run."""

from django.urls import path

from marelle.web.office.guide import home, offer, places, prices, reglement

urlpatterns = [
    path("", home.guide, name="office_guide"),
    path("ouvrir/", home.open_town, name="office_guide_open"),
    path("calendrier/", home.fill_calendar, name="office_guide_calendar"),
    path("coordonnees/", places.contact, name="office_guide_contact"),
    path("ecoles/", places.schools, name="office_guide_places"),
    path("offre/", offer.offer, name="office_guide_offer"),
    path("reglement/", reglement.gallery, name="office_guide_reglement"),
    path("tarif/", prices.tariff, name="office_guide_tariff"),
    path("cout/", prices.costs, name="office_guide_costs"),
    path("regie/", prices.regie, name="office_guide_regie"),
]
