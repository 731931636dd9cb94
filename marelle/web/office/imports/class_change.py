"""September: where each class goes, proposed by its level; its children follow, but for those said to do otherwise."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.authorities.models import SchoolClass
from marelle.domain.onboarding.operations.imports.checking import NobodyMovesError, prepare_class_change
from marelle.domain.onboarding.rules.imports.class_change import LEAVES, STAYS, proposed
from marelle.domain.onboarding.rules.imports.known import KnownClass
from marelle.web.office.imports import wording
from marelle.web.office.imports.surroundings import imports_page
from marelle.web.office.surroundings import office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest


@require_safe
@imports_page
def show(request: HttpRequest) -> HttpResponse:
    """Will propose where each class of each school goes."""
    return _page(request)


@require_POST
@imports_page
def prepare(request: HttpRequest) -> HttpResponse:
    """Will prepare the change, child by child; nothing is written until the next screen says so."""
    visit = visit_of(request)
    classes = _classes()
    keys = {str(one.pk) for one in classes} | {LEAVES, STAYS}
    said = {one.pk: request.POST.get(f"c-{one.pk}", STAYS) for one in classes}
    moves = {key: to for key, to in said.items() if to in keys and to not in {STAYS, str(key)}}
    try:
        whole = prepare_class_change(visit.authority, moves, on=visit.today, by=visit.actor, at=visit.at)
    except NobodyMovesError:
        return _page(request, said=said, problem=wording.NOBODY_MOVES, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return SeeOther(url_of(visit, "office_import_file", whole=whole.public_id))


def _classes() -> list[Any]:
    rows = SchoolClass.objects.select_related("facility").annotate(pupils=Count("children"))
    return list(rows.order_by("facility__name", "facility_id", "position", "name", "pk"))


def _page(
    request: HttpRequest,
    *,
    said: Mapping[int, str] | None = None,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    schools: dict[int, list[Any]] = {}
    classes = _classes()
    for one in classes:
        schools.setdefault(one.facility_id, []).append(one)
    context = office_context(
        visit,
        "office_imports",
        problem=problem,
        schools=[_school(of_school, classes, said) for of_school in schools.values()],
        prepare_url=url_of(visit, "office_class_change_prepare"),
        back_url=url_of(visit, "office_imports"),
    )
    return render(request, "office/imports/class_change.html", context, status=status)


def _school(of_school: Sequence[Any], classes: Sequence[Any], said: Mapping[int, str] | None) -> dict[str, Any]:
    chosen = said or proposed([KnownClass(one.pk, one.facility_id, one.code, one.name, one.level) for one in of_school])
    elsewhere = [one for one in classes if one.facility_id != of_school[0].facility_id]
    return {
        "name": of_school[0].facility.name,
        "classes": [
            {
                "name": f"c-{one.pk}",
                "label": one.name,
                "teacher": one.teacher,
                "pupils": wording.lines(one.pupils, "enfant", "enfants"),
                "choices": [
                    (STAYS, "Ne change pas", chosen.get(one.pk) == STAYS),
                    *((str(to.pk), to.name, chosen.get(one.pk) == str(to.pk)) for to in of_school if to.pk != one.pk),
                    (LEAVES, "Quitte l’école", chosen.get(one.pk) == LEAVES),
                ],
                "elsewhere": [
                    (str(to.pk), f"{to.name}, {to.facility.name}", chosen.get(one.pk) == str(to.pk)) for to in elsewhere
                ],
            }
            for one in of_school
        ],
    }
