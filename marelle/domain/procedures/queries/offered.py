"""What may be chosen in the fields of a procedure, and the words that public names stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Invoice
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Child, Family
from marelle.domain.families.queries import children_of
from marelle.domain.procedures.rules.definitions import FieldKind
from marelle.foundation.french_dates import without_weekday
from marelle.foundation.money import in_euros

if TYPE_CHECKING:
    from datetime import date

    from marelle.domain.authorities.models import Authority
    from marelle.domain.procedures.rules.answers import Given
    from marelle.domain.procedures.rules.definitions import Definition

MOST_INVOICES = 60


@dataclass(frozen=True, slots=True)
class Offered:
    """What may be chosen, by field code, in the order of the screen, and the words of each public name."""

    by_field: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def choices(self, code: str) -> list[tuple[str, str]]:
        """Will return what a field offers, with its words."""
        return [(one, self.names[one]) for one in self.by_field.get(code, ())]


def offered_to(definition: Definition, family: Family, authority: Authority, given: Given, *, on: date) -> Offered:
    """Will return what the fields of a procedure offer to this family on that day (local).

    Children by public id, who live there; activities by public id, not over; invoices issued to it; tills by code;
    other families by the number of their file, when it exists among what was given. A statement a kind at most.
    """
    kinds = {one.kind for one in definition.fields}
    found: dict[FieldKind, dict[str, str]] = {}
    if FieldKind.CHILD in kinds:
        found[FieldKind.CHILD] = {one.public_id: one.first_name for one in children_of(family.pk, on=on)}
    if FieldKind.ACTIVITY in kinds:
        offer = offer_of(authority)
        found[FieldKind.ACTIVITY] = {
            one.public_id: f"{one.name}, {one.facility_name}" if one.facility_name else one.name
            for one in {product.activity.pk: product.activity for product in offer.products}.values()
            if one.opening.period.ends_on is None or one.opening.period.ends_on >= on
        }
    if FieldKind.INVOICE in kinds:
        issued = Invoice.objects.filter(family=family, state=Invoice.State.ISSUED).order_by("-issued_on", "-pk")
        found[FieldKind.INVOICE] = {one.public_id: _invoice_words(one) for one in issued[:MOST_INVOICES]}
    if FieldKind.REGIE in kinds:
        found[FieldKind.REGIE] = dict(Regie.objects.order_by("name").values_list("code", "name"))
    if FieldKind.FAMILY in kinds:
        said = {text for one in definition.fields if one.kind is FieldKind.FAMILY for text in given.get(one.code, ())}
        rows = Family.objects.filter(code__in=said).values_list("code", "name") if said else ()
        found[FieldKind.FAMILY] = {code: f"{name} (dossier {code})" for code, name in rows}
    return Offered(
        {one.code: tuple(found[one.kind]) for one in definition.fields if one.kind in found},
        {code: words for words_of in found.values() for code, words in words_of.items()},
    )


def names_of(definition: Definition, given: Given, authority: Authority) -> dict[str, str]:
    """Will return the words of the public names that were given, whatever became of them since."""
    said: dict[FieldKind, set[str]] = {}
    for one in definition.fields:
        said.setdefault(one.kind, set()).update(given.get(one.code, ()))
    names: dict[str, str] = {}
    if children := said.get(FieldKind.CHILD):
        names |= dict(Child.objects.filter(public_id__in=children).values_list("public_id", "first_name"))
    if activities := said.get(FieldKind.ACTIVITY):
        all_of_them = (product.activity for product in offer_of(authority).products)
        names |= {one.public_id: one.name for one in all_of_them if one.public_id in activities}
    if invoices := said.get(FieldKind.INVOICE):
        names |= {one.public_id: _invoice_words(one) for one in Invoice.objects.filter(public_id__in=invoices)}
    if regies := said.get(FieldKind.REGIE):
        names |= dict(Regie.objects.filter(code__in=regies).values_list("code", "name"))
    # The number alone: a name would tell whoever typed it at random whose file it is.
    return names | {code: f"dossier {code}" for code in said.get(FieldKind.FAMILY, ())}


def _invoice_words(invoice: Invoice) -> str:
    day = f" du {without_weekday(invoice.issued_on, year=True)}" if invoice.issued_on else ""
    return f"Facture {invoice.number}{day}, {in_euros(invoice.total_cents)}"
