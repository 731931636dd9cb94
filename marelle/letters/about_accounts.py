"""The letters of accounts: what changed in their security, and the two links that confirm a new address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from marelle.domain.accounts.models import SecurityEvent
from marelle.domain.accounts.operations.security import NEW
from marelle.domain.accounts.queries import email_change_token
from marelle.foundation import clock
from marelle.foundation.french_dates import NO_BREAK, hour, in_full
from marelle.letters.writing import Draft, link, words

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.accounts.models import EmailChange
    from marelle.letters.writing import Block

KIND = SecurityEvent.Kind
ACCOUNT_SITE = "marelle.config.urls_account"
WITH_CODES = " Dix codes de secours ont été créés avec la première preuve : gardez-les loin de votre téléphone."
MORE = {
    KIND.PASSKEY_ADDED: "Elle ouvre votre compte sans mot de passe." + WITH_CODES,
    KIND.APP_ADDED: "Un code est demandé après votre mot de passe." + WITH_CODES,
    KIND.CODES_MADE: "Les anciens ne servent plus.",
    KIND.CODE_USED: "Chacun ne sert qu’une fois. S’il vous en reste peu, créez-en de nouveaux.",
    KIND.SIGNED_OUT_EVERYWHERE: "Il faudra vous connecter de nouveau sur les appareils concernés.",
    KIND.PASSWORD_CHANGED: "Vos autres appareils ont été déconnectés.",
    KIND.PASSWORD_RESET: "Vos autres appareils ont été déconnectés.",
    KIND.FACTORS_FORGOTTEN: "Votre mot de passe suffit de nouveau. Ajoutez vite une clé d’accès ou une application.",
}


def security_event(event: SecurityEvent) -> Draft:
    """Will say what happened to an account, when and from where, and what to do if it was somebody else."""
    what = str(SecurityEvent.Kind(event.kind).label)
    whence = f", depuis {event.device}" if event.device else ""
    return _draft(
        f"Sécurité de votre compte : {what[:1].lower()}{what[1:]}",
        words(f"{what}, {_moment(event.happened_at)}{whence}."),
        *([words(MORE[KIND(event.kind)])] if KIND(event.kind) in MORE else []),
        words(
            "C’était vous ? Il n’y a rien à faire. Sinon, choisissez tout de suite un nouveau mot de passe, puis"
            " déconnectez-vous partout."
        ),
        link("Sécurité du compte", _address("security")),
        link("Choisir un nouveau mot de passe", _address("account_reset_password")),
    )


def email_change_asked(change: EmailChange, side: str, *, is_taken: bool) -> Draft:
    """Will bring one side its link; the reader of an address that already has an account is told so, without one."""
    if side == NEW and is_taken:
        return _draft(
            "Cette adresse a déjà un compte",
            words("Quelqu’un, vous sans doute, a voulu donner cette adresse à un autre compte."),
            words("Elle ouvre déjà un compte : rien ne changera. Connectez-vous avec elle."),
            link("Se connecter", _address("account_login")),
        )
    confirm = _address("email_change_confirm", proof=email_change_token(change, side))
    until = _moment(change.expires_at)
    if side == NEW:
        return _draft(
            "Confirmez votre nouvelle adresse",
            words("Vous avez demandé que cette adresse devienne celle de votre compte."),
            link("Confirmer cette adresse", confirm),
            words(f"Ce lien sert jusqu’au {until}. L’adresse actuelle doit confirmer aussi."),
            words("Vous n’avez rien demandé ? Ne faites rien."),
        )
    return _draft(
        "Confirmez le changement de votre adresse",
        words(f"Vous avez demandé que votre compte passe à l’adresse {change.new_email}."),
        link("Confirmer ce changement", confirm),
        words(f"Ce lien sert jusqu’au {until}. La nouvelle adresse doit confirmer aussi."),
        words(
            "Ce n’est pas vous ? N’ouvrez pas ce lien, choisissez tout de suite un nouveau mot de passe, et"
            " déconnectez-vous partout."
        ),
        link("Choisir un nouveau mot de passe", _address("account_reset_password")),
    )


def email_changed(change: EmailChange) -> Draft:
    """Will say, to both addresses, which one is now the account's."""
    return _draft(
        "Sécurité de votre compte : adresse changée",
        words(f"Votre compte s’ouvre désormais avec l’adresse {change.new_email}. Vos appareils ont été déconnectés."),
        words("Vos deux adresses l’ont confirmé. Si ce n’était pas vous, prévenez aussitôt votre collectivité."),
        link("Se connecter", _address("account_login")),
    )


def _draft(subject: str, *blocks: Block) -> Draft:
    return Draft(subject, blocks, f"{settings.OPERATOR.name}, votre compte", ())


def _address(name: str, **kwargs: str) -> str:
    return f"{settings.ACCOUNT_URL}{reverse(name, urlconf=ACCOUNT_SITE, kwargs=kwargs)}"


def _moment(at: datetime) -> str:
    local = at.astimezone(clock.PARIS)
    return f"{in_full(local.date())} à{NO_BREAK}{hour(local)}"
