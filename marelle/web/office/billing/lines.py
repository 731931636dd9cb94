"""The lines of an invoice or a draft, child by child, each explained."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from marelle.domain.billing.models import InvoiceLine
from marelle.domain.billing.rules.charges import Kind
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Child
from marelle.domain.families.rules.quotients import in_words
from marelle.foundation.money import in_euros
from marelle.web.office.billing import wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from marelle.domain.billing.rules.drafts import Draft
    from marelle.domain.catalog.queries import Offer
    from marelle.web.doors import OfficeVisit

# Named by the first day of a span, which says nothing to who reads.
WITHOUT_DAYS = frozenset({Kind.PACKAGE.value, Kind.CAP.value})


def lines_of(invoice: int, visit: OfficeVisit) -> list[dict[str, Any]]:
    """Will return the lines of an invoice (key), by child, as its page shows them."""
    return _by_child(list(InvoiceLine.objects.filter(invoice=invoice).order_by("position")), offer_of(visit.authority))


def lines_of_draft(draft: Draft, visit: OfficeVisit) -> list[dict[str, Any]]:
    """Will return the lines of what would be issued, by child, the same way."""
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
    return _by_child(rows, offer_of(visit.authority))


def _by_child(lines: Sequence[InvoiceLine], offer: Offer) -> list[dict[str, Any]]:
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
                "lines": [_line(line, offer) for line in own],
            }
        )
    return found


def _line(line: InvoiceLine, offer: Offer) -> dict[str, Any]:
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
        "steps": [{"words": words, "amount": in_euros(cents)} for words, cents in line.steps],
        "quotient": in_words(line.quotient_cents) if line.quotient_cents is not None else "",
        "bracket": wording.bracket(line.bracket),
        "is_correction": line.is_correction,
        "reason": line.reason,
        "shares": [_share(share) for share in line.components],
    }


def _share(share: Iterable[Any]) -> str:
    code, name, cents, is_childcare, is_cesu = share
    words = [f"{code} {name}".strip(), in_euros(cents)]
    words += ["garde d’enfant"] * bool(is_childcare) + ["CESU"] * bool(is_cesu)
    return ", ".join(words)
