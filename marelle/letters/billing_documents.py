"""Invoices as documents: what was frozen at issue, ready to be drawn. The same for ever, whatever was paid since."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import groupby, islice
from typing import TYPE_CHECKING, Final

from django.conf import settings

from marelle.domain.billing.models import Invoice, InvoiceLine, LedgerEntry, Posting
from marelle.domain.billing.rules.charges import Kind as ChargeKind
from marelle.domain.billing.rules.references import without_account_words
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Child
from marelle.foundation.french_dates import in_full, without_weekday
from marelle.foundation.periods import Period
from marelle.letters.documents.invoices import (
    AccountingShare,
    InvoiceDocument,
    Kind,
    Line,
    Mentions,
    PaymentReference,
    Section,
    Step,
)
from marelle.letters.documents.parties import LOGO_TYPES, Amount, Issuer, Logo, Recipient

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import QuerySet

    from marelle.domain.authorities.models import Authority, Regie
    from marelle.domain.catalog.queries import Offer

AT_ONCE: Final = 200
# Named by the first day of a span, which says nothing to who reads.
WITHOUT_DAYS: Final = frozenset({ChargeKind.PACKAGE, ChargeKind.CAP, ChargeKind.MANUAL})
RECOVERY: Final = (
    "Les sommes qui ne sont pas réglées à cette date sont recouvrées par le comptable public, au moyen d’un titre "
    "exécutoire."
)
CONTEST: Final = (
    "Une erreur se signale à la régie, qui la corrige par un avoir ou une facture complémentaire. La somme se conteste "
    "aussi devant le tribunal administratif, dans les deux mois qui suivent la réception de cette facture."
)
KINDS: Final = {
    Invoice.Kind.INVOICE: Kind.INVOICE,
    Invoice.Kind.COMPLEMENTARY: Kind.COMPLEMENTARY,
    Invoice.Kind.CREDIT_NOTE: Kind.CREDIT_NOTE,
}


def document_of(invoice: Invoice, authority: Authority) -> InvoiceDocument:
    """Will return the document of an issued invoice of `authority`, which holds its logo."""
    return next(documents_of([invoice], authority))


def documents_of(invoices: Iterable[Invoice], authority: Authority) -> Iterator[InvoiceDocument]:
    """Will yield the document of each issued invoice, in their order; six statements for AT_ONCE of them."""
    offer = offer_of(authority)
    for some in _batches(invoices):
        yield from _documents(some, authority, offer)


def _batches(invoices: Iterable[Invoice]) -> Iterator[Sequence[Invoice]]:
    remaining = iter(invoices)
    while some := tuple(islice(remaining, AT_ONCE)):
        yield some


def _documents(invoices: Sequence[Invoice], authority: Authority, offer: Offer) -> Iterator[InvoiceDocument]:
    keys = [invoice.pk for invoice in invoices]
    lines: dict[int, list[InvoiceLine]] = defaultdict(list)
    for line in InvoiceLine.objects.filter(invoice__in=keys).order_by("invoice", "position"):
        lines[line.invoice_id].append(line)
    wanted = {line.child_id for each in lines.values() for line in each if line.child_id}
    children = Child.objects.select_related("school_class__facility").in_bulk(wanted)
    settled = _settled_at_issue(invoices)
    corrected = dict(
        Invoice.objects.filter(pk__in=[one.corrects_id for one in invoices if one.corrects_id]).values_list(
            "pk", "number"
        )
    )
    for invoice in invoices:
        yield _document(
            invoice,
            lines[invoice.pk],
            authority,
            offer,
            children=children,
            settled=settled[invoice.pk],
            corrects=corrected.get(invoice.corrects_id or 0, ""),
        )


def _settled_at_issue(invoices: Sequence[Invoice]) -> dict[int, dict[str, int]]:
    """Will return what settled each invoice the moment it was issued: credits, or a payment made before."""
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    issued = {invoice.pk: invoice.issued_at for invoice in invoices}
    rows: QuerySet[LedgerEntry] = LedgerEntry.objects.filter(
        invoice__in=issued, account=LedgerEntry.Account.RECEIVABLE
    ).select_related("posting")
    for entry in rows:
        key = entry.invoice_id
        if key is not None and entry.posting.kind != Posting.Kind.INVOICE and entry.posting.at == issued[key]:
            found[key][entry.posting.kind] -= entry.cents
    return found


def _document(
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
    authority: Authority,
    offer: Offer,
    *,
    children: dict[int, Child],
    settled: dict[str, int],
    corrects: str,
) -> InvoiceDocument:
    regie: Regie = invoice.regie
    aids, priced = _aids(lines)
    is_credit = invoice.kind == Invoice.Kind.CREDIT_NOTE
    credited = 0 if is_credit else settled.get(Posting.Kind.ALLOCATION, 0)
    paid = 0 if is_credit else settled.get(Posting.Kind.PAYMENT, 0)
    left = invoice.total_cents - credited - paid
    signatory = ", ".join(filter(None, (regie.issuer_name, regie.issuer_quality)))
    ways = tuple(line.strip() for line in regie.how_to_pay.splitlines() if line.strip())
    resolutions = sorted({found for line in priced if (found := _resolution(line, offer))})
    return InvoiceDocument(
        kind=KINDS[Invoice.Kind(invoice.kind)],
        number=invoice.number,
        exercice=invoice.exercice,
        issued_on=invoice.issued_on or date.min,
        period=Period(invoice.starts_on, invoice.ends_on),
        issuer=issuer_of(authority, regie, signatory=signatory),
        payer=Recipient(invoice.payer_name, address_lines(invoice.payer_address)),
        object=invoice.label,
        sections=_sections(priced, offer, children),
        total_cents=invoice.total_cents,
        left_to_pay_cents=left,
        due_on=invoice.due_on,
        aids=aids,
        credits=(Amount("Avoirs et avance", credited),) if credited else (),
        payments=(Amount("Déjà réglé", paid),) if paid else (),
        components=_components(priced),
        childcare_cents=invoice.childcare_cents or None,
        cesu_cents=invoice.cesu_cents or None,
        how_in_brief=_in_brief(invoice, left, ways),
        how_to_pay=(*ways, *_without_account(invoice, regie, left)),
        payment_reference=PaymentReference(regie.payfip_id, invoice.number, left) if left > 0 else None,
        mentions=Mentions(
            resolution=f"Tarifs : {', '.join(resolutions)}." if resolutions else "",
            vat=_sentence(regie.vat_words),
            recovery="" if is_credit else RECOVERY,
            contest=CONTEST,
        ),
        corrects=corrects,
        regrouping=_regrouping(invoice),
    )


def _without_account(invoice: Invoice, regie: Regie, left: int) -> tuple[str, ...]:
    """Will say how anybody pays it, once its régie has joined the online invoices or said when it will."""
    since = regie.online_from
    if left <= 0 or since is None:
        return ()
    said = without_account_words(settings.INVOICES_URL, invoice.public_id, invoice.total_cents)
    if invoice.issued_on is not None and since > invoice.issued_on:
        said = f"{said} (à partir du {without_weekday(since, year=True)})"
    return (f"{said}.",)


def issuer_of(authority: Authority, regie: Regie, *, signatory: str = "") -> Issuer:
    """Will return the authority as a document shows it."""
    logo = None
    if authority.logo and authority.logo_type in LOGO_TYPES:
        logo = Logo(bytes(authority.logo), authority.logo_type)  # type: ignore[arg-type]
    return Issuer(
        name=authority.name,
        regie=regie.name,
        address=address_lines(authority.address),
        siret=authority.siret,
        phone=authority.phone,
        email=authority.email,
        opening_hours=" ".join(authority.opening_hours.split()),
        signatory=signatory,
        logo=logo,
        accent=authority.accent,
    )


def address_lines(text: str) -> tuple[str, ...]:
    """Will cut an address as it is written on an envelope: at its lines, or else before its town."""
    lines = text.splitlines() if "\n" in text.strip() else text.rsplit(",", 1)
    return tuple(line.strip() for line in lines if line.strip())


def _aids(lines: Sequence[InvoiceLine]) -> tuple[tuple[Amount, ...], list[InvoiceLine]]:
    """Will take apart the aids, by their name; one that is given back stays among the lines."""
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.kind == ChargeKind.AID:
            sums[line.label] -= line.total_cents
    taken = {label: cents for label, cents in sums.items() if cents >= 0}
    priced = [line for line in lines if line.kind != ChargeKind.AID or line.label not in taken]
    if not priced:
        # A correction of aids alone: they are all there is to say.
        return (), list(lines)
    return tuple(Amount(label, cents) for label, cents in taken.items() if cents), priced


def _sections(lines: Sequence[InvoiceLine], offer: Offer, children: dict[int, Child]) -> tuple[Section, ...]:
    found = []
    for child_key, members in groupby(lines, key=lambda line: line.child_id):
        child = children.get(child_key or 0)
        school = child.school_class if child is not None else None
        found.append(
            Section(
                child.full_name if child is not None else "Pour la famille",
                tuple(_line(line, offer) for line in members),
                detail=f"{school.name}, {school.facility.name}" if school is not None else "",
            )
        )
    return tuple(found)


def _line(line: InvoiceLine, offer: Offer) -> Line:
    product = offer.product_by_pk.get(line.product_id or 0)
    quantity = max(1, len(line.days))
    is_day = line.kind not in WITHOUT_DAYS
    unit = ""
    if product is not None and is_day:
        unit = product.noun if quantity == 1 else product.plural
    return Line(
        label=line.label,
        quantity=quantity,
        unit_cents=line.unit_cents,
        total_cents=line.total_cents,
        unit=unit,
        dates=tuple(line.days) if is_day else (),
        steps=tuple(Step(words, cents) for words, cents in line.steps),
    )


def _resolution(line: InvoiceLine, offer: Offer) -> str:
    product = offer.product_by_pk.get(line.product_id or 0)
    tariff = product.tariff_on(line.days[0]) if product is not None and line.days else None
    return tariff.resolution if tariff is not None else ""


def _components(lines: Sequence[InvoiceLine]) -> tuple[AccountingShare, ...]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for line in lines:
        for code, name, cents, *_kinds in line.components:
            sums[code, name] += cents
    return tuple(AccountingShare(code, name or "Produits des services", cents) for (code, name), cents in sums.items())


def _in_brief(invoice: Invoice, left: int, ways: Sequence[str]) -> str:
    if invoice.kind == Invoice.Kind.CREDIT_NOTE:
        return "Cet avoir vient en déduction de vos factures."
    if left <= 0:
        return "Rien à payer : tout est réglé."
    return ways[0] if ways else "À la régie, dont l’adresse est ci-dessus."


def _sentence(words: str) -> str:
    return f"{words.rstrip('. ')}." if words.strip() else ""


def _regrouping(invoice: Invoice) -> str:
    run = invoice.run
    if run is None or invoice.starts_on >= run.starts_on:
        return ""
    return (
        f"Cette facture regroupe ce qui est dû depuis {in_full(invoice.starts_on)} : les petites sommes ne se "
        "recouvrent pas seules (articles L. 1611-5 et D. 1611-1 du code général des collectivités territoriales)."
    )
