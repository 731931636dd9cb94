"""Addresses of the identities, on the account site. Those that come back are declared over there, word for word."""

from django.urls import path

from marelle.web.account.identities import artwork, entering, leaving, linking, quotient
from marelle.web.account.identities.ways import FRANCECONNECT, PROCONNECT

urlpatterns = [
    path("franceconnect/inconnu/", linking.unknown, name="franceconnect_unknown"),
    path("franceconnect/relier/", linking.begin_link, name="franceconnect_link"),
    path("franceconnect/rattacher/", linking.attach, name="franceconnect_attach"),
    path("quotient/", quotient.ask, name="quotient_by_franceconnect"),
]
for provider in (FRANCECONNECT, PROCONNECT):
    which = {"provider": provider}
    urlpatterns += [
        path(f"{provider}/", entering.begin_enter, which, name=f"{provider}_begin"),
        path(f"{provider}/bouton", artwork.button, which, name=f"{provider}_button"),
        path(f"{provider}/retour/", entering.come_back, which, name=f"{provider}_return"),
        path(f"{provider}/fin/", leaving.left, which, name=f"{provider}_left"),
        path(f"{provider}/oublier/", leaving.forget, which, name=f"{provider}_forget"),
        path(f"{provider}/detacher/", linking.unlink, which, name=f"{provider}_unlink"),
    ]
