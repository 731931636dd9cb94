"""The homes of a child: where it lives and since when, whose days are whose, what was settled before."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.domain.accounts.queries import agent_names
from marelle.domain.families.models import Custody, Family
from marelle.domain.reservations.models import CustodyDay, SharedCustody
from marelle.domain.reservations.queries.custody import open_proposals
from marelle.domain.reservations.queries.custody_effects import mark_of_custody
from marelle.domain.reservations.queries.families import families_within
from marelle.foundation.french_dates import in_full
from marelle.web.doors import office_page
from marelle.web.office.custody import wording
from marelle.web.office.custody.forms import DayForm
from marelle.web.office.custody.shown import (
    child_or_404,
    current_months,
    home_names,
    may_settle,
    pair_of,
    url_of_child,
    versions_view,
)
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of, visit_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.families.models import Child
    from marelle.web.doors import OfficeVisit
    from marelle.web.office.custody.shown import Pair


@require_safe
@office_page(ROLES.READ_FAMILIES)
def page(request: HttpRequest, family: str, child: str) -> HttpResponse:
    """Will show the homes of a child and whose days are whose, with what changes them for who may."""
    visit = visit_of(request)
    home, who = child_or_404(visit, family, child, ROLES.READ_FAMILIES)
    return show(request, home, who)


def show(
    request: HttpRequest,
    family: Family,
    child: Child,
    *,
    form: DayForm | None = None,
    problem: tuple[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """Will show the page, with the form that was refused if one was."""
    visit = visit_of(request)
    lives = list(Custody.objects.filter(child=child).select_related("family").order_by("-starts_on", "family"))
    versions = list(SharedCustody.objects.filter(child=child).order_by("-starts_on", "-settled_at"))
    pair = pair_of(child.pk, today=visit.today)
    every = {one.family_id: one.family for one in lives}
    missing = {key for one in versions for key in (one.first_home_id, one.second_home_id)} - every.keys()
    every |= Family.objects.in_bulk(missing)
    names = home_names(every.values())
    now = next((one for one in versions if one.withdrawn_at is None and one.starts_on <= visit.today), None)
    shown = [one for one in versions if one.withdrawn_at is None and one.starts_on > visit.today]
    standing = [*([now] if now is not None else []), *reversed(shown)]
    settles = may_settle(visit)
    first = standing[0] if standing else None
    order = (first.first_home_id, first.second_home_id) if first is not None else ()
    context = office_context(
        visit,
        "office_families",
        family=family,
        child=child,
        homes=_lives_view(lives, names, visit),
        is_shared=pair is not None,
        standing=versions_view(standing, names, visit),
        history=versions_view([one for one in versions if one not in standing], names, visit),
        months=current_months(visit, child.pk, order, names) if standing and pair is not None else None,
        days=_days_view(child, names, visit),
        proposals=_proposals(child, names, visit) if settles else [],
        may_settle=settles,
        form=form
        if form is not None
        else day_form(child, pair, names)
        if settles and pair is not None and any(one.terms is not None for one in standing)
        else None,
        problem=problem,
        homes_url=url_of_child(visit, "office_custody_homes", family, child),
        terms_url=url_of_child(visit, "office_custody_terms", family, child),
        days_url=url_of_child(visit, "office_custody_days", family, child),
        back_url=url_of(visit, "office_family", family=family.public_id),
    )
    return render(request, "office/custody/page.html", context, status=status)


def day_form(child: Child, pair: Pair, names: Mapping[int, str], data: Any = None) -> DayForm:
    """Will return the form that sets a day."""
    return DayForm(
        data,
        auto_id="jour-%s",
        homes=[(home.public_id, f"Chez {names.get(key, home.name)}") for key, home in pair.homes.items()],
        initial={"seen": mark_of_custody(child.pk)},
    )


def _lives_view(lives: list[Custody], names: Mapping[int, str], visit: OfficeVisit) -> list[dict[str, Any]]:
    """Will return the homes, those of today first; a home that the agent's right does not reach has no address."""
    seen = set(
        families_within(reach(visit, ROLES.READ_FAMILIES))
        .filter(pk__in={one.family_id for one in lives})
        .values_list("pk", flat=True)
    )
    said = [one for one in lives if one.withdrawn_at is None]
    said.sort(key=lambda one: one.ends_on is not None and one.ends_on < visit.today)
    return [
        {
            "name": names[one.family_id],
            "code": one.family.code,
            "url": url_of(visit, "office_family", family=one.family.public_id) if one.family_id in seen else "",
            "when": wording.lives(one.starts_on, one.ends_on, today=visit.today),
            "is_over": one.ends_on is not None and one.ends_on < visit.today,
        }
        for one in said
    ]


def _days_view(child: Child, names: Mapping[int, str], visit: OfficeVisit) -> list[dict[str, str]]:
    """Will return the days to come that were agreed or set one by one."""
    rows = list(
        CustodyDay.objects.filter(child=child, date__gte=visit.today, withdrawn_at__isnull=True)
        .select_related("proposal")
        .order_by("date")
    )
    by = agent_names({one.set_by_id for one in rows if one.set_by_id})
    return [
        {
            "day": in_full(one.date, year=True),
            "home": names.get(one.family_id, ""),
            "origin": wording.day_origin(one, by.get(one.set_by_id or 0, "")),
        }
        for one in rows
    ]


def _proposals(child: Child, names: Mapping[int, str], visit: OfficeVisit) -> list[dict[str, str]]:
    return [
        {
            "what": wording.asks(one),
            "who": names.get(one.from_home_id, one.from_home.name),
            "state": one.get_state_display(),
            "url": url_of(visit, "office_custody_dispute", proposal=one.public_id),
        }
        for one in open_proposals().filter(child=child)
    ]
