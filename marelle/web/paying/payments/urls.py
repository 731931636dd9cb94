"""Addresses that a gateway calls, under no authority: on each site where one pays."""

from django.urls import path

from marelle.web.paying.payments import calls

call_patterns = [
    path("<str:token>/avis/", calls.notice, name="payment_notice"),
    path("<str:token>/retour/", calls.comes_back, name="payment_return"),
]
