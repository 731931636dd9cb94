"""The life of an attempt: sent to the payment page, answered about, settled or closed. Asked outside, written here.

Locks in this order: basket, attempts, children, slots, payers, then the series of invoices, that of receipts, families;
those of one kind by their keys. None of them keeps a row that points there waiting (`no_key`).
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Q

from marelle.domain.authorities.models import Authority
from marelle.domain.billing.models import Invoice, PayerAccount, Posting
from marelle.domain.billing.operations.blocks import refresh_unpaid_block
from marelle.domain.billing.operations.ledger import pay_from_wallet, record_payment
from marelle.domain.billing.operations.prepaid import invoice_prepaid
from marelle.domain.billing.queries.ledger import balances_of, settled_by
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.queries import children_of
from marelle.domain.payments.gateways import Gateway, Mode, Redirection, Result
from marelle.domain.payments.models import PaymentAttempt, PaymentLine, PaymentSettings
from marelle.domain.payments.models.attempts import OPEN_STATES
from marelle.domain.payments.operations.receipts import give_receipt
from marelle.domain.payments.queries.attempts import has_joined, is_as_ordered, settings_of, twins_of, wallet_left
from marelle.domain.payments.rules.attempts import (
    LEFT,
    REPLACED,
    WAITS_AT_DESK,
    Mismatch,
    Said,
    State,
    Terms,
    after,
    may_begin_again,
    mismatch,
    never_begun,
    paid_at,
    wait_before_asking,
)
from marelle.domain.payments.rules.sharing import new_reference
from marelle.domain.reservations.models import Reservation
from marelle.domain.reservations.operations.held_places import (
    bring_to_basket,
    confirm_held,
    release_held,
    take_again,
)
from marelle.domain.reservations.operations.locking import lock_basket, lock_children
from marelle.foundation import audit, outbox
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from marelle.domain.payments.gateways import Answer
    from marelle.foundation.actors import Actor

SAYS_SOMETHING: Final = frozenset({Result.PAID, Result.REFUSED, Result.ABANDONED})
# Longer than a payment that was given up may still be paid, or a letter wait for a mail server.
RECEIPT_ADDRESS_KEPT: Final = timedelta(days=2)
# Why an attempt was given up: the same was asked again.
AGAIN: Final = "again"
# Why it expired: what was answered to the end was about something else.
MISMATCH: Final = "mismatch"
BY_US: Final = "rendue : le paiement n’a pas abouti"

log = logging.getLogger("marelle.payments")


class UnableToPayError(Exception):
    """The attempt is not one that is still to be paid; nothing was written."""


class NotWhatWasOrderedError(Exception):
    """What was answered is about another amount, régie, mode or reference than the attempt's: nothing was written."""

    def __init__(self, what: Mismatch) -> None:
        """Will keep what is another."""
        super().__init__(what.value)
        self.what = what


@operation
def send_to_page(attempt: PaymentAttempt, redirection: Redirection, *, by: Actor, at: datetime) -> Redirection:
    """Will keep where an attempt is paid before its browser goes there, and return it.

    Two tabs may have ordered at once: the first kept is where both go. Raises UnableToPayError once it has ended.
    """
    attempt = _locked(attempt)
    if not State(attempt.state).is_open:
        raise UnableToPayError
    if attempt.provider_id:
        return page_of(attempt)
    attempt.provider_id = redirection.provider_id
    attempt.page = {"url": redirection.url, "fields": [list(pair) for pair in redirection.fields]}
    if redirection.url:
        attempt.state = State.REDIRECTED
        attempt.redirected_at = at
        attempt.ask_next_at = at + wait_before_asking(timedelta(0))
    attempt.save(update_fields=["provider_id", "page", "state", "redirected_at", "ask_next_at"])
    audit.record("send_to_payment", authority=attempt.authority_id, of="payment_attempt", key=attempt.pk, by=by, at=at)
    return redirection


def page_of(attempt: PaymentAttempt) -> Redirection:
    """Will return where an attempt is paid, as it was kept."""
    fields = tuple((name, value) for name, value in attempt.page.get("fields", ()))
    return Redirection(attempt.provider_id, attempt.page.get("url", ""), fields)


