"""What a kitchen is told of a day: how many meals, of which diets, against which allergies; when; what changed since.

Counts only: nobody is named.
Diets and allergies are free text, as families and agents write them. They are the same when they differ by capitals,
accents, hyphens, spaces or a final point alone; « aucune » and its like are nothing.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from marelle.domain.catalog.rules.cutoffs import ImpossibleCutoffError, Offset, Unit, local_moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from zoneinfo import ZoneInfo

    from marelle.domain.catalog.rules.cutoffs import Deadline
    from marelle.foundation.school_days import Calendar

# A kitchen that is told more than two weeks before knows nothing; a règlement may close a month before.
MOST_DAYS_BEFORE: Final = 10
MOST_EMAILS: Final = 5
FURTHEST_AHEAD: Final = timedelta(days=62)
# As data_retention.yaml says: two years after the meals, the longest that two years can be.
ORDERS_KEPT: Final = timedelta(days=731)

_LIGATURES: Final = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": " ", "'": " ", "-": " "})
_SEVERAL: Final = re.compile(r"[,;/+\n]|\bet\b", re.IGNORECASE)
_ENDS: Final = " \t\r\n.:!-–—"
# What people write in a field that they think they must fill.
_NOTHING: Final = frozenset(
    {
        "",
        "aucun",
        "aucune",
        "aucune allergie",
        "aucun regime",
        "neant",
        "non",
        "normal",
        "pas d allergie",
        "pas de regime",
        "ras",
        "rien",
        "rien a signaler",
        "sans",
        "sans objet",
        "sans regime",
        "sans regime particulier",
        "standard",
    }
)


@dataclass(frozen=True, slots=True)
class Meal:
    """A meal to make at a facility (key), as a product (key), and what is known of whoever eats it."""

    facility: int
    product: int
    diet: str = ""
    allergies: str = ""
    has_care_plan: bool = False


Numbers = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many meals, and among them how many of each diet and against each allergy, in the order of their names.

    A child with two allergies is once in `with_allergy`, and once in each. A diet is counted whole: a meal has one.
    `is_known` is False when whoever counts may not know what is eaten: « without a diet » would be wrong.
    """

    meals: int = 0
    diets: Numbers = ()
    allergies: Numbers = ()
    with_allergy: int = 0
    care_plans: int = 0
    is_known: bool = True

    @property
    def plain(self) -> int:
        """Will return how many meals follow no diet."""
        return self.meals - sum(count for _name, count in self.diets)


@dataclass(frozen=True, slots=True)
class Portion:
    """What is to be made of one product (key and name) at one facility."""

    product: int
    name: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Change:
    """So many more, or fewer, meals (`what` empty), or of a diet or an allergy."""

    what: str
    by: int


def same_words(text: str) -> str:
    """Will return what makes two diets, or two allergies, the same: « Sans-Porc. » and « sans porc » are."""
    letters = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter)).lower()
    words = " ".join(plain.strip(_ENDS).split())
    return "" if words in _NOTHING else words


def allergies_in(text: str) -> tuple[str, ...]:
    """Will return the allergies that a text names, as written, each once: « arachide, lait » are two."""
    found: dict[str, str] = {}
    for part in _SEVERAL.split(text):
        if key := same_words(part):
            found.setdefault(key, part.strip(_ENDS))
    return tuple(found.values())


def count(meals: Iterable[Meal]) -> dict[tuple[int, int], Counts]:
    """Will count the meals by facility and product (keys)."""
    sorted_out: dict[tuple[int, int], list[Meal]] = {}
    for meal in meals:
        sorted_out.setdefault((meal.facility, meal.product), []).append(meal)
    return {where: _counted(each) for where, each in sorted_out.items()}


def _counted(meals: list[Meal]) -> Counts:
    diets: list[str] = []
    allergies: list[str] = []
    with_allergy = 0
    for meal in meals:
        if same_words(meal.diet):
            diets.append(meal.diet)
        named = allergies_in(meal.allergies)
        with_allergy += bool(named)
        allergies += named
    return Counts(
        len(meals),
        _named((diet, 1) for diet in diets),
        _named((one, 1) for one in allergies),
        with_allergy,
        sum(meal.has_care_plan for meal in meals),
    )


def together(counts: Iterable[Counts]) -> Counts:
    """Will return the counts of several at once; one that is not known leaves the whole so."""
    every = list(counts)
    return Counts(
        sum(one.meals for one in every),
        _named(pair for one in every for pair in one.diets),
        _named(pair for one in every for pair in one.allergies),
        sum(one.with_allergy for one in every),
        sum(one.care_plans for one in every),
        is_known=all(one.is_known for one in every),
    )


