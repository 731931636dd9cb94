"""Addresses of the identity provider; the first is where the protocol wants it."""

from django.urls import path

from marelle.web.account.provider import authorization, back_channel, leaving
from marelle.web.account.provider.asking import AUTHORIZATION

urlpatterns = [
    path(".well-known/openid-configuration", back_channel.configuration, name="oidc_configuration"),
    path(AUTHORIZATION.removeprefix("/"), authorization.authorization, name="oidc_authorization"),
    path("oidc/accord", authorization.consent, name="oidc_consent"),
    path("oidc/jeton", back_channel.token, name="oidc_token"),
    path("oidc/identite", back_channel.userinfo, name="oidc_userinfo"),
    path("oidc/cles", back_channel.jwks, name="oidc_jwks"),
    path("oidc/fin", leaving.end_session, name="oidc_end_session"),
    path("oidc/fin/reponse", leaving.end_session_answer, name="oidc_end_session_answer"),
]