@operation
def record_answer(attempt: PaymentAttempt, answer: Answer, *, gateway: Gateway, by: Actor, at: datetime) -> State:
    """Will write what a gateway answered when it was asked, and what follows; returns the state.

    Paid: places are confirmed (taken again if they were given back and are still free), invoices settled, the rest put
    in the wallet; a receipt is given; once, whatever comes again. Refused, abandoned or expired: places are given back
    to the basket that they came from. Abandoned a moment ago, it stays open as LEFT. An answer about something else
    than what was ordered changes nothing and raises NotWhatWasOrderedError, until nobody can be paying: the attempt has
    then expired.
    """
    attempt = _locked(attempt)
    before = State(attempt.state)
    said, reason = Said(answer.result), answer.result.value
    if answer.result in SAYS_SOMETHING:
        wrong = mismatch(
            Terms(attempt.reference, attempt.cents, attempt.number, attempt.mode),
            Terms(answer.reference, answer.cents, answer.merchant, answer.mode),
        )
        if wrong is not None and not (before.is_open and elapsed_of(attempt, at) >= gateway.stays_payable):
            raise NotWhatWasOrderedError(wrong)
        if wrong is not None:
            # It says nothing of this attempt, which nobody can be paying any more.
            log.critical("payment attempt %s: ended, answered with another %s", attempt.pk, wrong)
            said, reason = Said.WAITING, MISMATCH
    now = after(
        before,
        said,
        elapsed=elapsed_of(attempt, at),
        stays_payable=gateway.stays_payable,
        opens_within=gateway.opens_within,
        comes_back_within=gateway.comes_back_within,
    )
    attempt.asked_at = at
    is_doubtful = attempt.reason == REPLACED and elapsed_of(attempt, at) < gateway.stays_payable
    goes_on = now.is_open or (is_doubtful and now is not State.PAID)
    attempt.ask_next_at = at + wait_before_asking(at - attempt.created_at) if goes_on else None
    if now.is_open:
        attempt.reason = LEFT if said is Said.ABANDONED else ""
    attempt.save(update_fields=["asked_at", "ask_next_at", "reason"])
    if now is State.PAID and before is not State.PAID:
        attempt.transaction = answer.transaction[:64]
        attempt.paid_at = paid_at(answer.paid_at, created_at=attempt.created_at, at=at)
        _settle(attempt, means=answer.means or Posting.Means.CARD, by=by, at=at)
        lift_blocks([attempt], by=by, at=at)
    elif before.is_open and not now.is_open:
        _close(attempt, now, reason=reason, by=by, at=at)
    return now


def elapsed_of(attempt: PaymentAttempt, at: datetime) -> timedelta:
    """Will return how long ago its browser was sent to the payment page; else how long ago it was made."""
    return at - (attempt.redirected_at or attempt.created_at)


@operation
def ask_later(attempt: PaymentAttempt, *, by: Actor, at: datetime) -> None:
    """Will have the gateway asked again later, since it did not answer or not about this attempt. Nothing else."""
    wait = wait_before_asking(at - attempt.created_at)
    rows = PaymentAttempt.objects.filter(Q(state__in=OPEN_STATES) | Q(ask_next_at__isnull=False), pk=attempt.pk)
    rows.update(asked_at=at, ask_next_at=at + wait)


@operation
def expire_if_never_begun(attempt: PaymentAttempt, *, by: Actor, at: datetime) -> State:
    """Will close an attempt whose payment page nobody was sent to in time, and return its state."""
    attempt = _locked(attempt)
    state = State(attempt.state)
    if attempt.provider_id or attempt.gateway == PaymentSettings.Gateway.DESK:
        return state
    now = never_begun(state, elapsed=at - attempt.created_at)
    if state.is_open and not now.is_open:
        _close(attempt, now, reason="never_begun", by=by, at=at)
    elif now.is_open:
        attempt.ask_next_at = at + wait_before_asking(at - attempt.created_at)
        attempt.save(update_fields=["ask_next_at"])
    return now


