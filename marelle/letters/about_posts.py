"""The letter by which an agent learns that she may come in, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from marelle.letters.about_reservations import contact_lines
from marelle.letters.writing import Draft, link, words

if TYPE_CHECKING:
    from marelle.domain.accounts.models import Agent
    from marelle.domain.authorities.models import Authority

ACCOUNT_SITE = "marelle.config.urls_account"
# How long the link serves: Django's own PASSWORD_RESET_TIMEOUT, in days.
DAYS = settings.PASSWORD_RESET_TIMEOUT // 86_400


def appointed(agent: Agent, authority: Authority, *, has_other_way: bool) -> Draft:
    """Will bring the way in: a link that chooses a password, for an account that nothing opens yet; else the site.

    `has_other_way` says that the account is already tied to a provider, ProConnect for one.
    """
    first = words(
        f"{authority.name} vous ouvre son espace agents. Votre compte s’ouvre avec cette adresse, et ce que vous pouvez"
        " y faire a été choisi par l’administration du portail."
    )
    if agent.user.has_usable_password() or has_other_way:
        blocks = [
            first,
            words("Vous avez déjà un compte à cette adresse : connectez-vous comme d’habitude."),
            link("Ouvrir l’espace agents", settings.OFFICE_URL),
        ]
    else:
        blocks = [
            first,
            link("Choisir mon mot de passe", _password_url(agent)),
            words(f"Ce lien est à vous seul : ne le transférez pas. Il sert une fois, pendant {DAYS} jours."),
            words("Trop tard ? Demandez-en un autre à cette adresse."),
            link("Recevoir un nouveau lien", f"{settings.ACCOUNT_URL}{_path('account_reset_password')}"),
            link("Ouvrir l’espace agents", settings.OFFICE_URL),
        ]
        if settings.PROCONNECT is not None:
            blocks.append(words("Vous pouvez aussi vous identifier avec ProConnect, sans mot de passe."))
    blocks.append(words("Vous n’attendiez pas ce courriel ? Ne faites rien, et prévenez la collectivité."))
    return Draft(
        f"Votre accès à l’espace agents, {authority.name}",
        tuple(blocks),
        f"{authority.name}, espace agents",
        contact_lines(authority),
    )


def _password_url(agent: Agent) -> str:
    parts = {"uidb36": user_pk_to_url_str(agent.user), "key": default_token_generator.make_token(agent.user)}
    return f"{settings.ACCOUNT_URL}{_path('account_reset_password_from_key', **parts)}"


def _path(name: str, **parts: str) -> str:
    return reverse(name, urlconf=ACCOUNT_SITE, kwargs=parts)
