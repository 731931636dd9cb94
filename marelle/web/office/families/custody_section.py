"""What the page of a family says of the homes of its children: which ones, since when, whose days are whose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from marelle.domain.families.models import Custody
from marelle.domain.reservations.models import SharedCustody
from marelle.domain.reservations.queries.families import families_within
from marelle.domain.reservations.rules.custody_sentences import Homes, terms_in_words
from marelle.web.office.custody import wording
from marelle.web.office.custody.shown import home_names, service_names, url_of_child
from marelle.web.office.families.finding import address_of
from marelle.web.office.surroundings import ROLES, reach

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from marelle.domain.families.models import Child, Family
    from marelle.web.doors import OfficeVisit


@dataclass(frozen=True, slots=True)
class HomeLine:
    """Another home of a child: its name, its page (empty: out of the agent's reach), and since when."""

    name: str
    url: str
    when: str


@dataclass(frozen=True, slots=True)
class CustodyLine:
    """The homes of a child: since when here, the other one, the terms; and the page that says all of it."""

    here: str
    others: tuple[HomeLine, ...]
    terms: str
    url: str


def custody_lines(children: Sequence[Child], family: Family, visit: OfficeVisit) -> dict[int, CustodyLine]:
    """Will return what is said of each child (key). Two statements, and one more when a child has two homes."""
    keys = [child.pk for child in children]
    lives = (
        Custody.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=visit.today), child__in=keys)
        .filter(withdrawn_at__isnull=True)
        .select_related("family")
        .order_by("starts_on", "pk")
    )
    by_child: dict[int, list[Custody]] = {}
    for one in lives:
        by_child.setdefault(one.child_id, []).append(one)
    elsewhere = {one.family for rows in by_child.values() for one in rows if one.family_id != family.pk}
    if not elsewhere:
        return {child.pk: _line(child, family, by_child.get(child.pk, ()), {}, {}, set(), visit) for child in children}
    names = home_names((family, *elsewhere))
    terms: dict[int, SharedCustody] = {}
    standing = SharedCustody.objects.filter(
        child__in=keys, withdrawn_at__isnull=True, starts_on__lte=visit.today
    ).order_by("starts_on")
    for row in standing:
        terms[row.child_id] = row
    within = families_within(reach(visit, ROLES.READ_FAMILIES)).filter(pk__in={home.pk for home in elsewhere})
    seen = set(within.values_list("pk", flat=True))
    return {child.pk: _line(child, family, by_child.get(child.pk, ()), terms, names, seen, visit) for child in children}


def _line(  # noqa: PLR0917  what is read once for all the children
    child: Child,
    family: Family,
    lives: Iterable[Custody],
    terms: dict[int, SharedCustody],
    names: dict[int, str],
    seen: set[int],
    visit: OfficeVisit,
) -> CustodyLine:
    rows = list(lives)
    here = next((one for one in rows if one.family_id == family.pk), None)
    others = tuple(
        HomeLine(
            names[one.family_id],
            address_of(visit, "office_family", one.family) if one.family_id in seen else "",
            wording.lives(one.starts_on, one.ends_on, today=visit.today),
        )
        for one in rows
        if one.family_id != family.pk
    )
    return CustodyLine(
        wording.lives(here.starts_on, here.ends_on, today=visit.today) if here is not None else "",
        others,
        _in_words(terms.get(child.pk), names, visit) if others else "",
        url_of_child(visit, "office_custody", family, child),
    )


def _in_words(row: SharedCustody | None, names: dict[int, str], visit: OfficeVisit) -> str:
    """Will say how ordinary weeks go, or that nothing says whose the days are."""
    settled = row.settled if row is not None else None
    if row is None or settled is None or not {row.first_home_id, row.second_home_id} <= names.keys():
        return wording.NO_CALENDAR
    homes = Homes.named(names[row.first_home_id], names[row.second_home_id])
    return " ".join(terms_in_words(settled, homes, services=service_names(visit))[:2])
