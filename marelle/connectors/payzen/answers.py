"""What Order/Get answers, read with care: every transaction tried for an order, none before somebody tried to pay."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from marelle.domain.payments.gateways import Answer, GatewayDownError, Mode, Result

if TYPE_CHECKING:
    from marelle.domain.payments.gateways import Order

# « Transaction not found ». PayZen keeps nothing of a form that nobody posted, of somebody who is typing a card and of
# somebody who gave up: all three are this error, and only time tells them apart.
NOT_FOUND: Final = "PSP_010"
# A payment page lives ten minutes, whatever is done on it. A card may be refused there, then another accepted.
SESSION: Final = timedelta(minutes=10)
GIVEN_UP: Final = ("ABANDONED", "CANCELLED", "EXPIRED")
MEANS: Final = {"CARD": "card", "SDD": "debit", "IP_WIRE": "transfer"}


def answer_of(body: bytes, order: Order) -> Answer:
    """Will return what became of an order; raises GatewayDownError, its code inside, for what is no answer."""
    said = _object(_json(body))
    answer = _object(said.get("answer"))
    if said.get("status") != "SUCCESS":
        code = _text(answer.get("errorCode"))
        if code == NOT_FOUND:
            return Answer(Result.WAITING)
        raise GatewayDownError(code or "UNREADABLE")
    listed = answer.get("transactions")
    if not isinstance(listed, list):
        raise GatewayDownError("UNREADABLE")
    tried = [one for one in map(_object, listed) if one.get("operationType") == "DEBIT"]
    tried.sort(key=lambda one: _text(one.get("creationDate")))
    paid = [one for one in tried if one.get("status") == "PAID"]
    if paid:  # the first: a card accepted twice is paid once, and the statement of the bank shows the other
        return _about(paid[0], Result.PAID, order)
    if not tried or any(one.get("status") != "UNPAID" for one in tried):
        return Answer(Result.WAITING)
    if _is_still_open(tried[0], said.get("serverDate")):
        return Answer(Result.WAITING)
    last = tried[-1]
    gave_up = last.get("detailedStatus") in GIVEN_UP
    return _about(last, Result.ABANDONED if gave_up else Result.REFUSED, order)


def _about(one: dict[str, Any], result: Result, order: Order) -> Answer:
    details = _object(one.get("orderDetails"))
    amount = one.get("amount")
    is_euros = one.get("currency") == "EUR" and isinstance(amount, int) and not isinstance(amount, bool)
    is_paid = result is Result.PAID
    return Answer(
        result,
        cents=amount if is_euros else None,
        reference=_text(details.get("orderId")),
        merchant=_text(one.get("shopId")),
        mode=_mode(details.get("mode"), order.merchant.mode),
        transaction=_text(one.get("uuid"))[:64],
        means=MEANS.get(_text(one.get("paymentMethodType")), "other") if is_paid else "",
        paid_at=_moment(one.get("creationDate")) if is_paid else None,
    )


def _mode(context: Any, asked: Mode) -> Mode | None:
    """Will return the mode said: production is as well what we call activation, when the order was one."""
    if context == "TEST":
        return Mode.TEST
    if context == "PRODUCTION":
        return asked if asked is Mode.ACTIVATION else Mode.PRODUCTION
    return None


def _is_still_open(first: dict[str, Any], server_date: Any) -> bool:
    """Will tell whether the payment page of a refused card may still take another, by PayZen's own clock."""
    tried, now = _moment(first.get("creationDate")), _moment(server_date)
    return tried is not None and now is not None and now - tried < SESSION


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
