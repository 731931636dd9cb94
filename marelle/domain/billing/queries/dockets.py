"""What may be handed over to the Trésor, what a docket holds, what is lacking. Amounts in cents."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from marelle.domain.billing.models import (
    CollectionBatch,
    CollectionOrder,
    CollectionSettings,
    Debtor,
    PayerAccount,
)
from marelle.domain.billing.queries.accounts import left_of
from marelle.domain.billing.queries.unpaid import UnpaidInvoice, unpaid_invoices
from marelle.domain.billing.rules.dockets import Budget, DocketKind, Lack, Person, guessed, is_worth_it, lacks, plain
from marelle.domain.billing.rules.reminders import is_past_last
from marelle.domain.families.models import Guardian

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from marelle.domain.authorities.models import Authority, Regie


@dataclass(frozen=True, slots=True)
class ToHandOver:
    """What a payer owes that may be handed over: all its invoices of a régie past the last reminder."""

    payer: PayerAccount
    invoices: tuple[UnpaidInvoice, ...]

    @property
    def cents(self) -> int:
        """Will return it all together."""
        return sum(one.facts.left for one in self.invoices)


@dataclass(frozen=True, slots=True)
class DebtorOrders:
    """The orders of a docket for one debtor, who it is, and what is lacking. `left` is what is left today."""

    payer: PayerAccount
    person: Person
    lacks: tuple[Lack, ...]
    orders: tuple[CollectionOrder, ...]
    left: int

    @property
    def cents(self) -> int:
        """Will return what the docket asks of it."""
        return sum(order.cents for order in self.orders)


def settings_of(regie: Regie) -> CollectionSettings:
    """Will return how a régie goes after what is not paid; not saved when it never said."""
    found: CollectionSettings | None = CollectionSettings.objects.filter(regie=regie).first()
    return found or CollectionSettings(authority_id=regie.authority_id, regie=regie)


def budget_of(settings: CollectionSettings, authority: Authority) -> Budget:
    """Will return what the Trésor knows the town and a régie by."""
    return Budget(
        siret=authority.siret,
        codique=settings.codique,
        town_code=settings.town_code,
        budget_code=settings.budget_code,
        name=plain(settings.budget_name or authority.name)[:38].strip(),
        regie_code=settings.regie_code,
        product_code=settings.product_code,
        nature=settings.nature,
        function=settings.function,
        has_keys=settings.has_keys,
    )


def to_hand_over(
    regie: Regie, *, lowest: int, on: date, unpaid: Iterable[UnpaidInvoice] | None = None
) -> tuple[list[ToHandOver], list[ToHandOver]]:
    """Will return what may be handed over, by payer, and what is too little to be.

    What is in a docket already is left out. `unpaid` is what the régie is owed that day, when it was read already.
    """
    taken = set(
        CollectionOrder.objects.filter(batch__regie=regie)
        .exclude(state=CollectionOrder.State.REJECTED)
        .values_list("invoice", flat=True)
    )
    rows = [
        one
        for one in (unpaid_invoices(on=on, regies=[regie.pk]) if unpaid is None else unpaid)
        if one.invoice.pk not in taken and is_past_last(one.facts, one.stages, on=on)
    ]
    enough: list[ToHandOver] = []
    little: list[ToHandOver] = []
    for _key, group in groupby(rows, key=lambda one: one.invoice.payer_id):
        invoices = tuple(group)
        found = ToHandOver(invoices[0].invoice.payer, invoices)
        (enough if is_worth_it([found.cents], lowest=lowest) else little).append(found)
    return enough, little


def debtors_of(batch: CollectionBatch) -> list[DebtorOrders]:
    """Will return what a docket asks of each debtor, by name, the invoices by date."""
    orders = list(
        CollectionOrder.objects.filter(batch=batch)
        .select_related("payer__family", "invoice")
        .order_by("payer__name", "payer_id", "invoice__due_on", "invoice__sequence", "pk")
    )
    people = people_of({order.payer for order in orders})
    left = left_of([order.invoice_id for order in orders])
    found = []
    for payer, group in groupby(orders, key=lambda order: order.payer):
        own = tuple(group)
        person = people[payer.pk]
        owed = sum(max(0, left.get(order.invoice_id, 0)) for order in own)
        found.append(DebtorOrders(payer, person, tuple(lacks(person)), own, owed))
    return found


def people_of(payers: Collection[PayerAccount]) -> dict[int, Person]:
    """Will return who these payers are to the Trésor: as an agent wrote it, or as their family's file lets guess."""
    written = {row.payer_id: row for row in Debtor.objects.filter(payer__in=[payer.pk for payer in payers])}
    guardians: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for family, first, last in (
        Guardian.objects.filter(family__in={payer.family_id for payer in payers if payer.family_id})
        .order_by("pk")
        .values_list("family", "first_name", "last_name")
    ):
        guardians[family].append((first, last))
    return {payer.pk: _person(payer, written.get(payer.pk), guardians[payer.family_id or 0]) for payer in payers}


def _person(payer: PayerAccount, written: Debtor | None, guardians: Iterable[tuple[str, str]]) -> Person:
    reference = payer.family.code[:30] if payer.family is not None else f"PAYEUR {payer.pk}"
    if written is not None:
        return Person(
            civility=written.civility,
            last_name=written.last_name,
            first_name=written.first_name,
            address_extra=written.address_extra,
            address=written.address,
            place=written.place,
            postcode=written.postcode,
            town=written.town,
            reference=reference,
        )
    first_name, last_name = next(iter(guardians), ("", ""))
    address = payer.address or (payer.family.address if payer.family is not None else "")
    found = guessed(payer.name, first_name, last_name, address)
    return replace(found, reference=reference)


def kind_of(batch: CollectionBatch) -> DocketKind:
    """Will return the kind of a docket, as the rules name it."""
    return DocketKind(batch.kind)
