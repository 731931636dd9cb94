"""What most towns offer, as values: a tick, the places where it happens, and services, activities, products follow.

The hours are those met most often; the agent corrects them before anything is made. A school canteen is given no
capacity: where there is one, every pupil has a right to it (article L. 131-13 of the code de l’éducation).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from typing import Final

from marelle.domain.onboarding.rules.pasted_places import code_of

WEDNESDAY: Final = 2
MONDAY_TO_FRIDAY: Final = (0, 1, 2, 3, 4)
FIRST_MONTH: Final = 9  # a school year begins with September
LAST_OF_YEAR: Final = (8, 31)
# From this month on, a town that settles in prepares the next school year.
PREPARES_NEXT: Final = 6
LONGEST_CODE: Final = 60


class Days(StrEnum):
    """On which days it is open."""

    TAUGHT = "taught"  # the days of class
    WEDNESDAY = "wednesday"  # Wednesdays of the school year
    HOLIDAYS = "holidays"  # school holidays, Monday to Friday


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day that takes places."""

    code: str
    name: str
    starts_at: time
    ends_at: time


@dataclass(frozen=True, slots=True)
class Sold:
    """A product: its name, as a noun for one and for several, and the parts of the day that it takes."""

    code: str
    name: str
    noun: str
    plural: str
    takes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServicePreset:
    """A service that presets belong to."""

    code: str
    name: str
    icon: str
    is_prepaid: bool = False


@dataclass(frozen=True, slots=True)
class Preset:
    """Something that towns offer, at places of the kind `at`. `is_childcare`: what taxes call « frais de garde »."""

    code: str
    name: str
    aim: str
    service: ServicePreset
    days: Days
    parts: tuple[Part, ...]
    products: tuple[Sold, ...]
    at: str = "school"
    is_canteen: bool = False
    is_childcare: bool = False


CANTEEN: Final = ServicePreset("restauration", "Restauration scolaire", "utensils")
AROUND_SCHOOL: Final = ServicePreset("periscolaire", "Périscolaire", "sunrise")
LEISURE: Final = ServicePreset("loisirs", "Accueil de loisirs", "sun")
_MORNING: Final = Part("matin", "Matin", time(8, 30), time(12))
_NOON: Final = Part("midi", "Midi", time(12), time(13, 30))
_AFTERNOON: Final = Part("apres-midi", "Après-midi", time(13, 30), time(17, 30))

PRESETS: Final = (
    Preset(
        "cantine",
        "Restauration scolaire",
        "Le repas de midi, les jours de classe.",
        CANTEEN,
        Days.TAUGHT,
        (Part("midi", "Midi", time(11, 45), time(13, 30)),),
        (Sold("repas", "Repas", "repas", "repas", ("midi",)),),
        is_canteen=True,
    ),
    Preset(
        "garderie-matin",
        "Garderie du matin",
        "Avant la classe.",
        AROUND_SCHOOL,
        Days.TAUGHT,
        (Part("matin", "Matin", time(7, 30), time(8, 30)),),
        (Sold("garderie-matin", "Garderie du matin", "garderie du matin", "garderies du matin", ("matin",)),),
        is_childcare=True,
    ),
    Preset(
        "garderie-soir",
        "Garderie du soir",
        "Après la classe.",
        AROUND_SCHOOL,
        Days.TAUGHT,
        (Part("soir", "Soir", time(16, 30), time(18, 30)),),
        (Sold("garderie-soir", "Garderie du soir", "garderie du soir", "garderies du soir", ("soir",)),),
        is_childcare=True,
    ),
    Preset(
        "etude",
        "Étude surveillée",
        "Les devoirs, après la classe.",
        AROUND_SCHOOL,
        Days.TAUGHT,
        (Part("etude", "Étude", time(16, 30), time(18)),),
        (Sold("etude", "Étude surveillée", "étude", "études", ("etude",)),),
        is_childcare=True,
    ),
    Preset(
        "mercredi",
        "Mercredi",
        "La journée ou la demi-journée, avec ou sans repas.",
        LEISURE,
        Days.WEDNESDAY,
        (_MORNING, _NOON, _AFTERNOON),
        (
            Sold("mercredi-journee", "Journée avec repas", "journée", "journées", ("matin", "midi", "apres-midi")),
            Sold("mercredi-matin", "Matin", "matinée", "matinées", ("matin",)),
            Sold(
                "mercredi-repas",
                "Matin avec repas",
                "matinée avec repas",
                "matinées avec repas",
                ("matin", "midi"),
            ),
            Sold("mercredi-apres-midi", "Après-midi", "après-midi", "après-midi", ("apres-midi",)),
        ),
        at="leisure_centre",
        is_childcare=True,
    ),
    Preset(
        "vacances",
        "Vacances",
        "La journée avec repas, du lundi au vendredi des vacances.",
        LEISURE,
        Days.HOLIDAYS,
        (Part("journee", "Journée", time(8, 30), time(17, 30)),),
        (Sold("vacances-journee", "Journée avec repas", "journée", "journées", ("journee",)),),
        at="leisure_centre",
        is_childcare=True,
    ),
)
BY_CODE: Final[Mapping[str, Preset]] = {one.code: one for one in PRESETS}


