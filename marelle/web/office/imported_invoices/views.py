"""Importing invoices: a file is read and shown with what is wrong of each line, then all of it comes in, or nothing."""

from __future__ import annotations

from dataclasses import astuple
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.core import signing
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Invoice
from marelle.domain.billing.operations.importing import UnableToImportError, conflicts, import_invoices
from marelle.domain.billing.queries.imported import imported_invoices, known_invoices, standing_of
from marelle.domain.billing.rules.imports import (
    LARGEST_FILE,
    TITLES,
    Column,
    UnreadableFileError,
    Wanted,
    read_file,
    wanted_from,
)
from marelle.domain.payments.operations.withdrawing import UnableToWithdrawError, withdraw_invoice
from marelle.foundation.french_dates import in_digits, without_weekday
from marelle.foundation.money import in_amount, in_euros
from marelle.foundation.spreadsheets import Sheet, csv_lines
from marelle.web.doors import takes_files
from marelle.web.office.billing.surroundings import billing_page
from marelle.web.office.imported_invoices import wording
from marelle.web.office.imported_invoices.forms import FileForm
from marelle.web.office.surroundings import office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from marelle.domain.billing.queries.imported import ImportedRow
    from marelle.domain.billing.rules.imports import Line
    from marelle.web.doors import OfficeVisit

A_PAGE: Final = 40
SHOWN_LINES: Final = 200
THEMES: Final = tuple(Invoice.Theme.values)
SALT: Final = "marelle.imported_invoices"
# A page of checked lines left open for longer is read again.
KEPT: Final = 3 * 3600
EXAMPLE: Final = ("EAU-2026-154", "Eau, 3e trimestre 2026", "82,40", "01/10/2026", "31/12/2026", "Jeanne Moreau",
                  "C-77", "jeanne@exemple.fr", "eau")  # fmt: skip


@require_safe
@billing_page
def show(request: HttpRequest) -> HttpResponse:
    """Will list the imported invoices, and take a file."""
    return _page(request)