@operation
def give_up(attempt: PaymentAttempt, *, reason: str, by: Actor, at: datetime) -> State:
    """Will close an attempt that nobody was sent to pay, or whose payer left (`reason`: a code); returns its state.

    Another that was sent to a payment page is left to the gateway's word: it may be being paid. A repeat does nothing.
    """
    attempt = _locked(attempt)
    state = State(attempt.state)
    if state is State.CREATED or (state.is_open and attempt.reason == LEFT):
        _close(attempt, State.ABANDONED, reason=reason, by=by, at=at)
        return State.ABANDONED
    return state


@operation
def begin_again(attempt: PaymentAttempt, *, gateways: Mapping[str, Gateway], by: Actor, at: datetime) -> PaymentAttempt:
    """Will put a new attempt in the place of one that waits, for all that it pays at its price, and return it.

    An order is paid by one page, which for some gateways opens once. The former is closed and asked about still: paid
    after all, it is credited, and what both paid is in the wallet. Again: the attempt that took its place. Raises
    UnableToPayError for one that has ended, too long after the first, or when what it pays is no longer to be paid.
    """
    attempt = _locked(attempt)
    if attempt.reason == REPLACED:
        return twins_of(attempt).filter(pk__gt=attempt.pk).order_by("pk").select_related("regie")[0]
    settings = settings_of(attempt.regie_id)
    gateway = gateways.get(attempt.gateway)
    first = twins_of(attempt).order_by("created_at").values_list("created_at", flat=True).first()
    began = min(first or attempt.created_at, attempt.created_at)
    if (
        gateway is None
        or settings is None
        or (settings.gateway, settings.mode) != (attempt.gateway, Mode.PRODUCTION)
        or attempt.purpose == PaymentAttempt.Purpose.TRIAL
        or not has_joined(attempt, at=at)
        or not may_begin_again(State(attempt.state), elapsed=at - began)
        or not is_as_ordered(attempt)
    ):
        raise UnableToPayError
    assert attempt.payer_id is not None  # noqa: S101  held by the database
    list(PayerAccount.objects.select_for_update(no_key=True).filter(pk=attempt.payer_id).values_list("pk"))
    lines = list(PaymentLine.objects.filter(attempt=attempt).order_by("pk"))
    _end(attempt, State.ABANDONED, reason=REPLACED, at=at)
    # Somebody may be paying it in another tab.
    attempt.ask_next_at = at + wait_before_asking(at - attempt.created_at)
    attempt.save(update_fields=["ask_next_at"])
    # What the former was to take from the wallet is free again; what the wallet lost since is paid online.
    total = attempt.cents + attempt.wallet_cents
    wallet = min(attempt.wallet_cents, wallet_left(attempt.payer_id))
    if not gateway.lowest_cents <= total - wallet <= gateway.highest_cents:
        raise UnableToPayError
    new: PaymentAttempt = PaymentAttempt.objects.create(
        authority_id=attempt.authority_id,
        checkout=attempt.checkout,
        position=attempt.position,
        purpose=attempt.purpose,
        user_id=attempt.user_id,
        family_id=attempt.family_id,
        regie_id=attempt.regie_id,
        payer_id=attempt.payer_id,
        confirmation_id=attempt.confirmation_id,
        gateway=attempt.gateway,
        mode=attempt.mode,
        number=settings.number,
        reference=new_reference(attempt.exercice),
        exercice=attempt.exercice,
        label=attempt.label,
        cents=total - wallet,
        wallet_cents=wallet,
        is_without_account=attempt.is_without_account,
        receipt_email=attempt.receipt_email,
        created_at=at,
        ask_next_at=at + wait_before_asking(timedelta(0)),
    )
    PaymentLine.objects.bulk_create(
        PaymentLine(
            authority_id=line.authority_id,
            attempt=new,
            invoice_id=line.invoice_id,
            reservation_id=line.reservation_id,
            cents=line.cents,
        )
        for line in lines
    )
    PaymentLine.objects.filter(pk__in=[line.pk for line in lines], reservation__isnull=False).update(
        state=PaymentLine.State.MOVED
    )
    audit.record(
        "begin_payment_again", authority=new.authority_id, of="payment_attempt", key=new.pk, by=by, at=at,
        former=attempt.pk, cents=new.cents, wallet=new.wallet_cents,
    )  # fmt: skip
    return new


