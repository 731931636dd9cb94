"""The tasks of direct debits and refunds: the letters, what is recorded as paid, what lapses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marelle.domain.authorities.models import Authority
from marelle.domain.payments.models import (
    DirectDebit,
    DirectDebitBatch,
    DirectDebitMandate,
    MandateAmendment,
    RefundRequest,
)
from marelle.domain.payments.operations.debit_batches import batches_to_settle, settle_some
from marelle.domain.payments.operations.mandates import lapse_mandates
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import for_authority, tasks
from marelle.letters import about_direct_debits, about_refunds
from marelle.letters.models import Letter
from marelle.letters.sending import UnableToSendError, send

if TYPE_CHECKING:
    from collections.abc import Callable


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
    while settle_some(row, authority=authority, by=SYSTEM, at=clock.business_now()):
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
    row = RefundRequest.objects.select_related("family", "batch").get(pk=refund)
    send(kind, write(row, authority), about=row.pk, family=row.family, by=SYSTEM, at=clock.business_now())


@tasks.periodic(cron="25 3 * * *")
@tasks.task(name="payments.nightly_debits", queueing_lock="payments.nightly_debits")
def nightly_debits(timestamp: int) -> None:
    """Will record, each night, the debits that came back no more, and end the mandates unused for 36 months."""
    now = clock.business_now()
    for authority in Authority.objects.defer("logo", "palette_css").order_by("pk"):
        today = now.astimezone(authority.zone).date()
        with tenancy.scope({authority.pk}):
            for batch in batches_to_settle(on=today):
                while settle_some(batch, authority=authority, by=SYSTEM, at=now):
                    pass
            lapse_mandates(on=today, by=SYSTEM, at=now)
