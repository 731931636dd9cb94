"""Debits that came back: the invoice is owed again, the fee is charged, the mandate rests when it must."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marelle.domain.billing.models import PayerAccount
from marelle.domain.billing.operations.manual import add_manual_charge
from marelle.domain.billing.operations.redrafting import in_review
from marelle.domain.billing.operations.reminders import release_from_debits
from marelle.domain.payments.models import (
    CreditorAccount,
    DirectDebit,
    DirectDebitBatch,
    DirectDebitLine,
    DirectDebitMandate,
    Receipt,
)
from marelle.domain.payments.operations.reversals import cancel_receipt
from marelle.domain.payments.rules.mandates import MandateState, reason_in_words, suspends
from marelle.foundation import audit, outbox
from marelle.foundation.french_dates import without_weekday
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.payments.bank_files import Return
    from marelle.foundation.actors import Actor


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the returns: how many were taken, were known already, suspended a mandate, cost a fee.

    `undone` are those that were recorded as paid before they came back: their receipts are cancelled. `unknown` are
    the references of no debit of this régie that the bank has.
    """

    returned: int = 0
    known: int = 0
    undone: int = 0
    suspended: int = 0
    charged: int = 0
    unknown: tuple[str, ...] = ()


@operation
def take_returns(
    batch: DirectDebitBatch,
    returns: Sequence[Return],
    *,
    authority: Authority,
    with_fee: bool,
    by: Actor,
    at: datetime,
) -> Taken:
    """Will note which debits of the régie of a batch came back; again: nothing more.

    What was recorded as paid is undone by a counter-entry and a counter-receipt, of today. `with_fee` charges the fee
    of the régie on the next invoice. Families are told. Raises UnableToBillError while a run is being drafted or
    issued.
    """
    creditor = CreditorAccount.objects.get(regie=batch.regie_id)
    fee = creditor.fee_cents if with_fee else 0
    if fee:
        # The run before the payers, as the worker that issues locks them.
        in_review(batch.regie_id)
    said = {one.reference: one for one in returns}
    rows = DirectDebit.objects.filter(reference__in=said, batch__regie=batch.regie_id)
    batches = set(rows.values_list("batch_id", flat=True))
    list(DirectDebitBatch.objects.select_for_update().filter(pk__in=batches).order_by("pk").values_list("pk"))
    payers = rows.values_list("payer_id", flat=True)
    list(PayerAccount.objects.select_for_update().filter(pk__in=payers).order_by("pk").values_list("pk"))
    debits = list(rows.select_related("payer", "mandate", "batch", "posting").order_by("payer_id", "pk"))
    today = at.astimezone(authority.zone).date()
    back = [one for one in debits if one.state in {DirectDebit.State.SENT, DirectDebit.State.PAID}]
    paid = [one for one in back if one.state == DirectDebit.State.PAID]
    resting = 0
    for one in back:
        came = said[one.reference]
        why = f"Prélèvement du {without_weekday(one.batch.due_on, year=True)} rejeté : {reason_in_words(came.reason)}"
        if fee:
            one.fee = add_manual_charge(
                one.payer,
                authority=authority,
                label="Frais de rejet de prélèvement",
                cents=fee,
                date=today,
                reason=why,
                by=by,
                at=at,
            )
        one.state, one.reason, one.returned_on = DirectDebit.State.RETURNED, came.reason, came.day
        one.save(update_fields=["state", "reason", "returned_on", "fee"])
        resting += _suspend(one.mandate, came.reason, at) if suspends(came.reason) else 0
        outbox.post("letters.debit_returned", authority=batch.authority_id, debit=one.pk)
    lines = DirectDebitLine.objects.filter(debit__in=[one.pk for one in back])
    release_from_debits(
        list(lines.order_by("invoice_id").values_list("invoice_id", flat=True)),
        authority=batch.authority_id,
        by=by,
        at=at,
    )
    lines.update(is_live=False)
    # Last, as receipts are numbered under a lock that lasts.
    undone = sum(_undo(one, on=today, by=by, at=at) for one in paid)
    states = {one.reference: one.state for one in debits}
    taken = Taken(
        returned=len(back),
        known=sum(state == DirectDebit.State.RETURNED for state in states.values()) - len(back),
        undone=undone,
        suspended=resting,
        charged=len(back) if fee else 0,
        unknown=tuple(
            reference
            for reference in said
            if states.get(reference) in {None, DirectDebit.State.ANNOUNCED, DirectDebit.State.WITHDRAWN}
        ),
    )
    audit.record(
        "take_returns",
        authority=batch.authority_id,
        of="direct_debit_batch",
        key=batch.pk,
        by=by,
        at=at,
        returned=taken.returned,
        suspended=taken.suspended,
        charged=taken.charged,
    )
    return taken


def _suspend(mandate: DirectDebitMandate, reason: str, at: datetime) -> int:
    """Will let a mandate rest, and return 1 if it served until now."""
    return DirectDebitMandate.objects.filter(pk=mandate.pk, state=MandateState.ACTIVE.value).update(
        state=MandateState.SUSPENDED.value, state_reason=reason, state_at=at
    )


def _undo(debit: DirectDebit, *, on: date, by: Actor, at: datetime) -> int:
    """Will cancel the receipt of a debit, and return 1, unless somebody did at the desk."""
    receipt = Receipt.objects.filter(posting=debit.posting, cancelled_by__isnull=True).first()
    if receipt is None or debit.posting is None:
        return 0
    why = f"Prélèvement rejeté : {reason_in_words(debit.reason)}"
    cancel_receipt(receipt, reason=why, date=max(on, debit.posting.date), by=by, at=at)
    return 1
