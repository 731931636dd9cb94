"""What a movement of a statement is: a payment begun online, a receipt given, a transfer that names an invoice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.payments.rules.statements import names_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from marelle.domain.payments.rules.statements import Said

# The gateway's own numbers may be six digits long: alone they say little, so the day and the amount must agree.
NEAR: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Begun:
    """A payment begun online: its keys (row, receipt if any), its cents, the day it was begun."""

    key: int
    reference: str
    transaction: str
    cents: int
    date: date


class Given(NamedTuple):
    """A receipt (key) and its cents; `invoice` is the key of the one that it settles, when it is a transfer."""

    key: int
    number: str
    cents: int
    invoice: int | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a régie and may be named by a statement: by reference or transaction, by number."""

    begun: Mapping[str, Sequence[Begun]]
    given: Mapping[str, Given]
    transfers: Mapping[int, Sequence[Given]]
    invoices: Mapping[str, int]


class Match(NamedTuple):
    """What a movement is (keys): for sure, or maybe, and an agent says."""

    is_sure: bool
    attempt: int | None = None
    receipt: int | None = None
    invoice: int | None = None


Taken = Collection[tuple[str, int]]
UNKNOWN: Final = Match(is_sure=False)


def match(line: Said, known: Known, taken: Taken) -> Match:
    """Will say what a movement is; `taken` are the attempts and receipts (« attempt » or « receipt », key) of others.

    Money that went out is never a payment. An attempt of another amount, or met already, is for an agent to look at.
    """
    if line.cents <= 0:
        return UNKNOWN
    names = sorted({name.casefold() for name in names_in(line.reference, line.label)})
    found = _begun(line, names, known, taken)
    if found is UNKNOWN:
        found = _invoiced(line, names, known, taken)
    return _given(line, names, known, taken) if found is UNKNOWN else found


def _begun(line: Said, names: Sequence[str], known: Known, taken: Taken) -> Match:
    maybe = UNKNOWN
    for name in names:
        for begun in known.begun.get(name, ()):
            is_free = ("attempt", begun.key) not in taken
            if begun.cents == line.cents and is_free and _agrees(begun, name, line):
                return Match(is_sure=True, attempt=begun.key)
            if begun.reference.casefold() == name:
                maybe = Match(is_sure=False, attempt=begun.key)
    return maybe


def _invoiced(line: Said, names: Sequence[str], known: Known, taken: Taken) -> Match:
    invoices = [known.invoices[name] for name in names if name in known.invoices]
    for invoice in invoices:
        for given in known.transfers.get(invoice, ()):
            if given.cents == line.cents and ("receipt", given.key) not in taken:
                return Match(is_sure=True, receipt=given.key, invoice=invoice)
    return Match(is_sure=False, invoice=invoices[0]) if invoices else UNKNOWN


def _given(line: Said, names: Sequence[str], known: Known, taken: Taken) -> Match:
    for name in names:
        told = known.given.get(name)
        if told is not None and told.cents == line.cents and ("receipt", told.key) not in taken:
            return Match(is_sure=True, receipt=told.key)
    return UNKNOWN


def _agrees(begun: Begun, name: str, line: Said) -> bool:
    return begun.reference.casefold() == name or abs(line.date - begun.date) <= NEAR
