"""What an agent does with an import: its columns, its lines, then all of it, or nothing."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import QueryDict
from django.views.decorators.http import require_POST

from marelle.domain.onboarding.operations.imports.applying import TooLateToUndoError, undo_import
from marelle.domain.onboarding.operations.imports.checking import (
    Choices,
    ColumnsMissingError,
    ImportIsElsewhereError,
    TotalsDifferError,
    abandon_import,
    ask_to_apply,
    choose_columns,
    choose_lines,
    compare_again,
    tick_all,
)
from marelle.foundation.files import FilesUnavailableError, NoSuchFileError
from marelle.foundation.table_files import MOST_COLUMNS
from marelle.web.office.imports import wording
from marelle.web.office.imports.looking import A_PAGE, page, typed_totals
from marelle.web.office.imports.surroundings import import_or_404, imports_page
from marelle.web.office.surroundings import url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.onboarding.models import Import
    from marelle.web.doors import OfficeVisit

LONGEST_PLACE: Final = 6
LONGEST_TOTAL: Final = 20


@require_POST
@imports_page
def columns(request: HttpRequest, whole: str) -> HttpResponse:
    """Will read the file with the columns that were named."""
    visit, row = visit_of(request), import_or_404(whole)
    said = {
        place: request.POST.get(f"c-{place}", "")[:40] for place in range(MOST_COLUMNS) if f"c-{place}" in request.POST
    }
    try:
        choose_columns(row, said, by=visit.actor, at=visit.at)
    except ColumnsMissingError as error:
        words = wording.missing(error.titles)
        return page(request, row, said=said, problem=words, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except (NoSuchFileError, FilesUnavailableError):
        return page(request, row, problem=wording.NO_FILE_LEFT, status=HTTPStatus.CONFLICT)
    except ImportIsElsewhereError:
        return _elsewhere(request, visit, row)
    return _back(visit, row)


@require_POST
@imports_page
def choose(request: HttpRequest, whole: str) -> HttpResponse:
    """Will note what was chosen of the lines of a page."""
    visit, row = visit_of(request), import_or_404(whole)
    try:
        choose_lines(row, _choices(request), by=visit.actor, at=visit.at)
    except ImportIsElsewhereError:
        return _elsewhere(request, visit, row)
    messages.success(request, wording.CHOSEN)
    return _back(visit, row, voir=request.POST.get("voir", ""), page=request.POST.get("page", ""))


def _choices(request: HttpRequest) -> Choices:
    """Will read what was chosen of the lines that were shown: a box that is not ticked says nothing of itself."""
    said = request.POST
    places = list(_places(said.get("places", "")))
    return Choices(
        taken={one: f"p-{one}" in said for one in places if f"a-{one}" in said},
        ticked={one: frozenset(said.getlist(f"t-{one}")) for one in places if f"b-{one}" in said},
        decided={one: said[f"d-{one}"][:20] for one in places if f"d-{one}" in said},
    )


def _places(text: str) -> Iterator[int]:
    for one in text.split(",")[:A_PAGE]:
        if one.isascii() and one.isdecimal() and len(one) <= LONGEST_PLACE:
            yield int(one)


@require_POST
@imports_page
def tick(request: HttpRequest, whole: str) -> HttpResponse:
    """Will tick, or not, a change on every line that has it."""
    visit, row = visit_of(request), import_or_404(whole)
    is_ticked = "cocher" in request.POST
    code = request.POST.get("cocher") or request.POST.get("decocher", "")
    try:
        tick_all(row, code[:40], is_ticked=is_ticked, by=visit.actor, at=visit.at)
    except ImportIsElsewhereError:
        return _elsewhere(request, visit, row)
    return _back(visit, row, voir=request.POST.get("voir", ""))


@require_POST
@imports_page
def again(request: HttpRequest, whole: str) -> HttpResponse:
    """Will compare the lines with what is known now."""
    return _done(request, whole, compare_again)


@require_POST
@imports_page
def apply(request: HttpRequest, whole: str) -> HttpResponse:
    """Will have what was taken written, unless a total is not what the agent read in the former software."""
    visit, row = visit_of(request), import_or_404(whole)
    typed = {name: request.POST[name][:LONGEST_TOTAL] for name in request.POST if name.startswith("total-")}
    totals = typed_totals(row, typed) if typed and row.state == row.State.CHECKED else []
    if any(one.error for one in totals):
        return page(request, row, problem=wording.WRONG_TOTAL, totals=totals, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = {one.regie: one.said for one in totals if one.said is not None}
    try:
        ask_to_apply(row, totals=said, by=visit.actor, at=visit.at)
    except TotalsDifferError as error:
        totals = [
            replace(one, error=wording.differs(error.found[one.regie], error.said[one.regie]))
            if one.regie in error.found
            else one
            for one in totals
        ]
        return page(request, row, problem=wording.WRONG_TOTAL, totals=totals, status=HTTPStatus.CONFLICT)
    except ImportIsElsewhereError:
        return _elsewhere(request, visit, row)
    return _back(visit, row)


@require_POST
@imports_page
def undo(request: HttpRequest, whole: str) -> HttpResponse:
    """Will undo what an import wrote."""
    try:
        return _done(request, whole, undo_import)
    except TooLateToUndoError:
        messages.error(request, wording.TOO_LATE, extra_tags="red")
        return _back(visit_of(request), import_or_404(whole))


@require_POST
@imports_page
def abandon(request: HttpRequest, whole: str) -> HttpResponse:
    """Will give up an import."""
    visit, row = visit_of(request), import_or_404(whole)
    try:
        abandon_import(row, by=visit.actor, at=visit.at)
    except ImportIsElsewhereError:
        return _elsewhere(request, visit, row)
    messages.success(request, wording.ABANDONED)
    return SeeOther(url_of(visit, "office_imports"))


def _done(request: HttpRequest, whole: str, write: Any) -> HttpResponse:
    visit, row = visit_of(request), import_or_404(whole)
    try:
        write(row, by=visit.actor, at=visit.at)
    except ImportIsElsewhereError:
        return _elsewhere(request, visit, row)
    return _back(visit, row)


def _elsewhere(request: HttpRequest, visit: OfficeVisit, row: Import) -> HttpResponse:
    messages.error(request, wording.ELSEWHERE, extra_tags="red")
    return _back(visit, row)


def _back(visit: OfficeVisit, row: Import, **where: str) -> HttpResponse:
    there = QueryDict(mutable=True)
    there.update({name: value[:20] for name, value in where.items() if value})
    query = f"?{there.urlencode()}" if there else ""
    return SeeOther(f"{url_of(visit, 'office_import_file', whole=row.public_id)}{query}")
