"""*Valider* and *Payer*: what is to be paid, to whom, in which order. Price, places and terms are fixed here."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from marelle.domain.accounts.operations.locking import lock_account
from marelle.domain.authorities.models import Authority, Regie
from marelle.domain.authorities.rules.joining import is_joined
from marelle.domain.billing.models import Invoice, PayerAccount
from marelle.domain.billing.operations.payers import open_account
from marelle.domain.billing.queries.accounts import left_of
from marelle.domain.billing.queries.prepaid import due_on_booking
from marelle.domain.families.models import Family
from marelle.domain.payments.gateways import Gateway, Mode
from marelle.domain.payments.models import PaymentAttempt, PaymentLine, PaymentSettings
from marelle.domain.payments.operations.attempts import AGAIN, give_up, lift_blocks, settle_without_gateway
from marelle.domain.payments.queries.attempts import settings_of, wallet_left
from marelle.domain.payments.rules.attempts import BEGINS_WITHIN, State
from marelle.domain.payments.rules.sharing import new_reference, shared
from marelle.domain.reservations.models import Confirmation, Reservation
from marelle.domain.reservations.operations.baskets import Refused, confirm_basket
from marelle.domain.reservations.operations.place_offers import accept_offer
from marelle.foundation import audit
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.families.models import Child
    from marelle.domain.reservations.models import PlaceOffer
    from marelle.foundation.actors import Actor

DESK: Final = PaymentSettings.Gateway.DESK.value
FIRST_QUESTION: Final = timedelta(minutes=1)


class UnableToPayInvoicesError(Exception):
    """An invoice is paid, withdrawn, at the Trésor or not to be paid online, or the amount is not its own."""


class BeingPaidError(UnableToPayInvoicesError):
    """Somebody is paying one of these invoices now, and not just what was asked; nothing was written."""


class UnableToTopUpError(Exception):
    """The régie takes no money ahead online, or not so little, or not so much; nothing was written."""


@dataclass(frozen=True, slots=True)
class CheckedOut:
    """What *Valider* recorded, and what is to be paid now, one attempt a régie, in this order."""

    confirmation: Confirmation
    attempts: tuple[PaymentAttempt, ...]
    is_repeated: bool = False


@operation
def check_out(
    *,
    user: int,
    family: int,
    children: Iterable[Child],
    offer: Offer,
    key: str,
    revision: int,
    words: str = "",
    from_wallet: bool = False,
    gateways: Mapping[str, Gateway],
    by: Actor,
    at: datetime,
) -> CheckedOut | Refused:
    """Will record the basket (see `confirm_basket`) and, for what is paid on booking, make one attempt a régie.

    The places are held meanwhile, at the price that was shown, less what aids pay. What is too little or too much for
    the gateway, or has none, is paid at the desk; what the wallet pays whole is settled at once. Raises
    UnableToConfirmBasketError.
    """
    outcome = confirm_basket(
        user=user, family=family, children=children, offer=offer, key=key, revision=revision, words=words, by=by, at=at
    )
    if isinstance(outcome, Refused):
        return outcome
    confirmation = outcome.confirmation
    if outcome.is_repeated:
        made = (
            PaymentAttempt.objects.filter(confirmation=confirmation).select_related("regie").order_by("position", "pk")
        )
        return CheckedOut(confirmation, tuple(made), is_repeated=True)
    return CheckedOut(
        confirmation,
        _attempts_of(
            confirmation,
            user=user,
            family=family,
            offer=offer,
            from_wallet=from_wallet,
            gateways=gateways,
            by=by,
            at=at,
        ),
    )


@operation
def accept_and_pay(
    made: PlaceOffer,
    *,
    user: int,
    family: int,
    offer: Offer,
    gateways: Mapping[str, Gateway],
    by: Actor,
    at: datetime,
) -> CheckedOut:
    """Will accept a place that was offered (see `accept_offer`) and make what pays it, as `check_out` does a basket.

    Raises UnableToAnswerOfferError.
    """
    confirmation = accept_offer(made, family=family, user=user, offer=offer, by=by, at=at)
    attempts = _attempts_of(
        confirmation, user=user, family=family, offer=offer, from_wallet=False, gateways=gateways, by=by, at=at
    )
    return CheckedOut(confirmation, attempts)


def _attempts_of(
    confirmation: Confirmation,
    *,
    user: int,
    family: int,
    offer: Offer,
    from_wallet: bool,
    gateways: Mapping[str, Gateway],
    by: Actor,
    at: datetime,
) -> tuple[PaymentAttempt, ...]:
    """Will make one attempt a régie to pay what a confirmation holds."""
    attempts: list[PaymentAttempt] = []
    checkout = new_public_id()
    home = Family.objects.get(pk=family)
    tills = _held_by_regie(confirmation, offer)
    payers = {regie.pk: open_account(home, regie, by=by, at=at) for regie, _places in tills}
    _lock_payers(payer.pk for payer in payers.values())
    for regie, places in tills:
        due = due_on_booking(places, regie=regie.pk, offer=offer, at=at)
        attempt = _begin(
            regie,
            PaymentAttempt.Purpose.BASKET,
            checkout=checkout,
            position=len(attempts),
            user=user,
            family=home,
            payer=payers[regie.pk],
            total=max(0, sum(due.values())),
            from_wallet=from_wallet,
            confirmation=confirmation,
            gateways=gateways,
            zone=offer.zone,
            by=by,
            at=at,
        )
        PaymentLine.objects.bulk_create(
            PaymentLine(authority_id=offer.authority, attempt=attempt, reservation=one, cents=max(0, due[one.pk]))
            for one in places
        )
        attempts.append(_settled_if_free(attempt, by=by, at=at))
    lift_blocks(attempts, by=by, at=at)
    return tuple(attempts)


@operation
def pay_invoices(
    amounts: Mapping[Invoice, int | None],
    *,
    user: int,
    from_wallet: bool = False,
    gateways: Mapping[str, Gateway],
    by: Actor,
    at: datetime,
) -> list[PaymentAttempt]:
    """Will make one attempt a régie to pay these invoices, each whole (None) or the cents given where it takes parts.

    The caller shows them to the account (`invoices_of`), in the scope of their authorities; what is left of each is
    read again under the lock of its payer. In the order given. Pressed twice, or by both parents at once: the attempt
    that pays just that, and is still open, is the one returned. Raises UnableToPayInvoicesError, BeingPaidError.
    """
    # Held before anything else, as a merge does: the attempt is found by it, or made for the account that took over.
    user = lock_account(user).pk
    attempts = _attempts_for(amounts, user=user, from_wallet=from_wallet, gateways=gateways, by=by, at=at)
    lift_blocks(attempts, by=by, at=at)
    return attempts


@operation
def pay_invoice_without_account(
    invoice: Invoice, *, email: str = "", gateways: Mapping[str, Gateway], by: Actor, at: datetime
) -> PaymentAttempt:
    """Will make the attempt that pays what is left of an invoice, for somebody who typed its reference and its amount.

    In the scope of its authority. Never from a wallet, nor at the desk; `email`, if any, receives the receipt. Pressed
    twice, or while an account that holds the invoice pays it: the attempt that is open is the one returned, as it
    is, with the address that it had. Raises UnableToPayInvoicesError, BeingPaidError.
    """
    (attempt,) = _attempts_for({invoice: None}, user=None, email=email, gateways=gateways, by=by, at=at)
    if attempt.gateway == DESK:
        raise UnableToPayInvoicesError
    return attempt


def _attempts_for(
    amounts: Mapping[Invoice, int | None],
    *,
    user: int | None,
    from_wallet: bool = False,
    email: str = "",
    gateways: Mapping[str, Gateway],
    by: Actor,
    at: datetime,
) -> list[PaymentAttempt]:
    """Will make, or find, one attempt a régie and payer for these invoices; without an account when `user` is None."""
    _give_up_former_presses(amounts, user=user, from_wallet=from_wallet, gateways=gateways, by=by, at=at)
    _lock_payers(one.payer_id for one in amounts)
    by_payer = _by_payer(amounts, at=at)
    attempts: list[PaymentAttempt] = []
    under_way = {
        key: _same_press(members, regie=key[0], from_wallet=from_wallet, gateways=gateways, at=at)
        for key, members in by_payer.items()
    }
    checkout, made = _joined(under_way.values())
    for (regie, payer), members in by_payer.items():
        same = under_way[regie, payer]
        if same is not None:
            attempts.append(same)
            continue
        attempt = _begin(
            Regie.objects.get(pk=regie),
            PaymentAttempt.Purpose.INVOICES,
            checkout=checkout,
            position=made,
            user=user,
            family=members[0][0].family,
            payer=PayerAccount.objects.get(pk=payer),
            total=sum(cents for _invoice, cents in members),
            from_wallet=from_wallet,
            email=email,
            gateways=gateways,
            zone=members[0][0].authority.zone,
            by=by,
            at=at,
        )
        PaymentLine.objects.bulk_create(
            PaymentLine(authority_id=attempt.authority_id, attempt=attempt, invoice=invoice, cents=cents)
            for invoice, cents in members
        )
        attempts.append(_settled_if_free(attempt, by=by, at=at))
        made += 1
    return attempts


@operation
def top_up(
    regie: Regie, *, family: Family, user: int, cents: int, gateways: Mapping[str, Gateway], by: Actor, at: datetime
) -> PaymentAttempt:
    """Will make an attempt to put money ahead in the wallet of a family. Raises UnableToTopUpError."""
    user = lock_account(user).pk
    settings = settings_of(regie.pk)
    zone = Authority.objects.get(pk=regie.authority_id).zone
    if settings is None or not settings.has_top_up or cents < settings.lowest_top_up_cents:
        raise UnableToTopUpError
    if not is_joined(regie.online_from, on=at.astimezone(zone).date()):
        raise UnableToTopUpError
    if _gateway_for(settings, cents, gateways) == DESK:
        raise UnableToTopUpError
    return _begin(
        regie,
        PaymentAttempt.Purpose.TOP_UP,
        checkout=new_public_id(),
        position=0,
        user=user,
        family=family,
        payer=open_account(family, regie, by=by, at=at),
        total=cents,
        from_wallet=False,
        gateways=gateways,
        zone=zone,
        by=by,
        at=at,
    )


@operation
def start_trial(
    settings: PaymentSettings, *, user: int, cents: int, gateways: Mapping[str, Gateway], by: Actor, at: datetime
) -> PaymentAttempt:
    """Will make an attempt that settles nothing, to try a gateway before it opens.

    Raises UnableToTopUpError in production, or without a gateway that takes this amount.
    """
    gateway = gateways.get(settings.gateway)
    if settings.mode == Mode.PRODUCTION or gateway is None or not gateway.is_online:
        raise UnableToTopUpError
    if not gateway.lowest_cents <= cents <= gateway.highest_cents:
        raise UnableToTopUpError
    zone = Authority.objects.get(pk=settings.authority_id).zone
    year = at.astimezone(zone).year
    attempt: PaymentAttempt = PaymentAttempt.objects.create(
        authority_id=settings.authority_id,
        purpose=PaymentAttempt.Purpose.TRIAL,
        user_id=user,
        regie_id=settings.regie_id,
        gateway=settings.gateway,
        mode=settings.mode,
        number=settings.number,
        reference=new_reference(year),
        exercice=year,
        label="Essai du paiement en ligne",
        cents=cents,
        created_at=at,
        ask_next_at=at + FIRST_QUESTION,
    )
    audit.record("start_trial", authority=settings.authority_id, of="payment_attempt", key=attempt.pk, by=by, at=at)
    return attempt


def _held_by_regie(confirmation: Confirmation, offer: Offer) -> list[tuple[Regie, list[Reservation]]]:
    """Will return what a confirmation holds until it is paid, by régie that invoices, the régies in their order.

    Not what an agent is to decide, nor what has no price yet.
    """
    decided = {
        (line["child"], line["product"], line["date"]) for line in confirmation.lines if line["outcome"] == "held"
    }
    rows = Reservation.objects.filter(confirmation=confirmation, state=Reservation.State.HELD)
    places: dict[int, list[Reservation]] = defaultdict(list)
    for one in rows.order_by("date", "child", "product"):
        service = offer.product_by_pk[one.product_id].activity.service
        is_now = (one.child_id, one.product_id, one.date.isoformat()) in decided
        if is_now and service.is_prepaid and service.regie is not None and one.price_cents is not None:
            places[service.regie].append(one)
    regies = Regie.objects.filter(pk__in=places, has_billing=True).order_by("name", "pk")
    return [(regie, places[regie.pk]) for regie in regies]


def _by_payer(
    amounts: Mapping[Invoice, int | None], *, at: datetime
) -> dict[tuple[int, int], list[tuple[Invoice, int]]]:
    """Will gather what is to be paid (cents of each invoice) by régie and payer; raises UnableToPayInvoicesError.

    Of régies that have joined the online invoices, whatever a forged form asks.
    """
    left = left_of([one.pk for one in amounts])
    found: dict[tuple[int, int], list[tuple[Invoice, int]]] = defaultdict(list)
    for invoice, wanted in amounts.items():
        cents = left.get(invoice.pk, 0) if wanted is None else wanted
        settings = settings_of(invoice.regie_id)
        takes_parts = settings is not None and settings.takes_part_payments
        fresh = Invoice.objects.issued().filter(pk=invoice.pk, recovery_at__isnull=True, withdrawn_at__isnull=True)
        since = fresh.values_list("regie__online_from", flat=True).first()
        today = at.astimezone(invoice.authority.zone).date()
        if not is_joined(since, on=today) or not 0 < cents <= left.get(invoice.pk, 0):
            raise UnableToPayInvoicesError
        if cents < left[invoice.pk] and not takes_parts:
            raise UnableToPayInvoicesError
        found[invoice.regie_id, invoice.payer_id].append((invoice, cents))
    return found


def _give_up_former_presses(
    amounts: Mapping[Invoice, int | None],
    *,
    user: int | None,
    from_wallet: bool,
    gateways: Mapping[str, Gateway],
    by: Actor,
    at: datetime,
) -> None:
    """Will close what the same account began for these invoices, for another sum, and was sent nowhere to pay.

    Or whoever has no account, for those are all alike. The last press counts. What pays just what is asked now is left:
    it is the same press.
    """
    rows = PaymentAttempt.objects.filter(state=State.CREATED, lines__invoice__in=[one.pk for one in amounts])
    rows = rows.filter(user=user, is_without_account=user is None)
    former = list(PaymentAttempt.objects.filter(pk__in=rows.values("pk")).order_by("pk"))
    by_payer = _by_payer(amounts, at=at) if former else {}
    for attempt in former:
        members = by_payer.get((attempt.regie_id, attempt.payer_id or 0), [])
        if not _pays_just(attempt, members, from_wallet=from_wallet, gateways=gateways, at=at):
            give_up(attempt, reason=AGAIN, by=by, at=at)


def _same_press(
    members: Sequence[tuple[Invoice, int]],
    *,
    regie: int,
    from_wallet: bool,
    gateways: Mapping[str, Gateway],
    at: datetime,
) -> PaymentAttempt | None:
    """Will return the attempt under way for just that, under the lock of the payer; None when nobody pays any of it.

    Raises BeingPaidError when somebody pays something else of it. What waits at the desk is nobody's payment.
    """
    rows = PaymentAttempt.objects.open().filter(
        regie=regie, lines__invoice__in=[invoice.pk for invoice, _cents in members]
    )
    rows = rows.exclude(gateway=DESK).select_related("regie")
    under_way = list(rows.distinct().order_by("pk"))
    for attempt in under_way:
        if _pays_just(attempt, members, from_wallet=from_wallet, gateways=gateways, at=at):
            return attempt
    if under_way:
        raise BeingPaidError
    return None


def _joined(under_way: Iterable[PaymentAttempt | None]) -> tuple[str, int]:
    """Will return the checkout that new attempts join, and the first place that is free in it."""
    same = next((one for one in under_way if one is not None), None)
    if same is None:
        return new_public_id(), 0
    places = PaymentAttempt.objects.filter(checkout=same.checkout).values_list("position", flat=True)
    return same.checkout, max(places) + 1


def _pays_just(
    attempt: PaymentAttempt,
    members: Sequence[tuple[Invoice, int]],
    *,
    from_wallet: bool,
    gateways: Mapping[str, Gateway],
    at: datetime,
) -> bool:
    """Will tell whether an open attempt, lately begun, pays these cents of these invoices, the wallet alike."""
    lines = dict(PaymentLine.objects.filter(attempt=attempt).values_list("invoice", "cents"))
    gateway = gateways.get(attempt.gateway)
    if (
        gateway is None
        or attempt.payer_id is None
        or at - attempt.created_at >= BEGINS_WITHIN
        or lines != {invoice.pk: cents for invoice, cents in members}
    ):
        return False
    held = wallet_left(attempt.payer_id) + attempt.wallet_cents if from_wallet else 0
    asked = shared(sum(lines.values()), wallet=held, lowest=gateway.lowest_cents)
    return asked == (attempt.wallet_cents, attempt.cents)


def _lock_payers(keys: Iterable[int]) -> None:
    rows = PayerAccount.objects.select_for_update(no_key=True).filter(pk__in=set(keys))
    list(rows.order_by("pk").values_list("pk"))


def _gateway_for(settings: PaymentSettings | None, cents: int, gateways: Mapping[str, Gateway]) -> str:
    """Will return the gateway that cashes this amount: the desk until the régie's own is open, or beyond its limits."""
    if settings is None or settings.mode != Mode.PRODUCTION:
        return DESK
    gateway = gateways.get(settings.gateway)
    if gateway is None or not gateway.is_online or not gateway.lowest_cents <= cents <= gateway.highest_cents:
        return DESK
    return settings.gateway


