"""What is missing before a town opens, and what the law minds: facts in, items out, each with where it is mended.

Only what nothing works without is required. The rest is shown, with its source, and left to the town: Marelle knows
neither what its council voted nor what its services cost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class Step(StrEnum):
    """A step of setting a town up, in the order in which it is best done."""

    AUTHORITY = "authority"
    CALENDAR = "calendar"
    PLACES = "places"
    OFFER = "offer"
    REGLEMENT = "reglement"
    TARIFF = "tariff"
    REGIE = "regie"
    AGENTS = "agents"
    PROCEDURES = "procedures"


class State(StrEnum):
    """Where an item, or a step, stands."""

    MISSING = "missing"  # the town cannot open without it
    LOOK = "look"  # it can, and somebody should look
    DONE = "done"


class Check(StrEnum):
    """What is looked at."""

    REACHABLE = "reachable"
    PRIVACY = "privacy"
    IDENTITY = "identity"
    HOLIDAYS = "holidays"
    SHORT_CALENDAR = "short_calendar"
    PLACES = "places"
    CLASSES = "classes"
    PRODUCTS = "products"
    OPEN_DAYS = "open_days"
    CANTEEN_CAPACITY = "canteen_capacity"
    RELIGION = "religion"
    REGLEMENTS = "reglements"
    CANTEEN_WAVES = "canteen_waves"
    TARIFFS = "tariffs"
    COST_UNKNOWN = "cost_unknown"
    ABOVE_COST = "above_cost"
    REGIES = "regies"
    ONLINE = "online"
    SECOND_AGENT = "second_agent"
    HEALTH = "health"
    PROCEDURES = "procedures"
    ANSWERING = "answering"


STEP_OF: Final = {
    Check.REACHABLE: Step.AUTHORITY,
    Check.PRIVACY: Step.AUTHORITY,
    Check.IDENTITY: Step.AUTHORITY,
    Check.HOLIDAYS: Step.CALENDAR,
    Check.SHORT_CALENDAR: Step.CALENDAR,
    Check.PLACES: Step.PLACES,
    Check.CLASSES: Step.PLACES,
    Check.PRODUCTS: Step.OFFER,
    Check.OPEN_DAYS: Step.OFFER,
    Check.CANTEEN_CAPACITY: Step.OFFER,
    Check.RELIGION: Step.OFFER,
    Check.REGLEMENTS: Step.REGLEMENT,
    Check.CANTEEN_WAVES: Step.REGLEMENT,
    Check.TARIFFS: Step.TARIFF,
    Check.COST_UNKNOWN: Step.TARIFF,
    Check.ABOVE_COST: Step.TARIFF,
    Check.REGIES: Step.REGIE,
    Check.ONLINE: Step.REGIE,
    Check.SECOND_AGENT: Step.AGENTS,
    Check.HEALTH: Step.AGENTS,
    Check.PROCEDURES: Step.PROCEDURES,
    Check.ANSWERING: Step.PROCEDURES,
}
# Without these no family can book a day: no site, no days of class, no place, nothing to book, no rule, no price.
REQUIRED: Final = frozenset(
    {Check.REACHABLE, Check.HOLIDAYS, Check.PLACES, Check.PRODUCTS, Check.REGLEMENTS, Check.TARIFFS}
)
# Said only when there is something to say: that no law is minded is not a task that was done.
SILENT_WHEN_DONE: Final = frozenset(
    {
        Check.SHORT_CALENDAR,
        Check.OPEN_DAYS,
        Check.CANTEEN_CAPACITY,
        Check.RELIGION,
        Check.CANTEEN_WAVES,
        Check.ABOVE_COST,
        Check.ANSWERING,
    }
)

SCHOOL: Final = "school"
_CANTEEN: Final = re.compile(
    r"\b(cantine|restauration|restaurant|repas|déjeuner|dejeuner|pause méridienne)\b", re.IGNORECASE
)
# CNIL on NS-058: « sans porc » or « sans viande » say what is eaten; these words say what somebody believes. The verb
# « cacher » is no fault by itself.
_RELIGION: Final = re.compile(
    r"\b(hal+al\w*|[ck]as[ck]?h[eè]r\w*|kach[eè]r\w*|kosher"
    r"|(?:repas|menus?|viandes?|plats?) cachers?|musulman\w*|juifs?|juives?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """A place, its kind, and how many classes it has."""

    name: str
    kind: str
    classes: int = 0


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """An activity that is not over. `has_waves`: its booking opens for some families before the others."""

    name: str
    is_canteen: bool
    has_products: bool = True
    has_open_days: bool = True
    is_limited: bool = False
    has_reglement: bool = True
    has_waves: bool = False
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product of an activity that is not over: the most it may be priced, what it costs the authority, in cents."""

    name: str
    is_canteen: bool
    has_tariff: bool = True
    highest: int | None = None
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class RegieFacts:
    """A régie. `is_online`: a gateway was chosen; `is_proved`: its trials succeeded."""

    name: str
    is_online: bool = False
    is_proved: bool = False