@require_safe
@billing_page
def template(request: HttpRequest) -> HttpResponse:
    """Will answer with an empty table and one line of example."""
    sheet = Sheet("Factures", tuple(TITLES[column] for column in Column), [EXAMPLE])
    response = HttpResponse(b"".join(csv_lines(sheet)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="modele-factures.csv"'
    return response


@takes_files
@require_POST
@billing_page
def check(request: HttpRequest) -> HttpResponse:
    """Will read a file and show its lines, each with what is wrong of it. Nothing is written."""
    visit = visit_of(request)
    form = FileForm(request.POST, request.FILES, regies=_regies())
    if not form.is_valid():
        return _page(request, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    upload = form.cleaned_data["file"]
    regie = get_object_or_404(Regie, code=form.cleaned_data["regie"])
    try:
        # One byte more than is taken says that there is too much.
        lines = read_file(upload.read(LARGEST_FILE + 1), themes=THEMES, on=visit.today)
    except UnreadableFileError as error:
        form.add_error("file", error.words)
        return _page(request, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _checked(request, regie, lines)


@takes_files
@require_POST
@billing_page
def bring(request: HttpRequest) -> HttpResponse:
    """Will import the lines that were checked, all or none."""
    visit = visit_of(request)
    regie = Regie.objects.filter(code=request.POST.get("regie", "")).first()
    wanted = _unpacked(request.POST.get("lignes", ""), visit, regie) if regie is not None else None
    if regie is None or wanted is None:
        messages.error(request, wording.TOO_OLD, extra_tags="red")
        return SeeOther(url_of(visit, "office_imported"))
    try:
        done = import_invoices(regie, wanted, origin=Invoice.Origin.FILE, on=visit.today, by=visit.actor, at=visit.at)
    except UnableToImportError:
        messages.error(request, wording.CHANGED, extra_tags="red")
        return SeeOther(url_of(visit, "office_imported"))
    messages.success(request, wording.imported(len(done.new), len(done.known)), extra_tags="green")
    return SeeOther(url_of(visit, "office_imported"))


@require_POST
@billing_page
def withdraw(request: HttpRequest, imported: str) -> HttpResponse:
    """Will withdraw an imported invoice that nobody paid."""
    visit = visit_of(request)
    rows = Invoice.objects.issued().exclude(origin=Invoice.Origin.MARELLE)
    found = get_object_or_404(rows, public_id=imported)
    try:
        withdraw_invoice(found, on=visit.today, by=visit.actor, at=visit.at)
    except UnableToWithdrawError as error:
        messages.error(request, str(error.why), extra_tags="red")
    else:
        messages.success(request, wording.WITHDRAWN, extra_tags="green")
    return SeeOther(url_of(visit, "office_imported"))


def _regies() -> list[Regie]:
    return list(Regie.objects.order_by("name", "pk"))


def _page(request: HttpRequest, *, form: FileForm | None = None, status: int = HTTPStatus.OK) -> HttpResponse:
    visit = visit_of(request)
    regies = _regies()
    words = request.GET.get("mots", "")[:80]
    page = Paginator(imported_invoices([one.pk for one in regies], words=words), A_PAGE).get_page(
        request.GET.get("page")
    )
    context = office_context(
        visit,
        "office_billing",
        form=form or FileForm(regies=regies),
        words=words,
        page=page,
        rows=[_row(one, visit) for one in standing_of(list(page))],
        themes=", ".join(THEMES),
        template_url=url_of(visit, "office_import_template"),
        check_url=url_of(visit, "office_import_check"),
        back_url=url_of(visit, "office_billing"),
    )
    return render(request, "office/imported_invoices/page.html", context, status=status)


def _row(one: ImportedRow, visit: OfficeVisit) -> dict[str, Any]:
    invoice = one.invoice
    if invoice.withdrawn_at is not None:
        tone, icon, state = "quiet", "x", "Retirée"
    elif one.left_cents <= 0:
        day = without_weekday(one.settled_on, year=True) if one.settled_on else ""
        tone, icon, state = "green", "check", f"Payée le {day}"
    elif one.left_cents < invoice.total_cents:
        tone, icon, state = "amber", "hourglass", f"Reste {in_euros(one.left_cents)}"
    elif invoice.due_on is not None and invoice.due_on < visit.today:
        tone, icon, state = "amber", "clock", "En retard"
    else:
        tone, icon, state = "blue", "clock", "À payer"
    return {
        "number": invoice.number,
        "label": invoice.label,
        "payer": invoice.payer_name,
        "regie": invoice.regie.name,
        "amount": in_euros(invoice.total_cents),
        "due": in_digits(invoice.due_on) if invoice.due_on else "",
        "reference": invoice.public_reference,
        "tone": tone,
        "icon": icon,
        "state": state,
        "withdraw_url": url_of(visit, "office_imported_withdraw", imported=invoice.public_id)
        if one.is_untouched
        else "",
    }


def _checked(request: HttpRequest, regie: Regie, lines: Sequence[Line]) -> HttpResponse:
    visit = visit_of(request)
    wanted = [line.wanted for line in lines if line.wanted is not None]
    against = conflicts(regie, wanted)
    known = known_invoices(regie.pk, [one.reference for one in wanted])
    rows = [_line(line, against, known) for line in lines]
    wrong = [row for row in rows if row["faults"]]
    new = len(lines) - len(wrong) - sum(1 for row in rows if row["is_known"])
    context = office_context(
        visit,
        "office_billing",
        regie=regie,
        count=len(rows),
        wrong=len(wrong),
        new=new,
        known=sum(1 for row in rows if row["is_known"]),
        total=in_euros(sum(one.cents for one in wanted if one.reference not in known)),
        # What is wrong comes first: the rest is only to be looked over.
        rows=[*wrong, *(row for row in rows if not row["faults"])][:SHOWN_LINES],
        more=max(0, len(rows) - SHOWN_LINES),
        packed="" if wrong or not new else _packed(wanted, visit, regie),
        bring_url=url_of(visit, "office_import"),
        back_url=url_of(visit, "office_imported"),
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return render(request, "office/imported_invoices/check.html", context, status=status)


def _line(line: Line, against: dict[str, str], known: dict[str, Invoice]) -> dict[str, Any]:
    one = line.wanted
    faults = [fault.words for fault in line.faults]
    if one is not None and one.reference in against:
        faults.append(against[one.reference])
    return {
        "number": line.number,
        "reference": line.reference or "Sans référence",
        "faults": faults,
        "is_known": not faults and line.reference in known,
        "label": one.label if one else "",
        "debtor": one.debtor if one else "",
        "amount": in_euros(one.cents) if one else "",
        "due": in_digits(one.due_on) if one else "",
    }


def _packed(wanted: Sequence[Wanted], visit: OfficeVisit, regie: Regie) -> str:
    """Will write the lines that were checked for the form that imports them: no file waits on the server."""
    texts = [
        (one.reference, one.label, in_amount(one.cents), one.issued_on.isoformat(), one.due_on.isoformat(),
         *astuple(one)[5:])
        for one in wanted
    ]  # fmt: skip
    return signing.dumps([visit.authority.pk, regie.pk, texts], salt=SALT, compress=True)


def _unpacked(text: str, visit: OfficeVisit, regie: Regie) -> list[Wanted] | None:
    """Will read them back; None when they are not those of a check made here, for this régie, not long ago."""
    try:
        authority, key, texts = signing.loads(text, salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        return None
    if (authority, key) != (visit.authority.pk, regie.pk):
        return None
    read = [wanted_from(dict(zip(Column, cells, strict=True)), themes=THEMES, on=visit.today)[0] for cells in texts]
    found = [one for one in read if one is not None]
    return found if len(found) == len(read) else None
