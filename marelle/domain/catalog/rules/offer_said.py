"""An activity as somebody writes it, with its parts of the day and what is delivered; and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, time

TOO_LONG: Final = "Une activité dure au plus deux ans : donnez-lui un dernier jour plus proche."
LONGEST: Final = timedelta(days=731)
NO_WEEKDAY: Final = "Choisissez au moins un jour où l’activité ouvre."
ENDS_BEFORE: Final = "L’activité finit avant de commencer."
NO_SLOT: Final = "Donnez au moins une séance : ses heures, et ses places si elles sont comptées."
NO_PRODUCT: Final = "Donnez au moins une prestation : ce que les familles réservent."
SLOT_ENDS_BEFORE: Final = "La séance finit avant de commencer."
AGES_CROSSED: Final = "L’âge maximum est au-dessous de l’âge minimum."
TAKES_NOTHING: Final = "Choisissez la séance que cette prestation occupe."
SAME_NAME: Final = "Ce nom est déjà pris."


@dataclass(frozen=True, slots=True)
class SlotSaid:
    """A part of the day; `key` None for a new one, `capacity` None when places are not counted."""

    key: int | None
    name: str
    starts_at: time
    ends_at: time
    capacity: int | None = None
    min_age: int | None = None
    max_age: int | None = None


@dataclass(frozen=True, slots=True)
class ProductSaid:
    """What is delivered; `takes` are places in the list of slots."""

    key: int | None
    name: str
    noun: str
    plural: str
    takes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ActivitySaid:
    """An activity, whole: what is not in its lists is removed. `service` and `facility` are keys."""

    name: str
    service: int
    facility: int
    starts_on: date
    ends_on: date
    term_weekdays: tuple[int, ...]
    holiday_weekdays: tuple[int, ...]
    slots: tuple[SlotSaid, ...]
    products: tuple[ProductSaid, ...]


@dataclass(frozen=True, slots=True)
class OfferFault:
    """What is wrong: in which list (« slots », « products », or empty for the activity itself), at which place."""

    where: str
    place: int
    field: str
    reason: str


def faults_of(said: ActivitySaid) -> tuple[OfferFault, ...]:
    """Will return what is wrong with an activity, in the order in which it is written."""
    return (*_of_the_whole(said), *_of_the_slots(said.slots), *_of_the_products(said.products))


def _of_the_whole(said: ActivitySaid) -> Iterator[OfferFault]:
    if said.ends_on < said.starts_on:
        yield OfferFault("", 0, "ends_on", ENDS_BEFORE)
    elif said.ends_on - said.starts_on > LONGEST:
        yield OfferFault("", 0, "ends_on", TOO_LONG)
    if not said.term_weekdays and not said.holiday_weekdays:
        yield OfferFault("", 0, "term_weekdays", NO_WEEKDAY)
    if not said.slots:
        yield OfferFault("", 0, "slots", NO_SLOT)
    if not said.products:
        yield OfferFault("", 0, "products", NO_PRODUCT)


def _of_the_slots(slots: Sequence[SlotSaid]) -> Iterator[OfferFault]:
    for place, slot in enumerate(slots):
        if slot.ends_at <= slot.starts_at:
            yield OfferFault("slots", place, "ends_at", SLOT_ENDS_BEFORE)
        if slot.min_age is not None and slot.max_age is not None and slot.max_age < slot.min_age:
            yield OfferFault("slots", place, "max_age", AGES_CROSSED)


def _of_the_products(products: Sequence[ProductSaid]) -> Iterator[OfferFault]:
    names: set[str] = set()
    for place, product in enumerate(products):
        if not product.takes:
            yield OfferFault("products", place, "takes", TAKES_NOTHING)
        if product.name.casefold() in names:
            yield OfferFault("products", place, "name", SAME_NAME)
        names.add(product.name.casefold())