@dataclass(frozen=True, slots=True)
class TownFacts:
    """What is known of a town on a day. `texts` are what families read or choose from, with where it is written."""

    today: date
    phone: str = ""
    email: str = ""
    siret: str = ""
    known_until: date | None = None
    places: tuple[PlaceFacts, ...] = ()
    activities: tuple[ActivityFacts, ...] = ()
    products: tuple[ProductFacts, ...] = ()
    services_without_regie: tuple[str, ...] = ()
    regies: tuple[RegieFacts, ...] = ()
    agents: int = 1
    see_health: int = 0
    open_procedures: int = 0
    unreachable: tuple[str, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """Something of the list: what was looked at, where it stands, and the names of what it is about."""

    check: Check
    state: State
    names: tuple[str, ...] = ()

    @property
    def step(self) -> Step:
        """Will return the step that it belongs to."""
        return STEP_OF[self.check]


def checklist(facts: TownFacts) -> tuple[Item, ...]:
    """Will return the items in the order of the steps; what the law minds is there only when it is met."""
    return tuple(item for item in _items(facts) if not (item.state is State.DONE and item.check in SILENT_WHEN_DONE))


def missing(items: Iterable[Item]) -> tuple[Item, ...]:
    """Will return what stands against opening to the public."""
    return tuple(item for item in items if item.state is State.MISSING)


def state_of(items: Iterable[Item], step: Step) -> State:
    """Will return where a step stands: as its worst item."""
    states = {item.state for item in items if item.step is step}
    return next((state for state in (State.MISSING, State.LOOK) if state in states), State.DONE)


def is_school_canteen(words: str, place_kind: str, *, has_days_of_class: bool) -> bool:
    """Will tell whether an activity feeds pupils at noon on days of class: the right of L. 131-13 is about those.

    The subject has no kind of service: its names (`words`: of the service, of the activity) say it.
    """
    return has_days_of_class and place_kind == SCHOOL and _CANTEEN.search(words) is not None


def religious_words(text: str) -> tuple[str, ...]:
    """Will return the words of `text` that would tell what a family believes, as they are written."""
    return tuple(dict.fromkeys(found.group(0) for found in _RELIGION.finditer(text)))


def _items(facts: TownFacts) -> Iterator[Item]:
    yield _item(Check.REACHABLE, is_done=bool(facts.phone or facts.email))
    yield _item(Check.PRIVACY, is_done=bool(facts.email))
    yield _item(Check.IDENTITY, is_done=bool(facts.siret))
    yield _item(Check.HOLIDAYS, is_done=facts.known_until is not None and facts.known_until >= facts.today)
    yield _about(
        Check.SHORT_CALENDAR,
        (one.name for one in facts.activities if facts.known_until and one.ends_on and facts.known_until < one.ends_on),
    )
    yield _item(Check.PLACES, is_done=bool(facts.places))
    if any(one.kind == SCHOOL for one in facts.places):
        yield _about(Check.CLASSES, (one.name for one in facts.places if one.kind == SCHOOL and not one.classes))
    yield _item(Check.PRODUCTS, is_done=any(one.has_products for one in facts.activities))
    yield from _of_activities(facts.activities)
    yield _about(
        Check.RELIGION,
        (f"« {word} » ({where})" for where, text in facts.texts for word in religious_words(text)),
    )
    yield _about(
        Check.REGLEMENTS,
        (one.name for one in facts.activities if not one.has_reglement),
        is_started=bool(facts.activities),
    )
    yield _about(Check.CANTEEN_WAVES, (one.name for one in facts.activities if one.is_canteen and one.has_waves))
    yield from _of_prices(facts.products)
    yield _about(Check.REGIES, facts.services_without_regie, is_started=bool(facts.regies))
    yield _about(
        Check.ONLINE,
        (one.name for one in facts.regies if not (one.is_online and one.is_proved)),
        is_started=bool(facts.regies),
    )
    yield _item(Check.SECOND_AGENT, is_done=facts.agents > 1)
    yield _item(Check.HEALTH, is_done=facts.see_health > 0)
    yield _item(Check.PROCEDURES, is_done=facts.open_procedures > 0)
    yield _about(Check.ANSWERING, facts.unreachable)


def _of_activities(activities: tuple[ActivityFacts, ...]) -> Iterator[Item]:
    yield _about(Check.OPEN_DAYS, (one.name for one in activities if one.has_products and not one.has_open_days))
    yield _about(Check.CANTEEN_CAPACITY, (one.name for one in activities if one.is_canteen and one.is_limited))


def _of_prices(products: tuple[ProductFacts, ...]) -> Iterator[Item]:
    yield _about(Check.TARIFFS, (one.name for one in products if not one.has_tariff), is_started=bool(products))
    if any(one.is_canteen for one in products):
        yield _about(Check.COST_UNKNOWN, (one.name for one in products if one.is_canteen and one.cost is None))
    yield _about(
        Check.ABOVE_COST,
        (one.name for one in products if one.cost is not None and one.highest is not None and one.highest > one.cost),
    )


def _item(check: Check, *, is_done: bool) -> Item:
    return Item(check, State.DONE if is_done else _undone(check))


def _about(check: Check, names: Iterable[str], *, is_started: bool = True) -> Item:
    """Will return an item about what `names` names: done when there is none of it, and something to look at."""
    found = tuple(dict.fromkeys(names))
    return Item(check, _undone(check) if found or not is_started else State.DONE, found)


def _undone(check: Check) -> State:
    return State.MISSING if check in REQUIRED else State.LOOK
