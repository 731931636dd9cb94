"""Correcting an issued invoice: it stays as it is, and a credit note or a complementary invoice says the difference."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Invoice
from marelle.domain.billing.operations.drafting import write_drafts
from marelle.domain.billing.operations.issuing import issue
from marelle.domain.billing.operations.redrafting import draft_anew, in_review
from marelle.domain.billing.operations.runs import UnableToBillError
from marelle.domain.billing.queries.corrections import correction_of, first_of, period_of
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.billing.queries.to_bill import Places
    from marelle.foundation.actors import Actor


class WhyNotCorrected(StrEnum):
    """Why nothing was issued."""

    NOT_ISSUED = "not_issued"
    NO_REASON = "no_reason"
    RUN_UNDER_WAY = "run_under_way"
    NOTHING = "nothing"
    CHANGED = "changed"


class UnableToCorrectError(Exception):
    """Nothing was written; `why` says what stands against it."""

    def __init__(self, why: WhyNotCorrected) -> None:
        """Will keep why."""
        super().__init__(why.value)
        self.why = why


@operation
def correct(
    invoice: Invoice,
    *,
    authority: Authority,
    reason: str,
    expected: int | None = None,
    only: Places | None = None,
    by: Actor,
    at: datetime,
) -> Invoice:
    """Will bill the family of an issued invoice again for its period, and issue the difference at once.

    A credit note when it is in favour of the family, a complementary invoice otherwise; numbered in the exercice of the
    day of issue. `expected` is the difference (cents) that was shown: another one is refused. `only` these days of a
    child for a product are corrected, aids included, when given. The family's draft in a run in review is made again.
    Raises UnableToCorrectError.
    """
    regie = Regie.objects.select_for_update(no_key=True).get(pk=invoice.regie_id)
    invoice = Invoice.objects.select_related("run").get(pk=invoice.pk)
    family = invoice.family_id
    if invoice.state != Invoice.State.ISSUED or family is None:
        raise UnableToCorrectError(WhyNotCorrected.NOT_ISSUED)
    if not reason.strip():
        raise UnableToCorrectError(WhyNotCorrected.NO_REASON)
    try:
        run = in_review(regie.pk)
    except UnableToBillError:
        raise UnableToCorrectError(WhyNotCorrected.RUN_UNDER_WAY) from None
    billed = correction_of(invoice, authority=authority, only=only, at=at)
    # Lines that make up for each other still say what changed: another child, another code, another payer.
    if billed is None or billed.draft is None or not any(line.total for line in billed.draft.lines):
        raise UnableToCorrectError(WhyNotCorrected.NOTHING)
    if expected is not None and billed.draft.total != expected:
        raise UnableToCorrectError(WhyNotCorrected.CHANGED)
    today = at.astimezone(authority.zone).date()
    period = period_of(first_of(invoice))
    (draft,) = write_drafts(
        [billed],
        run=None,
        regie=regie,
        label=invoice.label,
        invoiced_on=today,
        at=at,
        starts_on=period.starts_on,
        ends_on=period.ends_on or today,
        exercice=today.year,
        due_on=today + timedelta(days=regie.payment_days),
        kind=Invoice.Kind.CREDIT_NOTE if billed.draft.total < 0 else Invoice.Kind.COMPLEMENTARY,
        corrects=invoice,
        reason=reason.strip()[:300],
    )
    issue([draft], regie=regie, exercice=today.year, issued_on=today, by=by, at=at)
    draft_anew(run, family, authority=authority, by=by, at=at)
    audit.record(
        "correct_invoice",
        authority=regie.authority_id,
        of="invoice",
        key=draft.pk,
        by=by,
        at=at,
        cents=draft.total_cents,
    )
    corrected: Invoice = Invoice.objects.get(pk=draft.pk)
    return corrected
