"""The tasks that the outbox names, and those that the clock starts.

A task may run twice (the worker was killed after the work and before saying so) and must not mind. It opens the scope
of the authority that it was queued for. When it happens is machine time; what it decides with is business time.
"""

from __future__ import annotations

import logging
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from django.contrib.sessions.backends.db import SessionStore
from procrastinate import JobContext, RetryStrategy
from procrastinate.blueprints import Blueprint

from marelle.domain.authorities.models import Authority
from marelle.domain.billing.models import BillingRun, Invoice, PayerAccount
from marelle.domain.billing.operations.runs import draft_some, issue_some
from marelle.domain.billing.queries.ledger import ledger_faults
from marelle.domain.catalog.queries import offer_of
from marelle.domain.payments.models import DirectDebit, DirectDebitBatch, DirectDebitMandate, MandateAmendment
from marelle.domain.payments.models import RefundRequest as Refund
from marelle.domain.payments.operations.debit_batches import batches_to_settle, settle_some
from marelle.domain.payments.operations.mandates import lapse_mandates
from marelle.domain.reservations.models import (
    Absence,
    CancellationRequest,
    Confirmation,
    Reservation,
    WaitingListEntry,
)
from marelle.domain.reservations.operations.by_agents import release_expired_holds
from marelle.domain.reservations.operations.freed_places import tell_those_who_wait
from marelle.domain.reservations.queries.absences import readings_of
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.letters import about_direct_debits, about_invoices, about_refunds, about_reservations
from marelle.letters.models import Letter
from marelle.letters.sending import UnableToSendError, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from procrastinate import App

# 4 s, 16 s, 1 min, 4 min, 17 min, 68 min, 4.5 h, 18 h: a mail server that is down for a night loses nothing.
PATIENT = RetryStrategy(max_attempts=8, exponential_wait=4)
KEPT_HOURS = 72
log = logging.getLogger("marelle.jobs")

tasks = Blueprint()


def for_authority(name: str) -> Callable[[Callable[..., None]], Any]:
    """Will make a task of this name whose first argument, `authority`, is a key on the way in and the row inside."""

    def as_task(function: Callable[..., None]) -> Any:
        @wraps(function)
        def in_scope(*, authority: int, **facts: Any) -> None:
            with tenancy.scope({authority}):
                function(Authority.objects.defer("logo", "palette_css").get(pk=authority), **facts)

        return tasks.task(name=name, retry=PATIENT)(in_scope)

    return as_task


@for_authority("letters.basket_confirmed")
def basket_confirmed(authority: Authority, *, confirmation: int) -> None:
    """Will write what a confirmed basket recorded to the account that confirmed it."""
    row = Confirmation.objects.select_related("family").get(pk=confirmation)
    send(
        Letter.Kind.BASKET_CONFIRMED,
        about_reservations.basket_confirmed(row, authority),
        about=row.pk,
        family=row.family,
        reader=row.user_id,
        by=SYSTEM,
        at=clock.business_now(),
    )


@for_authority("letters.cancellation_decided")
def cancellation_decided(authority: Authority, *, request: int) -> None:
    """Will write the answer to a cancellation request to whoever asked."""
    row = CancellationRequest.objects.select_related(
        "confirmation", "reservation__family", "reservation__child", "reservation__product"
    ).get(pk=request)
    send(
        Letter.Kind.CANCELLATION_DECIDED,
        about_reservations.cancellation_decided(row, authority),
        about=row.pk,
        family=row.reservation.family,
        reader=row.confirmation.user_id if row.confirmation else None,
        by=SYSTEM,
        at=clock.business_now(),
    )


@for_authority("letters.held_place_confirmed")
def held_place_confirmed(authority: Authority, *, reservation: int) -> None:
    """Will write that a place that was held is reserved for good."""
    _about_reservation(
        Letter.Kind.HELD_PLACE_CONFIRMED, about_reservations.held_place_confirmed, authority, reservation
    )


@for_authority("letters.held_place_released")
def held_place_released(authority: Authority, *, reservation: int) -> None:
    """Will write that a place that was held is held no more."""
    _about_reservation(Letter.Kind.HELD_PLACE_RELEASED, about_reservations.held_place_released, authority, reservation)


@for_authority("letters.reserved_for_family")
def reserved_for_family(authority: Authority, *, reservation: int) -> None:
    """Will write that an agent reserved for the family."""
    _about_reservation(Letter.Kind.RESERVED_FOR_FAMILY, about_reservations.reserved_for_family, authority, reservation)


@for_authority("letters.cancelled_for_family")
def cancelled_for_family(authority: Authority, *, reservation: int, refunded: int) -> None:
    """Will write that an agent cancelled for the family, and whether it is refunded (1) or not (0)."""
    _about_reservation(
        Letter.Kind.CANCELLED_FOR_FAMILY,
        partial(about_reservations.cancelled_for_family, is_refunded=bool(refunded)),
        authority,
        reservation,
    )


