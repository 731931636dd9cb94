"""Addresses of a régie's online payment."""

from django.urls import path

from marelle.web.office.online_payment import trials, views

urlpatterns = [
    path("<slug:regie>/paiement/", views.show, name="office_online_payment"),
    path("<slug:regie>/paiement/etape/", views.step, name="office_payment_step"),
    path("<slug:regie>/paiement/essais/", trials.start, name="office_trial_start"),
    path("<slug:regie>/paiement/essais/<slug:trial>/", trials.show, name="office_trial"),
    path("<slug:regie>/paiement/essais/<slug:trial>/payer/", trials.begin, name="office_trial_begin"),
    path("<slug:regie>/paiement/essais/<slug:trial>/demander/", trials.ask, name="office_trial_ask"),
]
