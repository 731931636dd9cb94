"""What leaves a run: its table for a spreadsheet, its PDF documents."""

from __future__ import annotations

import zipfile
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from marelle.domain.authorities.models import Authority
from marelle.domain.billing.models import BillingRun, Invoice, PayerAccount
from marelle.domain.billing.queries.accounts import left_of
from marelle.domain.billing.queries.review import KEPT, codes_of
from marelle.foundation import tenancy
from marelle.foundation.spreadsheets import Cell, Cents, Sheet, csv_lines, xlsx
from marelle.letters.billing_documents import documents_of
from marelle.letters.documents.drawing import invoice_pdf, invoices_pdf
from marelle.web.office.billing.lines import is_any_hidden, says_quotients
from marelle.web.office.billing.surroundings import billing_page, run_or_404
from marelle.web.office.surroundings import url_of, visit_of
from marelle.web.readings import notes_readings, reads_quotients_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from marelle.web.doors import OfficeVisit

AT_ONCE: Final = 500
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS: Final = (
    "Référence",
    "Nature",
    "État",
    "Date",
    "À payer avant le",
    "Exercice",
    "Compte payeur",
    "Dossier",
    "Objet",
    "Du",
    "Au",
    "Total",
    "Reste à payer",
    "Dû par d’autres",
    "Garde d’enfant",
    "CESU",
    "Envoi",
)


@require_safe
@billing_page
def export(request: HttpRequest, run: str, kind: str) -> HttpResponse | StreamingHttpResponse:
    """Will hand over the invoices of a run, a row each, with what each earns by accounting code."""
    visit = visit_of(request)
    found = run_or_404(run)
    codes = codes_of(visit.authority.pk, found.pk)
    sheet = Sheet(
        "Factures",
        (*COLUMNS, *(f"Compte {code}" for code, _cents in codes)),
        _rows(found, [code for code, _cents in codes]),
    )
    response: HttpResponse | StreamingHttpResponse
    if kind == "csv":
        response = StreamingHttpResponse(_in_scope(csv_lines(sheet), visit), content_type="text/csv; charset=utf-8")
    elif kind == "xlsx":
        totals = Sheet("Codes comptables", ("Compte", "Total"), [(code, Cents(cents)) for code, cents in codes])
        others = Sheet("Dû par d’autres", ("Payeur", "Facture", "Compte payeur", "Dossier", "Part due"), _shares(found))
        response = HttpResponse(xlsx([sheet, totals, others]), content_type=XLSX)
    else:
        raise Http404
    response["Content-Disposition"] = f'attachment; filename="{_name(found)}.{kind}"'
    return response


