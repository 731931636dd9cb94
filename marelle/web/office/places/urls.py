"""Addresses of the authority's identity and of its places."""

from django.urls import path

from marelle.web.office.places import identity, places

urlpatterns = [
    path("collectivite/", identity.edit, name="office_identity"),
    path("collectivite/logo/", identity.logo, name="office_logo"),
    path("collectivite/couleur.svg", identity.color, name="office_color"),
    path("lieux/", places.every, name="office_places"),
    path("lieux/<slug:place>/", places.one, name="office_place"),
    path("lieux/<slug:place>/supprimer/", places.remove, name="office_place_remove"),
]
