"""What a tablet keeps and exchanges: for whom, until when, whom one may tick without a reservation."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.utils.safestring import SafeString, mark_safe

from marelle.domain.catalog.rules.sentences import billed_in_words
from marelle.domain.reservations.queries.french_names import folded
from marelle.foundation.derived_secrets import token_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from marelle.domain.catalog.queries import ProductOffer
    from marelle.domain.reservations.queries.attendance import EnrolledChild
    from marelle.domain.reservations.queries.days import Day
    from marelle.web.doors import OfficeVisit

NIGHT_ENDS = time(3, 0)


class Unbooked(NamedTuple):
    """An enrolled child of whom some product is not on the sheet: what may be ticked of it (public id and name)."""

    child: str
    name: str
    class_name: str
    products: tuple[tuple[str, str], ...]


def has_unbooked(day: Day, enrolled: Iterable[EnrolledChild]) -> bool:
    """Will tell whether some product of one of these children is not on the sheet of the day."""
    return any((child.pk, pk) not in day.marks for child in enrolled for pk in child.products)


def unbooked(
    day: Day, enrolled: Iterable[EnrolledChild], shown: Sequence[ProductOffer], wanted: Sequence[str]
) -> list[Unbooked]:
    """Will return those of whom some product shown is not on the sheet and whose name has all `wanted` (folded) words.

    In the order of a French list; nobody for no word.
    """
    if not wanted:
        return []
    products = {product.pk: (product.public_id, product.name) for product in shown}
    answering = [child for child in enrolled if all(word in folded(child.full_name) for word in wanted)]
    found = []
    for child in sorted(answering, key=lambda one: one.order):
        free = tuple(products[pk] for pk in child.products if (child.pk, pk) not in day.marks)
        if free:
            found.append(Unbooked(child.public_id, child.full_name, child.class_name, free))
    return found


def carried(enrolled: Iterable[EnrolledChild], shown: Iterable[ProductOffer]) -> SafeString:
    """Will write, for an attribute between single quotes, whom a tablet may look for without the network.

    Most children are enrolled in what others are: the products are written once, by number. Those that are on the sheet
    are there too: the tablet leaves them out, and sorts whom it finds.
    """
    products = {product.pk: (product.public_id, product.name) for product in shown}
    alike: dict[tuple[int, ...], int] = {}
    children = [
        (
            child.public_id,
            child.first_name,
            child.last_name,
            child.class_name,
            alike.setdefault(child.products, len(alike)),
        )
        for child in enrolled
    ]
    told = {"products": [[products[pk] for pk in of] for of in alike], "children": children}
    written = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(written.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#x27;"))  # noqa: S308


def unbooked_prices(shown: Iterable[ProductOffer], *, on: date) -> tuple[str, ...]:
    """Will say what a presence without a reservation costs by the règlements in force: nothing where none says it."""
    rules = [product.rules_on(on) for product in shown]
    return tuple(
        dict.fromkeys(
            f"Un jour sans réservation {billed_in_words(one.unbooked)}." for one in rules if one and one.unbooked
        )
    )


def agent_key(visit: OfficeVisit) -> str:
    """Will name the agent for her tablet: what it keeps is sent by her alone. Nobody reads a number of ours in it."""
    return token_of("attendance_queue", str(visit.agent.pk))[:22]


def kept_for(visit: OfficeVisit) -> int:
    """Will return for how many milliseconds from now the sheet of the day may be kept: until three in the night."""
    ends = datetime.combine(visit.today + timedelta(days=1), NIGHT_ENDS, visit.authority.zone)
    return int((ends - visit.at) / timedelta(milliseconds=1))


def local_hour(visit: OfficeVisit) -> str:
    """Will write the hour over there as a field of time holds it."""
    return f"{visit.at.astimezone(visit.authority.zone):%H:%M}"
