"""The words of a régie that joins the online invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from marelle.domain.authorities.rules.joining import Joining
from marelle.domain.payments.queries.settings import joining_of
from marelle.foundation.french_dates import without_weekday

if TYPE_CHECKING:
    from datetime import date

    from marelle.domain.payments.models import PaymentSettings

JOINED: Final = "C’est enregistré. Les familles le liront ce jour-là."
JOINED_TODAY: Final = "Cette régie a rejoint les factures en ligne."
LEFT: Final = "Cette régie a quitté les factures en ligne. Les paiements commencés vont jusqu’à leur terme."
NOTHING_TO_LEAVE: Final = "Cette régie n’avait pas rejoint les factures en ligne."
NOT_MADE: Final = "Nommez le logiciel. Une régie a dix jetons au plus : révoquez ceux qui ne servent plus."
REVOKED: Final = "Ce jeton ne sert plus."
TONES: Final = {
    Joining.NOT_JOINED: ("quiet", "minus"),
    Joining.IN_TEST: ("amber", "hourglass"),
    Joining.JOINS_ON: ("blue", "clock"),
    Joining.JOINED: ("green", "check"),
}
LEADS: Final = {
    Joining.NOT_JOINED: "Rien ne se paie en ligne : les factures se lisent, et chacune dit comment la régler.",
    Joining.IN_TEST: "Le paiement en ligne s’essaie. Les familles n’en voient rien.",
    Joining.JOINS_ON: "D’ici là, les familles lisent leurs factures et ne les paient pas en ligne.",
    Joining.JOINED: "Les factures et les réservations de cette régie se paient en ligne.",
}


def joining_words(stand: Joining, since: date | None) -> str:
    """Will say where a régie stands, in a few words."""
    day = without_weekday(since, year=True) if since is not None else ""
    return {
        Joining.NOT_JOINED: "Pas en ligne",
        Joining.IN_TEST: "En test",
        Joining.JOINS_ON: f"Rejoint le {day}",
        Joining.JOINED: f"En ligne depuis le {day}",
    }[stand]


def joining_tag(row: PaymentSettings, *, on: date) -> dict[str, Any]:
    """Will return the tag of a régie."""
    stand = joining_of(row, on=on)
    tone, icon = TONES[stand]
    return {"text": joining_words(stand, row.regie.online_from), "tone": tone, "icon": icon}
