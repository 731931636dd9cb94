"""The places of an authority: their list, and one with its classes."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Count
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.authorities.models import Facility, SchoolClass
from marelle.domain.authorities.operations.places import NEW, ClassSaid, remove_facility, save_facility
from marelle.domain.catalog.models import Activity
from marelle.domain.families.models import Child
from marelle.foundation.holding import StillHeldError
from marelle.web.doors import office_page
from marelle.web.office.holding_words import held_by
from marelle.web.office.places import wording
from marelle.web.office.places.forms import ClassRow, PlaceForm
from marelle.web.office.setting_fields import initial_of
from marelle.web.office.setting_rows import rows_kept, rows_sent, rows_shown
from marelle.web.office.surroundings import ROLES, office_context, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

BLANK_CLASSES = 3
LAST = 100  # a class without a rank comes after those that have one


@require_safe
@office_page(ROLES.ADMINISTER)
def every(request: HttpRequest) -> HttpResponse:
    """Will list the places with how many classes, children and activities each has."""
    visit = visit_of(request)
    classes = Counter(SchoolClass.objects.values_list("facility", flat=True))
    children = dict(
        Child.objects.filter(school_class__isnull=False)
        .order_by()
        .values_list("school_class__facility")
        .annotate(Count("pk"))
    )
    activities = Counter(Activity.objects.values_list("facility", flat=True))
    shown = [
        {
            "name": one.name,
            "kind": one.get_kind_display(),
            "address": one.address,
            "classes": classes[one.pk],
            "children": children.get(one.pk, 0),
            "activities": activities[one.pk],
            "url": _url(request, one.code),
        }
        for one in Facility.objects.order_by("name", "pk")
    ]
    context = office_context(visit, "office_places", places=shown, new_url=_url(request, NEW))
    return render(request, "office/places/places.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.ADMINISTER)
def one(request: HttpRequest, place: str) -> HttpResponse:
    """Will show a place and its classes, or a new one; a POST writes it."""
    visit = visit_of(request)
    found = None if place == NEW else get_object_or_404(Facility, code=place)
    present = list(SchoolClass.objects.filter(facility=found).order_by("position", "name", "pk")) if found else []
    if request.method != "POST":
        form = PlaceForm(initial=_initial(found))
        return _page(request, found, form, _rows(present))
    form, rows = PlaceForm(request.POST), rows_sent(ClassRow, "classes", request.POST)
    kept = rows_kept(rows)
    # Every row is read before anything is refused: what is wrong is said at once.
    are_right = [row.is_valid() for row in kept]
    if not form.is_valid() or not all(are_right):
        return _page(request, found, form, rows, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    keys = {row.code: row.pk for row in present}
    kept.sort(key=lambda row: row.cleaned_data["rank"] or LAST)
    classes = [
        ClassSaid(
            keys.get(row.cleaned_data["code"]),
            row.cleaned_data["name"],
            row.cleaned_data["level"],
            row.cleaned_data["teacher"],
        )
        for row in kept
    ]
    try:
        save_facility(visit.authority, found, form.cleaned_data, classes, by=visit.actor, at=visit.at)
    except StillHeldError as error:
        form.add_error(None, wording.class_held(held_by(error.holders)))
        return _page(request, found, form, rows, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.PLACE_SAVED, extra_tags="green")
    return SeeOther(reverse("office_places", kwargs={"authority": visit.authority.slug}))


@require_POST
@office_page(ROLES.ADMINISTER)
def remove(request: HttpRequest, place: str) -> HttpResponse:
    """Will remove a place where nothing happens."""
    visit = visit_of(request)
    found = get_object_or_404(Facility, code=place)
    name = found.name
    try:
        remove_facility(found, by=visit.actor, at=visit.at)
    except StillHeldError as error:
        present = list(SchoolClass.objects.filter(facility=found).order_by("position", "name", "pk"))
        form = PlaceForm(initial=_initial(found))
        problem = wording.place_held(name, held_by(error.holders))
        return _page(request, found, form, _rows(present), problem=problem, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.removed(name), extra_tags="green")
    return SeeOther(reverse("office_places", kwargs={"authority": visit.authority.slug}))


def _initial(found: Facility | None) -> dict[str, Any]:
    return initial_of(found, ("name", "kind", "address")) if found else {"kind": Facility.Kind.SCHOOL}


def _rows(present: Sequence[SchoolClass]) -> list[ClassRow]:
    initial = [
        {**initial_of(row, ("code", "name", "level", "teacher")), "rank": rank}
        for rank, row in enumerate(present, start=1)
    ]
    return rows_shown(ClassRow, "classes", initial, blanks=BLANK_CLASSES)


def _url(request: HttpRequest, code: str) -> str:
    return reverse("office_place", kwargs={"authority": visit_of(request).authority.slug, "place": code})


def _page(
    request: HttpRequest,
    found: Facility | None,
    form: PlaceForm,
    rows: Sequence[ClassRow],
    *,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    at = {"authority": visit.authority.slug}
    more: dict[str, Any] = {}
    if found is not None:
        more["remove_url"] = reverse("office_place_remove", kwargs={**at, "place": found.code})
    context = office_context(
        visit,
        "office_places",
        place=found,
        form=form,
        rows=rows,
        problem=problem,
        back_url=reverse("office_places", kwargs=at),
        **more,
    )
    return render(request, "office/places/place.html", context, status=status)