@for_authority("letters.place_freed")
def place_freed(authority: Authority, *, entry: int) -> None:
    """Will write that a place is free to who waits for it still."""
    row = WaitingListEntry.objects.select_related("family", "child", "product__activity__facility").get(pk=entry)
    if row.left_at is not None:
        return
    send(
        Letter.Kind.PLACE_FREED,
        about_reservations.place_freed(row, authority),
        about=row.pk,
        family=row.family,
        by=SYSTEM,
        at=clock.business_now(),
    )


@for_authority("letters.absence_told")
def absence_told(authority: Authority, *, absence: int) -> None:
    """Will write what was told, and what the règlement makes of it, unless it was withdrawn since."""
    row = Absence.objects.select_related("reservation__family", "reservation__child", "reservation__product").get(
        pk=absence
    )
    if row.withdrawn_at is not None:
        return
    now = clock.business_now()
    reading = readings_of([row], offer=offer_of(authority), at=now).get(row.pk)
    send(
        Letter.Kind.ABSENCE_TOLD,
        about_reservations.absence_told(row, reading, authority),
        about=row.pk,
        family=row.reservation.family,
        by=SYSTEM,
        at=now,
    )


@for_authority("reservations.places_freed")
def places_freed(authority: Authority, *, slots: list[int]) -> None:
    """Will tell the first of the waiting lists of these slots."""
    tell_those_who_wait(slots, offer=offer_of(authority), by=SYSTEM, at=clock.business_now())


@for_authority("billing.go_on")
def go_on_billing(authority: Authority, *, run: int) -> None:
    """Will draft, or issue, what is left of a run, a step at a time: a worker that is killed is followed by another."""
    row = BillingRun.objects.get(pk=run)
    while draft_some(row, authority=authority, by=SYSTEM, at=clock.business_now()):
        pass
    while issue_some(row, by=SYSTEM, at=clock.business_now()):
        pass


@for_authority("letters.run_issued")
def run_issued(authority: Authority, *, run: int) -> None:
    """Will write to the families of a run who receive their invoices by e-mail; those already written to are not."""
    failed = 0
    rows = Invoice.objects.issued().filter(run=run, delivery=PayerAccount.Delivery.EMAIL, family__isnull=False)
    for row in rows.select_related("family").order_by("sequence").iterator(chunk_size=200):
        try:
            _invoice_letter(row, authority)
        except UnableToSendError:
            failed += 1
    if failed:
        raise UnableToSendError(f"{failed} invoices of the run {run}")


@for_authority("letters.invoice_issued")
def invoice_issued(authority: Authority, *, invoice: int) -> None:
    """Will write that one invoice is out, to a family that receives them by e-mail."""
    row = Invoice.objects.select_related("family").get(pk=invoice)
    if row.delivery == PayerAccount.Delivery.EMAIL and row.family is not None:
        _invoice_letter(row, authority)


def _invoice_letter(row: Invoice, authority: Authority) -> None:
    if row.family is not None:
        send(
            Letter.Kind.INVOICE_ISSUED,
            about_invoices.invoice_issued(row, authority),
            about=row.pk,
            family=row.family,
            by=SYSTEM,
            at=clock.business_now(),
        )


@for_authority("letters.mandate_signed")
def mandate_signed(authority: Authority, *, mandate: int) -> None:
    """Will confirm a mandate to the whole family: who did not sign it must know."""
    row = DirectDebitMandate.objects.select_related("family", "regie").get(pk=mandate)
    draft = about_direct_debits.mandate_signed(row, authority)
    send(Letter.Kind.MANDATE_SIGNED, draft, about=row.pk, family=row.family, by=SYSTEM, at=clock.business_now())


@for_authority("letters.mandate_amended")
def mandate_amended(authority: Authority, *, amendment: int) -> None:
    """Will say that a mandate debits another account."""
    row = MandateAmendment.objects.select_related("mandate__family").get(pk=amendment)
    draft = about_direct_debits.mandate_amended(row.mandate, authority)
    send(
        Letter.Kind.MANDATE_AMENDED, draft, about=row.pk, family=row.mandate.family, by=SYSTEM, at=clock.business_now()
    )


@for_authority("letters.mandate_revoked")
def mandate_revoked(authority: Authority, *, mandate: int) -> None:
    """Will confirm that a mandate serves no more."""
    row = DirectDebitMandate.objects.select_related("family").get(pk=mandate)
    draft = about_direct_debits.mandate_revoked(row, authority)
    send(Letter.Kind.MANDATE_REVOKED, draft, about=row.pk, family=row.family, by=SYSTEM, at=clock.business_now())


@for_authority("letters.debits_announced")
def debits_announced(authority: Authority, *, batch: int) -> None:
    """Will tell each payer of a batch what is debited and when; those already told are not told twice."""
    _about_debits(
        Letter.Kind.DEBIT_ANNOUNCED,
        about_direct_debits.debit_announced,
        authority,
        DirectDebit.objects.filter(batch=batch, state__in=(DirectDebit.State.ANNOUNCED, DirectDebit.State.SENT)),
    )


