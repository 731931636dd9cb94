"""SEPA direct debits: the mandate's reference and its life, the days of a debit, what a bank says when it refuses.

EPC130-08 (CORE rulebook): a mandate that serves for nothing during 36 months lapses; the payer is told at least 14 days
before, unless agreed otherwise; a debit may be contested during 8 weeks, 13 months when no mandate allowed it.
FRST is optional since 20 November 2016 and takes the same day as RCUR: every debit of ours is RCUR, the first one too.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

LONGEST_RUM: Final = 35
TOLD_DAYS_BEFORE: Final = 14
UNUSED_MONTHS: Final = 36
LATEST_DAYS: Final = 120
_RUM: Final = re.compile(r"[A-Za-z0-9+?/\-:().,']{1,35}")


class MandateState(StrEnum):
    """Where a mandate stands."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    LAPSED = "lapsed"

    @property
    def is_living(self) -> bool:
        """Will tell whether it may still serve, now or after another account is given."""
        return self in {MandateState.ACTIVE, MandateState.SUSPENDED}


class WrongDay(StrEnum):
    """Why a day is no day of a debit, in the words of the screen."""

    TOO_SOON = "Les familles doivent être prévenues quatorze jours avant : choisissez un jour à partir du {day}."
    TOO_LATE = "Ce jour est trop loin : choisissez un jour d’ici au {day}."
    CLOSED = "Les banques sont fermées ce jour-là : choisissez un jour de semaine qui n’est pas férié pour elles."


def is_rum(text: str) -> bool:
    """Will tell whether a text may be the reference of a mandate: 35 signs at most, no « / » at an end nor twice."""
    return bool(_RUM.fullmatch(text)) and not text.startswith("/") and not text.endswith("/") and "//" not in text


def rum_of(signed_on: date, name: str) -> str:
    """Will return the reference of a mandate signed on a day, under an unguessable name: « MDT-202611-7K2Q… »."""
    return f"MDT-{signed_on:%Y%m}-{name.upper()}"


def lapses_on(signed_on: date, last_used_on: date | None) -> date:
    """Will return the first day when a mandate serves no more: 36 months after its last use, or its signature."""
    since = max(signed_on, last_used_on) if last_used_on else signed_on
    year = since.year + UNUSED_MONTHS // 12
    try:
        return since.replace(year=year)
    except ValueError:  # the 29th of February
        return date(year, 3, 1)


def has_lapsed(signed_on: date, last_used_on: date | None, *, on: date) -> bool:
    """Will tell whether a mandate serves no more on a day."""
    return on >= lapses_on(signed_on, last_used_on)


def easter(year: int) -> date:
    """Will return the Sunday of Easter (Gregorian computus of Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e, g = b // 4, b % 4, (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def is_bank_day(day: date) -> bool:
    """Will tell whether banks settle on a day: TARGET closes on week-ends, at Easter, 1 January, 1 May, Christmas."""
    sunday = easter(day.year)
    closed = {sunday - timedelta(days=2), sunday + timedelta(days=1)}
    return day.weekday() < 5 and day not in closed and (day.month, day.day) not in {(1, 1), (5, 1), (12, 25), (12, 26)}  # noqa: PLR2004


def earliest_debit(told_on: date) -> date:
    """Will return the first day on which who is told on a day may be debited."""
    day = told_on + timedelta(days=TOLD_DAYS_BEFORE)
    while not is_bank_day(day):
        day += timedelta(days=1)
    return day


def latest_debit(told_on: date) -> date:
    """Will return the last day for which a debit may be announced."""
    return told_on + timedelta(days=LATEST_DAYS)


def wrong_day(due_on: date, *, told_on: date) -> WrongDay | None:
    """Will say why those told on a day may not be debited on another; None when they may."""
    if due_on < told_on + timedelta(days=TOLD_DAYS_BEFORE):
        return WrongDay.TOO_SOON
    if due_on > latest_debit(told_on):
        return WrongDay.TOO_LATE
    return None if is_bank_day(due_on) else WrongDay.CLOSED


# ISO 20022, external code set ExternalStatusReason1Code and ExternalReturnReason1Code: those that a debit meets.
REASONS: Final = {
    "AC01": "le numéro du compte est faux",
    "AC04": "le compte est fermé",
    "AC06": "le compte est bloqué",
    "AC13": "le compte n’accepte pas ce prélèvement",
    "AG01": "ce compte n’accepte pas les prélèvements",
    "AG02": "la banque n’a pas reconnu l’opération",
    "AM04": "le compte n’était pas assez approvisionné",
    "AM05": "la banque y a vu un doublon",
    "BE05": "la banque n’a pas reconnu le créancier",
    "CNOR": "la banque du créancier n’est pas joignable",
    "DNOR": "la banque du débiteur n’est pas joignable",
    "FF01": "la banque n’a pas su lire le fichier",
    "MD01": "la banque n’a pas trouvé de mandat",
    "MD02": "le mandat de la banque n’est pas le même",
    "MD06": "le remboursement a été demandé à la banque",
    "MD07": "la banque nous dit que le titulaire est décédé",
    "MS02": "le prélèvement a été refusé par le titulaire du compte",
    "MS03": "la banque n’a pas dit pourquoi",
    "RC01": "le BIC de la banque est faux",
    "RR01": "il manque une information que la banque demande",
    "RR02": "il manque une information que la banque demande",
    "RR03": "il manque une information que la banque demande",
    "RR04": "la réglementation ne le permet pas",
    "SL01": "le titulaire a limité les prélèvements sur son compte",
}
# The account or the mandate serves no more: the next debit would come back the same, at a cost.
SUSPENDING: Final = frozenset({"AC01", "AC04", "AC06", "AC13", "AG01", "MD01", "MD02", "MD07", "MS02", "RC01", "SL01"})
_CODE: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{2}")


def is_reason(code: str) -> bool:
    """Will tell whether a text has the form of a reason code of banks."""
    return bool(_CODE.fullmatch(code))


def reason_in_words(code: str) -> str:
    """Will say why a bank sent a debit back; the code alone when nobody told us what it means."""
    return REASONS.get(code, f"motif {code} de la banque")


def suspends(code: str) -> bool:
    """Will tell whether a mandate is not to be used again as it is, after a return for this reason."""
    return code in SUSPENDING
