"""Addresses of the procedures."""

from django.urls import path

from marelle.web.office.procedures import answer_templates, answering, editing, listing
from marelle.web.office.procedures.surroundings import NEW

urlpatterns = [
    path("", listing.every, name="office_procedures"),
    path("pretes/", listing.ready, name="office_procedures_ready"),
    path("services/", answering.every, name="office_services_in_charge"),
    path("services/<slug:service>/", answering.one, name="office_service_in_charge"),
    path("modeles/", answer_templates.every, name="office_answer_templates"),
    path("modeles/<slug:template>/", answer_templates.one, name="office_answer_template"),
    path("modeles/<slug:template>/supprimer/", answer_templates.remove, name="office_answer_template_remove"),
    path("nouvelle/", editing.edit, {"procedure_code": NEW}, name="office_procedure_new"),
    path("<slug:procedure_code>/", listing.one, name="office_procedure"),
    path("<slug:procedure_code>/ouvrir/", listing.open_or_shut, name="office_procedure_open"),
    path("<slug:procedure_code>/monter/", listing.move, name="office_procedure_move"),
    path("<slug:procedure_code>/modifier/", editing.edit, name="office_procedure_edit"),
    path("<slug:procedure_code>/apercu/", editing.preview, name="office_procedure_preview"),
    path("<slug:procedure_code>/verifier/", editing.check, name="office_procedure_check"),
    path("<slug:procedure_code>/enregistrer/", editing.save, name="office_procedure_save"),
]