@operation
def forget_receipt_address(attempt: PaymentAttempt, *, by: Actor, at: datetime) -> None:
    """Will forget to whom the receipt of a payment without an account was sent, once it has left."""
    PaymentAttempt.objects.filter(pk=attempt.pk).update(receipt_email="")


@operation
def forget_old_receipt_addresses(*, by: Actor, at: datetime) -> int:
    """Will forget the addresses of payments without an account that ended two days ago; returns how many."""
    rows = PaymentAttempt.objects.exclude(receipt_email="").filter(ended_at__lt=at - RECEIPT_ADDRESS_KEPT)
    return int(rows.update(receipt_email=""))


@operation
def expire_at_desk(attempt: PaymentAttempt, *, by: Actor, at: datetime) -> State:
    """Will close an attempt that waited at the desk until its places were held no more, and return its state.

    One that pays invoices holds none: it waits for WAITS_AT_DESK.
    """
    attempt = _locked(attempt)
    if attempt.gateway != PaymentSettings.Gateway.DESK or not State(attempt.state).is_open:
        return State(attempt.state)
    held = Reservation.objects.filter(payment_lines__attempt=attempt, state=Reservation.State.HELD)
    is_basket = attempt.purpose == PaymentAttempt.Purpose.BASKET
    waits = held.filter(held_until__gt=at).exists() if is_basket else at - attempt.created_at < WAITS_AT_DESK
    if waits:
        return State(attempt.state)
    _close(attempt, State.EXPIRED, reason="expired", by=by, at=at)
    return State.EXPIRED


@operation
def pay_at_desk(
    attempt: PaymentAttempt, *, means: str, date: date | None = None, by: Actor, at: datetime
) -> PaymentAttempt:
    """Will settle the whole of an attempt with money received at the desk; raises UnableToPayError once it has ended.

    One that somebody may be paying online is refused too: it would be paid twice.
    """
    attempt = _locked(attempt)
    if not State(attempt.state).is_open or attempt.redirected_at is not None:
        raise UnableToPayError
    _settle(attempt, means=means, day=date, by=by, at=at)
    lift_blocks([attempt], by=by, at=at)
    return attempt


def settle_without_gateway(attempt: PaymentAttempt, *, by: Actor, at: datetime) -> None:
    """Will settle an attempt that the wallet pays whole, or that costs nothing. Inside the operation that made it.

    Which ends by `lift_blocks`, once all its attempts are settled.
    """
    _settle(attempt, means="", by=by, at=at)


def lift_blocks(attempts: Iterable[PaymentAttempt], *, by: Actor, at: datetime) -> None:
    """Will lift what stood against the families that paid, if they owe nothing more. The last of an operation."""
    paid = {one.family_id: one for one in attempts if one.state == State.PAID and one.family_id is not None}
    for family in sorted(paid):
        authority = Authority.objects.defer("logo", "palette_css").get(pk=paid[family].authority_id)
        refresh_unpaid_block(family, authority=authority, by=by, at=at)


def _locked(attempt: PaymentAttempt) -> PaymentAttempt:
    if attempt.purpose == PaymentAttempt.Purpose.BASKET and attempt.user_id and attempt.family_id:
        lock_basket(attempt.user_id, attempt.family_id, authority=attempt.authority_id)
    locked: PaymentAttempt = PaymentAttempt.objects.select_for_update(no_key=True).get(pk=attempt.pk)
    return locked


