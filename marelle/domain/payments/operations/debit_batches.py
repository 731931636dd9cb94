"""A day of direct debits: announced to the families, written for the bank, sent, then recorded as paid."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from marelle.domain.billing.models import Invoice, PayerAccount, Posting
from marelle.domain.billing.operations.blocks import refresh_unpaid_block
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.billing.operations.reminders import hold_for_debits, release_from_debits
from marelle.domain.payments.bank_files import Debit, DebitOrder, OwnAccount
from marelle.domain.payments.models import (
    CreditorAccount,
    DirectDebit,
    DirectDebitBatch,
    DirectDebitLine,
    DirectDebitMandate,
    MandateAmendment,
)
from marelle.domain.payments.operations.receipts import give_receipt
from marelle.domain.payments.queries.direct_debits import debitable, left_of_invoices
from marelle.domain.payments.rules.mandates import MandateState, WrongDay, has_lapsed, wrong_day
from marelle.foundation import audit, outbox
from marelle.foundation.french_dates import without_weekday
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority, Regie
    from marelle.domain.payments.bank_files import BankFiles
    from marelle.foundation.actors import Actor

SETTLED_AT_ONCE: Final = 100
# After the day of a debit: time for the bank to say that it did not go through.
HELD_DAYS: Final = 10


class WhyNotDebited(StrEnum):
    """Why debits were not prepared, written or sent."""

    NO_CREDITOR = "no_creditor"
    ONE_IS_OPEN = "one_is_open"
    NOBODY = "nobody"
    WRONG_DAY = "wrong_day"
    NOT_OPEN = "not_open"
    NO_FILE = "no_file"
    TOO_LATE = "too_late"
    NOT_DUE_YET = "not_due_yet"
    STALE = "stale"


class UnableToDebitError(Exception):
    """Nothing was written; `why` says what stands against it, and `day` what is wrong with the day."""

    def __init__(self, why: WhyNotDebited, day: WrongDay | None = None) -> None:
        """Will keep why."""
        super().__init__(why.value)
        self.why, self.day = why, day


@operation
def prepare_debits(regie: Regie, *, due_on: date, told_on: date, by: Actor, at: datetime) -> DirectDebitBatch:
    """Will announce to every payer with a mandate that what it owes to a régie is debited on a day.

    `told_on` is today over there: at least fourteen days before. Raises UnableToDebitError.
    """
    # The row of the creditor is the lock of the régie's debits: one day at a time is prepared.
    creditor = CreditorAccount.objects.select_for_update().filter(regie=regie).first()
    if creditor is None:
        raise UnableToDebitError(WhyNotDebited.NO_CREDITOR)
    if DirectDebitBatch.objects.filter(regie=regie, state__in=DirectDebitBatch.OPEN).exists():
        raise UnableToDebitError(WhyNotDebited.ONE_IS_OPEN)
    day = wrong_day(due_on, told_on=told_on)
    if day is not None:
        raise UnableToDebitError(WhyNotDebited.WRONG_DAY, day)
    _lock_payers([one.mandate.payer_id for one in debitable(regie.pk, on=due_on)])
    found = debitable(regie.pk, on=due_on)
    if not found:
        raise UnableToDebitError(WhyNotDebited.NOBODY)
    name = new_public_id()
    batch: DirectDebitBatch = DirectDebitBatch.objects.create(
        authority_id=regie.authority_id,
        public_id=name,
        regie=regie,
        due_on=due_on,
        message=f"PRLV-{due_on:%Y%m%d}-{name.upper()}",
        prepared_at=at,
        prepared_by_id=by.key,
    )
    debits = DirectDebit.objects.bulk_create(
        [
            DirectDebit(
                authority_id=regie.authority_id,
                batch=batch,
                mandate=one.mandate,
                payer_id=one.mandate.payer_id,
                reference=f"{due_on:%Y%m%d}-{new_public_id().upper()}",
                cents=one.cents,
            )
            for one in found
        ],
        batch_size=1000,
    )
    DirectDebitLine.objects.bulk_create(
        [
            DirectDebitLine(authority_id=regie.authority_id, debit=debit, invoice_id=due.invoice, cents=due.cents)
            for debit, one in zip(debits, found, strict=True)
            for due in one.dues
        ],
        batch_size=1000,
    )
    hold_for_debits(
        [due.invoice for one in found for due in one.dues],
        authority=regie.authority_id,
        until=due_on + timedelta(days=HELD_DAYS),
        by=by,
        at=at,
    )
    outbox.post("letters.debits_announced", authority=regie.authority_id, batch=batch.pk)
    audit.record(
        "prepare_debits",
        authority=regie.authority_id,
        of="direct_debit_batch",
        key=batch.pk,
        by=by,
        at=at,
        debits=len(debits),
        cents=sum(one.cents for one in debits),
    )
    return batch


@operation
def make_debit_file(
    batch: DirectDebitBatch, writer: BankFiles, *, authority: Authority, on: date, by: Actor, at: datetime
) -> DirectDebitBatch:
    """Will write the file of a batch; again: anew, until it is sent.

    What was paid since the announcement is taken off, and what may not be debited any more: never more than announced.
    Raises UnableToDebitError, UnwritableFileError.
    """
    batch = DirectDebitBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state not in DirectDebitBatch.OPEN:
        raise UnableToDebitError(WhyNotDebited.NOT_OPEN)
    if batch.due_on <= on:
        raise UnableToDebitError(WhyNotDebited.TOO_LATE)
    creditor = CreditorAccount.objects.get(regie=batch.regie_id)
    debits = _reckoned_anew(batch, by=by, at=at)
    if not debits:
        raise UnableToDebitError(WhyNotDebited.NOBODY)
    amended = set(
        MandateAmendment.objects.filter(
            mandate__in=[one.mandate_id for one in debits], told_in__isnull=True, mandate__last_used_on__isnull=False
        ).values_list("mandate_id", flat=True)
    )
    content = writer.debits(
        DebitOrder(
            message=batch.message,
            made_at=at.astimezone(authority.zone),
            due_on=batch.due_on,
            creditor=OwnAccount(creditor.name, creditor.ics, creditor.iban, creditor.bic),
            scheme=creditor.scheme,
            debits=tuple(
                Debit(
                    reference=one.reference,
                    cents=one.cents,
                    rum=one.mandate.rum,
                    signed_on=one.mandate.signed_on,
                    holder=one.mandate.holder,
                    iban=one.mandate.iban,
                    bic=one.mandate.bic,
                    label=f"{creditor.name} {_numbers(one)}",
                    is_amended=one.mandate_id in amended,
                )
                for one in debits
            ),
        )
    )
    batch.file = content.decode("utf-8")
    batch.state, batch.filed_at = DirectDebitBatch.State.FILED, at
    batch.save(update_fields=["file", "state", "filed_at"])
    audit.record(
        "make_debit_file",
        authority=batch.authority_id,
        of="direct_debit_batch",
        key=batch.pk,
        by=by,
        at=at,
        debits=len(debits),
        cents=sum(one.cents for one in debits),
    )
    return batch


@operation
def send_debits(batch: DirectDebitBatch, *, on: date, by: Actor, at: datetime) -> DirectDebitBatch:
    """Will note that the bank has the file: the batch is locked. Again: nothing more. Raises UnableToDebitError."""
    batch = DirectDebitBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state in {DirectDebitBatch.State.SENT, DirectDebitBatch.State.SETTLED}:
        return batch
    if batch.state != DirectDebitBatch.State.FILED:
        raise UnableToDebitError(WhyNotDebited.NO_FILE)
    if batch.due_on < on:
        raise UnableToDebitError(WhyNotDebited.TOO_LATE)
    debits = list(DirectDebit.objects.filter(batch=batch, state=DirectDebit.State.ANNOUNCED).order_by("pk"))
    mandates = [one.mandate_id for one in debits]
    locked = DirectDebitMandate.objects.select_for_update().filter(pk__in=mandates).order_by("pk")
    changed = MandateAmendment.objects.filter(mandate__in=mandates, amended_at__gt=batch.filed_at)
    if any(one.state != MandateState.ACTIVE.value for one in locked) or changed.exists():
        # Revoked, or of another account, since the file was made.
        raise UnableToDebitError(WhyNotDebited.STALE)
    DirectDebit.objects.filter(pk__in=[one.pk for one in debits]).update(state=DirectDebit.State.SENT)
    DirectDebitMandate.objects.filter(pk__in=mandates).update(last_used_on=batch.due_on)
    untold = MandateAmendment.objects.filter(mandate__in=mandates, told_in__isnull=True)
    debit_of = {one.mandate_id: one for one in debits}
    for amendment in untold.order_by("pk"):
        amendment.told_in = debit_of[amendment.mandate_id]
        amendment.save(update_fields=["told_in"])
    batch.state, batch.sent_at, batch.sent_by_id = DirectDebitBatch.State.SENT, at, by.key
    batch.save(update_fields=["state", "sent_at", "sent_by"])
    audit.record(
        "send_debits",
        authority=batch.authority_id,
        of="direct_debit_batch",
        key=batch.pk,
        by=by,
        at=at,
        debits=len(debits),
    )
    return batch


@operation
def abandon_debits(batch: DirectDebitBatch, *, by: Actor, at: datetime) -> DirectDebitBatch:
    """Will give up a batch that the bank does not have: its invoices are to be paid otherwise, families are told.

    Raises UnableToDebitError.
    """
    batch = DirectDebitBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state == DirectDebitBatch.State.ABANDONED:
        return batch
    if batch.state not in DirectDebitBatch.OPEN:
        raise UnableToDebitError(WhyNotDebited.NOT_OPEN)
    told = list(DirectDebit.objects.filter(batch=batch, state=DirectDebit.State.ANNOUNCED).values_list("pk", flat=True))
    _withdraw(told, authority=batch.authority_id, by=by, at=at)
    batch.state, batch.file = DirectDebitBatch.State.ABANDONED, ""
    batch.save(update_fields=["state", "file"])
    if told:
        outbox.post("letters.debits_abandoned", authority=batch.authority_id, batch=batch.pk)
    audit.record("abandon_debits", authority=batch.authority_id, of="direct_debit_batch", key=batch.pk, by=by, at=at)
    return batch


@operation
def confirm_debits(batch: DirectDebitBatch, *, on: date, by: Actor, at: datetime) -> None:
    """Will have what did not come back recorded as paid, from the day itself. Raises UnableToDebitError."""
    batch = DirectDebitBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state == DirectDebitBatch.State.SETTLED:
        return
    if batch.state != DirectDebitBatch.State.SENT or batch.due_on > on:
        raise UnableToDebitError(WhyNotDebited.NOT_DUE_YET)
    outbox.post("payments.settle_debits", authority=batch.authority_id, batch=batch.pk)
    audit.record("confirm_debits", authority=batch.authority_id, of="direct_debit_batch", key=batch.pk, by=by, at=at)


@operation
def settle_some(
    batch: DirectDebitBatch, *, authority: Authority, by: Actor, at: datetime, most: int = SETTLED_AT_ONCE
) -> int:
    """Will record the payment of some debits of a batch that the bank has, with their receipts; returns how many.

    Called again until it answers 0: a worker that is killed is followed by another. The payment is of the day of the
    debit. For what was paid otherwise in the meantime, it goes to the wallet.
    """
    batch = DirectDebitBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != DirectDebitBatch.State.SENT:
        return 0
    debits = list(
        DirectDebit.objects.select_for_update(of=("self",))
        .filter(batch=batch, state=DirectDebit.State.SENT)
        .select_related("payer")
        .order_by("payer_id", "pk")[:most]
    )
    # Every payer before the first receipt: the series is locked until the end.
    _lock_payers([one.payer_id for one in debits])
    for one in debits:
        invoices = Invoice.objects.filter(debit_lines__debit=one).order_by("due_on", "pk")
        one.posting = record_payment(
            one.payer,
            cents=one.cents,
            means=Posting.Means.DEBIT,
            date=batch.due_on,
            invoices=list(invoices),
            reference=one.reference,
            spills=False,
            by=by,
            at=at,
        )
        one.state = DirectDebit.State.PAID
        one.save(update_fields=["posting", "state"])
    DirectDebitLine.objects.filter(debit__in=[one.pk for one in debits]).update(is_live=False)
    for one in debits:
        if one.posting is not None:
            give_receipt(one.posting, label=f"Prélèvement du {without_weekday(batch.due_on, year=True)}", by=by, at=at)
    for family in sorted({one.payer.family_id for one in debits if one.payer.family_id is not None}):
        refresh_unpaid_block(family, authority=authority, by=by, at=at)
    if not debits:
        batch.state, batch.settled_at = DirectDebitBatch.State.SETTLED, at
        batch.save(update_fields=["state", "settled_at"])
    audit.record(
        "settle_debits",
        authority=batch.authority_id,
        of="direct_debit_batch",
        key=batch.pk,
        by=by,
        at=at,
        debits=len(debits),
    )
    return len(debits)


def batches_to_settle(*, on: date) -> list[DirectDebitBatch]:
    """Will return the batches that nothing came back of since long enough, in the authorities in scope."""
    delays = dict(CreditorAccount.objects.values_list("regie_id", "settles_after_days"))
    rows = DirectDebitBatch.objects.defer("file").filter(state=DirectDebitBatch.State.SENT, due_on__lte=on)
    return [one for one in rows.order_by("pk") if one.due_on + timedelta(days=delays.get(one.regie_id, 0)) <= on]


def _reckoned_anew(batch: DirectDebitBatch, *, by: Actor, at: datetime) -> list[DirectDebit]:
    """Will lock the payers of a batch, take off what is not owed any more, and return what is left to debit."""
    rows = DirectDebit.objects.filter(batch=batch, state=DirectDebit.State.ANNOUNCED)
    _lock_payers(rows.values_list("payer_id", flat=True))
    debits = list(rows.select_related("mandate").prefetch_related("lines__invoice").order_by("payer_id", "pk"))
    left = left_of_invoices([line.invoice_id for one in debits for line in one.lines.all()])
    gone, kept = [], []
    for one in debits:
        is_over = one.mandate.state != MandateState.ACTIVE.value or has_lapsed(
            one.mandate.signed_on, one.mandate.last_used_on, on=batch.due_on
        )
        total = 0
        for line in one.lines.all():
            cents = min(line.cents, left.get(line.invoice_id, 0))
            if cents != line.cents:
                line.cents, line.is_live = cents, bool(cents)
                line.save(update_fields=["cents", "is_live"])
            total += cents
        if is_over or not total:
            gone.append(one.pk)
            continue
        if total != one.cents:
            one.cents = total
            one.save(update_fields=["cents"])
        kept.append(one)
    _withdraw(gone, authority=batch.authority_id, by=by, at=at)
    return kept


def _withdraw(debits: Collection[int], *, authority: int, by: Actor, at: datetime) -> None:
    DirectDebit.objects.filter(pk__in=debits).update(state=DirectDebit.State.WITHDRAWN)
    lines = DirectDebitLine.objects.filter(debit__in=debits)
    invoices = list(lines.values_list("invoice", flat=True))
    if invoices:
        release_from_debits(invoices, authority=authority, by=by, at=at)
    DirectDebitLine.objects.filter(debit__in=debits).update(is_live=False)


def _lock_payers(payers: Collection[int]) -> None:
    rows = PayerAccount.objects.select_for_update().filter(pk__in=payers)
    list(rows.order_by("pk").values_list("pk"))


def _numbers(debit: DirectDebit) -> str:
    return " ".join(line.invoice.number for line in debit.lines.all() if line.is_live)
