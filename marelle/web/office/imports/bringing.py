"""The imports of an authority, and a new file."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.authorities.models import Facility
from marelle.domain.onboarding.operations.imports.checking import receive_file
from marelle.domain.onboarding.operations.imports.kinds import HANDLERS
from marelle.domain.onboarding.queries.imports import imports_of
from marelle.domain.onboarding.rules.imports.households import ChildrenAndGuardians
from marelle.foundation.files import FilesUnavailableError
from marelle.foundation.french_dates import without_weekday
from marelle.foundation.spreadsheets import Sheet, csv_lines
from marelle.foundation.table_files import UnreadableTableError
from marelle.web.doors import takes_documents
from marelle.web.office.imports import wording
from marelle.web.office.imports.forms import FileForm
from marelle.web.office.imports.surroundings import imports_page
from marelle.web.office.surroundings import office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.domain.onboarding.models import Import
    from marelle.web.doors import OfficeVisit

SHOWN: Final = 20


@require_safe
@imports_page
def every(request: HttpRequest) -> HttpResponse:
    """Will list the last imports, and take a file."""
    return _page(request)


@require_safe
@imports_page
def model(request: HttpRequest) -> HttpResponse:
    """Will answer with the titles of a table: that of children and guardians, unless another kind is asked for."""
    handler = HANDLERS.get(request.GET.get("nature", ChildrenAndGuardians.code))
    if handler is None or not handler.kind.columns:
        raise Http404
    kind = handler.kind
    response = HttpResponse(
        b"".join(csv_lines(Sheet(kind.title, tuple(one.title for one in kind.columns), []))),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="{kind.code}.csv"'
    return response


@takes_documents
@require_POST
@imports_page
def receive(request: HttpRequest) -> HttpResponse:
    """Will read a file and lead to its lines. Nothing of families is written."""
    visit = visit_of(request)
    form = FileForm(request.POST, request.FILES, schools=_schools())
    if not form.is_valid():
        return _page(request, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    kind, school = form.cleaned_data["kind"], form.cleaned_data["school"]
    is_of_a_school = HANDLERS[kind].kind.is_of_a_school
    upload = form.cleaned_data["file"]
    try:
        whole = receive_file(
            visit.authority,
            upload.read(),
            kind=kind,
            name=upload.name or "",
            facility=get_object_or_404(Facility, code=school) if is_of_a_school else None,
            on=visit.today,
            by=visit.actor,
            at=visit.at,
        )
    except UnreadableTableError as error:
        form.add_error("file", error.words)
        return _page(request, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except FilesUnavailableError:
        form.add_error("file", wording.NOT_NOW)
        return _page(request, form=form, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return SeeOther(url_of(visit, "office_import_file", whole=whole.public_id))


def _schools() -> list[Facility]:
    return list(Facility.objects.order_by("name", "pk"))


def _page(request: HttpRequest, *, form: FileForm | None = None, status: int = HTTPStatus.OK) -> HttpResponse:
    visit = visit_of(request)
    context = office_context(
        visit,
        "office_imports",
        form=form or FileForm(schools=_schools()),
        receive_url=url_of(visit, "office_import_receive"),
        model_url=url_of(visit, "office_import_model"),
        classes_url=url_of(visit, "office_class_change"),
        takeovers=[
            {
                "title": one.kind.title,
                "needs": wording.TAKEOVERS[code],
                "url": f"{url_of(visit, 'office_import_model')}?nature={code}",
            }
            for code, one in HANDLERS.items()
            if one.kind.is_takeover
        ],
        rows=[_row(one, visit) for one in imports_of(visit.authority, most=SHOWN)],
    )
    return render(request, "office/imports/page.html", context, status=status)


def _row(whole: Import, visit: OfficeVisit) -> dict[str, Any]:
    tone, icon = wording.STATES[whole.state]
    total = sum(whole.counts.get(verdict.value, 0) for verdict in wording.VERDICTS)
    said = [without_weekday(whole.checked_at.astimezone(visit.authority.zone).date(), year=True)]
    if whole.facility is not None:
        said.append(whole.facility.name)
    if total:
        said.append(wording.lines(total))
    if whole.state == whole.State.APPLIED:
        said.append(wording.applied(whole.counts))
    return {
        "title": HANDLERS[whole.kind].kind.title,
        "url": url_of(visit, "office_import_file", whole=whole.public_id),
        "state": whole.get_state_display(),
        "tone": tone,
        "icon": icon,
        "words": ", ".join(said),
    }
