"""The lines of an invoice or a draft, child by child, each explained."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from marelle.domain.billing.models import InvoiceLine
from marelle.domain.billing.rules.charges import Kind
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Child
from marelle.domain.families.rules.quotients import in_words
from marelle.foundation.money import in_euros
from marelle.web.office.billing import wording
from marelle.web.office.need_to_know import knows_every_quotient, knows_quotient
from marelle.web.office.surroundings import visit_of
from marelle.web.readings import reads_quotient

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from marelle.domain.billing.models import BillingRun, Invoice
    from marelle.domain.billing.rules.drafts import Draft
    from marelle.domain.catalog.queries import Offer
    from marelle.web.doors import OfficeVisit

# Named by the first day of a span, which says nothing to who reads.
WITHOUT_DAYS = frozenset({Kind.PACKAGE.value, Kind.CAP.value})


def lines_of(invoice: Invoice, request: HttpRequest) -> list[dict[str, Any]]:
    """Will return the lines of an invoice, by child, as its page shows them.

    What tells the quotient, its value, its band and the steps of the price, is left out for whoever may not know it.
    """
    rows = list(InvoiceLine.objects.filter(invoice=invoice).order_by("position"))
    return _by_child(rows, invoice.family_id, request)


def lines_of_draft(draft: Draft, invoice: Invoice, request: HttpRequest) -> list[dict[str, Any]]:
    """Will return the lines of what would be issued to correct an invoice, by child, the same way."""
    rows = [
        InvoiceLine(
            position=position,
            kind=line.charge.name.kind.value,
            child_id=line.charge.name.child or None,
            product_id=line.charge.name.product or None,
            key=line.charge.name.key,
            label=line.label,
            days=list(line.charge.days),
            unit_cents=line.charge.cents,
            total_cents=line.total,
            steps=[list(step) for step in line.charge.steps],
            components=[list(share) for share in line.shares],
            quotient_cents=line.charge.measured,
            bracket=line.charge.bracket,
            is_correction=line.charge.is_correction,
            reason=line.reason,
        )
        for position, line in enumerate(draft.lines)
    ]
    return _by_child(rows, invoice.family_id, request)


def tells_quotient(invoice: Invoice) -> bool:
    """Will tell whether a line of an invoice says by which quotient it was priced."""
    return _is_measured(InvoiceLine.objects.filter(invoice=invoice))


def hides_quotient(invoice: Invoice, visit: OfficeVisit) -> bool:
    """Will tell whether an invoice says a quotient that the agent may not know: its document says it too."""
    return tells_quotient(invoice) and not knows_quotient(visit, invoice.family_id)


def says_quotients(run: BillingRun) -> bool:
    """Will tell whether the documents of a run say by which quotients they were priced."""
    return _is_measured(InvoiceLine.objects.filter(invoice__run=run))


def is_any_hidden(run: BillingRun, visit: OfficeVisit) -> bool:
    """Will tell whether the documents of a run say a quotient that the agent may not know."""
    return not knows_every_quotient(visit) and says_quotients(run)


def _is_measured(lines: QuerySet[InvoiceLine]) -> bool:
    return bool(lines.filter(~Q(quotient_cents=None) | ~Q(bracket="")).exists())


def _by_child(lines: Sequence[InvoiceLine], family: int | None, request: HttpRequest) -> list[dict[str, Any]]:
    visit = visit_of(request)
    offer = offer_of(visit.authority)
    is_measured = any(_tells_quotient(line) for line in lines)
    is_known = is_measured and knows_quotient(visit, family)
    if family is not None and is_known:
        reads_quotient(request, family)
    children = Child.objects.in_bulk({line.child_id for line in lines if line.child_id})
    found = []
    for key, members in groupby(lines, key=lambda line: line.child_id):
        own = list(members)
        child = children.get(key or 0)
        found.append(
            {
                "name": child.full_name if child else "Pour la famille",
                "animal": child.animal if child else "",
                "chalk": child.chalk if child else "",
                "amount": in_euros(sum(line.total_cents for line in own)),
                "lines": [_line(line, offer, is_told=is_known or not _tells_quotient(line)) for line in own],
            }
        )
    return found


def _tells_quotient(line: InvoiceLine) -> bool:
    return line.quotient_cents is not None or bool(line.bracket)


def _line(line: InvoiceLine, offer: Offer, *, is_told: bool) -> dict[str, Any]:
    product = offer.product_by_pk.get(line.product_id or 0)
    return {
        "key": line.key if line.kind == Kind.MANUAL else "",
        "label": line.label,
        "where": product.activity.facility_name if product else "",
        "quantity": line.quantity,
        "has_quantity": line.quantity != 1,
        "unit": in_euros(line.unit_cents),
        "amount": in_euros(line.total_cents),
        "is_negative": line.total_cents < 0,
        "days": "" if line.kind in WITHOUT_DAYS else wording.days_in_short(line.days),
        "steps": [{"words": words, "amount": in_euros(cents)} for words, cents in line.steps] if is_told else [],
        "quotient": in_words(line.quotient_cents) if is_told and line.quotient_cents is not None else "",
        "bracket": wording.bracket(line.bracket) if is_told else "",
        "is_correction": line.is_correction,
        "reason": line.reason,
        "shares": [_share(share) for share in line.components],
    }


def _share(share: Iterable[Any]) -> str:
    code, name, cents, is_childcare, is_cesu = share
    words = [f"{code} {name}".strip(), in_euros(cents)]
    words += ["garde d’enfant"] * bool(is_childcare) + ["CESU"] * bool(is_cesu)
    return ", ".join(words)