@for_authority("letters.debits_abandoned")
def debits_abandoned(authority: Authority, *, batch: int) -> None:
    """Will tell each payer of a batch that it does not take place."""
    _about_debits(
        Letter.Kind.DEBIT_ABANDONED,
        about_direct_debits.debit_abandoned,
        authority,
        DirectDebit.objects.filter(
            batch=batch, batch__state=DirectDebitBatch.State.ABANDONED, state=DirectDebit.State.WITHDRAWN
        ),
    )


@for_authority("letters.debit_returned")
def debit_returned(authority: Authority, *, debit: int) -> None:
    """Will say that the bank sent a debit back, why, and what to do."""
    _about_debits(
        Letter.Kind.DEBIT_RETURNED, about_direct_debits.debit_returned, authority, DirectDebit.objects.filter(pk=debit)
    )


def _about_debits(kind: str, write: Callable[..., Any], authority: Authority, debits: Any) -> None:
    failed = 0
    rows = debits.select_related("payer__family", "mandate__family", "batch", "fee").prefetch_related("lines__invoice")
    for row in rows.order_by("pk").iterator(chunk_size=200):
        family, now = row.mandate.family, clock.business_now()
        try:
            send(kind, write(row, authority), about=row.pk, family=family, by=SYSTEM, at=now)
        except UnableToSendError:
            failed += 1
    if failed:
        raise UnableToSendError(f"{failed} letters {kind}")


@for_authority("payments.settle_debits")
def settle_debits(authority: Authority, *, batch: int) -> None:
    """Will record as paid what did not come back of a batch, a hundred at a time."""
    row = DirectDebitBatch.objects.defer("file").get(pk=batch)
    while settle_some(row, by=SYSTEM, at=clock.business_now()):
        pass


@for_authority("letters.refund_decided")
def refund_decided(authority: Authority, *, refund: int) -> None:
    """Will say what the town hall answered to who asked to be paid back."""
    _about_refund(Letter.Kind.REFUND_DECIDED, about_refunds.refund_decided, authority, refund)


@for_authority("letters.refund_paid")
def refund_paid(authority: Authority, *, refund: int) -> None:
    """Will say that the bank has the order of a transfer."""
    _about_refund(Letter.Kind.REFUND_PAID, about_refunds.refund_paid, authority, refund)


def _about_refund(kind: str, write: Callable[..., Any], authority: Authority, refund: int) -> None:
    row = Refund.objects.select_related("family", "batch").get(pk=refund)
    send(kind, write(row, authority), about=row.pk, family=row.family, by=SYSTEM, at=clock.business_now())


@tasks.periodic(cron="25 3 * * *")
@tasks.task(name="payments.nightly_debits", queueing_lock="payments.nightly_debits")
def nightly_debits(timestamp: int) -> None:
    """Will record, each night, the debits that came back no more, and end the mandates unused for 36 months."""
    now = clock.business_now()
    for authority in Authority.objects.only("pk", "timezone").order_by("pk"):
        today = now.astimezone(authority.zone).date()
        with tenancy.scope({authority.pk}):
            for batch in batches_to_settle(on=today):
                while settle_some(batch, by=SYSTEM, at=now):
                    pass
            lapse_mandates(on=today, by=SYSTEM, at=now)


@tasks.periodic(cron="* * * * *")
@tasks.task(name="reservations.release_expired_holds", queueing_lock="reservations.release_expired_holds")
def release_holds(timestamp: int) -> None:
    """Will give back, each minute, the places held beyond their time."""
    with tenancy.every_authority():
        release_expired_holds(by=SYSTEM, at=clock.business_now())


@tasks.periodic(cron="* * * * *")
@tasks.task(name="jobs.retry_stalled", queueing_lock="jobs.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Will queue again, each minute, the jobs of a worker that was killed."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)


@tasks.periodic(cron="20 * * * *")
@tasks.task(name="jobs.sweep", pass_context=True)
async def sweep(context: JobContext, timestamp: int) -> None:
    """Will forget, each hour, the jobs done more than three days ago; those that failed are kept to be looked at."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS)


@tasks.periodic(cron="10 3 * * *")
@tasks.task(name="billing.check_ledger")
def check_ledger(timestamp: int) -> None:
    """Will prove, each night, that the ledger and the invoices agree; what does not is said in the log, by its keys."""
    with tenancy.every_authority():
        for fault in ledger_faults():
            log.critical("ledger: %s, authority %s, row %s", fault.what, fault.authority, fault.key)


@tasks.periodic(cron="40 3 * * *")
@tasks.task(name="jobs.forget_sessions")
def forget_sessions(timestamp: int) -> None:
    """Will forget, each night, the sessions that have ended."""
    SessionStore.clear_expired()


def on_app_ready(app: App) -> None:
    """Will register every task with the queue."""
    app.add_tasks_from(tasks, namespace="")


def _about_reservation(kind: str, write: Callable[..., Any], authority: Authority, reservation: int) -> None:
    row = Reservation.objects.select_related("confirmation", "family", "child", "product").get(pk=reservation)
    send(
        kind,
        write(row, authority),
        about=row.pk,
        family=row.family,
        reader=row.confirmation.user_id if row.confirmation else None,
        by=SYSTEM,
        at=clock.business_now(),
    )
