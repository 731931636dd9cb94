"""Addresses of the families, as agents see them."""

from django.urls import path

from marelle.web.office.families import access, addresses, blocks, enrolling, finding, photos, pickups, quotients, views

urlpatterns = [
    path("", finding.search, name="office_families"),
    path("photos/<slug:photo>/", photos.show, name="office_child_photo"),
    path("<slug:family>/enfants/<slug:child>/photo/", photos.keep, name="office_keep_photo"),
    path("<slug:family>/enfants/<slug:child>/photo/effacer/", photos.remove, name="office_remove_photo"),
    path("<slug:family>/", views.family_page, name="office_family"),
    path("<slug:family>/responsables/<slug:guardian>/acces/", access.access, name="office_access"),
    path("<slug:family>/responsables/<slug:guardian>/acces/rendre/", access.restore, name="office_restore_access"),
    path("<slug:family>/inscriptions/", enrolling.enroll_child, name="office_enroll"),
    path("<slug:family>/reserver/", views.reserve, name="office_reserve"),
    path("<slug:family>/annuler/", views.cancel, name="office_cancel"),
    path("<slug:family>/blocages/", blocks.put, name="office_put_block"),
    path("<slug:family>/blocages/<slug:block>/", blocks.lift, name="office_lift_block"),
    path("<slug:family>/adresses/<slug:move>/retirer/", addresses.withdraw, name="office_withdraw_address"),
    path("<slug:family>/personnes/<slug:pickup>/retirer/", pickups.end, name="office_end_pickup"),
    path("<slug:family>/quotients/", quotients.record, name="office_record_quotient"),
    path("<slug:family>/quotients/demander/", quotients.ask, name="office_ask_quotient"),
    path("<slug:family>/quotients/reponse/", quotients.record_answer, name="office_record_answer"),
    path("<slug:family>/quotients/<slug:quotient>/", quotients.withdraw, name="office_withdraw_quotient"),
    path("<slug:family>/justificatifs/<slug:document>/", quotients.document, name="office_document"),
]
