"""The terms of a shared custody, as a home or the town hall reads them: the same on screens and in letters."""

from __future__ import annotations

import unicodedata
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
from marelle.foundation.french_dates import WEEKDAYS, hour, in_full, listed, without_weekday

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class Home(NamedTuple):
    """How one of the two homes is called: `at`, « chez vous », `to`, « vous », and `bills`, « vos factures »."""

    at: str
    to: str
    bills: str


class Passing(NamedTuple):
    """What passes to a home: days, and what is reserved of them, by product (name and how many).

    `staying` reservations of these days were paid on booking and stay with who paid.
    """

    days: tuple[date, ...]
    reserved: tuple[tuple[str, int], ...]
    staying: int = 0


class Changes(NamedTuple):
    """What a proposal would change: what passes to each home, by its role, until a day.

    `is_new`: until now days were of neither home.
    """

    passing: Mapping[Role, Passing]
    until: date
    is_new: bool


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
        return cls(*(Home(f"chez {name}", name, f"les factures de {name}") for name in (first, second)))


US = Home("chez vous", "vous", "vos factures")
THE_OTHER = Home("dans l’autre foyer", "l’autre foyer", "les factures de l’autre foyer")

VOWELS = "aeiouyhœæ"
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
UNTIL = "Jusqu’au {day}, "
DAYS_PASS = {False: "{count} jour passe {at}.", True: "{count} jours passent {at}."}
DAYS_ARE = {False: "{count} jour est {at}.", True: "{count} jours sont {at}."}
RESERVED = {
    False: "{count} réservation déjà faite suit : {named}. Elle sera sur {bills}.",
    True: "{count} réservations déjà faites suivent : {named}. Elles seront sur {bills}.",
}
RESERVED_UNSEEN = "Ce qui est déjà réservé de ces jours suivra, et sera sur {bills} ; sauf ce qui est payé d’avance."
STAYING = {
    False: "{count} réservation payée d’avance ne change pas : elle reste à qui l’a payée.",
    True: "{count} réservations payées d’avance ne changent pas : elles restent à qui les a payées.",
}
NOTHING_PASSES = "Aucun jour ne change de foyer."
DOUBLE_WEEKS = "Année de 53 semaines : à partir du {monday}, deux semaines impaires se suivent, toutes deux {odd}."


def of_name(name: str) -> str:
    """Will write a first name after « de »: « de Lucia », « d’Alvaro », « d’Yves », « de Yann »."""
    letters = "".join(unicodedata.normalize("NFD", name[:2].casefold()).encode("ascii", "ignore").decode().split())
    glides = letters[:1] == "y" and letters[1:2] in VOWELS
    return f"d’{name}" if letters and letters[0] in VOWELS and not glides else f"de {name}"


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


def changes_in_words(
    changes: Changes, homes: Homes, *, is_calendar: bool, unseen: Role | None = None
) -> tuple[str, ...]:
    """Will say what would change, a sentence each: days first, then reservations that go with them.

    `is_calendar`: days of a calendar are counted until a day, which is said. What the days that pass to the home
    `unseen` hold is not said: who asks for days learns what the other home reserved of them once it agreed, not before.
    """
    said = []
    # Who reads comes first.
    for role, passing in sorted(changes.passing.items(), key=lambda each: homes.of(each[0]) != US):
        home, days = homes.of(role), len(passing.days)
        if days:
            how = DAYS_ARE if changes.is_new else DAYS_PASS
            until = UNTIL.format(day=without_weekday(changes.until, year=True)) if is_calendar else ""
            said.append(until + how[days > 1].format(count=days, at=home.at))
        if role is unseen:
            said += [RESERVED_UNSEEN.format(bills=home.bills)] if days else []
            continue
        reserved = sum(count for _name, count in passing.reserved)
        if reserved:
            named = listed([f"{name} ({count})" for name, count in passing.reserved])
            said.append(RESERVED[reserved > 1].format(count=reserved, named=named, bills=home.bills))
        if passing.staying:
            said.append(STAYING[passing.staying > 1].format(count=passing.staying))
    return tuple(said) or (NOTHING_PASSES,)


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
