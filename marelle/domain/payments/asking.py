"""Talking to gateways, always outside a transaction: what they say is then written by an operation.

Nothing is credited without asking: a notice, a return of the browser or the clock only make us ask.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from marelle.domain.payments.gateways import (
    GatewayDownError,
    Merchant,
    Mode,
    Order,
    OrderRefusedError,
    Trouble,
)
from marelle.domain.payments.models import PaymentSettings
from marelle.domain.payments.operations.attempts import (
    NotWhatWasOrderedError,
    UnableToPayError,
    ask_later,
    expire_if_never_begun,
    give_up,
    page_of,
    record_answer,
    send_to_page,
)
from marelle.domain.payments.rules.attempts import State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from marelle.domain.payments.gateways import Gateway, Redirection
    from marelle.domain.payments.models import PaymentAttempt
    from marelle.foundation.actors import Actor

log = logging.getLogger("marelle.payments")


class UnableToBeginError(Exception):
    """The payment page cannot be shown: `trouble` says why, in words. What was held is given back to the basket."""

    def __init__(self, trouble: Trouble) -> None:
        """Will keep why."""
        super().__init__(trouble.name)
        self.trouble = trouble


def order_of(attempt: PaymentAttempt, *, notify_url: str = "", return_url: str = "") -> Order:
    """Will return what a gateway is asked to cash for an attempt, with the régie's secrets of today."""
    settings = PaymentSettings.objects.filter(regie=attempt.regie_id).first()
    email = attempt.user.email if attempt.user else (attempt.payer.email if attempt.payer else "")
    return Order(
        merchant=Merchant(
            number=attempt.number,
            mode=Mode(attempt.mode),
            key=settings.key if settings else "",
            password=settings.password if settings else "",
        ),
        reference=attempt.reference,
        cents=attempt.cents,
        label=attempt.label,
        email=email,
        exercice=attempt.exercice,
        ordered_at=attempt.created_at,
        notify_url=notify_url,
        return_url=return_url,
    )


def begin(
    attempt: PaymentAttempt,
    *,
    gateways: Mapping[str, Gateway],
    notify_url: str,
    return_url: str,
    by: Actor,
    at: datetime,
) -> Redirection:
    """Will order the payment at the gateway and return where the browser goes; again: the same page, while it opens.

    Raises UnableToBeginError, after giving back what was held when nobody can have been sent to pay; UnableToPayError
    when the attempt has ended, or its page can be opened no more.
    """
    gateway = gateways[attempt.gateway]
    if not State(attempt.state).is_open:
        raise UnableToPayError
    if attempt.provider_id:
        if attempt.redirected_at is not None and at - attempt.redirected_at >= gateway.opens_within:
            raise UnableToPayError
        return page_of(attempt)
    try:
        redirection = gateway.begin(order_of(attempt, notify_url=notify_url, return_url=return_url))
    except OrderRefusedError as error:
        log.warning("payment attempt %s: refused by %s, %s", attempt.pk, gateway.code, error.code)
        trouble = error.trouble
    except GatewayDownError:
        log.warning("payment attempt %s: %s does not answer", attempt.pk, gateway.code)
        trouble = Trouble.UNAVAILABLE
    else:
        return send_to_page(attempt, redirection, by=by, at=at)
    give_up(attempt, reason=trouble.name.lower(), by=by, at=at)
    raise UnableToBeginError(trouble)


def ask(attempt: PaymentAttempt, *, gateways: Mapping[str, Gateway], by: Actor, at: datetime) -> State:
    """Will ask the gateway what became of an attempt, write it, and return the state.

    A gateway that does not answer, or answers about something else, changes nothing: it is asked again later.
    """
    gateway = gateways.get(attempt.gateway)
    if not attempt.provider_id:
        return expire_if_never_begun(attempt, by=by, at=at)
    if gateway is None or not gateway.is_online:
        return State(attempt.state)
    try:
        answer = gateway.ask(order_of(attempt), attempt.provider_id)
    except GatewayDownError:
        log.warning("payment attempt %s: %s does not answer", attempt.pk, gateway.code)
    else:
        try:
            return record_answer(attempt, answer, gateway=gateway, by=by, at=at)
        except NotWhatWasOrderedError:
            log.critical("payment attempt %s: what %s answers is not about it", attempt.pk, gateway.code)
    ask_later(attempt, by=by, at=at)
    return State(attempt.state)
