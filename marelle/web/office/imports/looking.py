"""An import: its columns, its lines, its progress, what it did; and all of it as a table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from marelle.domain.onboarding.models import Import, ImportLine
from marelle.domain.onboarding.operations.imports.applying import WORK
from marelle.domain.onboarding.operations.imports.checking import table_of
from marelle.domain.onboarding.operations.imports.kinds import HANDLERS
from marelle.domain.onboarding.queries.imports import (
    KEPT_OUT_LINES,
    UNDONE_WITHIN,
    fields_to_tick,
    is_undoable,
    kept,
    lines_of,
    totals_of,
)
from marelle.domain.onboarding.rules.imports.class_change import LEAVES, ClassChange
from marelle.domain.onboarding.rules.imports.columns import recognized
from marelle.domain.onboarding.rules.imports.homes import ADDRESS_LEFT, KEPT_OUT
from marelle.domain.onboarding.rules.imports.kinds import IS_NEW, TAKEN, Verdict
from marelle.domain.onboarding.rules.imports.takeover.money import read_cents
from marelle.foundation import progress as told
from marelle.foundation.files import FilesUnavailableError, NoSuchFileError
from marelle.foundation.french_dates import moment, without_weekday
from marelle.foundation.money import in_euros
from marelle.foundation.spreadsheets import Sheet, csv_lines
from marelle.web.office.imports import wording
from marelle.web.office.imports.surroundings import import_or_404, imports_page
from marelle.web.office.surroundings import office_context, url_of, visit_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest

    from marelle.domain.onboarding.queries.imports import KeptDifference, KeptLine
    from marelle.web.doors import OfficeVisit

A_PAGE: Final = 50
EXAMPLES: Final = 3
STATE = Import.State


@require_safe
@imports_page
def show(request: HttpRequest, whole: str) -> HttpResponse:
    """Will show an import where it stands."""
    return page(request, import_or_404(whole))


def page(
    request: HttpRequest,
    whole: Import,
    *,
    status: int = HTTPStatus.OK,
    problem: str = "",
    said: Mapping[int, str] | None = None,
    totals: Sequence[TypedTotal] = (),
) -> HttpResponse:
    """Will show an import where it stands; `problem` says what was just refused, `said` the columns that were.

    `totals` are those that an agent typed, with what is wrong of each.
    """
    visit = visit_of(request)
    kind = HANDLERS[whole.kind].kind
    on = without_weekday(whole.checked_at.astimezone(visit.authority.zone).date(), year=True)
    context = office_context(
        visit,
        "office_imports",
        title=kind.title,
        is_takeover=kind.is_takeover,
        about=", ".join(filter(None, (whole.name, whole.facility.name if whole.facility else "", f"reçu le {on}"))),
        problem=problem,
        back_url=url_of(visit, "office_imports"),
        page_url=url_of(visit, "office_import_file", whole=whole.public_id),
        **{
            f"{name}_url": url_of(visit, f"office_import_{name}", whole=whole.public_id)
            for name in ("columns", "choose", "tick", "again", "apply", "undo", "abandon", "report", "progress")
        },
    )
    if whole.state == STATE.APPLYING:
        context |= _under_way(whole)
        return render(request, "office/imports/under_way.html", context, status=status)
    if whole.state == STATE.COLUMNS or said is not None or ("colonnes" in request.GET and _may_choose(whole)):
        context |= _columns(whole, said)
        return render(request, "office/imports/columns.html", context, status=status)
    context |= _lines(request, whole, visit)
    if whole.state == STATE.CHECKED and kind.is_takeover:
        context["totals"] = totals or typed_totals(whole)
    template = "lines.html" if whole.state == STATE.CHECKED else "done.html"
    return render(request, f"office/imports/{template}", context, status=status)


@dataclass(frozen=True, slots=True)
class TypedTotal:
    """What an import brings to a régie, and what an agent typed of the former software: `name` names the field."""

    name: str
    regie: str
    cents: int
    typed: str = ""
    error: str = ""

    @property
    def amount(self) -> str:
        """Will write what the import brings."""
        return in_euros(self.cents)

    @property
    def said(self) -> int | None:
        """Will return what was typed, in cents; None when nothing was, or no amount. It may be below zero."""
        text = self.typed.strip()
        digits = text.lstrip("-−")
        cents = read_cents(digits)
        return -cents if cents is not None and digits != text else cents


def typed_totals(whole: Import, typed: Mapping[str, str] | None = None) -> list[TypedTotal]:
    """Will return what an import brings to each régie, with what was typed of it."""
    said = typed or {}
    found = enumerate(totals_of(whole).items())
    rows = [
        TypedTotal(f"total-{place}", regie, cents, said.get(f"total-{place}", "")) for place, (regie, cents) in found
    ]
    return [
        replace(one, error=wording.NOT_AN_AMOUNT) if one.typed.strip() and one.said is None else one for one in rows
    ]


def _may_choose(whole: Import) -> bool:
    return whole.state == STATE.CHECKED and whole.stored_as is not None


# ------------------------------------------------------------------------------------------------------------- columns
def _columns(whole: Import, said: Mapping[int, str] | None) -> dict[str, Any]:
    """Will return the columns of the file, what each holds, and what it may be."""
    kind = HANDLERS[whole.kind].kind
    try:
        table = table_of(whole)
    except (NoSuchFileError, FilesUnavailableError):
        return {"unreadable": wording.NO_FILE_LEFT}
    where = {code: tuple(places) for code, places in whole.columns.items()} or recognized(table.columns, kind.columns)
    chosen = {place: code for code, places in where.items() for place in places} if said is None else said
    return {
        "needed": [one.title for one in kind.columns if one.is_needed],
        "columns": [
            {
                "name": f"c-{place}",
                "title": title or f"Colonne {place + 1}",
                "examples": ", ".join(filter(None, (_cell(row.cells, place) for row in table.rows[:EXAMPLES]))),
                "choices": [
                    ("", wording.IGNORED, not chosen.get(place)),
                    *((one.code, one.title, chosen.get(place) == one.code) for one in kind.columns),
                ],
            }
            for place, title in enumerate(table.columns)
        ],
    }


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place][:40] if place < len(cells) else ""


# --------------------------------------------------------------------------------------------------------------- lines
def _lines(request: HttpRequest, whole: Import, visit: OfficeVisit) -> dict[str, Any]:
    """Will return a page of the lines that come to a verdict, and what may be done with all of them."""
    wanted = _wanted(request, whole)
    is_undone = whole.state == STATE.UNDONE
    rows = lines_of(whole, verdicts=[wanted] if wanted else [])
    if is_undone and request.GET.get("voir") == "reste":
        rows = lines_of(whole).exclude(left_as=ImportLine.Left.NOTHING)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    counts = [(verdict, whole.counts.get(verdict.value, 0)) for verdict in wording.VERDICTS]
    base = url_of(visit, "office_import_file", whole=whole.public_id)
    applied = whole.applied_at.astimezone(visit.authority.zone) if whole.applied_at else None
    return {
        "state": whole.get_state_display(),
        "trouble": whole.trouble,
        "total": sum(number for _verdict, number in counts),
        "chips": [
            {
                "label": wording.VERDICTS[verdict][0],
                "count": number,
                "url": f"{base}?voir={verdict.value}",
                "is_current": verdict is wanted,
            }
            for verdict, number in counts
            if number
        ],
        "wanted": wanted.value if wanted else "",
        "kept_out": wording.kept_out(whole.counts.get(KEPT_OUT_LINES, 0)),
        "kept_out_url": f"{base}?voir={Verdict.REFUSED.value}",
        "rows": [_line(one, whole) for one in map(kept, page)],
        "places": ",".join(str(one.position) for one in page),
        "page": page,
        "ticks": [
            {"code": one.code, "label": one.label, "lines": wording.lines(one.lines), "all": one.ticked == one.lines}
            for one in fields_to_tick(whole)
        ]
        if whole.state == STATE.CHECKED and wanted is Verdict.CHANGED and whole.kind != ClassChange.code
        else [],
        "may_choose_columns": _may_choose(whole),
        "is_undoable": is_undoable(whole, at=visit.at),
        "undo_until": moment(applied + UNDONE_WITHIN) if applied else "",
        "applied_on": moment(applied) if applied else "",
        "written": wording.applied(whole.counts),
        "undone": wording.undone(whole.counts) if is_undone else "",
        "stays": whole.counts.get("stays", 0),
        "stays_url": f"{base}?voir=reste",
        "is_forgotten": whole.forgotten_at is not None,
    }


def _wanted(request: HttpRequest, whole: Import) -> Verdict | None:
    """Will return the verdict that is looked at: the one asked for, else the first that has lines."""
    asked = request.GET.get("voir") or request.POST.get("voir", "")
    if asked in set(Verdict):
        return Verdict(asked)
    return next((one for one in wording.VERDICTS if whole.counts.get(one.value)), None)


def _line(one: KeptLine, whole: Import) -> dict[str, Any]:
    row = one.row
    _several, words, tone, icon = wording.VERDICTS[Verdict(row.verdict)]
    moves = whole.kind == ClassChange.code
    is_takeover = HANDLERS[whole.kind].kind.is_takeover
    choices = [(str(each.key), each.words, row.decision == str(each.key)) for each in one.candidates]
    return {
        "place": row.position,
        "number": "" if moves else row.number,
        "label": one.label,
        "tag": (words, tone, icon),
        "words": one.words,
        "differences": [
            {
                "code": each.field,
                "label": _what(each),
                "before": each.before,
                "after": each.after or ("plus de classe" if each.field == "school_class" else "rien"),
                "is_ticked": each.field in row.ticked,
            }
            for each in one.differences
        ],
        "is_taken": row.is_taken,
        "may_take": row.verdict in {Verdict.NEW, Verdict.LEFT},
        "may_tick": row.verdict in TAKEN and not moves,
        "answers": [*choices, (IS_NEW, "Aucun d’eux : c’est quelqu’un de nouveau", row.decision == IS_NEW)]
        if choices and not moves and not is_takeover
        else (choices if is_takeover else []),
        "targets": _targets(one, choices) if moves and choices else [],
        "left": wording.LEFT.get(row.left_as, ""),
    }


def _what(one: KeptDifference) -> str:
    """Will say what differs, and of whom."""
    return f"{one.label} ({one.whose})" if one.whose else one.label


def _targets(one: KeptLine, choices: Sequence[tuple[str, str, bool]]) -> list[tuple[str, str, bool]]:
    """Will return where a child may go, where it does marked."""
    to = one.row.decision or (one.entry.says["to"] if one.entry else "")
    return [*((key, words, key == to) for key, words, _chosen in choices), (LEAVES, "Quitte l’école", to == LEAVES)]


# ------------------------------------------------------------------------------------------------------------ progress
def _under_way(whole: Import) -> dict[str, Any]:
    percent = told.of(WORK, whole.pk)
    return {
        "percent": percent or 0,
        "words": "En attente de son tour…" if percent is None else f"{percent} % des lignes traitées.",
    }


@require_safe
@imports_page
def progress(request: HttpRequest, whole: str) -> HttpResponse:
    """Will answer how far an import is; once it is over, the page is to be asked again."""
    visit = visit_of(request)
    row = import_or_404(whole)
    if row.state != STATE.APPLYING:
        return HttpResponseClientRefresh()
    context = {"progress_url": url_of(visit, "office_import_progress", whole=row.public_id), **_under_way(row)}
    return render(request, "office/imports/progress.html", context)


# -------------------------------------------------------------------------------------------------------------- report
@require_safe
@imports_page
def report(request: HttpRequest, whole: str) -> HttpResponse:
    """Will answer with every line as a table, whatever was written: what an agent sends back to a school."""
    row = import_or_404(whole)
    rows = [_reported(kept(one)) for one in lines_of(row)]
    response = HttpResponse(
        b"".join(csv_lines(Sheet("Lignes", wording.REPORT, rows))), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="import.csv"'
    return response


def _reported(one: KeptLine) -> tuple[str, ...]:
    row = one.row
    changes = (
        f"{_what(each)} : {each.before or 'rien'} → {each.after or 'rien'}"
        f"{'' if each.field in row.ticked else ' (non coché)'}"
        for each in one.differences
    )
    return (
        str(row.number or ""),
        one.label,
        wording.VERDICTS[Verdict(row.verdict)][1],
        " ; ".join(changes),
        "oui" if row.is_taken else "non",
        " ".join(filter(None, (*_told(one.words), wording.LEFT.get(row.left_as, "")))),
    )


def _told(words: Sequence[str]) -> Sequence[str]:
    """Will return what a school may read of a line: that an agent keeps somebody out is for the town hall alone."""
    if KEPT_OUT in words:
        return (wording.ASK_TOWN_HALL,)
    return [one for one in words if one != ADDRESS_LEFT]
