"""The tasks that the outbox names, and those that the clock starts.

A task may run twice (the worker was killed after the work and before saying so) and must not mind. It opens the scope
of the authority that it was queued for. When it happens is machine time; what it decides with is business time.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial, wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.conf import settings
from procrastinate import JobContext, RetryStrategy
from procrastinate.blueprints import Blueprint

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.rules.joining import is_joined
from marelle.domain.billing.models import BillingRun, Invoice, PayerAccount, Reminder
from marelle.domain.billing.operations.blocks import refresh_unpaid_block
from marelle.domain.billing.operations.reminders import ask_to_follow_unpaid, due_today, remind
from marelle.domain.billing.operations.runs import draft_some, issue_some
from marelle.domain.billing.queries.accounts import left_of
from marelle.domain.billing.queries.ledger import balances_of, ledger_faults
from marelle.domain.billing.queries.unpaid import families_blocked, families_overdue, reminded_together
from marelle.domain.catalog.queries import offer_of
from marelle.domain.payments.asking import ask_all
from marelle.domain.payments.models import PaymentAttempt
from marelle.domain.payments.operations.attempts import (
    expire_at_desk,
    forget_old_receipt_addresses,
    forget_receipt_address,
)
from marelle.domain.payments.queries.attempts import (
    attempts_since,
    attempts_to_ask,
    desk_attempts_over,
    places_being_paid,
)
from marelle.domain.payments.queries.attempts import settings_of as payment_settings_of
from marelle.domain.payments.queries.stories import attempt_story, last_taken_from_wallet
from marelle.domain.payments.rules.attempts import State as PaymentState
from marelle.domain.reservations.models import (
    Absence,
    CancellationRequest,
    Confirmation,
    FreedPlace,
    PlaceOffer,
    Reservation,
    WaitingListEntry,
)
from marelle.domain.reservations.operations.by_agents import release_expired_holds
from marelle.domain.reservations.operations.freed_places import offer_freed_places, offer_let_go_place
from marelle.domain.reservations.operations.place_offers import end_offers
from marelle.domain.reservations.queries.absences import readings_of
from marelle.domain.reservations.queries.waiting import running_offers
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.letters import about_invoices, about_payments, about_reservations, about_unpaid
from marelle.letters.models import Letter
from marelle.letters.sending import UnableToSendError, send, send_to_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from procrastinate import App

# 4 s, 16 s, 1 min, 4 min, 17 min, 68 min, 4.5 h, 18 h: a mail server that is down for a night loses nothing.
PATIENT = RetryStrategy(max_attempts=8, exponential_wait=4)
KEPT_HOURS = 72
REMINDED_AT_ONCE = 100
RECONCILED = timedelta(days=2)
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


@for_authority("letters.place_offered")
def place_offered(authority: Authority, *, offer: int) -> None:
    """Will write that a place is offered, and until when, to who may still accept it."""
    now = clock.business_now()
    row = running_offers(at=now).filter(pk=offer).select_related("entry__family", "entry__child", "entry__product")
    made = row.first()
    if made is None:
        return
    send(
        Letter.Kind.PLACE_OFFERED,
        about_reservations.place_offered(made, authority),
        about=made.pk,
        family=made.entry.family,
        by=SYSTEM,
        at=now,
    )


@for_authority("letters.offer_expired")
def offer_expired(authority: Authority, *, offer: int) -> None:
    """Will write that a place that another family let go is offered no more, for want of an answer."""
    row = PlaceOffer.objects.select_related("entry__family", "entry__child", "entry__product").get(pk=offer)
    send(
        Letter.Kind.OFFER_EXPIRED,
        about_reservations.offer_expired(row.entry, authority),
        about=row.pk,
        family=row.entry.family,
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
    """Will offer the places of these slots to the first of their waiting lists."""
    offer_freed_places(slots, offer=offer_of(authority), by=SYSTEM, at=clock.business_now())


@for_authority("reservations.place_let_go")
def place_let_go(authority: Authority, *, freed: int) -> None:
    """Will offer a place that its family let go to the next who waits for it."""
    offer_let_go_place(FreedPlace.objects.get(pk=freed), offer=offer_of(authority), by=SYSTEM, at=clock.business_now())


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


@for_authority("letters.invoice_imported")
def invoice_imported(authority: Authority, *, invoice: int) -> None:
    """Will write to the debtor of another software, who left an address, that the invoice may be paid online."""
    row = Invoice.objects.select_related("regie", "payer").get(pk=invoice)
    today = clock.business_now().astimezone(authority.zone).date()
    if row.payer.email and row.withdrawn_at is None and is_joined(row.regie.online_from, on=today):
        draft = about_invoices.imported_invoice(row, authority)
        send_to_address(row.payer.email, draft, name=f"facture-{row.public_id}")


@for_authority("letters.payment_received")
def payment_received(authority: Authority, *, attempt: int) -> None:
    """Will write that a payment was received, to the account that paid; its receipt to who paid without one."""
    row = PaymentAttempt.objects.select_related("regie", "user").get(pk=attempt)
    if row.receipt_email and row.state == PaymentState.PAID:
        draft = about_payments.receipt_without_account(attempt_story(row), authority)
        send_to_address(row.receipt_email, draft, name=f"quittance-{row.public_id}")
        forget_receipt_address(row, by=SYSTEM, at=clock.business_now())
    elif row.user is not None and row.family_id is None and row.state == PaymentState.PAID:
        draft = about_payments.receipt_of_account(attempt_story(row), authority)
        send_to_address(row.user.email, draft, name=f"quittance-{row.public_id}")
    _about_payment(Letter.Kind.PAYMENT_RECEIVED, about_payments.payment_received, authority, attempt)


@for_authority("letters.payment_failed")
def payment_failed(authority: Authority, *, attempt: int) -> None:
    """Will write that a payment did not succeed; nothing if it was paid since."""
    _about_payment(Letter.Kind.PAYMENT_FAILED, about_payments.payment_failed, authority, attempt)


@for_authority("letters.wallet_low")
def wallet_low(authority: Authority, *, payer: int) -> None:
    """Will write that little is left in a wallet, once for what emptied it; nothing if it was filled since."""
    row = PayerAccount.objects.select_related("family", "regie").get(pk=payer)
    low = payment_settings_of(row.regie_id)
    left = balances_of([row.pk])[row.pk].wallet
    emptied = last_taken_from_wallet(row.pk)
    if row.family is None or emptied is None or low is None or left >= low.low_balance_cents:
        return
    send(
        Letter.Kind.WALLET_LOW,
        about_payments.wallet_low(row, left, authority),
        about=emptied,
        family=row.family,
        by=SYSTEM,
        at=clock.business_now(),
    )


def _about_payment(kind: str, write: Callable[..., Any], authority: Authority, attempt: int) -> None:
    row = PaymentAttempt.objects.select_related("family", "regie").get(pk=attempt)
    is_paid = row.state == PaymentState.PAID
    if row.family is None or is_paid != (kind == Letter.Kind.PAYMENT_RECEIVED):
        return
    if row.is_without_account and not is_paid:
        return  # it was not theirs to pay: anybody could write to them
    send(
        kind,
        write(attempt_story(row), authority),
        about=row.pk,
        family=row.family,
        reader=row.user_id,
        by=SYSTEM,
        at=clock.business_now(),
    )


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


@for_authority("letters.invoice_reminder")
def invoice_reminder(authority: Authority, *, reminder: int) -> None:
    """Will write that invoices are still owed, but for those paid, or handed over, since the reminder was made."""
    row = Reminder.objects.select_related("invoice__family").get(pk=reminder)
    together = reminded_together(row)
    left = left_of([one.invoice_id for one in together])
    owed = [(one, left.get(one.invoice_id, 0)) for one in together if one.invoice.recovery_at is None]
    owed = [(one, cents) for one, cents in owed if cents > 0]
    if owed and row.invoice.family is not None:
        send(
            Letter.Kind.INVOICE_REMINDER,
            about_unpaid.invoice_reminder(owed, authority),
            about=row.pk,
            family=row.invoice.family,
            by=SYSTEM,
            at=clock.business_now(),
        )


@for_authority("billing.follow_unpaid")
def follow_unpaid(authority: Authority) -> None:
    """Will send the reminders that are due today, and put or lift the blocks of the families that owe, one by one."""
    now = clock.business_now()
    today = now.astimezone(authority.zone).date()
    due = due_today(on=today)
    for first in range(0, len(due), REMINDED_AT_ONCE):
        remind(due[first : first + REMINDED_AT_ONCE], authority=authority, by=SYSTEM, at=now)
    for family in sorted(families_overdue(authority.pk, on=today) | families_blocked(authority.pk)):
        refresh_unpaid_block(family, authority=authority, by=SYSTEM, at=now)


@tasks.periodic(cron="30 5 * * *")
@tasks.task(name="billing.follow_every_unpaid", queueing_lock="billing.follow_every_unpaid")
def follow_every_unpaid(timestamp: int) -> None:
    """Will follow, each morning, what is unpaid at each authority: one that fails keeps no other waiting."""
    ask_to_follow_unpaid(by=SYSTEM, at=clock.business_now())


@tasks.periodic(cron="* * * * *")
@tasks.task(name="payments.follow", queueing_lock="payments.follow")
def follow_payments(timestamp: int) -> None:
    """Will ask, each minute, what became of the payments under way, then give back what is held beyond its time."""
    now = clock.business_now()
    with tenancy.every_authority():
        waiting = attempts_to_ask(at=now)
    ask_all(waiting, gateways=settings.GATEWAYS, by=SYSTEM, moment=clock.business_now)
    with tenancy.every_authority():
        over = desk_attempts_over(at=now)
    for attempt in over:
        with tenancy.scope({attempt.authority_id}):
            try:
                expire_at_desk(attempt, by=SYSTEM, at=clock.business_now())
            except Exception:
                # The others, and what is held beyond its time, do not wait for this one.
                log.exception("payment attempt %s: could not be ended", attempt.pk)
    with tenancy.every_authority():
        release_expired_holds(kept=list(places_being_paid()), by=SYSTEM, at=clock.business_now())
        end_offers(by=SYSTEM, at=clock.business_now())


@tasks.periodic(cron="30 4 * * *")
@tasks.task(name="payments.reconcile")
def reconcile_payments(timestamp: int) -> None:
    """Will ask again, each night, about every payment of the last two days that is not paid: « paid » may come late.

    Then forgets who wanted a receipt of those that are over.
    """
    with tenancy.every_authority():
        doubtful = attempts_since(clock.business_now() - RECONCILED)
    ask_all(doubtful, gateways=settings.GATEWAYS, by=SYSTEM, moment=clock.business_now)
    with tenancy.every_authority():
        forget_old_receipt_addresses(by=SYSTEM, at=clock.business_now())


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


def on_app_ready(app: App) -> None:
    """Will register every task with the queue."""
    for others in (
        "accounts",
        "addresses",
        "applications",
        "custody",
        "custody_letters",
        "direct_debits",
        "disruptions",
        "figures",
        "files",
        "imports",
        "kitchen",
        "messages",
        "posts",
        "profile",
        "searching",
        "uniting",
        "ways_in",
    ):
        import_module(f"marelle.jobs.{others}")  # adds its own to `tasks`
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
