"""Addresses of the profile: one for each tab, and one for each thing a family says of its file."""

from django.urls import path

from marelle.web.family.profile import confirming, consents, photos, pickups, views

urlpatterns = [
    path("", views.family, name="profile"),
    path("factures/", views.delivery, name="profile_delivery"),
    path("responsables/", views.guardians, name="profile_guardians"),
    path("enfants/", views.children, name="profile_children"),
    path("enfants/<slug:child>/", views.child, name="profile_child"),
    path("enfants/<slug:child>/photo/", photos.keep, name="profile_child_photo"),
    path("enfants/<slug:child>/photo/effacer/", photos.remove, name="profile_remove_photo"),
    path("photos/<slug:photo>/", photos.show, name="family_child_photo"),
    path("modifications/<slug:change>/retirer/", views.withdraw, name="profile_withdraw"),
    path("personnes-autorisees/", pickups.people, name="profile_pickups"),
    path("personnes-autorisees/<slug:pickup>/retirer/", pickups.end, name="profile_pickup_end"),
    path("autorisations/", consents.texts, name="profile_consents"),
    path("autorisations/<slug:text>/", consents.answer, name="profile_consent"),
    path("confirmation/", confirming.confirm, name="profile_confirm"),
]
