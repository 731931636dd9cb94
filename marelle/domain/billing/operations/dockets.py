"""Handing over to the Trésor: a docket is prepared, its debtors completed, then it is numbered, written and locked."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Protocol

from django.db import models

from marelle.domain.billing.models import (
    CollectionBatch,
    CollectionOrder,
    CollectionSeries,
    CollectionSettings,
    Debtor,
    Invoice,
    PayerAccount,
)
from marelle.domain.billing.operations.payers import hand_over
from marelle.domain.billing.queries.accounts import left_of
from marelle.domain.billing.queries.dockets import budget_of, debtors_of, kind_of, settings_of, to_hand_over
from marelle.domain.billing.queries.unpaid import unpaid_invoices
from marelle.domain.billing.rules.dockets import (
    Budget,
    BudgetLack,
    Docket,
    DocketKind,
    Title,
    TitleLine,
    budget_lacks,
    is_worth_it,
    lacks,
    plain,
)
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from marelle.domain.authorities.models import Authority, Regie
    from marelle.domain.billing.queries.dockets import DebtorOrders
    from marelle.domain.billing.rules.dockets import Person
    from marelle.foundation.actors import Actor

HIGHEST_NUMBER = 9_999_999  # seven digits for a docket, eight for a title


class NothingToHandOverError(Exception):
    """Nothing is past the last reminder and above what is worth it; nothing was written."""


class AlreadyPreparedError(Exception):
    """The régie has a docket in preparation already; nothing was written."""


class UnableToExportError(Exception):
    """The docket cannot leave: `budget` lacks, or `debtors` do (keys of payers), or nothing is left of it."""

    def __init__(self, *, budget: tuple[BudgetLack, ...] = (), debtors: tuple[int, ...] = ()) -> None:
        """Will keep what is lacking; nothing when all was paid since, or it left already."""
        super().__init__("docket")
        self.budget = budget
        self.debtors = debtors


class WritesDockets(Protocol):
    """Who writes a docket as the file that the Trésor takes; it raises rather than write a wrong one."""

    def __call__(self, docket: Docket) -> bytes:
        """Will return the file."""


@dataclass(frozen=True, slots=True)
class CollectionChoices:
    """How a régie hands over: what `CollectionSettings` says, without its reminders."""

    kind: str
    codique: str
    town_code: str
    budget_code: str
    budget_name: str
    regie_code: str
    product_code: str
    nature: str
    function: str
    has_keys: bool
    lowest_cents: int
    first_docket: int
    first_title: int


@operation
def set_collection(regie: Regie, choices: CollectionChoices, *, by: Actor, at: datetime) -> None:
    """Will record how a régie hands over from now on; raises ValueError for a kind that is none."""
    CollectionSettings.Kind(choices.kind)
    CollectionSettings.objects.update_or_create(authority_id=regie.authority_id, regie=regie, defaults=asdict(choices))
    audit.record("set_collection", authority=regie.authority_id, of="regie", key=regie.pk, by=by, at=at)


@operation
def save_debtor(payer: PayerAccount, person: Person, *, by: Actor, at: datetime) -> None:
    """Will record who a payer is to the Trésor. Raises ValueError when something is lacking or too long."""
    found = lacks(person)
    if found:
        raise ValueError(found)
    said = {name: value for name, value in asdict(person).items() if name != "reference"}
    Debtor.objects.update_or_create(authority_id=payer.authority_id, payer=payer, defaults=said)
    audit.record("save_debtor", authority=payer.authority_id, of="payer_account", key=payer.pk, by=by, at=at)


@operation
def prepare_docket(regie: Regie, *, exercice: int, authority: Authority, by: Actor, at: datetime) -> CollectionBatch:
    """Will gather what a régie may hand over: past the last reminder, and enough by debtor.

    Nothing is handed over yet: families may still pay. Raises NothingToHandOverError, AlreadyPreparedError.
    """
    regie = type(regie).objects.select_for_update(no_key=True).get(pk=regie.pk)
    if CollectionBatch.objects.filter(regie=regie, state=CollectionBatch.State.PREPARED).exists():
        raise AlreadyPreparedError
    settings = settings_of(regie)
    found, _little = to_hand_over(regie, lowest=settings.lowest_cents, on=at.astimezone(authority.zone).date())
    if not found:
        raise NothingToHandOverError
    batch = CollectionBatch.objects.create(
        authority_id=regie.authority_id,
        regie=regie,
        kind=settings.kind,
        exercice=exercice,
        total_cents=sum(one.cents for one in found),
        prepared_at=at,
        prepared_by_id=by.key,
    )
    CollectionOrder.objects.bulk_create(
        CollectionOrder(
            authority_id=regie.authority_id,
            batch=batch,
            payer=one.payer,
            invoice=unpaid.invoice,
            cents=unpaid.facts.left,
        )
        for one in found
        for unpaid in one.invoices
    )
    audit.record("prepare_docket", authority=regie.authority_id, of="collection_batch", key=batch.pk, by=by, at=at)
    return batch


@operation
def leave_out(batch: CollectionBatch, payer: PayerAccount, *, by: Actor, at: datetime) -> bool:
    """Will take a payer out of a docket in preparation; tells whether it was in it."""
    batch = CollectionBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != CollectionBatch.State.PREPARED:
        return False
    count, _by_model = CollectionOrder.objects.filter(batch=batch, payer=payer).delete()
    if count:
        _sum_up(batch)
        audit.record(
            "leave_out_of_docket", authority=batch.authority_id, of="collection_batch", key=batch.pk, by=by, at=at
        )
    return bool(count)


@operation
def drop_docket(batch: CollectionBatch, *, by: Actor, at: datetime) -> bool:
    """Will forget a docket in preparation; tells whether it was one still."""
    batch = CollectionBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != CollectionBatch.State.PREPARED:
        return False
    key = batch.pk
    CollectionOrder.objects.filter(batch=batch).delete()
    batch.delete()
    audit.record("drop_docket", authority=batch.authority_id, of="collection_batch", key=key, by=by, at=at)
    return True


@operation
def export_docket(
    batch: CollectionBatch,
    *,
    authority: Authority,
    write: WritesDockets,
    being_paid: Callable[[], Collection[int]] = frozenset,
    by: Actor,
    at: datetime,
) -> CollectionBatch:
    """Will number a docket, write its file, hand its invoices over and lock it all; nothing when the file fails.

    What was paid, or held, since it was prepared is taken out, as is what somebody is paying now (`being_paid` tells
    the keys of the invoices, once their payers are locked); sums are those of this moment. A docket that was
    refused is written again, under its number, with its debtors as they are now known.

    Raises UnableToExportError, or what `write` raises.
    """
    batch = CollectionBatch.objects.select_for_update().select_related("regie").get(pk=batch.pk)
    settings = settings_of(batch.regie)
    budget = budget_of(settings, authority)
    missing = budget_lacks(budget, kind_of(batch))
    if missing:
        raise UnableToExportError(budget=tuple(missing))
    if batch.state == CollectionBatch.State.PREPARED:
        _bring_up_to_date(batch, settings, authority=authority, being_paid=being_paid, at=at)
    elif batch.state != CollectionBatch.State.REFUSED:
        raise UnableToExportError
    debtors = debtors_of(batch)
    incomplete = tuple(one.payer.pk for one in debtors if one.lacks)
    if incomplete or not debtors:
        raise UnableToExportError(debtors=incomplete)
    if batch.state == CollectionBatch.State.PREPARED:
        _number(batch, debtors, settings)
    docket = _docket(batch, debtors, budget, at=at.astimezone(authority.zone))
    batch.content = write(docket)
    batch.digest = hashlib.sha256(batch.content).hexdigest()
    batch.file_name, batch.exports = docket.file_name, batch.exports + 1
    is_first = batch.state == CollectionBatch.State.PREPARED
    batch.state, batch.exported_at, batch.exported_by_id = CollectionBatch.State.EXPORTED, at, by.key
    batch.answered_at, batch.refusal = None, ""
    batch.save()
    if is_first:
        for debtor in debtors:
            for order in debtor.orders:
                hand_over(order.invoice, number=_name_of(batch, order), by=by, at=at)
    audit.record(
        "export_docket",
        authority=batch.authority_id,
        of="collection_batch",
        key=batch.pk,
        by=by,
        at=at,
        number=batch.sequence,
        orders=sum(len(one.orders) for one in debtors),
        cents=batch.total_cents,
    )
    return batch


def _bring_up_to_date(
    batch: CollectionBatch,
    settings: CollectionSettings,
    *,
    authority: Authority,
    being_paid: Callable[[], Collection[int]],
    at: datetime,
) -> None:
    """Will lock the payers of a docket and keep what is still to be recovered, at what is left of it."""
    orders = list(CollectionOrder.objects.filter(batch=batch))
    payers = PayerAccount.objects.select_for_update(no_key=True).filter(pk__in={order.payer_id for order in orders})
    list(payers.order_by("pk").values_list("pk"))
    today = at.astimezone(authority.zone).date()
    keys = [order.invoice_id for order in orders]
    list(Invoice.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    asked = {one.invoice.pk for one in unpaid_invoices(on=today, invoices=keys) if one.facts.may_be_asked_for}
    asked -= set(being_paid())
    left = left_of(keys)
    sums: dict[int, int] = {}
    for order in orders:
        if order.invoice_id in asked:
            sums[order.payer_id] = sums.get(order.payer_id, 0) + left[order.invoice_id]
    for order in orders:
        cents = left.get(order.invoice_id, 0)
        if order.invoice_id not in asked or not is_worth_it([sums[order.payer_id]], lowest=settings.lowest_cents):
            order.delete()
        elif order.cents != cents:
            order.cents = cents
            order.save(update_fields=["cents"])
    _sum_up(batch)


def _sum_up(batch: CollectionBatch) -> None:
    total = CollectionOrder.objects.filter(batch=batch).aggregate(sum=models.Sum("cents"))["sum"] or 0
    batch.total_cents = total
    batch.save(update_fields=["total_cents"])


def _number(batch: CollectionBatch, debtors: list[DebtorOrders], settings: CollectionSettings) -> None:
    """Will give a docket and its titles the next numbers of the budget; those of a roll begin at 1."""
    names = {
        "authority_id": batch.authority_id,
        "town_code": settings.town_code,
        "budget_code": settings.budget_code,
        "exercice": batch.exercice,
        "kind": batch.kind,
    }
    CollectionSeries.objects.bulk_create([CollectionSeries(**names)], ignore_conflicts=True)
    series = CollectionSeries.objects.select_for_update().get(**names)
    is_roll = kind_of(batch) is DocketKind.ROLLS
    batch.sequence = max(series.last_docket + 1, settings.first_docket)
    first = 1 if is_roll else max(series.last_title + 1, settings.first_title)
    batch.town_code, batch.budget_code = settings.town_code, settings.budget_code
    for piece, debtor in enumerate(debtors, start=first):
        for line, order in enumerate(debtor.orders, start=1):
            order.piece, order.line = piece, line
            order.save(update_fields=["piece", "line"])
    series.last_docket = batch.sequence
    if not is_roll:
        series.last_title = first + len(debtors) - 1
    series.save(update_fields=["last_docket", "last_title"])
    if series.last_docket > HIGHEST_NUMBER:
        raise UnableToExportError


def _docket(batch: CollectionBatch, debtors: list[DebtorOrders], budget: Budget, *, at: datetime) -> Docket:
    kind = kind_of(batch)
    prefix = "FACTURES" if kind is DocketKind.ROLLS else "IMPAYE REGIE"
    titles = []
    for debtor in debtors:
        lines = tuple(
            TitleLine(order.line or 0, plain(f"{order.invoice.number} {order.invoice.label}")[:160], order.cents)
            for order in debtor.orders
        )
        months = dict.fromkeys(f"{order.invoice.ends_on:%m/%Y}" for order in debtor.orders)
        label = plain(f"{prefix} {batch.regie.name} {' '.join(months)}")[:160]
        titles.append(Title(debtor.orders[0].piece or 0, label, debtor.person, lines))
    return Docket(
        kind=kind,
        budget=budget,
        exercice=batch.exercice,
        number=batch.sequence or 0,
        emitted_on=at.date(),
        label=plain(f"{prefix} {batch.regie.name} {at:%m/%Y}")[:160],
        titles=tuple(sorted(titles, key=lambda one: one.number)),
        attempt=batch.exports + 1,
    )


def _name_of(batch: CollectionBatch, order: CollectionOrder) -> str:
    """Will name a title as a family will read it: « 2026-312 », or « 2026-11-2 » for the article of a roll."""
    if kind_of(batch) is DocketKind.ROLLS:
        return f"{batch.exercice}-{batch.sequence}-{order.piece}"
    return f"{batch.exercice}-{order.piece}"
