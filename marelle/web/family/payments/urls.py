"""Addresses of payments, under an authority."""

from django.urls import path

from marelle.web.family.payments import list_views, views

urlpatterns = [
    path("", list_views.payments, name="payments"),
    path("quittances/<slug:receipt>/", list_views.receipt, name="payment_receipt"),
    path("<slug:checkout>/", views.result, name="payment_result"),
    path("<slug:checkout>/aller/", views.go, name="payment_go"),
    path("<slug:checkout>/payer/", views.begin, name="payment_begin"),
    path("<slug:checkout>/recommencer/", views.again, name="payment_again"),
    path("<slug:checkout>/verifier/", views.ask, name="payment_ask"),
    path("<slug:checkout>/renoncer/", views.give_up, name="payment_give_up"),
]
wallet_patterns = [
    path("", list_views.wallet, name="wallet"),
    path("recharger/", list_views.top_up, name="wallet_top_up"),
    path("garder/", list_views.keep, name="wallet_keep"),
]