@dataclass(frozen=True, slots=True)
class PresetPlace:
    """A place of the authority, by its key, and its code in files."""

    key: int
    code: str


@dataclass(frozen=True, slots=True)
class ChosenPreset:
    """A preset that was ticked: where, with which hours by part, and how many places a part; None is no limit."""

    preset: Preset
    places: tuple[PresetPlace, ...]
    hours: Mapping[str, tuple[time, time]] = field(default_factory=dict)
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedActivity:
    """An activity to make at a place (key): its code and those of its products, in the order of the preset's."""

    code: str
    preset: Preset
    place: int
    term_weekdays: tuple[int, ...]
    holiday_weekdays: tuple[int, ...]
    parts: tuple[Part, ...]
    capacity: int | None
    product_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedOffer:
    """What is to be made: the services that the activities belong to, each once, then the activities."""

    services: tuple[ServicePreset, ...]
    activities: tuple[PlannedActivity, ...]


class WrongChoice(StrEnum):
    """Why an offer cannot be made as it was chosen."""

    NOTHING = "nothing"  # nothing was ticked
    NO_PLACE = "no_place"  # a preset was ticked, and no place for it
    HOURS = "hours"  # a part of a day ends before it begins


def planned(chosen: Iterable[ChosenPreset], *, taught_weekdays: Collection[int]) -> PlannedOffer:
    """Will return what the choices make: an activity for each place, its codes telling the place apart."""
    services: dict[str, ServicePreset] = {}
    activities: list[PlannedActivity] = []
    for one in chosen:
        preset = one.preset
        services[preset.service.code] = preset.service
        term, holidays = _weekdays(preset.days, taught_weekdays)
        activities += [
            PlannedActivity(
                code=code_of(f"{preset.code} {place.code}", longest=LONGEST_CODE),
                preset=preset,
                place=place.key,
                term_weekdays=term,
                holiday_weekdays=holidays,
                parts=tuple(_at(part, one.hours) for part in preset.parts),
                capacity=None if preset.is_canteen else one.capacity,
                product_codes=tuple(
                    code_of(f"{sold.code} {place.code}", longest=LONGEST_CODE) for sold in preset.products
                ),
            )
            for place in one.places
        ]
    return PlannedOffer(tuple(services.values()), tuple(activities))


def against(chosen: Collection[ChosenPreset]) -> dict[str, WrongChoice]:
    """Will return what is wrong with the choices, by the code of the preset; under "" when nothing was chosen."""
    if not chosen:
        return {"": WrongChoice.NOTHING}
    found = {}
    for one in chosen:
        if not one.places:
            found[one.preset.code] = WrongChoice.NO_PLACE
        elif any(part.ends_at <= part.starts_at for part in (_at(each, one.hours) for each in one.preset.parts)):
            found[one.preset.code] = WrongChoice.HOURS
    return found


def school_year(today: date) -> tuple[date, date]:
    """Will return the first and the last day of the school year that a town prepares: the next one, from June on."""
    start = today.year if today.month >= PREPARES_NEXT else today.year - 1
    return date(start, FIRST_MONTH, 1), date(start + 1, *LAST_OF_YEAR)


def _weekdays(days: Days, taught: Collection[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    match days:
        case Days.TAUGHT:
            return tuple(sorted(taught)), ()
        case Days.WEDNESDAY:
            return (WEDNESDAY,), ()
        case Days.HOLIDAYS:
            return (), MONDAY_TO_FRIDAY


def _at(part: Part, hours: Mapping[str, tuple[time, time]]) -> Part:
    starts_at, ends_at = hours.get(part.code, (part.starts_at, part.ends_at))
    return Part(part.code, part.name, starts_at, ends_at)