def _settle(attempt: PaymentAttempt, *, means: str, day: date | None = None, by: Actor, at: datetime) -> None:
    authority = Authority.objects.defer("logo", "palette_css").get(pk=attempt.authority_id)
    if attempt.purpose == PaymentAttempt.Purpose.TRIAL:
        _note_trial(attempt, means, at)
        _end(attempt, State.PAID, means=means, at=at)
        return
    invoices = (
        _settle_places(attempt, authority, by=by, at=at)
        if attempt.purpose == PaymentAttempt.Purpose.BASKET
        else _settle_invoices(attempt)
    )
    attempt.paid_at = attempt.paid_at or at
    today = day or attempt.paid_at.astimezone(authority.zone).date()
    posting = None
    # What each invoice was to receive, less what it has of this attempt already.
    shares = _shares_of(attempt)
    if attempt.cents:
        assert attempt.payer is not None  # noqa: S101  held by the database
        posting = record_payment(
            attempt.payer,
            cents=attempt.cents,
            means=means,
            date=today,
            invoices=invoices,
            at_most=shares,
            reference=attempt.reference,
            spills=False,
            by=by,
            at=at,
        )
        give_receipt(posting, label=attempt.label, by=by, at=at)
    if attempt.wallet_cents:
        assert attempt.payer is not None  # noqa: S101  held by the database
        if posting is not None and shares is not None:
            for invoice, cents in settled_by(posting).items():
                shares[invoice] -= cents
        pay_from_wallet(
            attempt.payer,
            cents=attempt.wallet_cents,
            invoices=invoices,
            at_most=shares,
            date=today,
            by=by,
            at=at,
        )
        _warn_of_low_wallet(attempt)
    attempt.posting = posting
    _end(attempt, State.PAID, means=means, at=at)
    outbox.post("letters.payment_received", authority=attempt.authority_id, attempt=attempt.pk)
    audit.record(
        "settle_payment",
        authority=attempt.authority_id,
        of="payment_attempt",
        key=attempt.pk,
        by=by,
        at=at,
        cents=attempt.cents,
        wallet=attempt.wallet_cents,
    )


def _settle_places(attempt: PaymentAttempt, authority: Authority, *, by: Actor, at: datetime) -> list[Invoice]:
    """Will confirm what is still held, take again what was given back for want of payment, invoice both."""
    lines = list(PaymentLine.objects.filter(attempt=attempt).select_related("reservation").order_by("pk"))
    lock_children(line.reservation.child_id for line in lines if line.reservation is not None)
    # Those that another attempt of the same press took over too: they are still held while nobody paid them.
    pending = [line for line in lines if line.state in {PaymentLine.State.PENDING, PaymentLine.State.MOVED}]
    released = [line for line in lines if line.state == PaymentLine.State.RELEASED]
    confirmed = confirm_held([line.reservation_id for line in pending], authority=authority.pk, by=by, at=at)
    others = PaymentLine.objects.filter(reservation__in=confirmed, state=PaymentLine.State.PENDING)
    others.exclude(attempt=attempt).update(state=PaymentLine.State.MOVED)
    again: dict[int, int] = {}
    if released:
        again = take_again(
            [line.reservation for line in released if line.reservation], offer=offer_of(authority), by=by, at=at
        )
        _bring_to_basket(
            attempt, Reservation.objects.filter(pk__in=again.values()), authority, at=at
        )  # no longer a wish: it is reserved
    twice = _paid_by_twins(attempt)
    for line in lines:
        if line.reservation_id in again:
            line.reservation_id = again[line.reservation_id]
            line.state = PaymentLine.State.SETTLED
        elif line.reservation_id in confirmed:
            line.state = PaymentLine.State.SETTLED
        else:
            is_twice = line.reservation is not None and _day_of(line.reservation) in twice
            line.state = PaymentLine.State.MOVED if is_twice else PaymentLine.State.GONE
        line.save(update_fields=["state", "reservation"])
    keys = [line.reservation_id for line in lines if line.state == PaymentLine.State.SETTLED]
    places = list(Reservation.objects.filter(pk__in=keys).order_by("date", "pk"))
    invoice = invoice_prepaid(places, regie=attempt.regie_id, authority=authority, by=by, at=at)
    return [invoice] if invoice is not None else []


def _paid_by_twins(attempt: PaymentAttempt) -> set[tuple[int, int, date]]:
    """Will return the places that another attempt of the same press has paid: who, what, when."""
    rows = PaymentLine.objects.filter(attempt__in=twins_of(attempt), state=PaymentLine.State.SETTLED)
    return {_day_of(line.reservation) for line in rows.select_related("reservation") if line.reservation is not None}


def _day_of(place: Reservation) -> tuple[int, int, date]:
    return place.child_id, place.product_id, place.date


