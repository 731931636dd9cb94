"""Addresses of the ways in, on the families' site."""

from django.urls import path

from marelle.web.account.joining import activation, creation, joining

urlpatterns = [
    path("compte/creer/envoye/", creation.sent, name="signup_sent"),
    path("compte/creer/<str:sealed>/", creation.confirm, name="signup_confirm"),
    path("compte/activation/", activation.complete, name="activation"),
    path("compte/activation/nouveau-lien/", activation.ask_again, name="activation_again"),
    path("compte/activation/nouveau-lien/envoye/", activation.asked_again, name="activation_again_sent"),
    path("compte/activation/<str:link>/", activation.follow, name="activation_link"),
    path("compte/rejoindre/", joining.join, name="join"),
    path("compte/rejoindre/demande/", joining.ask, name="join_request"),
]
