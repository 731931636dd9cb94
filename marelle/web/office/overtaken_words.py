"""What agents read of an invoice that is out and that the proof of an absence changes: why, and what is to be done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from marelle.domain.billing.queries.overtaken import LOOKED_BACK, overtaken_before
from marelle.foundation.french_dates import in_digits
from marelle.foundation.periods import Period
from marelle.web.office.billing.wording import month_of
from marelle.web.office.surroundings import ROLES, reach, url_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from marelle.domain.billing.queries.overtaken import Overtaken
    from marelle.domain.catalog.queries import Offer
    from marelle.web.doors import OfficeVisit

TITLE: Final = "Factures émises à corriger"
WHY: Final = (
    "Un justificatif d’absence est arrivé après elles. La prochaine facturation ne les corrige pas d’elle-même :"
    " ouvrez chacune, la différence s’affiche avant d’être émise."
)

NEXT_RUN: Final = "La prochaine facturation ne la change pas"


@dataclass(frozen=True, slots=True)
class OvertakenCard:
    """An invoice to correct: what is said of it under an absence, on a screen of billing; where, for who may."""

    words: str
    name: str
    what: str
    url: str
    number: str


def overtaken_cards(visit: OfficeVisit, found: Iterable[Overtaken], offer: Offer) -> dict[int, list[OvertakenCard]]:
    """Will return what is said of each of these invoices, by absence (key). No amount: it would tell a quotient."""
    may = visit.may(ROLES.MANAGE_BILLING) and reach(visit, ROLES.MANAGE_BILLING).is_whole
    cards: dict[int, list[OvertakenCard]] = {}
    for one in found:
        invoice, run = one.invoice, one.invoice.run
        month = month_of(Period(run.starts_on, run.ends_on)) if run is not None else invoice.label
        whose = f"de l’autre foyer de {one.child.first_name}" if one.is_of_other_home else "de ce foyer"
        ends = "corrigez-la." if may else "la régie doit la corriger."
        product = offer.product_by_pk[one.product].name.lower()
        what = f"{one.child.first_name}, {product}, {in_digits(one.day)}"
        cards.setdefault(one.absence, []).append(
            OvertakenCard(
                words=f"La facture {whose} ({month}) est déjà émise. {NEXT_RUN} : {ends}",
                name=invoice.payer_name,
                what=f"{what}, absence signalée par son autre foyer" if one.is_of_other_home else what,
                url=url_of(visit, "office_correct", invoice=invoice.public_id) if may else "",
                number=invoice.number if may else "",
            )
        )
    return cards


def invoices_to_correct(visit: OfficeVisit, found: Iterable[Overtaken], offer: Offer) -> list[OvertakenCard]:
    """Will return each of these invoices once, with all that it is about."""
    rows: dict[str, OvertakenCard] = {}
    for one in chain.from_iterable(overtaken_cards(visit, found, offer).values()):
        before = rows.get(one.number)
        rows[one.number] = one if before is None else replace(one, what=f"{before.what} · {one.what}")
    return list(rows.values())


def warning_of(visit: OfficeVisit, services: Collection[int], *, first: date, offer: Offer) -> dict[str, Any]:
    """Will return what a screen says of the invoices of these services (keys) that a run from `first` on leaves."""
    day = timedelta(days=1)
    found = overtaken_before(services, first=first - LOOKED_BACK, last=first - day, offer=offer, at=visit.at)
    return {
        "overtaken": invoices_to_correct(visit, found, offer),
        "overtaken_title": TITLE,
        "overtaken_why": WHY,
    }


def said_at_once(count: int) -> str:
    """Will say, once a proof is recorded, that invoices are to be corrected; nothing for none."""
    if not count:
        return ""
    if count == 1:
        return "Une facture déjà émise est à corriger : voyez sous l’absence."
    return f"{count} factures déjà émises sont à corriger : voyez sous les absences."
