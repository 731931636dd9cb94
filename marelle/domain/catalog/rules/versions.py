"""What stands against recording or withdrawing a version of a règlement, or of a tariff: what was decided stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2099


class Obstruction(StrEnum):
    """Why a version cannot be recorded, or withdrawn, as asked."""

    NOT_A_YEAR = "not_a_year"  # no calendar of ours has that year
    PAST_DECIDED = "past_decided"  # days gone by were decided by that version
    COMING_DECIDED = "coming_decided"  # days to come were: possible, once confirmed
    IN_THE_PAST = "in_the_past"  # it would rule days gone by: possible, once confirmed
    PAST_PRICED = "past_priced"  # days gone by were priced by another text: possible, once confirmed
    IN_FORCE = "in_force"  # a version in force is replaced, not withdrawn

    @property
    def may_be_confirmed(self) -> bool:
        """Will tell whether asking again explicitly is enough."""
        return self in {Obstruction.COMING_DECIDED, Obstruction.IN_THE_PAST, Obstruction.PAST_PRICED}


@dataclass(frozen=True, slots=True)
class Decided:
    """How much a version has decided: of days gone by, and of days to come. Reservations, or days with a price."""

    past: int = 0
    coming: int = 0


def against_saving(
    *, valid_from: date, today: date, decided: Decided, has_other_rules: bool, is_first: bool
) -> Obstruction | None:
    """Will return why a version may not be recorded from `valid_from` on, None when nothing stands against it.

    `decided` is what the version of that very date has decided already, `has_other_rules` whether it would say
    something else than now. The very first règlement (`is_first`) may begin in the past: nothing ruled those days.
    """
    if not FIRST_YEAR <= valid_from.year <= LAST_YEAR:
        return Obstruction.NOT_A_YEAR
    if not has_other_rules:
        return None
    if decided.past:
        return Obstruction.PAST_DECIDED
    if decided.coming:
        return Obstruction.COMING_DECIDED
    if valid_from < today and not is_first:
        return Obstruction.IN_THE_PAST
    return None


def against_pricing(
    *, valid_from: date, today: date, priced: Decided, has_other_rules: bool, is_first: bool
) -> Obstruction | None:
    """Will return why a tariff may not be recorded from `valid_from` on, None when nothing stands against it.

    `priced` counts the days from then on, until the next version, that already have a price by another text; an error
    of the tariff must be put right even then, so that all but an absurd year may be confirmed.
    """
    if not FIRST_YEAR <= valid_from.year <= LAST_YEAR:
        return Obstruction.NOT_A_YEAR
    if not has_other_rules:
        return None
    if priced.past:
        return Obstruction.PAST_PRICED
    if valid_from < today and not is_first:
        return Obstruction.IN_THE_PAST
    return Obstruction.COMING_DECIDED if priced.coming else None


def against_withdrawing(*, valid_from: date, today: date, decided: Decided) -> Obstruction | None:
    """Will return why a version may not be withdrawn: it is in force, or something was decided by it."""
    if valid_from <= today:
        return Obstruction.IN_FORCE
    if decided.past or decided.coming:
        return Obstruction.PAST_DECIDED
    return None
