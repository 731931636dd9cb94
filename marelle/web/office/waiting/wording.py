"""What the page of the waiting lists says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from marelle.domain.catalog.rules.acts import NON_RESIDENT, RESIDENT
from marelle.domain.catalog.rules.waiting import SCHOOL, SIBLING
from marelle.foundation.french_dates import moment

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.catalog.rules.waiting import WaitingRules

REASON = _("Pourquoi cet enfant avant les autres ?")
NO_REASON = _("Écrivez pourquoi : la collectivité garde la trace de ce choix.")
REASON_TOO_LONG = _("300 caractères au plus.")
NOT_OFFERED = _("La place n’a pas pu être proposée.")
NOT_OFFERED_WHY = _(
    "Il ne reste pas de place, l’enfant n’attend plus ou a déjà une proposition, ou le règlement ne permet plus de "
    "réserver ce jour."
)
NOBODY = _("Choisissez un enfant de la liste.")
NOTHING = _("Aucune place n’a été proposée : il n’en reste pas, ou ceux qui attendent ne peuvent plus réserver.")
SHORT: Final = {SIBLING: "Fratrie", SCHOOL: "École", RESIDENT: "Commune", NON_RESIDENT: "Hors commune"}


def reason(code: str) -> str:
    """Will write a priority in a word; the code of a category as the authority wrote it."""
    return SHORT.get(code, code)


def order(rules: WaitingRules) -> str:
    """Will say in which order places are offered, and for how long they are kept."""
    first = [reason(code).lower() for code in rules.priorities]
    words = f"D’abord : {', puis '.join(first)} ; à égalité, l’ordre des demandes." if first else "Ordre des demandes."
    if rules.offer_hours is None:
        return f"{words} Les familles sont prévenues, la place n’est pas gardée."
    return f"{words} Place gardée {rules.offer_hours} h."


def places(free: int, capacity: int | None, offered: int) -> str:
    """Will write « 2 places libres sur 40, 1 proposée »."""
    words = f"{free} place{'s' if free > 1 else ''} libre{'s' if free > 1 else ''} sur {capacity}"
    if capacity is None:
        words = "sans limite de places"
    return f"{words}, {offered} proposée{'s' if offered > 1 else ''}" if offered else words


def offered_until(local: datetime) -> str:
    """Will write « proposée jusqu’au jeudi 27 novembre, 9 h »."""
    return f"Proposée jusqu’au {moment(local)}"


def done(count: int) -> str:
    """Will say how many places were offered."""
    return (
        "Une place proposée : la famille est prévenue."
        if count == 1
        else f"{count} places proposées : les familles sont prévenues."
    )
