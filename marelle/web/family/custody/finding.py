"""The child of the address, when it lives in two homes, and what its months are drawn from."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from django.http import Http404
from django.urls import reverse

from marelle.domain.families.queries import children_of
from marelle.domain.reservations.models import CustodyProposal
from marelle.domain.reservations.queries.custody import (
    agreed_days,
    is_shared,
    proposals_of,
    responsible_homes,
    standing_terms,
)
from marelle.domain.reservations.rules.custody import Role
from marelle.web.family.custody.months import Known, month_of, months_after

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.families.models import Child
    from marelle.domain.reservations.models import SharedCustody
    from marelle.domain.reservations.queries.custody import Responsibility
    from marelle.domain.reservations.rules.custody import CustodyTerms
    from marelle.web.doors import FamilyVisit

# A stay that touches a month is said whole: how far around the month one reads.
AROUND: Final = timedelta(days=80)
FURTHEST: Final = 24


def url(visit: FamilyVisit, name: str, **kwargs: str) -> str:
    """Will return an address of this family's."""
    return reverse(name, kwargs={"authority": visit.authority.slug, **kwargs})


def child_of(visit: FamilyVisit, child: str) -> Child:
    """Will find a child (public id) of this home that lives in another one too, or did; raises Http404."""
    found = children_of(visit.family.pk, on=visit.today).filter(public_id=child).first()
    if found is not None and (is_shared(found.pk, visit.family.pk, on=visit.today) or standing_terms(found.pk)):
        return found
    raise Http404


def proposal_of(visit: FamilyVisit, proposal: str) -> CustodyProposal:
    """Will find what this home asked or was asked (public id), of a child that lives here; raises Http404."""
    children = [child.pk for child in children_of(visit.family.pk, on=visit.today)]
    found = proposals_of(visit.family.pk, children).filter(public_id=proposal).first()
    if found is None:
        raise Http404
    return found


def role_in(version: SharedCustody, family: int) -> Role:
    """Will tell which of the two homes of some terms a family (key) is."""
    return Role.FIRST if version.first_home_id == family else Role.SECOND


def month_asked(said: str, today: date) -> date:
    """Will read the month of an address, « 2026-12 »; what is unknown, or two years away, is the present one."""
    here = month_of(today)
    if not re.fullmatch(r"\d{4}-\d{2}", said, re.ASCII):
        return here
    year, month = map(int, said.split("-"))
    if month not in range(1, 13) or not year:
        return here
    asked = date(year, month, 1)
    return asked if months_after(here, -FURTHEST) <= asked <= months_after(here, FURTHEST) else here


def known_of(
    visit: FamilyVisit,
    child: Child,
    offer: Offer,
    *,
    first: date,
    last: date,
    versions: Sequence[SharedCustody] | None = None,
) -> Known:
    """Will read what the months from `first` to `last` are drawn from."""
    since, until = first - AROUND, last + AROUND
    homes = responsible_homes([child.pk], first=since, last=until, authority=offer.authority)
    versions = standing_terms(child.pk) if versions is None else versions
    asked = proposals_of(visit.family.pk, [child.pk]).filter(
        kind=CustodyProposal.Kind.DAYS, state=CustodyProposal.State.PENDING
    )

    def terms(day: date) -> CustodyTerms | None:
        found = [one for one in versions if one.starts_on <= day]
        return found[-1].settled if found else None

    return Known(
        family=visit.family.pk,
        home=lambda day: homes.home(child.pk, day),
        terms=terms,
        calendar=offer.calendar.estimated(until),
        agreed=frozenset(agreed_days(child.pk, since=since)),
        asked=frozenset(day for one in asked for day in (*one.gives, *one.takes)),
        today=visit.today,
    )


def as_it_would_be(
    known: Known,
    then: Responsibility,
    child: Child,
    *,
    since: date,
    terms: CustodyTerms | None,
    agreed: Collection[date] = (),
) -> Known:
    """Will return what months would be drawn from, from a day on, under other terms or with `agreed` days exchanged."""
    now = known.home
    before = known.terms

    def home(day: date) -> int | None:
        return then.home(child.pk, day) if day >= since else now(day)

    def terms_on(day: date) -> CustodyTerms | None:
        return terms if terms is not None and day >= since else before(day)

    kept = [day for day in known.agreed if terms is None or day < since]
    return Known(known.family, home, terms_on, known.calendar, frozenset((*kept, *agreed)), frozenset(), known.today)