def _named(pairs: Iterable[tuple[str, int]]) -> Numbers:
    """Will add up what is the same, under its most usual writing."""
    numbers: Counter[str] = Counter()
    writings: dict[str, Counter[str]] = {}
    for text, number in pairs:
        key = same_words(text)
        numbers[key] += number
        writings.setdefault(key, Counter())[_titled(text)] += number
    return tuple(
        (min(writings[key].items(), key=lambda written: (-written[1], written[0]))[0], numbers[key])
        for key in sorted(numbers)
    )


def _titled(text: str) -> str:
    words = " ".join(text.strip(_ENDS).split())
    return words[:1].upper() + words[1:]


def changes(before: Counts, after: Counts) -> tuple[Change, ...]:
    """Will return what changed: meals first, then diets, then allergies, each only if its number did."""
    found = [Change("", after.meals - before.meals)]
    for old, new in ((before.diets, after.diets), (before.allergies, after.allergies)):
        was = {same_words(name): (name, number) for name, number in old}
        now = {same_words(name): (name, number) for name, number in new}
        for key in sorted(was.keys() | now.keys()):
            name = (now.get(key) or was[key])[0]
            found.append(Change(name, now.get(key, ("", 0))[1] - was.get(key, ("", 0))[1]))
    found.append(Change("PAI", after.care_plans - before.care_plans))
    return tuple(change for change in found if change.by)


def said(found: Iterable[Change]) -> str:
    """Will write « +2 repas, −1 sans porc »; nothing when nothing changed."""
    return ", ".join(
        f"{'+' if change.by > 0 else '−'}{abs(change.by)} {_in_a_sentence(change.what)}" for change in found
    )


def _in_a_sentence(what: str) -> str:
    if not what:
        return "repas"
    return what if what[:2].isupper() else what[:1].lower() + what[1:]


def written(portions: Iterable[Portion]) -> str:
    """Will write what was ordered, to be kept as it is."""
    return json.dumps(
        [
            {
                "product": one.product,
                "name": one.name,
                "meals": one.counts.meals,
                "diets": one.counts.diets,
                "allergies": one.counts.allergies,
                "with_allergy": one.counts.with_allergy,
                "care_plans": one.counts.care_plans,
            }
            for one in portions
        ],
        ensure_ascii=False,
    )


def read_back(content: str) -> tuple[Portion, ...]:
    """Will read what `written` wrote."""

    def numbers(pairs: list[Any]) -> Numbers:
        return tuple((str(name), int(number)) for name, number in pairs)

    return tuple(
        Portion(
            int(row["product"]),
            str(row["name"]),
            Counts(
                int(row["meals"]),
                numbers(row["diets"]),
                numbers(row["allergies"]),
                int(row["with_allergy"]),
                int(row["care_plans"]),
            ),
        )
        for row in json.loads(content)
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """When the order of a day is frozen: so many working days before (jours ouvrés) at an hour of the clock.

    `days_before` None: once families can change nothing more by themselves (the last limit of the règlements).
    """

    days_before: int | None = None
    at_time: time = time(9)


def due_at(
    day: date, moment: Moment, *, limits: Iterable[Deadline | None], calendar: Calendar, zone: ZoneInfo
) -> datetime:
    """Will return when the order of `day` is frozen, in the zone.

    `limits` are those of the règlements to book and to cancel that day; None where nothing can be done online. Where
    none of them says anything, or the calendar has no such working day, it is the first instant of the day.
    """
    if moment.days_before is not None:
        try:
            return Offset(moment.days_before, Unit.WORKING_DAY, moment.at_time).deadline(day, calendar, zone).moment
        except ImpossibleCutoffError:
            return _begins(day, zone)
    over = [limit.over_at.astimezone(UTC) for limit in limits if limit is not None]
    return max(over).astimezone(zone) if over else _begins(day, zone)


def _begins(day: date, zone: ZoneInfo) -> datetime:
    return local_moment(datetime.combine(day, time(0)), zone)


def is_due(due: datetime, *, over_at: datetime, at: datetime) -> bool:
    """Will tell whether an order is to be frozen at `at`: its moment has come, and the service is not over."""
    # In UTC: moments of one zone are compared by their clocks, which show an hour twice the night they go back.
    now = at.astimezone(UTC)
    return due.astimezone(UTC) <= now < over_at.astimezone(UTC)


def differ(before: Mapping[int, Counts], after: Mapping[int, Counts]) -> bool:
    """Will tell whether another thing is to be made of one product (key) at least, even if as many eat in all."""
    nothing = Counts()
    return any(changes(before.get(key, nothing), after.get(key, nothing)) for key in before.keys() | after.keys())
