"""What a tablet keeps and exchanges: for whom, until when, whom one may tick without a reservation."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

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
    """An enrolled child who is not on the sheet: what may be ticked of it (public id and name of each product)."""

    child: str
    name: str
    class_name: str
    products: tuple[tuple[str, str], ...]

    @property
    def said(self) -> list[Any]:
        """Will return the same, short, for the page to carry."""
        return [self.child, self.name, self.class_name, self.products]

    def answers(self, wanted: Iterable[str]) -> bool:
        """Will tell whether its name has these (folded) words."""
        words = folded(self.name)
        return all(one in words for one in wanted)


def unbooked(day: Day, enrolled: Iterable[EnrolledChild], shown: Sequence[ProductOffer]) -> tuple[Unbooked, ...]:
    """Will return the enrolled children of whom some product shown is not on the sheet of the day."""
    products = {product.pk: (product.public_id, product.name) for product in shown}
    found = []
    for child in enrolled:
        free = tuple(products[pk] for pk in child.products if pk in products and (child.pk, pk) not in day.marks)
        if free:
            found.append(Unbooked(child.public_id, child.full_name, child.class_name, free))
    return tuple(found)


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
