"""Where a child lives from a day on: with one family, or with two."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from marelle.domain.families.models import Custody, Family
from marelle.domain.families.operations.custody import UnableToChangeCustodyError, change_custody
from marelle.domain.families.queries.profile import homes_on
from marelle.domain.families.queries.removals import whom_children_may_not_join
from marelle.domain.reservations.queries.families import families_named, reserved_after
from marelle.web.office.custody import wording
from marelle.web.office.custody.forms import HomesForm
from marelle.web.office.custody.shown import child_or_404, home_names, url_of_child
from marelle.web.office.families.forms import SearchForm
from marelle.web.office.surroundings import ROLES, office_context, reach, visit_of, whole_authority_page
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.families.models import Child
    from marelle.domain.families.rules.removals import KeptOutOf
    from marelle.web.doors import OfficeVisit

MOST_FOUND: Final = 10


@require_http_methods(["GET", "HEAD", "POST"])
@whole_authority_page(ROLES.MANAGE_RESERVATIONS)
def change(request: HttpRequest, family: str, child: str) -> HttpResponse:
    """Will show where the child may live, with the families that bear a name; a POST notes where it lives."""
    visit = visit_of(request)
    home, who = child_or_404(visit, family, child, ROLES.MANAGE_RESERVATIONS)
    asked = request.POST if request.method == "POST" else request.GET
    search = SearchForm(asked if asked.get("nom") else None)
    found = _found(search, visit)
    known = _known(who, home, visit)
    names = _names([*known, *found])
    choices = _choices(home, known, found, names)
    by_id = {one.public_id: one for one in (*known, *found)}
    shut = _shut(who, by_id, visit)
    warned = [wording.kept_out(one.name, names[by_id[public_id].pk]) for public_id, one in shut.items()]
    if request.method != "POST":
        form = HomesForm(homes=choices, shut=shut, auto_id="foyers-%s")
        return _show(request, home, who, form, search, warned=warned, status=_status_of(search))
    form = HomesForm(request.POST, homes=choices, shut=shut, auto_id="foyers-%s")
    if not form.is_valid():
        return _show(request, home, who, form, search, warned=warned, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    homes = [by_id[public_id] for public_id in form.cleaned_data["homes"].split(",")]
    starts_on = form.cleaned_data["starts_on"]
    try:
        changed = change_custody(who, homes, starts_on=starts_on, by=visit.actor, at=visit.at)
    except UnableToChangeCustodyError as error:
        form.add_error("starts_on", error.fault.value)
        return _show(request, home, who, form, search, warned=warned, status=HTTPStatus.CONFLICT)
    said = wording.homes_changed(who.first_name, [names[one.pk] for one in homes], starts_on)
    for ended in changed.ended:
        count = reserved_after(who.pk, ended, starts_on).count()
        if count:
            said += wording.left_behind(count, names.get(ended, "l’ancien foyer"))
    messages.success(request, said, extra_tags="green")
    # Two homes: whose days are whose comes next.
    page = home if home in homes or _lived(home, who) else homes[0]
    return SeeOther(url_of_child(visit, "office_custody_terms" if len(homes) > 1 else "office_custody", page, who))


def _shut(child: Child, homes: Mapping[str, Family], visit: OfficeVisit) -> dict[str, KeptOutOf]:
    """Will return those of these homes (public ids) where the child would meet who is kept out of a home of its own."""
    by_key = {one.pk: public_id for public_id, one in homes.items()}
    pairs = [(child.pk, home) for home in by_key]
    found = whom_children_may_not_join(pairs, authority=visit.authority.pk, on=visit.today)
    return {by_key[home]: one for (_child, home), one in found.items()}


def _lived(home: Family, child: Child) -> bool:
    return Custody.objects.filter(family=home, child=child, withdrawn_at__isnull=True).exists()


def _known(child: Child, home: Family, visit: OfficeVisit) -> list[Family]:
    """Will return the homes of the child today and to come, and the one of the page, which comes first."""
    today = set(homes_on(visit.today, [child.pk]).get(child.pk, ()))
    coming = Custody.objects.filter(child=child, withdrawn_at__isnull=True, starts_on__gt=visit.today)
    keys = (today | set(coming.values_list("family", flat=True))) - {home.pk}
    return [home, *Family.objects.filter(pk__in=keys).order_by("pk")]


def _found(search: SearchForm, visit: OfficeVisit) -> list[Family]:
    if not search.is_bound or not search.is_valid():
        return []
    within = reach(visit, ROLES.MANAGE_RESERVATIONS)
    return families_named(
        search.cleaned_data["nom"], authority=visit.authority.pk, reach=within, most=MOST_FOUND
    ).families


def _names(homes: Sequence[Family]) -> dict[int, str]:
    return home_names(homes)


def _choices(
    home: Family, known: Sequence[Family], found: Sequence[Family], names: Mapping[int, str]
) -> list[tuple[str, str]]:
    """Will offer each home alone, then the home of the page with each other one."""
    others = list(dict.fromkeys([*known[1:], *(one for one in found if one.pk != home.pk)]))
    alone = [(home.public_id, wording.alone(names[home.pk]))]
    both = [
        (f"{home.public_id},{one.public_id}", wording.both(names[home.pk], f"{names[one.pk]}, dossier {one.code}"))
        for one in others
    ]
    elsewhere = [(one.public_id, wording.alone(f"{names[one.pk]}, dossier {one.code}")) for one in others]
    return [*both, *alone, *elsewhere]


def _status_of(search: SearchForm) -> int:
    return HTTPStatus.BAD_REQUEST if search.is_bound and search.errors else HTTPStatus.OK


def _show(
    request: HttpRequest,
    home: Family,
    child: Child,
    form: HomesForm,
    search: SearchForm,
    *,
    warned: Sequence[str],
    status: int,
) -> HttpResponse:
    visit = visit_of(request)
    context = office_context(
        visit,
        "office_families",
        family=home,
        child=child,
        form=form,
        warned=warned,
        search=search,
        searched=search.data.get("nom", "") if search.is_bound else "",
        search_url="",
        here=url_of_child(visit, "office_custody_homes", home, child),
        back_url=url_of_child(visit, "office_custody", home, child),
    )
    return render(request, "office/custody/homes.html", context, status=status)
