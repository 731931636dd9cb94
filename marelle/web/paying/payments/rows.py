"""Payments as their pages show them: each attempt with its state, what it pays, and what may be done now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlencode

from django.conf import settings

from marelle.domain.payments.gateways import Trouble
from marelle.domain.payments.models import PaymentAttempt, PaymentLine, PaymentSettings
from marelle.domain.payments.rules.attempts import BEGINS_WITHIN, LEFT, REPLACED, State, may_begin_again
from marelle.foundation.french_dates import hour, moment, short_days
from marelle.foundation.money import in_euros
from marelle.web.contacts import ContactView, contact_view
from marelle.web.family_addresses import address_at
from marelle.web.paying.payments import wording
from marelle.web.paying.payments.leading import site_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.payments.gateways import Gateway
    from marelle.domain.payments.models import Receipt
    from marelle.domain.payments.queries.paying import AttemptWithLines
    from marelle.domain.reservations.models import Reservation

Stage = Literal["paid", "waiting", "next", "later", "desk", "ended"]
Tone = Literal["amber", "red", "green", "quiet", "blue"]
STAGES: Final[dict[Stage, tuple[Tone, str, str]]] = {
    "paid": ("green", "check", str(wording.PAID)),
    "waiting": ("amber", "hourglass", str(wording.WAITING)),
    "next": ("amber", "credit-card", str(wording.TO_PAY)),
    "later": ("quiet", "clock", str(wording.LATER)),
    "desk": ("amber", "landmark", str(wording.DESK)),
    "ended": ("red", "x", ""),
}
ENDED: Final = {
    State.REFUSED: str(wording.REFUSED),
    State.ABANDONED: str(wording.ABANDONED),
    State.EXPIRED: str(wording.EXPIRED),
}
BY_FAMILY: Final = "family"


@dataclass(frozen=True, slots=True)
class PaymentView:
    """An attempt of a page: each text is whole, empty when there is nothing to say; a button shows where it may act."""

    public_id: str
    stage: Stage
    regie: str
    authority: str
    tag: str
    tone: Tone
    icon: str
    amount: str
    what: tuple[str, ...]
    said: tuple[str, ...]
    site: str
    pay_label: str = ""
    can_return: bool = False
    can_begin_again: bool = False
    can_give_up: bool = False
    basket_url: str = ""
    confirmation_url: str = ""
    invoices_url: str = ""
    again_url: str = ""
    receipt: str = ""
    receipt_url: str = ""
    ways: tuple[str, ...] = ()
    contact: ContactView | None = None


def what_of(attempt: PaymentAttempt, lines: Sequence[PaymentLine]) -> tuple[str, ...]:
    """Will write what an attempt pays: « Lucia : 2 journées (mar. 24 et ven. 27 nov.) », « Facture 2026-00154 »."""
    if attempt.purpose == PaymentAttempt.Purpose.TOP_UP:
        return ("Recharge de votre porte-monnaie",)
    places: dict[tuple[str, int], list[Reservation]] = {}
    for line in lines:
        if line.reservation is not None:
            key = line.reservation.child.first_name, line.reservation.product_id
            places.setdefault(key, []).append(line.reservation)
    said = []
    for (child, _product), members in places.items():
        product = members[0].product
        noun = product.noun if len(members) == 1 else product.plural
        days = short_days(sorted(one.date for one in members))
        said.append(f"{child} : {len(members)} {noun}, {days}")
    said += [f"Facture {line.invoice.number}, {line.invoice.label}" for line in lines if line.invoice is not None]
    return tuple(said)


def that_count(found: Sequence[AttemptWithLines]) -> list[AttemptWithLines]:
    """Will leave out the tries that another took the place of, and those that ended when another was paid."""
    paid = {one.attempt.position for one in found if one.attempt.state == State.PAID}
    return [
        one
        for one in found
        if one.attempt.state == State.PAID
        or (one.attempt.reason != REPLACED and (State(one.attempt.state).is_open or one.attempt.position not in paid))
    ]


def views_of(
    found: Sequence[AttemptWithLines],
    authorities: Mapping[int, Authority],
    *,
    over: dict[int, int],
    invoices_url: str,
    pay_url: str,
    is_written: bool,
    is_holders: bool,
    at: datetime,
) -> list[PaymentView]:
    """Will write the attempts of one press, in their order; `over`: what each payment put in the wallet (cents).

    `is_written`: who reads gets e-mails about it; `is_holders`: the wallet is that of who reads. The
    addresses are those of the invoices and of where they are paid, on the site that shows them.
    """
    following = next((one.attempt.pk for one in found if _is_to_pay(one.attempt)), None)
    paid = {one.attempt.position for one in found if one.attempt.state == State.PAID}
    return [
        _view(
            one,
            authorities[one.attempt.authority_id],
            is_next=one.attempt.pk == following,
            is_paid=one.attempt.position in paid,
            over=over,
            invoices_url=invoices_url,
            pay_url=pay_url,
            is_written=is_written,
            is_holders=is_holders,
            at=at,
        )
        for one in found
    ]


def _is_to_pay(attempt: PaymentAttempt) -> bool:
    return attempt.state == State.CREATED and attempt.gateway in settings.GATEWAYS and not _is_desk(attempt)


def _is_desk(attempt: PaymentAttempt) -> bool:
    return bool(attempt.gateway == PaymentSettings.Gateway.DESK)


def _view(
    one: AttemptWithLines,
    authority: Authority,
    *,
    is_next: bool,
    is_paid: bool,
    over: dict[int, int],
    invoices_url: str,
    pay_url: str,
    is_written: bool,
    is_holders: bool,
    at: datetime,
) -> PaymentView:
    """Will write one; `is_paid`: it was, by this attempt or by one that was begun before it or after."""
    attempt, lines = one
    state = State(attempt.state)
    gateway = settings.GATEWAYS.get(attempt.gateway)
    name = gateway.name if gateway is not None else attempt.get_gateway_display()
    stage = stage_of(attempt, is_next=is_next)
    tone, icon, tag = STAGES[stage]
    is_basket = attempt.purpose == PaymentAttempt.Purpose.BASKET
    is_released = any(line.state == PaymentLine.State.RELEASED for line in lines)
    site = site_words(attempt.gateway, name)
    since = at - (attempt.redirected_at or attempt.created_at)
    opens = gateway is not None and since < gateway.opens_within and not gateway.opens_once
    can_begin_again = stage == "waiting" and not opens and not is_paid and gateway is not None
    can_begin_again = can_begin_again and may_begin_again(state, elapsed=at - attempt.created_at)
    receipt = getattr(attempt.posting, "receipt", None) if attempt.posting_id else None
    match stage:
        case "paid":
            said = _paid(attempt, lines, over=over.get(attempt.posting_id or 0, 0), is_holders=is_holders)
        case "waiting" if is_paid:
            said = [str(wording.PAID_BEFORE)]
        case "waiting":
            said = _waiting(
                attempt, gateway, authority, name=name, can_begin_again=can_begin_again, is_written=is_written
            )
            said += [str(wording.PLACES_KEPT)] if is_basket and attempt.reason != LEFT else []
            said += _until_then(attempt, gateway, authority, at=at)
        case "desk":
            said = _at_desk(attempt, lines, authority)
        case "ended":
            said = _ended(attempt, lines, state)
        case _:
            limit = hour((attempt.created_at + BEGINS_WITHIN).astimezone(authority.zone))
            kept = f" {wording.PLACES_KEPT}" if is_basket else ""
            said = [f"À payer avant {limit}, {site}.{kept}"]
    is_desk = stage == "desk"
    is_of_invoices = attempt.purpose == PaymentAttempt.Purpose.INVOICES
    owes = stage == "ended" and is_of_invoices
    unpaid = [("facture", line.invoice.public_id) for line in lines if line.invoice is not None]
    return PaymentView(
        public_id=attempt.public_id,
        stage=stage,
        regie=attempt.regie.name,
        authority=authority.name,
        tag=tag or ENDED[state],
        tone=tone,
        icon=icon,
        amount=in_euros(attempt.cents or attempt.wallet_cents),
        what=what_of(attempt, lines),
        said=(*_from_wallet(attempt, state), *said),
        site=site,
        pay_label=f"Payer maintenant {in_euros(attempt.cents)} à {named(attempt.regie.name)}"
        if stage == "next"
        else "",
        can_return=stage == "waiting" and opens and not is_paid,
        can_begin_again=can_begin_again,
        can_give_up=stage in {"next", "later", "desk"} or (stage == "waiting" and attempt.reason == LEFT),
        basket_url=address_at("basket", authority.slug) if is_basket and is_released else "",
        confirmation_url=address_at("confirmation", authority.slug, attempt.confirmation.number)
        if attempt.confirmation is not None
        else "",
        invoices_url=invoices_url if stage in {"ended", "paid"} and is_of_invoices else "",
        again_url=f"{pay_url}?{urlencode(unpaid)}" if owes and unpaid and pay_url else "",
        receipt=receipt.number if receipt is not None else "",
        receipt_url=receipt_url(authority, receipt),
        ways=tuple(line.strip() for line in attempt.regie.how_to_pay.splitlines() if line.strip()) if is_desk else (),
        contact=contact_view(authority) if is_desk else None,
    )


def receipt_url(authority: Authority, receipt: Receipt | None) -> str:
    """Will return the address of the document of a receipt; empty without one."""
    return address_at("payment_receipt", authority.slug, receipt.public_id) if receipt is not None else ""


def _from_wallet(attempt: PaymentAttempt, state: State) -> list[str]:
    if not attempt.wallet_cents or not (state is State.PAID or state.is_open):
        return []
    return [
        f"{in_euros(attempt.wallet_cents)} {'pris' if state is State.PAID else 'à prendre'} sur votre porte-monnaie."
    ]


def stage_of(attempt: PaymentAttempt, *, is_next: bool) -> Stage:
    """Will return where an attempt stands for its family."""
    state = State(attempt.state)
    if state is State.PAID:
        return "paid"
    if not state.is_open:
        return "ended"
    if _is_desk(attempt):
        return "desk"
    if state is State.REDIRECTED:
        return "waiting"
    return "next" if is_next else "later"


def _waiting(
    attempt: PaymentAttempt,
    gateway: Gateway | None,
    authority: Authority,
    *,
    name: str,
    can_begin_again: bool,
    is_written: bool,
) -> list[str]:
    if attempt.reason == LEFT and gateway is not None:
        until = (attempt.redirected_at or attempt.created_at) + gateway.comes_back_within
        return [str(wording.LEFT_PAGE).format(limit=hour(until.astimezone(authority.zone)))]
    words = wording.WAIT_FOR if is_written else wording.WAIT_HERE
    return [str(words).format(name=name), *([str(wording.OR_AGAIN)] if can_begin_again else [])]


def _paid(attempt: PaymentAttempt, lines: Sequence[PaymentLine], *, over: int, is_holders: bool) -> list[str]:
    said = []
    gone = [line for line in lines if line.state == PaymentLine.State.GONE]
    if attempt.purpose == PaymentAttempt.Purpose.TOP_UP:
        return [str(wording.TOPPED_UP).format(amount=in_euros(over or attempt.cents))]
    if attempt.purpose == PaymentAttempt.Purpose.BASKET:
        if len(gone) < len(lines):
            said.append("Votre place est confirmée." if len(lines) == 1 else "Vos places sont confirmées.")
        if gone:
            days = short_days(sorted(line.reservation.date for line in gone if line.reservation is not None))
            said.append(f"Le paiement est arrivé après la fin du délai, et {_lost(len(gone))} : {days}.")
        if over and any(line.state == PaymentLine.State.MOVED for line in lines):
            said.append(str(wording.PAID_TWICE).format(amount=in_euros(over)))
        elif over:
            why = ", le prix de ce qui n’est plus possible" if gone else ""
            said.append(f"{in_euros(over)} sont versés à votre porte-monnaie{why}.")
    elif over:
        words = wording.OVER_INVOICES if is_holders else wording.OVER_FOR_HOLDER
        said.append(str(words).format(amount=in_euros(over)))
    return said


def _lost(count: int) -> str:
    return "une place n’était plus libre" if count == 1 else f"{count} places n’étaient plus libres"


def _at_desk(attempt: PaymentAttempt, lines: Sequence[PaymentLine], authority: Authority) -> list[str]:
    ends = [line.reservation.held_until for line in lines if line.reservation and line.reservation.held_until]
    said = [f"À régler au guichet de {named(attempt.regie.name)}, qui confirme vos places."]
    if ends:
        said.append(f"Vos places sont gardées jusqu’au {moment(min(ends).astimezone(authority.zone))}.")
    return said


def _until_then(attempt: PaymentAttempt, gateway: Gateway | None, authority: Authority, *, at: datetime) -> list[str]:
    """Will say when a payment that nobody makes is over; nothing of one that its payer left, who was told."""
    begun = attempt.redirected_at or attempt.created_at
    if gateway is None or attempt.reason == LEFT or at - begun >= gateway.stays_payable:
        return []
    limit = hour((begun + gateway.stays_payable).astimezone(authority.zone))
    return [str(wording.ENDS_ALONE).format(hour=limit)]


def _ended(attempt: PaymentAttempt, lines: Sequence[PaymentLine], state: State) -> list[str]:
    trouble = Trouble.__members__.get(attempt.reason.upper())
    if trouble is not None:
        said = [trouble.value]
    elif attempt.reason == BY_FAMILY:
        said = [str(wording.GIVEN_UP)]
    elif attempt.reason == REPLACED:
        said = [str(wording.BEGUN_AGAIN)]
    elif attempt.reason == "never_begun":
        said = [str(wording.NEVER_BEGUN)]
    else:
        said = [str(wording.CLOSED[state.value])]
    released = sum(line.state == PaymentLine.State.RELEASED for line in lines)
    if released:
        said.append(str(wording.BACK_IN_BASKET_ONE if released == 1 else wording.BACK_IN_BASKET))
    elif attempt.purpose == PaymentAttempt.Purpose.INVOICES:
        said.append(str(wording.STILL_OWED_ONE if len(lines) == 1 else wording.STILL_OWED))
    return said


def named(regie: str) -> str:
    """Will write the name of a régie inside a sentence: « la régie loisirs », « la caisse « Cantine » »."""
    if regie.lower().startswith("régie "):
        return f"la régie {regie[6:]}"
    return f"la caisse « {regie} »"