def _begin(
    regie: Regie,
    purpose: str,
    *,
    checkout: str,
    position: int,
    user: int | None,
    family: Family | None,
    total: int,
    from_wallet: bool,
    gateways: Mapping[str, Gateway],
    zone: ZoneInfo,
    payer: PayerAccount,
    confirmation: Confirmation | None = None,
    email: str = "",
    by: Actor,
    at: datetime,
) -> PaymentAttempt:
    today = at.astimezone(zone).date()
    # Until its régie has joined the online invoices, nothing is paid online: it waits at the desk.
    settings = settings_of(regie.pk) if is_joined(regie.online_from, on=today) else None
    online = gateways.get(settings.gateway) if settings is not None and settings.mode == Mode.PRODUCTION else None
    wallet, left = shared(
        total,
        wallet=wallet_left(payer.pk) if from_wallet else 0,
        lowest=online.lowest_cents if online is not None and online.is_online else 1,
    )
    gateway = _gateway_for(settings, left, gateways) if left else DESK
    is_online = gateway != DESK
    attempt: PaymentAttempt = PaymentAttempt.objects.create(
        authority_id=regie.authority_id,
        checkout=checkout,
        position=position,
        purpose=purpose,
        user_id=user,
        family=family,
        regie=regie,
        payer=payer,
        confirmation=confirmation,
        gateway=gateway,
        mode=Mode.PRODUCTION,
        number=settings.number if settings is not None and is_online else "",
        reference=new_reference(today.year),
        exercice=today.year,
        label=regie.name[:100],
        cents=left,
        wallet_cents=wallet,
        is_without_account=user is None,
        receipt_email=email,
        created_at=at,
        ask_next_at=at + FIRST_QUESTION if is_online else None,
    )
    audit.record(
        "start_payment", authority=regie.authority_id, of="payment_attempt", key=attempt.pk, by=by, at=at,
        cents=left, wallet=wallet, purpose=purpose,
    )  # fmt: skip
    return attempt


def _settled_if_free(attempt: PaymentAttempt, *, by: Actor, at: datetime) -> PaymentAttempt:
    if not attempt.cents:
        settle_without_gateway(attempt, by=by, at=at)
    return attempt
