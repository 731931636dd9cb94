"""Addresses of the comparison of payments with statements."""

from django.urls import path

from marelle.web.office.reconciliation import lines, views

urlpatterns = [
    path("", views.regies, name="office_reconciliations"),
    path("<slug:regie>/", views.show, name="office_reconciliation"),
    path("<slug:regie>/demander/<slug:attempt>/", views.ask, name="office_ask_again"),
    path("<slug:regie>/lignes/<slug:line>/", lines.show, name="office_statement_line"),
    path("<slug:regie>/lignes/<slug:line>/encaisser/", lines.cash, name="office_cash_line"),
    path("<slug:regie>/lignes/<slug:line>/ecarter/", lines.dismiss, name="office_dismiss_line"),
    path("<slug:regie>/lignes/<slug:line>/reprendre/", lines.take_back, name="office_take_line_back"),
]
