"""Addresses of imports."""

from django.urls import path

from marelle.web.office.imports import bringing, choosing, class_change, looking

urlpatterns = [
    path("", bringing.every, name="office_imports"),
    path("recevoir/", bringing.receive, name="office_import_receive"),
    path("modele.csv", bringing.model, name="office_import_model"),
    path("changement-de-classe/", class_change.show, name="office_class_change"),
    path("changement-de-classe/preparer/", class_change.prepare, name="office_class_change_prepare"),
    path("<slug:whole>/", looking.show, name="office_import_file"),
    path("<slug:whole>/avancement/", looking.progress, name="office_import_progress"),
    path("<slug:whole>/lignes.csv", looking.report, name="office_import_report"),
    path("<slug:whole>/colonnes/", choosing.columns, name="office_import_columns"),
    path("<slug:whole>/choisir/", choosing.choose, name="office_import_choose"),
    path("<slug:whole>/cocher/", choosing.tick, name="office_import_tick"),
    path("<slug:whole>/verifier/", choosing.again, name="office_import_again"),
    path("<slug:whole>/importer/", choosing.apply, name="office_import_apply"),
    path("<slug:whole>/annuler/", choosing.undo, name="office_import_undo"),
    path("<slug:whole>/abandonner/", choosing.abandon, name="office_import_abandon"),
]
