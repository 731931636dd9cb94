"""A school year copied into the next: what is proposed, then one write, which can be undone."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.catalog.rules.next_year import Fate
from marelle.domain.onboarding.operations.copying import UnableToCopyError, YearInUseError, copy_year, undo_copy
from marelle.domain.onboarding.queries.next_year import school_year
from marelle.foundation.french_dates import in_full
from marelle.web.components.controls import Choice
from marelle.web.office.billing.surroundings import regie_page
from marelle.web.office.setup_file import wording
from marelle.web.office.setup_file.forms import CopyForm, YearForm
from marelle.web.office.surroundings import office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.onboarding.queries.next_year import OfferedActivity, SchoolYear

# The entry of the menu beside which this screen stands.
MENU: Final = "office_guide"
FIRST_YEAR, LAST_YEAR = 2000, 2099


@require_http_methods(["GET", "HEAD", "POST"])
@regie_page
def show(request: HttpRequest) -> HttpResponse:
    """Will show what may be copied, and copy what was ticked."""
    visit = visit_of(request)
    is_sent = request.method == "POST"
    year = school_year(visit.authority, _year(request.POST if is_sent else request.GET), at=visit.at)
    ending = [one for one in year.activities if one.fate is Fate.ENDS]
    forms = [CopyForm(one, request.POST if is_sent else None) for one in ending]
    vote = YearForm(request.POST if is_sent else None)
    if not is_sent:
        return _page(request, year, forms, vote)
    chosen = [form for form in forms if form.is_chosen]
    are_valid = [form.is_valid() for form in (*chosen, vote)]
    if not chosen and ending:
        return _page(request, year, forms, vote, problem=wording.CHOOSE, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if not all(are_valid):
        return _page(request, year, forms, vote, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        done = copy_year(
            visit.authority,
            [form.again() for form in chosen],
            year=year.year,
            resolution=vote.cleaned_data["resolution"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToCopyError as error:
        field, reason = wording.UNWANTED[error.why]
        next(form for form in chosen if form.activity.pk == error.activity).add_error(field, reason)
        return _page(request, year, forms, vote, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.copied(done.activities, done.slots), extra_tags="green")
    return SeeOther(_url(request, year.year))


@require_POST
@regie_page
def undo(request: HttpRequest) -> HttpResponse:
    """Will take back the copies of a year, as long as nobody has done anything with them."""
    visit = visit_of(request)
    year = school_year(visit.authority, _year(request.POST), at=visit.at)
    try:
        undone = undo_copy(visit.authority, year=year.year, by=visit.actor, at=visit.at)
    except YearInUseError:
        forms = [CopyForm(one) for one in year.activities if one.fate is Fate.ENDS]
        return _page(request, year, forms, YearForm(), problem=wording.IN_USE, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.undone(undone), extra_tags="green")
    return SeeOther(_url(request, year.year))


def _year(said: Any) -> int | None:
    text = said.get("annee", "")
    is_year = len(text) == len(str(LAST_YEAR)) and text.isascii() and text.isdigit()
    return int(text) if is_year and FIRST_YEAR <= int(text) <= LAST_YEAR else None


def _url(request: HttpRequest, year: int) -> str:
    return f"{url_of(visit_of(request), 'office_next_year')}?annee={year}"


def _page(
    request: HttpRequest,
    year: SchoolYear,
    forms: Sequence[CopyForm],
    vote: YearForm,
    *,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    context = office_context(
        visit,
        MENU,
        year=year.year,
        this_year=wording.school_year(year.year),
        next_year=wording.school_year(year.year + 1),
        years=[Choice(wording.school_year(one), _url(request, one), is_current=one == year.year) for one in year.years],
        problem=problem,
        forms=[_shown(form) for form in forms],
        wrong=[form for form in (*forms, vote) if form.is_bound and form.errors],
        vote=vote,
        has_prices=any(form.priced for form in forms),
        copied=[_described(one) for one in year.activities if one.fate is Fate.COPIED],
        going_on=[_described(one) for one in year.activities if one.fate is Fate.GOES_ON],
        is_kept=year.is_kept_by > 0,
        undo_url=url_of(visit, "office_next_year_undo"),
        file_url=url_of(visit, "office_configuration_file"),
    )
    return render(request, "office/setup_file/next_year.html", context, status=status)


def _shown(form: CopyForm) -> dict[str, Any]:
    one = form.activity
    notes = []
    if (one.first and one.first.is_estimated) or (one.last and one.last.is_estimated):
        notes.append(wording.ESTIMATED)
    if one.names_dates:
        notes.append(wording.DATES_INSIDE)
    if not one.has_reglement:
        notes.append(wording.NO_REGLEMENT)
    notes += [f"{each.name} : aucun tarif, la copie n’en aura pas." for each in one.products if not each.has_tariff]
    kept = [each.name for each in one.products if each.has_tariff and each.price is None]
    return {"form": form, "notes": notes, "kept": kept, **_described(one)}


def _described(one: OfferedActivity) -> dict[str, str]:
    return {
        "name": one.name,
        "where": f"{one.service}, {one.facility}",
        "days": f"Du {in_full(one.starts_on, year=True)} au {in_full(one.ends_on, year=True)}",
    }
