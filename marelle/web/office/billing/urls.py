"""Addresses of billing."""

from django.urls import path

from marelle.web.office.billing import accounts, drafts, exports, invoices, issuing, regies, runs

urlpatterns = [
    path("", runs.runs, name="office_billing"),
    path("preparer/", runs.prepare, name="office_billing_prepare"),
    path("regies/", regies.regies, name="office_regies"),
    path("regies/<slug:regie>/", regies.choices, name="office_regie"),
    path("regies/<slug:regie>/apercu/", regies.preview, name="office_regie_preview"),
    path("<slug:run>/", runs.show, name="office_run"),
    path("<slug:run>/avancement/", runs.progress, name="office_run_progress"),
    path("<slug:run>/export/<slug:kind>/", exports.export, name="office_run_export"),
    path("<slug:run>/documents/<slug:file>/", exports.documents, name="office_run_documents"),
    path("<slug:run>/familles/<slug:family>/", drafts.show, name="office_draft"),
    path("<slug:run>/familles/<slug:family>/ecarter/", drafts.aside, name="office_draft_aside"),
    path("<slug:run>/familles/<slug:family>/lignes/", drafts.add_line, name="office_draft_line"),
    path("<slug:run>/familles/<slug:family>/refaire/", drafts.redraft, name="office_draft_redraft"),
    path("factures/<slug:invoice>/", invoices.show, name="office_invoice"),
    path("factures/<slug:invoice>/pdf/", invoices.pdf, name="office_invoice_pdf"),
    path("factures/<slug:invoice>/corriger/", invoices.correction, name="office_correct"),
    path("factures/<slug:invoice>/paiement/", invoices.payment, name="office_payment"),
    path("factures/<slug:invoice>/tresor/", invoices.recovery, name="office_recovery"),
    path("familles/<slug:family>/", accounts.show, name="office_account_of"),
    path(
        "familles/<slug:family>/attestation-<int:year>/<slug:payer>/",
        accounts.certificate,
        name="office_tax_certificate",
    ),
    path("familles/<slug:family>/envoi/", accounts.delivery, name="office_delivery"),
    path("familles/<slug:family>/lignes/", accounts.add_charge, name="office_add_charge"),
    path("familles/<slug:family>/lignes/<slug:charge>/", accounts.withdraw_charge, name="office_withdraw_charge"),
    path("familles/<slug:family>/aides/", accounts.help_by, name="office_add_aid"),
    path("familles/<slug:family>/aides/<slug:aid>/", accounts.help_no_more, name="office_withdraw_aid"),
    path("<slug:run>/abandonner/", runs.abandon, name="office_run_abandon"),
    path("<slug:run>/refaire/", runs.redraft, name="office_run_redraft"),
    path("<slug:run>/approuver/", issuing.approve, name="office_run_approve"),
]
