"""Who is still expected on the days of an event, and how to call home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from marelle.domain.families.models import Family, Guardian
from marelle.foundation.french_dates import in_full, listed
from marelle.web.office.surroundings import ROLES, url_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.reservations.queries.disruptions import StillThere
    from marelle.web.doors import OfficeVisit

SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class ThereCard:
    """A child who is still expected that day: for what, and the telephones of the home."""

    child: str
    school_class: str
    day: str
    what: str
    url: str
    phones: tuple[tuple[str, str], ...]


def there_cards(
    visit: OfficeVisit, there: Iterable[StillThere], offer: Offer, *, with_phones: bool
) -> tuple[ThereCard, ...]:
    """Will return the cards of these children; telephones are for who may read families."""
    found = list(there)
    may_read = visit.may(ROLES.READ_FAMILIES)
    families = {one.family for one in found}
    names = dict(Family.objects.filter(pk__in=families).values_list("pk", "public_id")) if may_read else {}
    phones = _phones(families) if may_read and with_phones else {}
    return tuple(
        ThereCard(
            child=one.child.full_name,
            school_class=one.child.school_class.name if one.child.school_class else "",
            day=in_full(one.date),
            what=listed([_named(key, offer) for key in one.products]),
            url=url_of(visit, "office_family", family=names[one.family]) if one.family in names else "",
            phones=phones.get(one.family, ()),
        )
        for one in found
    )


def _named(key: int, offer: Offer) -> str:
    product = offer.product_by_pk[key]
    return f"{product.name} ({product.activity.facility_name})"


def _phones(families: Collection[int]) -> dict[int, tuple[tuple[str, str], ...]]:
    """Will return the telephones of these families (keys): whose, and the number."""
    found: dict[int, tuple[tuple[str, str], ...]] = {}
    for family, first, last, phone in (
        Guardian.objects.filter(family__in=list(families))
        .exclude(phone="")
        .order_by("pk")
        .values_list("family_id", "first_name", "last_name", "phone")
    ):
        found[family] = (*found.get(family, ()), (f"{first} {last}", phone))
    for family, phone, other in Family.objects.filter(pk__in=list(families)).values_list("pk", "phone", "other_phone"):
        known = {number for _name, number in found.get(family, ())}
        for number in dict.fromkeys((phone, other)):
            if number and number not in known:
                found[family] = (*found.get(family, ()), ("Domicile", number))
    return found
