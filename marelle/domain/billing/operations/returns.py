"""Taking in what the Trésor answers: dockets accepted or refused, titles taken in charge, paid, given up, rejected.

The same file again, or a later one that repeats what it said, changes nothing: events are written once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marelle.domain.billing.models import (
    CollectionBatch,
    CollectionEvent,
    CollectionOrder,
    CollectionReturn,
    Invoice,
    PaidBeforeTitle,
    PayerAccount,
)
from marelle.domain.billing.operations.blocks import refresh_unpaid_block
from marelle.domain.billing.operations.ledger import record_at_treasury, reverse_at_treasury
from marelle.domain.billing.queries.accounts import left_of
from marelle.domain.billing.queries.treasury import cancelled_at_treasury, received_at_treasury
from marelle.domain.billing.rules.returns import AnswerKind, Received, ranked
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.billing.rules.returns import Acknowledged, Answer, DocketName, LineSaid
    from marelle.foundation.actors import Actor

BATCH, ORDER = CollectionBatch.State, CollectionOrder.State
PENDING, TAKEN, PART_TAKEN, REJECTED, CANCELLED = "01", "02", "03", "04", "05"
SETTLED, GIVEN_UP = "05", "06"
# What is said to be settled without saying by what.
UNSAID = {SETTLED: "00", GIVEN_UP: "06"}


class NotOursError(Exception):
    """The file is of another town; nothing was written."""


class UnableToUndoError(Exception):
    """No payments of the order come to what the Trésor no longer counts; nothing was written."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was made of a file: lines (or dockets) recognised, those that were not, and whether it was known.

    `before_titles` is how many payments it tells of that came before any title, and were not known.
    """

    matched: int = 0
    unknown: int = 0
    is_known: bool = False
    before_titles: int = 0


@operation
def take_answer(answer: Answer, *, authority: Authority, digest: str, name: str, by: Actor, at: datetime) -> Taken:
    """Will take in a file of the Trésor, once: by its digest, then event by event. Raises NotOursError."""
    if answer.siret != authority.siret:
        raise NotOursError
    kind = CollectionReturn.Kind(answer.kind.value)
    row, is_new = CollectionReturn.objects.get_or_create(
        authority=authority,
        digest=digest,
        defaults={"name": name[:200], "kind": kind, "taken_at": at, "taken_by_id": by.key},
    )
    if not is_new:
        return Taken(row.matched, row.unknown, is_known=True)
    before_titles = 0
    if answer.kind is AnswerKind.ACKNOWLEDGEMENT:
        done = [_acknowledge(one, answer, at=at) for one in answer.acknowledged]
    else:
        done = _returned(answer, authority=authority, by=by, at=at)
        before_titles = _note_before_titles(answer, authority=authority, at=at)
    row.matched, row.unknown = sum(done), len(done) - sum(done)
    row.save(update_fields=["matched", "unknown"])
    audit.record(
        "take_answer_of_tresor",
        authority=authority.pk,
        of="collection_return",
        key=row.pk,
        by=by,
        at=at,
        matched=row.matched,
        unknown=row.unknown,
    )
    return Taken(row.matched, row.unknown, before_titles=before_titles)


@operation
def undo_at_treasury(order: CollectionOrder, *, authority: Authority, by: Actor, at: datetime) -> int:
    """Will undo, by their counter-entries of today, the payments that the Trésor no longer counts; returns the cents.

    Its invoice is owed again, at the Trésor. Raises UnableToUndoError.
    """
    payer = PayerAccount.objects.select_for_update(no_key=True).get(pk=order.payer_id)
    order = CollectionOrder.objects.select_for_update(of=("self",)).select_related("invoice").get(pk=order.pk)
    postings = cancelled_at_treasury(order)
    if not postings:
        raise UnableToUndoError
    cents = sum(reverse_at_treasury(one, date=at.astimezone(authority.zone).date(), by=by, at=at) for one in postings)
    order.told_cents = None
    order.state = ORDER.PART_PAID if received_at_treasury(order) else ORDER.TAKEN
    order.save(update_fields=["told_cents", "state"])
    if payer.family_id is not None:
        refresh_unpaid_block(payer.family_id, authority=authority, by=by, at=at)
    audit.record(
        "undo_at_treasury", authority=authority.pk, of="collection_order", key=order.pk, by=by, at=at, cents=cents
    )
    return cents


@operation
def deal_with_before_title(asked: PaidBeforeTitle, *, by: Actor, at: datetime) -> bool:
    """Will note that what came before its title is dealt with, and tell whether it still waited."""
    count = PaidBeforeTitle.objects.filter(pk=asked.pk, dealt_at__isnull=True).update(dealt_at=at, dealt_by_id=by.key)
    if count:
        audit.record(
            "deal_with_before_title", authority=asked.authority_id, of="paid_before_title", key=asked.pk, by=by, at=at
        )
    return bool(count)


def _note_before_titles(answer: Answer, *, authority: Authority, at: datetime) -> int:
    """Will keep what came before its title, once; returns how many were not known."""
    new = 0
    for one in answer.before_titles:
        _row, is_new = PaidBeforeTitle.objects.get_or_create(
            authority=authority,
            town_code=answer.town_code[:3],
            budget_code=answer.budget_code[:2],
            exercice=one.exercice,
            number=one.number,
            line=one.line,
            defaults={
                "date": one.date,
                "cents": one.cents,
                "words": one.words[:400],
                "account": one.account[:12],
                "learnt_at": at,
            },
        )
        new += is_new
    return new


def _acknowledge(said: Acknowledged, answer: Answer, *, at: datetime) -> bool:
    """Will note that a docket was taken in or refused at the gate; tells whether it is one of ours that waits."""
    batch = _docket_of(said.docket, answer)
    if batch is None:
        return False
    # What was accepted stays so: an older refusal that comes late says nothing new.
    if batch.state == BATCH.EXPORTED:
        batch.state = BATCH.ACCEPTED if said.is_accepted else BATCH.REFUSED
        batch.answered_at = at
        batch.refusal = "" if said.is_accepted else "\n".join(f"{code} {words}".strip() for code, words in said.faults)
        batch.refusal = batch.refusal[:1000]
        batch.save(update_fields=["state", "answered_at", "refusal"])
    return True


def _docket_of(name: DocketName, answer: Answer) -> CollectionBatch | None:
    rows = CollectionBatch.objects.select_for_update().filter(
        town_code=answer.town_code, budget_code=answer.budget_code
    )
    if name.number:
        rows = rows.filter(exercice=name.exercice, sequence=name.number)
    else:
        # Refused before it was read: the file does not say which. There is no doubt when one alone waits.
        rows = rows.filter(state=BATCH.EXPORTED)
    if name.is_roll is not None:
        rows = rows.filter(kind="rolls" if name.is_roll else "titles")
    found: list[CollectionBatch] = list(rows.exclude(state=BATCH.PREPARED).order_by("pk"))
    waiting = [batch for batch in found if batch.state == BATCH.EXPORTED]
    for some in (found, waiting):
        if len(some) == 1:
            return some[0]
    return None


def _returned(answer: Answer, *, authority: Authority, by: Actor, at: datetime) -> list[bool]:
    """Will note what became of each line; tells which ones are ours."""
    batches: dict[DocketName, CollectionBatch | None] = {}
    for said in answer.lines:
        if said.docket not in batches:
            batches[said.docket] = _docket_of(said.docket, answer)
    orders = {
        (order.batch_id, order.piece, order.line): order
        for order in CollectionOrder.objects.filter(batch__in=[one for one in batches.values() if one is not None])
    }
    pairs: list[tuple[LineSaid, CollectionOrder]] = []
    done = []
    for said in answer.lines:
        batch = batches[said.docket]
        order = orders.get((batch.pk, said.piece, said.line)) if batch is not None else None
        done.append(order is not None)
        if order is not None:
            pairs.append((said, order))
            # It was not said to be accepted, but its titles come back: it was.
            if batch is not None and batch.state == BATCH.EXPORTED:
                batch.state, batch.answered_at = BATCH.ACCEPTED, at
                batch.save(update_fields=["state", "answered_at"])
    payers = PayerAccount.objects.select_for_update(no_key=True).filter(
        pk__in={order.payer_id for _said, order in pairs}
    )
    families = dict(payers.order_by("pk").values_list("pk", "family"))
    locked = {
        order.pk: order
        for order in CollectionOrder.objects.select_for_update(of=("self",))
        .select_related("invoice")
        .filter(pk__in=[order.pk for _said, order in pairs])
        .order_by("pk")
    }
    for said, order in pairs:
        _note(said, locked[order.pk], on=answer.date, by=by, at=at)
    for family in sorted({family for family in families.values() if family is not None}):
        refresh_unpaid_block(family, authority=authority, by=by, at=at)
    return done


def _note(said: LineSaid, order: CollectionOrder, *, on: date, by: Actor, at: datetime) -> None:
    """Will note what is said of an order, and post what was received for it."""
    if order.state == ORDER.REJECTED:
        return
    received = list(said.received)
    if not received and said.line_state in UNSAID:
        received = _unsaid(said, order, on=on)
    for event, rank in ranked(received):
        _post_once(event, rank, order, by=by, at=at)
    order.said = said.said[:500]
    order.taken_on = said.taken_on or order.taken_on
    posted = received_at_treasury(order)
    order.told_cents = said.counted if said.counted not in {None, posted} else None
    if said.piece_state in {REJECTED, CANCELLED} and not posted:
        order.state = ORDER.REJECTED
        # The régie may be paid again, or hand it over anew.
        Invoice.objects.filter(pk=order.invoice_id).update(recovery_at=None, recovery_number="")
    else:
        order.state = _state(said, order, paid=received_at_treasury(order, is_money=True))
    order.save(update_fields=["state", "said", "taken_on", "told_cents"])


def _state(said: LineSaid, order: CollectionOrder, *, paid: int) -> str:
    if left_of([order.invoice_id]).get(order.invoice_id, 0) <= 0:
        return ORDER.PAID if paid else ORDER.WRITTEN_OFF
    if paid:
        return ORDER.PART_PAID
    if said.piece_state in {TAKEN, PART_TAKEN} or order.state == ORDER.TAKEN:
        return ORDER.TAKEN
    return ORDER.PENDING if said.piece_state == PENDING else ORDER(order.state)


def _unsaid(said: LineSaid, order: CollectionOrder, *, on: date) -> list[Received]:
    """Will return the one event of a line that is settled without a word: on the day of the file, once."""
    left = left_of([order.invoice_id]).get(order.invoice_id, 0)
    return [Received(UNSAID[said.line_state], on, left)] if left > 0 else []


def _post_once(event: Received, rank: int, order: CollectionOrder, *, by: Actor, at: datetime) -> None:
    names = {"order": order, "origin": event.origin, "date": event.date, "cents": event.cents, "rank": rank}
    if event.cents <= 0 or CollectionEvent.objects.filter(**names).exists():
        return
    posting = None
    if event.is_money or event.is_written_off:
        posting = record_at_treasury(
            order.invoice, cents=event.cents, date=event.date, is_written_off=event.is_written_off, by=by, at=at
        )
    CollectionEvent.objects.create(authority_id=order.authority_id, learnt_at=at, posting=posting, **names)
