"""A page of figures: what is shown, and the same figures as files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render

from marelle.foundation.money import in_euros
from marelle.foundation.spreadsheets import Cents, Sheet, csv_lines, xlsx
from marelle.web.components.charts import written
from marelle.web.components.controls import Choice
from marelle.web.office.figures import wording
from marelle.web.office.need_to_know import knows_every_quotient
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of, visit_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.forms import Form
    from django.http import HttpRequest

    from marelle.foundation.spreadsheets import Cell
    from marelle.web.components.charts import Chart
    from marelle.web.doors import OfficeVisit

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A table longer than that is folded.
LONG: Final = 30
NUMBER: Final = re.compile(r"[\d\s.,%—]*")


class Hundredths(Cents):
    """A number with two decimals that is no amount: hours."""


class Total(NamedTuple):
    """A figure in large, above the charts."""

    label: str
    icon: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page of figures shows. `sheets` are its tables: on screen, and in its files; the first one is the CSV's.

    Those of `behind` are in the files only: too long for a screen, or what a chart's table says already.
    """

    name: str
    file: str
    notes: Sequence[str]
    totals: Sequence[Total] = ()
    charts: Sequence[Chart] = ()
    sheets: Sequence[Sheet] = ()
    behind: Sequence[Sheet] = ()
    warning: tuple[str, str] | None = None
    empty: str = ""
    choices: Sequence[tuple[str, str]] = field(default=())


def answered(request: HttpRequest, shown: Shown, *, form: Form | None = None, period: str = "") -> HttpResponse:
    """Will answer with the page, or with the file that is asked for; raises Http404 for another kind of file."""
    kind = request.GET.get("fichier", "")
    sheets = [*shown.behind, *shown.sheets]
    is_wrong = form is not None and form.is_bound and not form.is_valid()
    if kind and not is_wrong:
        return _file(shown.file, kind, sheets)
    visit = visit_of(request)
    kept = {name: request.GET[name] for name in request.GET if name != "fichier"}
    files = [
        {"name": words, "url": f"?{urlencode({**kept, 'fichier': code})}"}
        for code, words in (("csv", "CSV"), ("xlsx", "Excel"))
    ]
    context: dict[str, Any] = {
        "title": wording.TABS[shown.name],
        "lead": period[:1].upper() + period[1:] or wording.LEADS[shown.name],
        "tabs": [
            Choice(words, url, is_current=is_current) for words, url, is_current in _tabs(visit, shown.name, kept)
        ],
        "form": form,
        "periods": [{"label": label, "url": f"?{query}"} for label, query in shown.choices],
        "totals": shown.totals,
        "charts": shown.charts,
        "tables": [_table(sheet, place) for place, sheet in enumerate(shown.sheets)],
        "notes": shown.notes,
        "warning": shown.warning,
        "empty": shown.empty,
        "files": files,
    }
    status = HTTPStatus.BAD_REQUEST if is_wrong else HTTPStatus.OK
    current = "office_figures" if visit.may(ROLES.VIEW_DAY) else "office_unpaid"
    return render(request, "office/figures/page.html", office_context(visit, current, **context), status=status)


def _tabs(visit: OfficeVisit, current: str, kept: dict[str, str]) -> Iterator[tuple[str, str, bool]]:
    """Will yield the figures that the agent may open; a period and a place stay from one to the next."""
    opened = {
        "office_figures_quotients": knows_every_quotient(visit),
        "office_figures_unpaid": visit.may(ROLES.MANAGE_BILLING) and reach(visit, ROLES.MANAGE_BILLING).is_whole,
    }
    asked = urlencode({name: value for name, value in kept.items() if name in {"du", "au", "service", "etablissement"}})
    for name, words in wording.TABS.items():
        if opened.get(name, visit.may(ROLES.VIEW_DAY)):
            yield words, url_of(visit, name) + (f"?{asked}" if asked and name not in opened else ""), name == current


def _table(sheet: Sheet, place: int) -> dict[str, Any]:
    """Will write the cells of a table as a screen says them: words to the left, numbers to the right."""
    rows = [list(row) for row in sheet.rows]
    is_words = [
        any(isinstance(cell := row[at], str) and not NUMBER.fullmatch(cell) for row in rows)
        for at in range(len(sheet.columns))
    ]
    return {
        "id": f"tableau-{place}",
        "name": sheet.name,
        "columns": list(zip(sheet.columns, is_words, strict=True)),
        "rows": [list(zip(map(_said, row), is_words, strict=True)) for row in rows],
        "is_long": len(rows) > LONG,
    }


def _said(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Hundredths(hundredths):
            whole, rest = divmod(hundredths, 100)
            return f"{written(whole)},{rest:02d}"
        case Cents(cents):
            return in_euros(cents)
        case int():
            return written(cell)
        case str():
            return cell
        case _:
            return f"{cell:%d/%m/%Y}"


def _file(name: str, kind: str, sheets: Sequence[Sheet]) -> HttpResponse:
    if kind == "csv":
        response = HttpResponse(b"".join(csv_lines(sheets[0])), content_type="text/csv; charset=utf-8")
    elif kind == "xlsx":
        response = HttpResponse(xlsx(sheets), content_type=XLSX)
    else:
        raise Http404
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response
