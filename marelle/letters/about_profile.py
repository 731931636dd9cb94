"""The letters of the profile: what the town hall answered to a change, and the goodbye of an erased account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from marelle.domain.families.models import ProposedChange
from marelle.domain.families.rules.profile import FIELDS
from marelle.letters.about_reservations import FAMILY_SITE, contact_lines
from marelle.letters.writing import Draft, link, words

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority


def change_decided(change: ProposedChange, authority: Authority) -> Draft:
    """Will say what the town hall answered; values and reason are read in the family's space, not in an e-mail."""
    label = FIELDS[change.field].label
    whose = ""
    if change.guardian is not None:
        whose = f" de {change.guardian.first_name}"
    if change.child is not None:
        whose = f" de {change.child.first_name}"
    if change.state == ProposedChange.State.APPROVED:
        said = f"La mairie a accepté la modification que vous avez demandée : {label}{whose}. Votre dossier est à jour."
    else:
        said = (
            f"La mairie n’a pas accepté la modification que vous avez demandée : {label}{whose}. Elle vous dit pourquoi"
            " dans votre profil. Votre dossier reste comme il était."
        )
    path = reverse("profile", urlconf=FAMILY_SITE, kwargs={"authority": authority.slug})
    return Draft(
        "Votre demande de modification",
        (words(said), link("Voir mes informations", f"{settings.FAMILY_URL}{path}")),
        f"{authority.name}, espace famille",
        contact_lines(authority),
    )


def account_erased() -> Draft:
    """Will confirm that an account is erased: this is the last letter to its address."""
    return Draft(
        "Votre compte est effacé",
        (
            words("Vous avez effacé votre compte de l’espace famille. Cette adresse n’y est plus connue."),
            words(
                "Votre dossier, vos réservations et vos factures restent à la mairie, qui les garde le temps que la loi"
                " prévoit. Pour revenir, demandez-lui un nouvel accès."
            ),
            words("Si ce n’est pas vous qui l’avez fait, prévenez votre mairie sans attendre."),
        ),
        "L’espace famille",
        tuple(line for line in (settings.OPERATOR.name, settings.OPERATOR.email) if line),
    )
