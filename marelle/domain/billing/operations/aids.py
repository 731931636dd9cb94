"""Aids: what a third party (CAF, an employer) takes on of what a family owes, and owes in its place."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Aid, PayerAccount
from marelle.domain.billing.operations.redrafting import draft_anew, in_review
from marelle.domain.families.models import Custody
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.catalog.models import Service
    from marelle.domain.families.models import Child, Family
    from marelle.foundation.actors import Actor

HIGHEST_CENTS: Final = 100_000
WHOLE: Final = 100


class WhyNotHelped(StrEnum):
    """Why an aid was not recorded."""

    BAD_AMOUNT = "bad_amount"
    BAD_DATES = "bad_dates"
    NO_LABEL = "no_label"
    NO_PAYER = "no_payer"
    NOT_ITS_CHILD = "not_its_child"
    NOT_ITS_SERVICE = "not_its_service"


class UnableToHelpError(Exception):
    """Nothing was written; `why` says what stands against it."""

    def __init__(self, why: WhyNotHelped) -> None:
        """Will keep why."""
        super().__init__(why.value)
        self.why = why


@operation
def add_aid(
    family: Family,
    *,
    authority: Authority,
    regie: Regie,
    payer_name: str,
    label: str,
    starts_on: date,
    ends_on: date,
    cents: int = 0,
    percent: int = 0,
    child: Child | None = None,
    service: Service | None = None,
    by: Actor,
    at: datetime,
) -> Aid:
    """Will record an aid of `cents` or of `percent` of each unit, both days included, owed by `payer_name`.

    The third party's account at the régie is opened with its first aid. Raises UnableToHelpError, or UnableToBillError
    while a run of the régie is being drafted or issued.
    """
    regie = Regie.objects.select_for_update(no_key=True).get(pk=regie.pk)
    why: WhyNotHelped | None = None
    if not 0 <= cents <= HIGHEST_CENTS or not 0 <= percent <= WHOLE or bool(cents) == bool(percent):
        why = WhyNotHelped.BAD_AMOUNT
    elif ends_on < starts_on:
        why = WhyNotHelped.BAD_DATES
    elif not label.strip() or not payer_name.strip():
        why = WhyNotHelped.NO_PAYER if label.strip() else WhyNotHelped.NO_LABEL
    if child is not None and not Custody.objects.filter(family=family, child=child.pk).exists():
        why = why or WhyNotHelped.NOT_ITS_CHILD
    if service is not None and service.regie_id != regie.pk:
        why = why or WhyNotHelped.NOT_ITS_SERVICE
    if why is not None:
        raise UnableToHelpError(why)
    run = in_review(regie.pk)
    name = payer_name.strip()[:160]
    third_parties = PayerAccount.objects.filter(regie=regie, family__isnull=True, debtor_code="")
    payer = third_parties.filter(name__iexact=name).order_by("pk").first()
    if payer is None:
        payer = PayerAccount.objects.create(
            authority_id=regie.authority_id, regie=regie, name=name, delivery=PayerAccount.Delivery.PAPER
        )
    aid: Aid = Aid.objects.create(
        authority_id=regie.authority_id,
        family=family,
        child=child,
        service=service,
        payer=payer,
        label=label.strip()[:80],
        cents=cents,
        percent=percent,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    draft_anew(run, family.pk, authority=authority, by=by, at=at)
    audit.record("add_aid", authority=regie.authority_id, of="aid", key=aid.pk, by=by, at=at, cents=cents)
    return aid


@operation
def withdraw_aid(aid: Aid, *, authority: Authority, by: Actor, at: datetime) -> None:
    """Will take an aid off; what it already paid on issued invoices comes back with the next invoice or correction.

    Raises UnableToBillError while a run of the régie is being drafted or issued.
    """
    aid = Aid.objects.select_for_update(of=("self",)).select_related("payer").get(pk=aid.pk)
    if aid.withdrawn_at is not None:
        return
    run = in_review(aid.payer.regie_id)
    aid.withdrawn_at = at
    aid.save(update_fields=["withdrawn_at"])
    draft_anew(run, aid.family_id, authority=authority, by=by, at=at)
    audit.record("withdraw_aid", authority=aid.authority_id, of="aid", key=aid.pk, by=by, at=at)
