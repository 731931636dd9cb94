"""Days and moments in the words people use: « jeudi 27 novembre, 9 h »."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime, time

NO_BREAK = "\N{NO-BREAK SPACE}"
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
SHORT_WEEKDAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
WEEKDAY_LETTERS = ("L", "M", "M", "J", "V", "S", "D")
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
SHORT_MONTHS = (
    "janv.",
    "févr.",
    "mars",
    "avr.",
    "mai",
    "juin",
    "juil.",
    "août",
    "sept.",
    "oct.",
    "nov.",
    "déc.",
)


def day_number(day: date) -> str:
    """Will write the day of the month: « 1ᵉʳ », « 2 »."""
    return "1ᵉʳ" if day.day == 1 else str(day.day)


@lru_cache(maxsize=4096)  # each day of a page is written on the squares of every child
def in_full(day: date, *, year: bool = False) -> str:
    """Will write « jeudi 27 novembre », with its year if asked, held together by no-break spaces."""
    words = [WEEKDAYS[day.weekday()], day_number(day), MONTHS[day.month - 1]]
    if year:
        words.append(str(day.year))
    return NO_BREAK.join(words)


def without_weekday(day: date, *, year: bool = False) -> str:
    """Will write « 27 novembre », with its year if asked."""
    words = [day_number(day), MONTHS[day.month - 1]]
    if year:
        words.append(str(day.year))
    return NO_BREAK.join(words)


def in_short(day: date) -> str:
    """Will write « jeu. 27 nov. »."""
    return NO_BREAK.join((SHORT_WEEKDAYS[day.weekday()], day_number(day), SHORT_MONTHS[day.month - 1]))


def in_digits(day: date) -> str:
    """Will write « 27/11/2026 »."""
    return f"{day:%d/%m/%Y}"


def hour(moment: time | datetime) -> str:
    """Will write « 9 h », « 9 h 05 », « minuit » for 0:00, « midi » for 12:00."""
    if (moment.hour, moment.minute) == (0, 0):
        return "minuit"
    if (moment.hour, moment.minute) == (12, 0):
        return "midi"
    minutes = f"{NO_BREAK}{moment.minute:02d}" if moment.minute else ""
    return f"{moment.hour}{NO_BREAK}h{minutes}"


def moment(local: datetime) -> str:
    """Will write « jeudi 27 novembre, 9 h » for a datetime already in the authority's zone."""
    return f"{in_full(local.date())}, {hour(local)}"


def listed(words: Sequence[str]) -> str:
    """Will join with commas and a last « et »: « lundi, mardi et jeudi »."""
    if len(words) < 2:  # noqa: PLR2004  one word stands alone
        return "".join(words)
    return f"{', '.join(words[:-1])} et {words[-1]}"


def short_days(days: Sequence[date]) -> str:
    """Will list sorted days, each month named once: « jeu. 27 nov., lun. 1ᵉʳ et mar. 2 déc. »."""
    words = []
    for index, day in enumerate(days):
        month_ends_here = index + 1 == len(days) or (days[index + 1].year, days[index + 1].month) != (
            day.year,
            day.month,
        )
        word = f"{SHORT_WEEKDAYS[day.weekday()]}{NO_BREAK}{day_number(day)}"
        words.append(f"{word}{NO_BREAK}{SHORT_MONTHS[day.month - 1]}" if month_ends_here else word)
    return listed(words)


def listed_days(days: Sequence[date]) -> str:
    """Will list sorted days, each month said once: « le 2 novembre », « les 30 novembre, 1ᵉʳ et 3 décembre »."""
    words = []
    for index, day in enumerate(days):
        after = days[index + 1] if index + 1 < len(days) else None
        word = day_number(day)
        if after is None or (after.year, after.month) != (day.year, day.month):
            word = f"{word}{NO_BREAK}{MONTHS[day.month - 1]}"
        if after is not None and after.year != day.year:
            word = f"{word}{NO_BREAK}{day.year}"
        words.append(word)
    if days and days[0].year != days[-1].year:
        words[-1] = f"{words[-1]}{NO_BREAK}{days[-1].year}"
    return f"{'le' if len(days) == 1 else 'les'} {listed(words)}" if words else ""
