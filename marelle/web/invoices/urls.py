"""Addresses of the invoices site. What is about an invoice or a payment has the same name as at the families'."""

from django.urls import include, path

from marelle.web.invoices.home import views as home
from marelle.web.invoices.mine import views as mine
from marelle.web.invoices.payments import views as payments
from marelle.web.invoices.without_account import views as without_account
from marelle.web.paying.payments.urls import call_patterns

urlpatterns = [
    path("", home.home, name="home"),
    path("collectivites/", home.joined, name="joined"),
    path("payer/", without_account.ask, name="pay_invoice"),
    path("payer/<slug:invoice>/", without_account.show, name="invoice_to_pay"),
    path("payer/<slug:invoice>/ajouter/", without_account.follow, name="invoice_follow"),
    path("mes-factures/", mine.invoices, name="invoices"),
    path("mes-factures/payees/", mine.paid, name="invoices_paid"),
    path("mes-factures/payer/", mine.pay, name="invoices_pay"),
    path("mes-factures/ajouter/", mine.add, name="invoice_add"),
    path("<slug:authority>/factures/<slug:invoice>/", mine.detail, name="invoice"),
    path("<slug:authority>/factures/<slug:invoice>/pdf/", mine.pdf, name="invoice_pdf"),
    path("<slug:authority>/paiements/quittances/<slug:receipt>/", payments.receipt, name="payment_receipt"),
    path("<slug:authority>/paiements/<slug:checkout>/", payments.result, name="payment_result"),
    path("<slug:authority>/paiements/<slug:checkout>/aller/", payments.go, name="payment_go"),
    path("<slug:authority>/paiements/<slug:checkout>/payer/", payments.begin, name="payment_begin"),
    path("<slug:authority>/paiements/<slug:checkout>/recommencer/", payments.again, name="payment_again"),
    path("<slug:authority>/paiements/<slug:checkout>/verifier/", payments.ask, name="payment_ask"),
    path("<slug:authority>/paiements/<slug:checkout>/renoncer/", payments.give_up, name="payment_give_up"),
    path("paiement/", include(call_patterns)),
]
