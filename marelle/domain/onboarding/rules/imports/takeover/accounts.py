"""What is known of the accounts of families, beside what a former software says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from marelle.domain.onboarding.rules.imports.known import Known
from marelle.domain.onboarding.rules.imports.takeover.whose import KnownRegie


class KnownOpening(NamedTuple):
    """The balance that was taken over, in cents, and of which day."""

    owed_cents: int
    advance_cents: int
    on: date


class KnownInvoice(NamedTuple):
    """An invoice of another software that is here: of which family (key; None: of nobody known), in cents."""

    number: str
    family: int | None
    cents: int
    issued_on: date | None
    due_on: date | None


class KnownMandate(NamedTuple):
    """A mandate of a family (key) for a régie (key); `is_living`: it may serve."""

    family: int
    regie: int
    ics: str
    rum: str
    iban: str
    signed_on: date
    is_living: bool


@dataclass(frozen=True)
class Accounts:
    """Families, régies, and what each family has with each régie (keys)."""

    families: Known
    regies: tuple[KnownRegie, ...] = ()
    openings: Mapping[tuple[int, int], KnownOpening] = field(default_factory=dict)
    invoices: Mapping[tuple[int, str], KnownInvoice] = field(default_factory=dict)  # régie, number in capitals
    mandates: tuple[KnownMandate, ...] = ()
