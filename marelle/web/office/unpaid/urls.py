"""Addresses of what is not paid."""

from django.urls import path

from marelle.web.office.unpaid import choices, debtors, dockets, unpaid

urlpatterns = [
    path("", unpaid.show, name="office_unpaid"),
    path("relancer/", unpaid.send, name="office_unpaid_remind"),
    path("courriers/", unpaid.letters, name="office_unpaid_letters"),
    path("courriers/imprimes/", unpaid.printed, name="office_unpaid_printed"),
    path("familles/<slug:family>/suspendre/", unpaid.hold, name="office_unpaid_hold"),
    path("factures/<slug:invoice>/contester/", unpaid.dispute, name="office_unpaid_dispute"),
    path("suspensions/<slug:hold>/reprendre/", unpaid.resume, name="office_unpaid_resume"),
    path("reglages/<slug:regie>/", choices.treasury, name="office_collection"),
    path("reglages/<slug:regie>/relances/", choices.stages, name="office_reminder_stages"),
    path("tresor/", dockets.dockets, name="office_dockets"),
    path("tresor/preparer/", dockets.prepare, name="office_docket_prepare"),
    path("tresor/retours/", dockets.take, name="office_docket_answer"),
    path("tresor/factures/<slug:invoice>/contre-passer/", dockets.undo, name="office_undo_at_treasury"),
    path("tresor/avant-titre/<slug:before>/traiter/", dockets.deal, name="office_before_title"),
    path("tresor/debiteurs/<slug:payer>/", debtors.debtor, name="office_debtor"),
    path("tresor/<slug:docket>/", dockets.show, name="office_docket"),
    path("tresor/<slug:docket>/remettre/", dockets.export, name="office_docket_export"),
    path("tresor/<slug:docket>/fichier/", dockets.file, name="office_docket_file"),
    path("tresor/<slug:docket>/retirer/<slug:payer>/", dockets.leave_out_of, name="office_docket_leave_out"),
    path("tresor/<slug:docket>/abandonner/", dockets.drop, name="office_docket_drop"),
]
