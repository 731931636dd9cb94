"""The terms of a shared custody, as a home or the town hall reads them: the same on screens and in letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from marelle.domain.reservations.rules.custody import (
    NOON,
    Booking,
    CustodyTerms,
    HolidayShare,
    Packages,
    Role,
    SummerShare,
    Weeks,
    double_weeks,
)
from marelle.foundation.french_dates import WEEKDAYS, hour, in_full

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class Home(NamedTuple):
    """How one of the two homes is called: `at`, « chez vous », and `to`, « vous »."""

    at: str
    to: str


class Homes(NamedTuple):
    """How both are called by who reads."""

    first: Home
    second: Home

    def of(self, role: Role) -> Home:
        """Will return how the home of that role is called."""
        return self.first if role is Role.FIRST else self.second

    @classmethod
    def seen_from(cls, role: Role) -> Homes:
        """Will call them as the home of that role reads: the other one has no name."""
        return cls(US, THE_OTHER) if role is Role.FIRST else cls(THE_OTHER, US)

    @classmethod
    def named(cls, first: str, second: str) -> Homes:
        """Will call them by their names, as the town hall does."""
        return cls(*(Home(f"chez {name}", name) for name in (first, second)))


US = Home("chez vous", "vous")
THE_OTHER = Home("dans l’autre foyer", "l’autre foyer")

EVEN = "Semaines paires {even}, semaines impaires {odd}."
FROM_DAY = "Une semaine sur deux {first}, à partir du {since}."
SAME = "Semaines ordinaires toujours {first}."
PASSES = "Passage le {day} à {hour} ; ce jour-là compte pour le foyer {who}."
PASSES_NOON = {True: "où l’enfant arrive", False: "que l’enfant quitte"}
HALVES = "{name} par moitié : la première {even} les années paires, {odd} les années impaires."
WHOLE = "{name} entières : {even} les années paires, {odd} les années impaires."
FORTNIGHTS = "{name} par quinzaines : la première {even} les années paires, {odd} les années impaires."
AS_WEEKS = "{name} : comme les semaines ordinaires."
SMALL_SHARES = {HolidayShare.HALVES: HALVES, HolidayShare.WHOLE: WHOLE}
SUMMER_SHARES = {SummerShare.HALVES: HALVES, SummerShare.FORTNIGHTS: FORTNIGHTS}
SMALL_HOLIDAYS = "Petites vacances"
SUMMER = "Vacances d’été"
LONG_WEEKENDS = "Jour férié ou pont accolé à un week-end : il suit ce week-end."
BOOKING = {
    Booking.OWN_DAYS: "Chaque foyer réserve et paie ses jours.",
    Booking.EITHER: "Chaque foyer peut réserver tous les jours : celui qui réserve paie.",
}
PACKAGES = "Forfaits au mois ou à l’année : payés par {who}."
PACKAGES_HALVES = "Forfaits au mois ou à l’année : partagés par moitié."
SERVICES = "{service}, quel que soit le jour : réservé et payé par {who}."
DOUBLE_WEEKS = "Année de 53 semaines : à partir du {monday}, deux semaines impaires se suivent, toutes deux {odd}."


def terms_in_words(terms: CustodyTerms, homes: Homes, *, services: Mapping[int, str]) -> tuple[str, ...]:
    """Will say the terms, a sentence each; `services` are the names of the authority's, by key.

    A service that the authority no longer has is not named.
    """
    said = [_weeks(terms, homes)]
    if terms.weeks is not Weeks.SAME:
        who = PASSES_NOON[terms.changeover_at <= NOON]
        said.append(PASSES.format(day=WEEKDAYS[terms.changeover], hour=hour(terms.changeover_at), who=who))
    said.append(_shared(SMALL_HOLIDAYS, SMALL_SHARES.get(terms.holidays), terms, homes))
    said.append(_shared(SUMMER, SUMMER_SHARES.get(terms.summer), terms, homes))
    if terms.long_weekends:
        said.append(LONG_WEEKENDS)
    said.append(BOOKING[terms.booking])
    said += [
        SERVICES.format(service=services[key], who=homes.of(role).to) for key, role in terms.services if key in services
    ]
    said.append(_packages(terms, homes))
    return tuple(said)


def double_weeks_in_words(terms: CustodyTerms, homes: Homes, *, first: date, last: date) -> tuple[str, ...]:
    """Will warn of the weeks that a home has twice running between these days, because the year has 53."""
    odd = homes.of(Role.SECOND if terms.first_even else Role.FIRST)
    return tuple(
        DOUBLE_WEEKS.format(monday=in_full(monday, year=True), odd=odd.at)
        for monday in double_weeks(terms, first=first, last=last)
    )


def _weeks(terms: CustodyTerms, homes: Homes) -> str:
    if terms.weeks is Weeks.SAME:
        return SAME.format(first=homes.first.at)
    if terms.weeks is Weeks.FROM_DAY and terms.since is not None:
        return FROM_DAY.format(first=homes.first.at, since=in_full(terms.since, year=True))
    even, odd = (homes.first, homes.second) if terms.first_even else (homes.second, homes.first)
    return EVEN.format(even=even.at, odd=odd.at)


def _shared(name: str, how: str | None, terms: CustodyTerms, homes: Homes) -> str:
    if how is None:
        return AS_WEEKS.format(name=name)
    even, odd = (homes.first, homes.second) if terms.first_half_even else (homes.second, homes.first)
    return how.format(name=name, even=even.at, odd=odd.at)


def _packages(terms: CustodyTerms, homes: Homes) -> str:
    if terms.packages is Packages.HALVES:
        return PACKAGES_HALVES
    role = Role.FIRST if terms.packages is Packages.FIRST else Role.SECOND
    return PACKAGES.format(who=homes.of(role).to)
