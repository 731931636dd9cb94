"""What families read of a régie that they cannot pay online, or not yet: the same sentences for agents who look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from marelle.foundation.french_dates import without_weekday
from marelle.foundation.money import in_euros

if TYPE_CHECKING:
    from datetime import date

NOT_ONLINE = _(
    "{authority} n’a pas rejoint le service des factures en ligne. Ses factures se règlent comme c’est écrit sur "
    "chacune."
)
NOT_ONLINE_YET = _("{authority} rejoint le service des factures en ligne le {day}. D’ici là, réglez comme c’est écrit.")
ON_BOOKING = _("{what} à la réservation. Réglez à {regie} : {ways}.")
PAYABLE = _("Payable")
AMOUNT_PAYABLE = _("{amount} payables")
KEPT = _("Vos places sont gardées {hours} h, le temps de régler ; la régie les confirme quand elle est payée.")


def read_only_words(authority: str, since: date | None) -> str:
    """Will say why the invoices of a régie are only read: it has not joined, or joins on a day."""
    if since is None:
        return str(NOT_ONLINE).format(authority=authority)
    return str(NOT_ONLINE_YET).format(authority=authority, day=without_weekday(since, year=True))


def regie_words(name: str) -> str:
    """Will write the name of a régie with its article: « la régie des repas »."""
    return f"la régie {name[6:]}" if name.lower().startswith("régie ") else f"la caisse « {name} »"


def ways_to_pay(how_to_pay: str) -> list[str]:
    """Will return the ways to pay a régie, one by line, as it wrote them."""
    return [line.strip() for line in how_to_pay.splitlines() if line.strip()]


def where_to_pay(regie: str, how_to_pay: str, *, cents: int = 0, hours: int) -> str:
    """Will say where what is paid on booking is paid when it is not online; `how_to_pay` is what the régie wrote.

    `regie` with its article, `hours` that places are held, the sum if one is known. Nothing when it wrote nothing.
    """
    ways = [f"{way[:1].lower()}{way[1:]}".rstrip(". ") for way in ways_to_pay(how_to_pay)]
    if not ways:
        return ""
    what = str(AMOUNT_PAYABLE).format(amount=in_euros(cents)) if cents else str(PAYABLE)
    said = str(ON_BOOKING).format(what=what, regie=regie, ways=" ; ".join(ways))
    return f"{said} {str(KEPT).format(hours=hours)}"
