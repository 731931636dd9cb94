"""Addresses of what families ask."""

from django.urls import path

from marelle.web.office.applications import acts, deciding, documents, inbox, page, statistics, together

urlpatterns = [
    path("", inbox.show, name="office_applications"),
    path("ensemble/", together.answer, name="office_applications_together"),
    path("delais/", statistics.show, name="office_application_statistics"),
    path("delais/tableau.csv", statistics.export, name="office_application_statistics_csv"),
    path("<slug:application>/", page.show, name="office_application"),
    path("<slug:application>/sante/", page.health, name="office_application_health"),
    path("<slug:application>/attribuer/", acts.give, name="office_application_assign"),
    path("<slug:application>/transmettre/", acts.move, name="office_application_transfer"),
    path("<slug:application>/complement/", acts.changes, name="office_application_changes"),
    path("<slug:application>/message/", acts.message, name="office_application_message"),
    path("<slug:application>/note/", acts.note, name="office_application_note"),
    path("<slug:application>/decision/", deciding.answer, name="office_application_decide"),
    path("<slug:application>/effet/", deciding.late, name="office_application_late"),
    path("<slug:application>/pieces/<slug:document>/", documents.document, name="office_application_document"),
    path("<slug:application>/demande.pdf", documents.whole, name="office_application_pdf"),
]
