"""What the screens of a custody share: the child and its homes, months with whose days they are, what a change does."""

from __future__ import annotations

import calendar
import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.http import Http404
from django.shortcuts import get_object_or_404

from marelle.domain.accounts.queries import agent_names
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Child, Custody, Family
from marelle.domain.reservations.queries.custody import homes_together, responsible_homes
from marelle.domain.reservations.queries.custody_effects import mark_of_custody
from marelle.domain.reservations.queries.families import families_within
from marelle.domain.reservations.rules.custody import CustodyTerms
from marelle.domain.reservations.rules.custody_sentences import Homes, double_weeks_in_words, terms_in_words
from marelle.foundation.french_dates import MONTHS, SHORT_WEEKDAYS, in_full, without_weekday
from marelle.foundation.periods import days_between
from marelle.web.office.custody import wording
from marelle.web.office.surroundings import ROLES, reach, url_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from marelle.domain.reservations.models import SharedCustody
    from marelle.domain.reservations.queries.custody_effects import CustodyPreview
    from marelle.foundation.periods import Period
    from marelle.web.doors import OfficeVisit

AUGUST: Final = 8
DECEMBER: Final = 12
LONGEST_BACK: Final = date.min


@dataclass(frozen=True, slots=True)
class Pair:
    """The days on which a child lives with two families at once, and these families, by key."""

    period: Period
    homes: Mapping[int, Family]


def child_or_404(visit: OfficeVisit, family: str, child: str, role: str) -> tuple[Family, Child]:
    """Will return a family that the agent's right reaches, and a child who lives, lived or will live with it."""
    home = get_object_or_404(families_within(reach(visit, role)), public_id=family)
    lives = Custody.objects.filter(family=home, withdrawn_at__isnull=True)
    found = Child.objects.filter(public_id=child, merged_into__isnull=True, custodies__in=lives)
    row = found.select_related("school_class").distinct().first()
    if row is None:
        raise Http404
    return home, row


def may_settle(visit: OfficeVisit) -> bool:
    """Will tell whether the agent says where children live and whose days are whose: it holds in every service."""
    return visit.may(ROLES.MANAGE_RESERVATIONS) and reach(visit, ROLES.MANAGE_RESERVATIONS).is_whole


def pair_of(child: int, *, today: date) -> Pair | None:
    """Will return the two homes of a child (key) today, or those that it is to have next; None: it has one."""
    for period, keys in homes_together(child):
        if period.ends_on is None or period.ends_on >= today:
            return Pair(period, Family.objects.in_bulk(keys))
    return None


def home_names(homes: Iterable[Family]) -> dict[int, str]:
    """Will call homes by their names, and by their numbers too where two have one name."""
    rows = list({home.pk: home for home in homes}.values())
    names = Counter(home.name for home in rows)
    return {home.pk: home.name if names[home.name] == 1 else f"{home.name} ({home.code})" for home in rows}


def url_of_child(visit: OfficeVisit, name: str, family: Family, child: Child) -> str:
    """Will return an address of the custody of a child."""
    return url_of(visit, name, family=family.public_id, child=child.public_id)


def service_names(visit: OfficeVisit) -> dict[int, str]:
    """Will return the names of the services of the authority, by key."""
    return {service.pk: service.name for service in offer_of(visit.authority).services}


def until_of(starts_on: date) -> date:
    """Will return the last day of the school year of a day, or of the next one when its holidays have begun."""
    return date(starts_on.year + (starts_on.month >= AUGUST - 1), AUGUST, 31)


# ------------------------------------------------------------------------------------------------------------ months


@dataclass(frozen=True, slots=True)
class DayCell:
    """A day of a month: whose it is, as a style, a letter and words; empty where a week has another month's day."""

    number: int = 0
    style: str = ""
    letter: str = ""
    words: str = ""
    is_changing: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """A month as a table."""

    name: str
    weeks: tuple[tuple[DayCell, ...], ...]


@dataclass(frozen=True, slots=True)
class Months:
    """Months side by side, and what their letters mean."""

    months: tuple[Month, ...]
    key: tuple[tuple[str, str, str], ...]
    weekdays: tuple[str, ...]
    has_changes: bool


