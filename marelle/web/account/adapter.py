"""How the sign-in library behaves in this house."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.conf import settings
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are opened by the town hall; what the library says is said in our words."""

    error_messages: ClassVar[dict[str, str]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "Adresse ou mot de passe inconnus",
        "too_many_login_attempts": "Trop d’essais à la suite",
        "enter_current_password": "Ce n’est pas votre mot de passe actuel.",
        "incorrect_password": "Ce n’est pas votre mot de passe actuel.",
        "rate_limited": "Trop d’essais à la suite. Attendez cinq minutes, puis recommencez.",
    }
    ways_to_confirm: ClassVar[dict[str, str]] = {
        "reauthenticate": "Avec mon mot de passe",
        "mfa_reauthenticate": "Avec un code",
        "mfa_reauthenticate:webauthn": "Avec une clé d’accès",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Will refuse: an account is opened by an authority, for a family that it knows."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Will follow `next` only within the site that was asked: the other site has its own signing in."""
        request = context.request
        return url_has_allowed_host_and_scheme(
            url or "", allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Will say that the password is changed."""
        return reverse("account_password_changed")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Will write the link of the letter with our own name and port, whatever the request called us."""
        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return f"{settings.ACCOUNT_URL}{path}"

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Will name in our words the ways to prove again who one is."""
        return [
            {**way, "description": self.ways_to_confirm[way["id"]]}
            for way in super().get_reauthentication_methods(user)
        ]

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Will say nothing aside: each step of these flows ends on a page that says what was done."""
