"""Addresses of direct debits at the office."""

from django.urls import path

from marelle.web.office.debits import batches, creditors

urlpatterns = [
    path("", batches.batches, name="office_debits"),
    path("mandats/", batches.mandates, name="office_mandates"),
    path("mandats/<slug:mandate>/reprendre/", batches.wake, name="office_mandate_wake"),
    path("regies/<slug:regie>/", creditors.creditor, name="office_creditor"),
    path("remises/<slug:batch>/", batches.show, name="office_debit_batch"),
    path("remises/<slug:batch>/fichier/", batches.file, name="office_debit_file"),
    path("remises/<slug:batch>/envoyer/", batches.send, name="office_debit_send"),
    path("remises/<slug:batch>/encaisser/", batches.settle, name="office_debit_settle"),
    path("remises/<slug:batch>/abandonner/", batches.abandon, name="office_debit_abandon"),
    path("remises/<slug:batch>/rejets/", batches.returns, name="office_debit_returns"),
]
