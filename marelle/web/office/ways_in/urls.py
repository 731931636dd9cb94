"""Addresses of the ways in, as agents see them."""

from django.urls import path

from marelle.web.office.ways_in import guardians, requests, together

urlpatterns = [
    path("", guardians.show, name="office_ways_in"),
    path("activer/", guardians.send, name="office_invite"),
    path("codes/", guardians.codes, name="office_issue_codes"),
    path("lettres.pdf", guardians.letters, name="office_code_letters"),
    path("responsables/<slug:guardian>/revenu/", guardians.returned, name="office_mark_returned"),
    path("responsables/<slug:guardian>/adresse/", guardians.address, name="office_guardian_address"),
    path("responsables/<slug:guardian>/annuler/", guardians.revoke, name="office_revoke_ways_in"),
    path("responsables/<slug:guardian>/franceconnect/", guardians.untie, name="office_untie_franceconnect"),
    path("responsables/<slug:guardian>/retirer/", guardians.end, name="office_end_membership"),
    path("demandes/", requests.show, name="office_join_requests"),
    path("demandes/ensemble/", together.answer, name="office_joins_together"),
    path("demandes/<slug:joining>/", requests.detail, name="office_join_request"),
    path("demandes/<slug:joining>/accepter/", requests.accept, name="office_accept_join"),
    path("demandes/<slug:joining>/refuser/", requests.refuse, name="office_refuse_join"),
]