def months_of(
    days: Mapping[date, int | None],
    homes: Sequence[int],
    names: Mapping[int, str],
    *,
    first: date,
    changing: Iterable[date] = (),
) -> Months:
    """Will return the month of `first` and the next one: whose each of `days` is; `homes` (keys) in their order."""
    letters = _letters([names[home] for home in homes])
    styles = {home: (f"home-{place}", letters[place - 1]) for place, home in enumerate(homes, start=1)}
    moved = set(changing)
    months = (first.replace(day=1), (first.replace(day=1) + timedelta(days=32)).replace(day=1))

    def cell(day: date, month: date) -> DayCell:
        if day.month != month.month:
            return DayCell()
        home = days.get(day)
        if home not in styles:
            return DayCell(day.day, "", "", wording.OF_NOBODY if day in days else "")
        style, letter = styles[home]
        words = f"chez {names[home]}{wording.CHANGES if day in moved else ''}"
        return DayCell(day.day, style, letter, words, day in moved)

    weeks = calendar.Calendar()
    return Months(
        tuple(
            Month(
                f"{MONTHS[month.month - 1]} {month.year}".capitalize(),
                tuple(
                    tuple(cell(day, month) for day in week)
                    for week in weeks.monthdatescalendar(month.year, month.month)
                ),
            )
            for month in months
        ),
        tuple((*styles[home], f"Chez {names[home]}") for home in homes),
        tuple(SHORT_WEEKDAYS),
        bool(moved & set(days)),
    )


def current_months(visit: OfficeVisit, child: int, homes: Sequence[int], names: Mapping[int, str]) -> Months:
    """Will return this month and the next one as they are."""
    first = visit.today.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=28) + timedelta(days=4)
    found = responsible_homes([child], first=first, last=last, authority=visit.authority.pk)
    return months_of({day: found.home(child, day) for day in days_between(first, last)}, homes, names, first=first)


def _letters(names: Sequence[str]) -> list[str]:
    first = [name[:1].upper() for name in names]
    return first if len(set(first)) == len(first) else [str(place) for place in range(1, len(names) + 1)]


# ------------------------------------------------------------------------------------------------------------- terms


def terms_view(
    terms: CustodyTerms | None, homes: Homes, services: Mapping[int, str], *, first: date, last: date
) -> dict[str, Any]:
    """Will return terms in words, with the weeks that surprise."""
    if terms is None:
        return {"words": [wording.NO_CALENDAR], "warnings": []}
    return {
        "words": terms_in_words(terms, homes, services=services),
        "warnings": double_weeks_in_words(terms, homes, first=first, last=last),
    }


def versions_view(rows: Iterable[SharedCustody], names: Mapping[int, str], visit: OfficeVisit) -> list[dict[str, Any]]:
    """Will return versions of the terms: since when, by whom, settled when, replaced or not."""
    versions = list(rows)
    by = agent_names({one.settled_by_id for one in versions if one.settled_by_id})
    services, zone = service_names(visit), visit.authority.zone
    return [
        {
            "since": in_full(one.starts_on, year=True),
            "origin": wording.origin(one, by.get(one.settled_by_id or 0, ""), zone),
            "replaced": wording.replaced(one, zone),
            **terms_view(
                one.settled,
                Homes.named(names[one.first_home_id], names[one.second_home_id]),
                services,
                first=max(one.starts_on, visit.today),
                last=until_of(max(one.starts_on, visit.today)),
            ),
        }
        for one in versions
    ]


# ----------------------------------------------------------------------------------------------------------- previews


def preview_view(
    preview: CustodyPreview, homes: Sequence[int], names: Mapping[int, str], *, until: date, days: bool = False
) -> dict[str, Any]:
    """Will return what a change would do, in words and as two months; `days`: of days one by one."""
    gained = Counter(preview.after[day] for day in preview.changing)
    moves = preview.moves
    return {
        "months": months_of(preview.after, homes, names, first=preview.first, changing=preview.changing),
        "changing": wording.changing(len(preview.changing), until=without_weekday(until, year=True), is_days=days),
        "gained": [wording.gained(gained[home], names[home]) for home in homes if gained[home]],
        "lost": wording.lost(gained[None]) if gained[None] else "",
        "moved": [
            wording.moved([row.date for row in rows], names.get(home, "")) for home, rows in sorted(moves.moved.items())
        ],
        "staying": wording.staying([row.date for row in moves.staying]) if moves.staying else "",
        "over": wording.over(len(moves.over)) if moves.over else "",
    }


def seen_mark(child: int, preview: CustodyPreview | None) -> str:
    """Will return what an agent looked at, as a mark: of what is settled, then of what the change would do."""
    return f"{mark_of_custody(child)}.{_mark(preview)}"


def _mark(preview: CustodyPreview | None) -> str:
    if preview is None:
        return ""
    moves = preview.moves
    said = (
        [day.isoformat() for day in preview.changing],
        sorted((home, sorted(row.pk for row in rows)) for home, rows in moves.moved.items()),
        sorted(row.pk for row in moves.staying),
        sorted(row.pk for row in moves.over),
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]
