"""The letters by which somebody gets an account: the link, the code, what became of a request; and who came in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from marelle.domain.families.rules.codes import in_groups
from marelle.foundation.derived_secrets import sealed
from marelle.foundation.french_dates import in_full
from marelle.letters.about_reservations import FAMILY_SITE, contact_lines
from marelle.letters.writing import Draft, link, listing, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.families.models import Guardian, Invitation, JoinRequest, Membership, MembershipCode
    from marelle.letters.writing import Block

# What a link that opens an account is sealed for, and how long it serves.
NEW_ACCOUNT = "new_account"
NEW_ACCOUNT_DAYS = 3
ACCOUNT_SITE = "marelle.config.urls_account"
# Signing in there leads through the account site, and back to where families have something to do.
ON_THE_FAMILY_SITE = ("news", "contact", "account_login")
NOT_YOU = "Ce n’est pas vous ? Prévenez la mairie tout de suite : elle retire cet accès aussitôt."


def invitation(row: Invitation, authority: Authority) -> Draft:
    """Will bring the activation link."""
    until = _until(row.expires_at, authority)
    return _draft(
        f"Activez votre espace famille, {authority.name}",
        (
            words(
                f"{authority.name} ouvre un espace famille à {_name(row.guardian)} : réserver, signaler une absence,"
                " suivre ses factures et ses demandes."
            ),
            link("Activer mon compte", url("activation_link", link=row.token)),
            words(f"Ce lien est à vous seul : ne le transférez pas. Il sert une fois, jusqu’au {until}."),
            words(
                "Vous avez déjà un compte ? Le même lien y ajoute cette commune : connectez-vous quand il le demande."
            ),
            words("Vous n’attendiez pas ce courriel ? Ne faites rien : sans vous, rien n’est ouvert."),
        ),
        authority,
    )


def membership_code(row: MembershipCode, authority: Authority) -> Draft:
    """Will bring a membership code, and say what to do with it."""
    return _draft(
        f"Votre code d’adhésion, {authority.name}",
        (
            words(f"Voici le code d’adhésion de {_name(row.guardian)} à l’espace famille de {authority.name} :"),
            words(in_groups(row.code)),
            listing(
                "Comment faire ?",
                [
                    "Sur le site, choisissez « Créer un compte » et suivez le courriel que vous recevez.",
                    "À la fin, saisissez ce code. Majuscules, espaces et tirets n’ont pas d’importance.",
                    "Vous avez déjà un compte ? Connectez-vous, puis « J’ai un code ».",
                ],
            ),
            link("Créer un compte", url("account_signup")),
            link("J’ai déjà un compte et un code", url("join")),
            words(f"Ce code est à vous seul. Il sert une fois, jusqu’au {_until(row.expires_at, authority)}."),
        ),
        authority,
    )


def joined(row: Membership, authority: Authority, *, is_to_account: bool) -> Draft:
    """Will say that an account acts for a guardian: to that account, or to the address that the authority knows."""
    who = "Votre compte est rattaché" if is_to_account else "Un compte vient d’être rattaché"
    name = _name(row.guardian)
    said = f"{who} au dossier de la famille {row.family.name}, à {authority.name}, au nom de {name}."
    blocks: list[Block] = [words(said)]
    if is_to_account:
        blocks.append(link("Ouvrir mon espace famille", url("news", authority=authority.slug)))
    blocks.append(words(NOT_YOU))
    return _draft(f"Compte rattaché à la famille {row.family.name}", blocks, authority)


def membership_ended(family_name: str, authority: Authority) -> Draft:
    """Will say to an account that it does not act for a family any more."""
    return _draft(
        f"Accès retiré : famille {family_name}",
        (
            words(
                f"La mairie a retiré à votre compte l’accès au dossier de la famille {family_name}, à {authority.name}."
                " Rien d’autre ne change : ni vos autres communes, ni ce qui est réservé ou facturé."
            ),
            words("Une question, ou une erreur ? La mairie vous répond."),
        ),
        authority,
    )


def join_refused(row: JoinRequest, authority: Authority) -> Draft:
    """Will say why a request was refused, and what can still be done."""
    return _draft(
        f"Votre demande à {authority.name}",
        (
            words(
                f"Vous avez demandé à rejoindre l’espace famille de {authority.name}. La mairie ne peut pas accepter"
                " cette demande."
            ),
            words(f"Motif : « {row.reason} »"),
            words("Vous pouvez la joindre, ou faire une nouvelle demande."),
            link("Faire une nouvelle demande", url("join_request")),
        ),
        authority,
    )


def open_account(address: str) -> Draft:
    """Will bring to an address, which has no account, the link that opens one."""
    return _from_the_site(
        "Créez votre compte",
        words(
            "Vous avez demandé à créer un compte sur l’espace famille. Confirmez cette adresse, puis choisissez un mot"
            " de passe."
        ),
        link("Continuer", url("signup_confirm", sealed=sealed(NEW_ACCOUNT, address))),
        words(f"Ce lien est valable {NEW_ACCOUNT_DAYS} jours. Vous n’avez rien demandé ? Ne faites rien."),
    )


def has_account() -> Draft:
    """Will say to an address that it has an account already, which nobody but its reader learns."""
    return _from_the_site(
        "Vous avez déjà un compte",
        words(
            "Quelqu’un, vous sans doute, a voulu créer un compte avec cette adresse. Elle en a déjà un :"
            " connectez-vous. Un seul compte suffit pour tous vos enfants et toutes vos communes."
        ),
        link("Se connecter", url("account_login")),
        link("Mot de passe oublié", url("account_reset_password")),
        words("Vous n’avez rien demandé ? Ne faites rien : votre compte n’a pas changé."),
    )


def no_link(*, is_known: bool) -> Draft:
    """Will say to an address that no activation waits for it: it has an account already, or nobody knows it."""
    if is_known:
        return _from_the_site(
            "Votre compte est déjà actif",
            words("Vous avez demandé un nouveau lien d’activation. Cette adresse a déjà un compte : connectez-vous."),
            link("Se connecter", url("account_login")),
            link("Mot de passe oublié", url("account_reset_password")),
        )
    return _from_the_site(
        "Aucune activation à cette adresse",
        words(
            "Vous avez demandé un nouveau lien d’activation. Aucune mairie n’en a envoyé à cette adresse : peut-être en"
            " connaît-elle une autre. Essayez-la, ou appelez la mairie."
        ),
        link("Essayer une autre adresse", url("activation_again")),
        link("Créer un compte avec un code d’adhésion", url("account_signup")),
    )


def url(name: str, **parts: str) -> str:
    """Will return an address, whole: the account site's for what is the account's, else the families' site's."""
    site = FAMILY_SITE if name in ON_THE_FAMILY_SITE else ACCOUNT_SITE
    base = settings.FAMILY_URL if site == FAMILY_SITE else settings.ACCOUNT_URL
    return base + reverse(name, urlconf=site, kwargs=parts)


def _draft(subject: str, blocks: Sequence[Block], authority: Authority) -> Draft:
    return Draft(subject, tuple(blocks), f"{authority.name}, espace famille", contact_lines(authority))


def _from_the_site(subject: str, *blocks: Block) -> Draft:
    return Draft(subject, blocks, f"{settings.OPERATOR.name}, espace famille", (url("contact"),))


def _name(guardian: Guardian) -> str:
    return f"{guardian.first_name} {guardian.last_name}"


def _until(moment: datetime, authority: Authority) -> str:
    return in_full(moment.astimezone(authority.zone).date(), year=True)