def _settle_invoices(attempt: PaymentAttempt) -> list[Invoice]:
    lines = PaymentLine.objects.filter(attempt=attempt)
    lines.update(state=PaymentLine.State.SETTLED)
    return [line.invoice for line in lines.select_related("invoice").order_by("pk") if line.invoice is not None]


def _shares_of(attempt: PaymentAttempt) -> dict[int, int] | None:
    if attempt.purpose != PaymentAttempt.Purpose.INVOICES:
        return None
    return dict(PaymentLine.objects.filter(attempt=attempt).values_list("invoice", "cents"))


def _note_trial(attempt: PaymentAttempt, means: str, at: datetime) -> None:
    settings = PaymentSettings.objects.select_for_update().get(regie=attempt.regie_id)
    if settings.number != attempt.number:
        return  # the régie has another number since: it proves nothing of that one
    settings.trials = {**settings.trials, f"{attempt.mode}.{means}": at.isoformat()}
    settings.save(update_fields=["trials"])


def _warn_of_low_wallet(attempt: PaymentAttempt) -> None:
    settings = PaymentSettings.objects.filter(regie=attempt.regie_id).first()
    if settings is None or not settings.low_balance_cents or attempt.payer_id is None:
        return
    left = balances_of([attempt.payer_id])[attempt.payer_id].wallet
    # Said once, when it goes under.
    if left < settings.low_balance_cents <= left + attempt.wallet_cents:
        outbox.post("letters.wallet_low", authority=attempt.authority_id, payer=attempt.payer_id)


def _close(attempt: PaymentAttempt, state: State, *, reason: str, by: Actor, at: datetime) -> None:
    """Will end an attempt that was not paid: what it held goes back to the basket, and the family is told."""
    rows = PaymentLine.objects.filter(attempt=attempt, state=PaymentLine.State.PENDING)
    lines = list(rows.select_related("reservation").order_by("pk"))
    places = [line.reservation for line in lines if line.reservation is not None]
    released: frozenset[int] = frozenset()
    if places:
        released = release_held(
            [one.pk for one in places],
            authority=attempt.authority_id,
            family=places[0].family_id,
            reason=BY_US,
            by=by,
            at=at,
        )
        # Of this attempt, and of those that it took the place of: each, paid late, takes them again.
        PaymentLine.objects.filter(
            reservation__in=released, state__in=(PaymentLine.State.PENDING, PaymentLine.State.MOVED)
        ).update(state=PaymentLine.State.RELEASED)
        if released:
            authority = Authority.objects.defer("logo", "palette_css").get(pk=attempt.authority_id)
            _bring_to_basket(attempt, [one for one in places if one.pk in released], authority, at=at)
    _end(attempt, state, reason=reason, at=at)
    # Nothing is said of places that were settled or given back otherwise: their own letters did. Nor of a second try
    # of what the first paid after all.
    is_told = reason != AGAIN and attempt.purpose != PaymentAttempt.Purpose.TRIAL
    is_basket = attempt.purpose == PaymentAttempt.Purpose.BASKET
    if is_told and (released or not is_basket) and not twins_of(attempt).filter(state=State.PAID).exists():
        outbox.post("letters.payment_failed", authority=attempt.authority_id, attempt=attempt.pk)
    audit.record(
        "close_payment", authority=attempt.authority_id, of="payment_attempt", key=attempt.pk, by=by, at=at,
        state=state.value, reason=reason,
    )  # fmt: skip


def _bring_to_basket(
    attempt: PaymentAttempt, places: Iterable[Reservation], authority: Authority, *, at: datetime
) -> None:
    if attempt.user_id and attempt.family_id:
        bring_to_basket(
            places,
            user=attempt.user_id,
            family=attempt.family_id,
            children=children_of(attempt.family_id, on=at.astimezone(authority.zone).date()),
            offer=offer_of(authority),
            by=SYSTEM,
            at=at,
        )


def _end(attempt: PaymentAttempt, state: State, *, at: datetime, means: str = "", reason: str = "") -> None:
    attempt.state, attempt.ended_at, attempt.page, attempt.ask_next_at = state, at, {}, None
    attempt.means, attempt.reason = means, reason[:20]
    attempt.save()
