"""The lines that an agent adds by hand, with a reason: a lost badge, a goodwill gesture."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from marelle.domain.billing.models import Invoice, InvoiceLine, ManualCharge, PayerAccount
from marelle.domain.billing.operations.redrafting import draft_anew, in_review
from marelle.domain.billing.rules.charges import Kind
from marelle.domain.families.models import Custody
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.families.models import Child
    from marelle.foundation.actors import Actor

HIGHEST_CENTS: Final = 1_000_000


class WhyNotCharged(StrEnum):
    """Why a line was not added, or not withdrawn."""

    NO_FAMILY = "no_family"
    BAD_AMOUNT = "bad_amount"
    NO_LABEL = "no_label"
    NO_REASON = "no_reason"
    NOT_ITS_CHILD = "not_its_child"
    INVOICED = "invoiced"


class UnableToChargeError(Exception):
    """Nothing was written; `why` says what stands against it."""

    def __init__(self, why: WhyNotCharged) -> None:
        """Will keep why."""
        super().__init__(why.value)
        self.why = why


@operation
def add_manual_charge(
    payer: PayerAccount,
    *,
    authority: Authority,
    label: str,
    cents: int,
    date: date,
    reason: str,
    child: Child | None = None,
    code: str = "",
    is_childcare: bool = False,
    by: Actor,
    at: datetime,
) -> ManualCharge:
    """Will add a line of `cents` (negative: in favour of the family) to the next invoice of a family, for that day.

    The draft of the family in the run in review, if any, is made again. Raises UnableToChargeError, or
    UnableToBillError while a run is being drafted or issued.
    """
    # The run before the payer, as the worker that issues locks them.
    run = in_review(payer.regie_id)
    payer = PayerAccount.objects.select_for_update(no_key=True).get(pk=payer.pk)
    family = payer.family_id
    if family is None:
        raise UnableToChargeError(WhyNotCharged.NO_FAMILY)
    if not cents or abs(cents) > HIGHEST_CENTS:
        raise UnableToChargeError(WhyNotCharged.BAD_AMOUNT)
    if not label.strip():
        raise UnableToChargeError(WhyNotCharged.NO_LABEL)
    if not reason.strip():
        raise UnableToChargeError(WhyNotCharged.NO_REASON)
    if child is not None and not Custody.objects.filter(family=family, child=child.pk).exists():
        raise UnableToChargeError(WhyNotCharged.NOT_ITS_CHILD)
    charge: ManualCharge = ManualCharge.objects.create(
        authority_id=payer.authority_id,
        payer=payer,
        child=child,
        date=date,
        label=label.strip()[:120],
        cents=cents,
        reason=reason.strip()[:300],
        code=code.strip()[:20],
        is_childcare=is_childcare,
        added_at=at,
        added_by_id=by.key,
    )
    draft_anew(run, family, authority=authority, by=by, at=at)
    audit.record(
        "add_manual_charge", authority=payer.authority_id, of="manual_charge", key=charge.pk, by=by, at=at, cents=cents
    )
    return charge


@operation
def withdraw_manual_charge(charge: ManualCharge, *, authority: Authority, by: Actor, at: datetime) -> None:
    """Will withdraw a line that was not invoiced yet; one that was is undone by another line, the other way.

    Raises UnableToChargeError, or UnableToBillError while a run is being drafted or issued.
    """
    run = in_review(charge.payer.regie_id)
    payer = PayerAccount.objects.select_for_update(no_key=True).get(pk=charge.payer_id)
    charge = ManualCharge.objects.get(pk=charge.pk)
    if charge.withdrawn_at is not None:
        return
    if InvoiceLine.objects.filter(
        invoice__state=Invoice.State.ISSUED, invoice__payer=payer, kind=Kind.MANUAL.value, key=charge.public_id
    ).exists():
        raise UnableToChargeError(WhyNotCharged.INVOICED)
    charge.withdrawn_at = at
    charge.save(update_fields=["withdrawn_at"])
    if payer.family_id is not None:
        draft_anew(run, payer.family_id, authority=authority, by=by, at=at)
    audit.record(
        "withdraw_manual_charge", authority=payer.authority_id, of="manual_charge", key=charge.pk, by=by, at=at
    )