@require_safe
@billing_page
@notes_readings
def documents(request: HttpRequest, run: str, file: str) -> HttpResponse | StreamingHttpResponse:
    """Will hand over the PDF documents of an issued run: all of them in a zip, or those on paper in one file.

    The zip leaves as it is drawn. The file to print is of AT_ONCE invoices, `partie` saying which. Where there is none,
    will lead back to the run. Each explains its prices: they are for whoever may know the quotients that made them.
    """
    visit = visit_of(request)
    found = run_or_404(run)
    if is_any_hidden(found, visit):
        raise PermissionDenied
    if says_quotients(found):
        reads_quotients_of(request, "billingrun", found.pk)
    invoices = (
        Invoice.objects.filter(run=found, state=Invoice.State.ISSUED).select_related("regie").order_by("sequence")
    )
    if file == "zip" and invoices.exists():
        response: HttpResponse | StreamingHttpResponse = StreamingHttpResponse(
            _in_scope(_zipped(invoices, visit.authority.pk), visit), content_type="application/zip"
        )
        name = f"{_name(found)}.zip"
    elif file == "papier" and invoices.filter(delivery="paper").exists():
        part = _part(request.GET.get("partie", ""))
        some = invoices.filter(delivery="paper")[(part - 1) * AT_ONCE : part * AT_ONCE]
        if not some:
            return SeeOther(url_of(visit, "office_run", run=found.public_id))
        authority = Authority.objects.get(pk=visit.authority.pk)
        response = HttpResponse(invoices_pdf(documents_of(some, authority)), content_type="application/pdf")
        name = f"{_name(found)}-impression{f'-{part}' if part > 1 else ''}.pdf"
    elif file in {"zip", "papier"}:
        return SeeOther(url_of(visit, "office_run", run=found.public_id))
    else:
        raise Http404
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def paper_parts(invoices: int) -> range:
    """Will return the numbers of the files in which so many invoices on paper are printed."""
    return range(1, -(-invoices // AT_ONCE) + 1)


def _part(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 5 and int(text) else 1  # noqa: PLR2004


def _name(run: BillingRun) -> str:
    return slugify(run.name) or "factures"


def _in_scope(chunks: Iterator[bytes], visit: OfficeVisit) -> Iterator[bytes]:
    """Will read inside the scope of the authority: what leaves as it is made is made after the door has shut."""
    with tenancy.scope({visit.authority.pk}):
        yield from chunks


def _rows(run: BillingRun, codes: Sequence[str]) -> Iterator[Sequence[Cell]]:
    after = 0
    rows: QuerySet[Invoice] = Invoice.objects.filter(run=run).select_related("family").order_by("pk")
    while some := list(rows.filter(pk__gt=after)[:AT_ONCE]):
        after = some[-1].pk
        left = left_of([one.pk for one in some if one.state == Invoice.State.ISSUED])
        for one in some:
            yield _row(one, codes, left)


def _shares(run: BillingRun) -> list[Sequence[Cell]]:
    """Will write what each third party is to be asked for: a row by invoice, by third party."""
    rows = list(
        Invoice.objects.filter(run=run, state__in=KEPT)
        .exclude(third_parties={})
        .select_related("family")
        .order_by("sequence", "payer_name", "pk")
    )
    wanted = {int(payer) for one in rows for payer in one.third_parties}
    names = dict(PayerAccount.objects.filter(pk__in=wanted).values_list("pk", "name"))
    shares = [(names[int(payer)], one, cents) for one in rows for payer, cents in one.third_parties.items()]
    return [
        (name, one.number, one.payer_name, one.family.code if one.family else "", Cents(cents))
        for name, one, cents in sorted(shares, key=itemgetter(0))
    ]


def _row(one: Invoice, codes: Sequence[str], left: dict[int, int]) -> Sequence[Cell]:
    is_issued = one.state == Invoice.State.ISSUED
    return (
        one.number,
        one.get_kind_display(),
        one.get_state_display(),
        one.issued_on,
        one.due_on,
        one.exercice,
        one.payer_name,
        one.family.code if one.family else "",
        one.label,
        one.starts_on,
        one.ends_on,
        Cents(one.total_cents),
        Cents(left.get(one.pk, 0)) if is_issued else None,
        Cents(sum(one.third_parties.values())),
        Cents(one.childcare_cents),
        Cents(one.cesu_cents),
        one.get_delivery_display(),
        *(Cents(one.revenue.get(code, 0)) for code in codes),
    )


class _Passing:
    """A file that keeps nothing: what is written is taken away at once."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.at = 0

    def write(self, data: Any) -> int:
        self.written.append(bytes(data))
        self.at += len(data)
        return len(data)

    def tell(self) -> int:
        return self.at

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def taken(self) -> bytes:
        found, self.written = b"".join(self.written), []
        return found


def _zipped(invoices: QuerySet[Invoice], authority_key: int) -> Iterator[bytes]:
    passing = _Passing()
    authority = Authority.objects.get(pk=authority_key)
    with zipfile.ZipFile(passing, "w") as archive:
        found = list(invoices)
        for invoice, document in zip(found, documents_of(found, authority), strict=True):
            archive.writestr(f"{slugify(invoice.number)}.pdf", invoice_pdf(document))
            yield passing.taken()
    yield passing.taken()
