"""The detail of an invoice: each line with its days and how its price is made, what was paid, how to pay."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from marelle.domain.billing.models import Invoice, InvoiceLine
from marelle.domain.billing.rules.charges import Kind as ChargeKind
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.rules.quotients import in_words as quotient_in_words
from marelle.foundation.french_dates import NO_BREAK, listed_days, without_weekday
from marelle.foundation.money import in_euros
from marelle.letters.billing_documents import WITHOUT_DAYS
from marelle.web.contacts import contact_view
from marelle.web.paying.invoices.rows import crest_of, row_of, settled_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marelle.domain.billing.queries.family_invoices import FamilyInvoice
    from marelle.domain.catalog.queries import Offer
    from marelle.domain.payments.queries.direct_debits import ExpectedDebit

FOR_THE_FAMILY = "Pour la famille"
OF_ANOTHER_SOFTWARE = "Ce qui est facturé"


@dataclass(frozen=True, slots=True)
class LineView:
    """A line: each text is whole, empty when there is nothing to say. `steps` make the price of one unit."""

    label: str
    days: str
    quantity: str
    unit: str
    total: str
    steps: tuple[tuple[str, str], ...]
    used: str
    reason: str
    is_correction: bool


@dataclass(frozen=True, slots=True)
class SectionView:
    """The lines of a child, or of the whole family."""

    title: str
    detail: str
    lines: tuple[LineView, ...]
    total: str


def detail_context(
    found: FamilyInvoice, debit: ExpectedDebit | None = None, *, list_url: str, pay_url: str, with_rules: bool = True
) -> dict[str, Any]:
    """Will return what the page of an invoice shows, besides what surrounds it. Inside the scope of the account.

    `list_url`: the list where it is; `pay_url`: where invoices are paid; `with_rules`: règlements are on this site too.
    """
    invoice = found.invoice
    offer = offer_of(found.authority)
    lines = list(
        InvoiceLine.objects.filter(invoice=invoice)
        .select_related("child__school_class__facility")
        .order_by("position", "pk")
    )
    row = row_of(found, debit=debit)
    return {
        "invoice": invoice,
        "found": found,
        "row": row,
        "title": row.title[:1].upper() + row.title[1:],
        "above": invoice.label if invoice.label != row.title else "",
        "crest": crest_of(found.authority),
        "facts": _facts(found),
        "sections": [
            _section(list(members), offer, is_imported=invoice.is_imported)
            for _child, members in groupby(lines, key=lambda one: one.child_id)
        ],
        "total": in_euros(invoice.total_cents),
        "is_credit": invoice.kind == Invoice.Kind.CREDIT_NOTE,
        "settled": [settled_words(one) for one in found.settlements],
        "left": in_euros(found.left_cents),
        "asked": in_euros(found.left_cents if found.standing.is_owed else abs(invoice.total_cents)),
        "ways": [line.strip() for line in found.regie.how_to_pay.splitlines() if line.strip()],
        "rules": _rules(lines, offer, found.authority.slug) if with_rules else [],
        "contact": contact_view(found.authority),
        "list_url": list_url,
        "pay_url": f"{pay_url}?facture={invoice.public_id}",
    }


def _facts(found: FamilyInvoice) -> list[tuple[str, str]]:
    invoice = found.invoice
    period = f"du {without_weekday(invoice.starts_on, year=True)} au {without_weekday(invoice.ends_on, year=True)}"
    facts = [
        ("Au nom de", invoice.payer_name),
        ("Référence", invoice.number),
        ("Émise le", without_weekday(invoice.issued_on, year=True) if invoice.issued_on else ""),
        ("Période", period if not invoice.is_imported else ""),
        ("À payer avant le", without_weekday(invoice.due_on, year=True) if invoice.due_on else ""),
        ("Régie", found.regie.name),
        ("Pour la payer sans compte", _without_account(found)),
    ]
    return [(name, value) for name, value in facts if value]


def on_one_line(reference: str) -> str:
    """Will write a reference that is not cut at the end of a line; typed or pasted so, it is the same."""
    return reference.replace("-", "\N{NON-BREAKING HYPHEN}")


def _without_account(found: FamilyInvoice) -> str:
    """Will say what anybody types to pay it, for whoever the family asks to."""
    if not found.can_be_chosen:
        return ""
    site = settings.INVOICES_URL.split("://", 1)[-1]
    reference, amount = found.invoice.public_reference, in_euros(found.invoice.total_cents)
    return f"{site}, référence {reference}, montant {amount}"


def _section(members: Sequence[InvoiceLine], offer: Offer, *, is_imported: bool) -> SectionView:
    child = members[0].child
    at_school = child.school_class if child is not None else None
    return SectionView(
        title=child.full_name if child is not None else OF_ANOTHER_SOFTWARE if is_imported else FOR_THE_FAMILY,
        detail=f"{at_school.name}, {at_school.facility.name}" if at_school is not None else "",
        lines=tuple(_line(one, offer) for one in members),
        total=in_euros(sum(one.total_cents for one in members)),
    )


def _line(line: InvoiceLine, offer: Offer) -> LineView:
    product = offer.product_by_pk.get(line.product_id or 0)
    count = max(1, line.quantity)
    has_days = line.kind not in WITHOUT_DAYS and bool(line.days)
    unit = ""
    if product is not None and has_days:
        unit = f"{NO_BREAK}{product.noun if count == 1 else product.plural}"
    used = []
    if line.quotient_cents is not None:
        used.append(f"Quotient retenu{NO_BREAK}: {quotient_in_words(line.quotient_cents)}")
    if line.bracket:
        used.append(f"tranche {line.bracket}")
    days = listed_days(line.days) if has_days else ""
    return LineView(
        label=line.label,
        days=f"{days[:1].upper()}{days[1:]}",
        quantity=f"{count}{unit}",
        unit=in_euros(line.unit_cents),
        total=in_euros(line.total_cents),
        steps=_steps(line),
        used=", ".join(used),
        reason=line.reason,
        is_correction=line.is_correction,
    )


def _steps(line: InvoiceLine) -> tuple[tuple[str, str], ...]:
    if line.kind == ChargeKind.MANUAL:
        return ()  # what an agent typed is one sum, whose reason is above
    return tuple((words, in_euros(cents) if cents is not None else "") for words, cents in line.steps)


def _rules(lines: Sequence[InvoiceLine], offer: Offer, slug: str) -> list[dict[str, str]]:
    """Will say, for each thing sold, which règlement and which resolution made its price."""
    rules: dict[int, dict[str, str]] = {}
    for line in lines:
        product = offer.product_by_pk.get(line.product_id or 0)
        if product is None or product.pk in rules:
            continue
        tariff = product.tariff_on(line.days[0]) if line.days else None
        rules[product.pk] = {
            "name": product.name,
            "url": reverse("reglement", args=[slug, product.public_id]),
            "resolution": tariff.resolution if tariff is not None else "",
        }
    return list(rules.values())
