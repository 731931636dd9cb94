"""Addresses of the applications (demandes)."""

from django.urls import path

from marelle.web.family.applications import completing, drafting, files, following, history, starting

urlpatterns = [
    path("", history.requests, name="requests"),
    path("nouvelle/", starting.new, name="application_new"),
    path("<slug:application>/", drafting.application, name="application"),
    path("<slug:application>/pieces/<slug:piece>/", drafting.documents, name="application_documents"),
    path(
        "<slug:application>/pieces/<slug:piece>/<slug:document>/retirer/",
        drafting.take_away,
        name="application_document_away",
    ),
    path("<slug:application>/fichiers/<slug:document>/", files.document, name="application_document"),
    path("<slug:application>/verifier/", drafting.check, name="application_check"),
    path("<slug:application>/envoyer/", drafting.submit, name="application_submit"),
    path("<slug:application>/supprimer/", drafting.discard, name="application_discard"),
    path("<slug:application>/message/", following.message, name="application_message"),
    path("<slug:application>/completer/", completing.complete, name="application_complete"),
    path("<slug:application>/retirer/", following.withdraw, name="application_withdraw"),
    path("<slug:application>/pdf/", files.pdf, name="application_pdf"),
    path("<slug:application>/accuse/", files.acknowledgement, name="application_acknowledgement_pdf"),
    path("<slug:application>/attestation/", files.attestation, name="application_attestation_pdf"),
]
