"""The document of what somebody downloads, made from what was gathered."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings

from marelle.foundation.clock import PARIS
from marelle.foundation.french_dates import hour, in_digits, in_full
from marelle.letters.documents.own_data import Chapter, OwnDataDocument, Part
from marelle.letters.documents.parties import Issuer

if TYPE_CHECKING:
    from marelle.letters.own_data import OwnData, OwnTable, Piece

LONGEST = 2000
# One line for each place taken and each entry of an account: a program reads them, nobody does on paper.
ONLY_IN_JSON = frozenset(
    {"reservations.Place", "billing.LedgerEntry", "payments.PaymentLine", "payments.DirectDebitLine"}
)


def own_data_document(data: OwnData) -> OwnDataDocument:
    """Will return what is drawn: what is empty is left out."""
    chapters = [Chapter("Votre compte", tuple(_part(table) for table in data.account))]
    chapters += [
        Chapter(
            f"Famille {home.family}, {home.authority}",
            tuple(_part(table) for table in home.tables if table.name not in ONLY_IN_JSON),
        )
        for home in data.homes
    ]
    return OwnDataDocument(
        issued_on=data.made_at.astimezone(PARIS).date(),
        issuer=Issuer(name=settings.OPERATOR.name or "Marelle"),
        person=data.email,
        chapters=tuple(chapters),
    )


def _part(table: OwnTable) -> Part:
    count = len(table.rows)
    title = table.title[:1].upper() + table.title[1:]
    return Part(
        f"{title} ({count})" if count > 1 else title,
        tuple(tuple((piece.label, _words(piece)) for piece in row if _is_said(piece)) for row in table.rows),
    )


def _is_said(piece: Piece) -> bool:
    return piece.value not in (None, "", [], {})


def _words(piece: Piece) -> str:
    value: Any = piece.value
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)[:LONGEST]
    return _day_or_moment(str(value))[:LONGEST]


def _day_or_moment(text: str) -> str:
    """Will write 2026-11-23 and moments as people do; any other text as it is."""
    try:
        if len(text) == len("2026-11-23"):
            return in_digits(date.fromisoformat(text))
        if len(text) > len("2026-11-23T08") and text[10:11] == "T":
            told = datetime.fromisoformat(text).astimezone(PARIS)
            return f"{in_full(told.date(), year=True)}, {hour(told)}"
    except ValueError:
        pass
    return text
