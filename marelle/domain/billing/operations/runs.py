"""A billing run: started, drafted by the hundred, reviewed, issued by the hundred. Killed anywhere, it goes on.

Each step is one short transaction that says how far it went: what a worker did not finish is done by the next one, and
nothing twice.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce, Least

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import BillingRun, Invoice, InvoiceLine, PayerAccount
from marelle.domain.billing.operations.drafting import write_drafts
from marelle.domain.billing.operations.issuing import issue
from marelle.domain.billing.queries.review import SMALL
from marelle.domain.billing.queries.to_bill import bill, next_families
from marelle.domain.catalog.models import Service
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Family
from marelle.foundation import audit, outbox
from marelle.foundation.periods import Period
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.foundation.actors import Actor

FAMILIES_AT_ONCE: Final = 250
INVOICES_AT_ONCE: Final = 500
LONGEST_RUN_DAYS: Final = 370


class WhyNot(StrEnum):
    """Why a run cannot be started, or go on."""

    NO_BILLING = "no_billing"
    ANOTHER_IS_OPEN = "another_is_open"
    NO_SERVICE = "no_service"
    NOT_OVER = "not_over"
    TOO_LONG = "too_long"
    BAD_DATES = "bad_dates"
    NOT_IN_REVIEW = "not_in_review"
    ALREADY_ISSUED = "already_issued"


class UnableToBillError(Exception):
    """Nothing was written; `why` says what stands against it."""

    def __init__(self, why: WhyNot) -> None:
        """Will keep why."""
        super().__init__(why.value)
        self.why = why


@operation
def start_run(
    regie: Regie,
    *,
    authority: Authority,
    services: Collection[int],
    name: str,
    starts_on: date,
    ends_on: date,
    invoiced_on: date,
    due_on: date,
    exercice: int,
    carried_below: int = 0,
    by: Actor,
    at: datetime,
) -> BillingRun:
    """Will open a run of the régie for these services (keys) and days; its drafts are then made by the worker.

    A period that is not over yet is refused: what is not lived is not billed. Raises UnableToBillError.
    """
    regie = Regie.objects.select_for_update(no_key=True).get(pk=regie.pk)
    # A service without a régie may be billed by any of them; that of another is its own to bill.
    wanted = sorted(
        Service.objects.filter(Q(regie=regie) | Q(regie=None), pk__in=services).values_list("pk", flat=True)
    )
    is_backwards = ends_on < starts_on or due_on < invoiced_on
    today = at.astimezone(authority.zone).date()
    why = WhyNot.BAD_DATES if is_backwards else _against(regie, wanted, Period(starts_on, ends_on), today=today)
    if why is not None:
        raise UnableToBillError(why)
    if BillingRun.objects.filter(regie=regie, state__in=BillingRun.OPEN).exists():
        raise UnableToBillError(WhyNot.ANOTHER_IS_OPEN)
    try:
        with transaction.atomic():
            run = BillingRun.objects.create(
                authority_id=regie.authority_id,
                regie=regie,
                name=name.strip()[:120],
                services=wanted,
                starts_on=starts_on,
                ends_on=ends_on,
                exercice=exercice,
                invoiced_on=invoiced_on,
                due_on=due_on,
                carried_below=carried_below,
                families=Family.objects.count(),
                started_at=at,
                started_by_id=by.key,
            )
    except IntegrityError:
        raise UnableToBillError(WhyNot.ANOTHER_IS_OPEN) from None
    outbox.post("billing.go_on", authority=regie.authority_id, run=run.pk)
    audit.record("start_run", authority=regie.authority_id, of="billing_run", key=run.pk, by=by, at=at)
    return run


def _against(regie: Regie, services: list[int], period: Period, *, today: date) -> WhyNot | None:
    last = period.ends_on or date.max
    if not regie.has_billing:
        return WhyNot.NO_BILLING
    if not services:
        return WhyNot.NO_SERVICE
    if (last - period.starts_on).days > LONGEST_RUN_DAYS:
        return WhyNot.TOO_LONG
    return WhyNot.NOT_OVER if last > today else None


@operation
def draft_some(run: BillingRun, *, authority: Authority, by: Actor, at: datetime) -> bool:
    """Will draft the next FAMILIES_AT_ONCE families of a run; returns whether some are left. The last one ends it."""
    run = BillingRun.objects.select_for_update().get(pk=run.pk)
    if run.state != BillingRun.State.DRAFTING:
        return False
    families = next_families(run.authority_id, after=run.drafted_to, at_most=FAMILIES_AT_ONCE)
    if families:
        _draft(run, families, authority=authority, at=at)
        run.drafted_to = families[-1]
        run.done += len(families)
    if len(families) < FAMILIES_AT_ONCE:
        run.state = BillingRun.State.REVIEW
        run.drafted_at = at
        run.families = run.done
        audit.record("draft_run", authority=run.authority_id, of="billing_run", key=run.pk, by=by, at=at)
    run.save(update_fields=["state", "drafted_to", "done", "families", "drafted_at"])
    return run.state == BillingRun.State.DRAFTING


def _draft(run: BillingRun, families: list[int], *, authority: Authority, at: datetime) -> list[Invoice]:
    billed = bill(
        families,
        regie=run.regie_id,
        services=run.services,
        period=Period(run.starts_on, run.ends_on),
        offer=offer_of(authority),
        at=at,
    )
    return write_drafts(
        billed,
        run=run,
        regie=run.regie,
        label=run.name,
        invoiced_on=run.invoiced_on,
        at=at,
        starts_on=run.starts_on,
        ends_on=run.ends_on,
        exercice=run.exercice,
        due_on=run.due_on,
    )


@operation
def draft_again(run: BillingRun, family: int, *, authority: Authority, by: Actor, at: datetime) -> Invoice | None:
    """Will draft one family of a run in review once more, from today's facts; None when nothing is left to invoice.

    Raises UnableToBillError when the run is not in review.
    """
    run = _in_review(run)
    state, reason = Invoice.objects.filter(run=run, family=family).values_list("state", "reason").first() or ("", "")
    _delete_drafts(run, family=family)
    found = _draft(run, [family], authority=authority, at=at)
    if found and state == Invoice.State.SET_ASIDE:
        Invoice.objects.filter(pk=found[0].pk).update(state=Invoice.State.SET_ASIDE, reason=reason)
    audit.record("draft_again", authority=run.authority_id, of="billing_run", key=run.pk, by=by, at=at, family=family)
    return found[0] if found else None


@operation
def draft_everything_again(run: BillingRun, *, by: Actor, at: datetime) -> None:
    """Will throw the drafts of a run in review away and make them anew, as after a correction of the attendance."""
    run = _in_review(run)
    _delete_drafts(run)
    run.state = BillingRun.State.DRAFTING
    run.drafted_to = run.done = 0
    run.families = Family.objects.count()
    run.save(update_fields=["state", "drafted_to", "done", "families"])
    outbox.post("billing.go_on", authority=run.authority_id, run=run.pk)
    audit.record("draft_everything_again", authority=run.authority_id, of="billing_run", key=run.pk, by=by, at=at)


@operation
def set_aside(invoice: Invoice, *, is_aside: bool, reason: str = "", by: Actor, at: datetime) -> None:
    """Will leave a draft out of its run, or take it back. What it holds is billed by a later run over the same days.

    Raises UnableToBillError when the run is not in review.
    """
    run = _in_review(BillingRun.objects.get(pk=invoice.run_id))
    state = Invoice.State.SET_ASIDE if is_aside else Invoice.State.DRAFT
    Invoice.objects.filter(pk=invoice.pk, run=run, sequence__isnull=True).update(
        state=state, reason=reason.strip()[:300]
    )
    audit.record(
        "set_aside" if is_aside else "take_back",
        authority=run.authority_id,
        of="invoice",
        key=invoice.pk,
        by=by,
        at=at,
    )


@operation
def approve_run(run: BillingRun, *, by: Actor, at: datetime) -> None:
    """Will have the drafts of a run issued by the worker. From here on there is no way back but credit notes.

    Raises UnableToBillError when the run is not in review.
    """
    run = _in_review(run)
    run.state = BillingRun.State.ISSUING
    run.issued_by_id = by.key
    run.save(update_fields=["state", "issued_by"])
    outbox.post("billing.go_on", authority=run.authority_id, run=run.pk)
    audit.record("approve_run", authority=run.authority_id, of="billing_run", key=run.pk, by=by, at=at)


@operation
def issue_some(run: BillingRun, *, by: Actor, at: datetime) -> bool:
    """Will number and freeze the next INVOICES_AT_ONCE drafts of an approved run; returns whether some are left."""
    run = BillingRun.objects.select_for_update().get(pk=run.pk)
    if run.state != BillingRun.State.ISSUING:
        return False
    drafts = Invoice.objects.filter(run=run, state=Invoice.State.DRAFT)
    if not run.issued_at:
        # Nothing to say, or too little to ask for: those are not numbered. The first time only. Lines that cancel out,
        # or that a third party pays, are something to say.
        costs = InvoiceLine.objects.filter(invoice=OuterRef("pk")).exclude(total_cents=0)
        drafts.filter(~Exists(costs), total_cents=0).update(state=Invoice.State.SET_ASIDE)
        if run.carried_below:
            _carry(run)
        run.issued_at = at
        run.save(update_fields=["issued_at"])
    some = list(drafts.order_by("payer_name", "pk")[:INVOICES_AT_ONCE])
    if some:
        issue(some, regie=run.regie, exercice=run.exercice, issued_on=run.invoiced_on, by=by, at=at)
    if len(some) < INVOICES_AT_ONCE:
        run.state = BillingRun.State.ISSUED
        run.save(update_fields=["state"])
        outbox.post("letters.run_issued", authority=run.authority_id, run=run.pk)
        audit.record("issue_run", authority=run.authority_id, of="billing_run", key=run.pk, by=by, at=at)
    return run.state == BillingRun.State.ISSUING


def _carry(run: BillingRun) -> None:
    small = Invoice.objects.filter(SMALL, run=run)
    for payer, first in small.values_list("payer_id", "starts_on"):
        # One may wait already, for other services.
        PayerAccount.objects.filter(pk=payer).update(carried_from=Least(Coalesce("carried_from", first), first))
    small.update(state=Invoice.State.CARRIED)


@operation
def abandon_run(run: BillingRun, *, by: Actor, at: datetime) -> None:
    """Will throw away the drafts of a run that was not approved. Raises UnableToBillError when it was."""
    run = BillingRun.objects.select_for_update().get(pk=run.pk)
    if run.state not in {BillingRun.State.DRAFTING, BillingRun.State.REVIEW}:
        raise UnableToBillError(WhyNot.ALREADY_ISSUED)
    _delete_drafts(run)
    run.state = BillingRun.State.ABANDONED
    run.save(update_fields=["state"])
    audit.record("abandon_run", authority=run.authority_id, of="billing_run", key=run.pk, by=by, at=at)


def _in_review(run: BillingRun) -> BillingRun:
    run = BillingRun.objects.select_for_update().get(pk=run.pk)
    if run.state != BillingRun.State.REVIEW:
        raise UnableToBillError(WhyNot.NOT_IN_REVIEW)
    return run


def _delete_drafts(run: BillingRun, *, family: int | None = None) -> None:
    drafts = Invoice.objects.filter(run=run, sequence__isnull=True)
    if family is not None:
        drafts = drafts.filter(family=family)
    keys = list(drafts.values_list("pk", flat=True))
    InvoiceLine.objects.filter(invoice__in=keys).delete()
    Invoice.objects.filter(pk__in=keys).delete()
