"""Talking to gateways, always outside a transaction: what they say is then written by an operation.

Nothing is credited without asking: a notice, a return of the browser or the clock only make us ask.
"""

from __future__ import annotations

import logging
from email.utils import parseaddr
from typing import TYPE_CHECKING

from django.conf import settings

from marelle.domain.payments.gateways import (
    GatewayDownError,
    Merchant,
    Mode,
    Order,
    OrderRefusedError,
    Result,
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
from marelle.domain.payments.queries.attempts import is_as_ordered
from marelle.domain.payments.rules.attempts import State, is_same_press
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
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


def order_of(
    attempt: PaymentAttempt, *, notify_url: str = "", return_url: str = "", ordered_at: datetime | None = None
) -> Order:
    """Will return what a gateway is asked to cash for an attempt, with the régie's secrets of today.

    It is ordered when its page is first shown, which may be long after *Valider* when other régies were paid before.
    """
    till = PaymentSettings.objects.filter(regie=attempt.regie_id).first()
    return Order(
        merchant=Merchant(
            number=attempt.number,
            mode=Mode(attempt.mode),
            key=till.key if till else "",
            password=till.password if till else "",
        ),
        reference=attempt.reference,
        cents=attempt.cents,
        label=attempt.label,
        email=_email_of(attempt),
        exercice=attempt.exercice,
        ordered_at=ordered_at or attempt.redirected_at or attempt.created_at,
        notify_url=notify_url,
        return_url=return_url,
    )


def _email_of(attempt: PaymentAttempt) -> str:
    """Will return where the gateway sends its own ticket: PayFiP wants an address.

    Somebody without an account who gives none is given that of the town hall, or ours: never the family's.
    """
    if attempt.is_without_account:
        return attempt.receipt_email or attempt.authority.email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return attempt.user.email if attempt.user else (attempt.payer.email if attempt.payer else "")


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

    A page that opens once is that of one press: after it, `operations.attempts.begin_again` makes another. Raises
    UnableToBeginError, after giving back what was held when nobody can have been sent to pay; UnableToPayError when the
    attempt has ended, its page can be opened no more, or what it pays is no longer to be paid.
    """
    gateway = gateways.get(attempt.gateway)
    if not State(attempt.state).is_open:
        raise UnableToPayError
    if gateway is None:
        raise UnableToBeginError(Trouble.NOT_OPEN)
    if attempt.provider_id:
        elapsed = at - (attempt.redirected_at or at)
        if elapsed >= gateway.opens_within or (gateway.opens_once and not is_same_press(elapsed)):
            raise UnableToPayError
        return page_of(attempt)
    if not is_as_ordered(attempt):
        give_up(attempt, reason="changed", by=by, at=at)
        raise UnableToPayError
    try:
        redirection = gateway.begin(order_of(attempt, notify_url=notify_url, return_url=return_url, ordered_at=at))
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
    try:
        return _asked(attempt, gateways=gateways, by=by, at=at)
    except GatewayDownError:
        log.warning("payment attempt %s: %s does not answer", attempt.pk, attempt.gateway)
    except NotWhatWasOrderedError as error:
        log.critical("payment attempt %s: %s answers with another %s", attempt.pk, attempt.gateway, error.what)
    ask_later(attempt, by=by, at=at)
    return State(attempt.state)


def hear(
    attempt: PaymentAttempt, fields: Mapping[str, str], *, gateways: Mapping[str, Gateway], by: Actor, at: datetime
) -> State:
    """Will ask about an attempt because a notice or the browser's return carries these fields, and return the state.

    What the question leaves open is closed by the notice when it is signed and says that the payer gave up: nothing is
    ever credited by it. Raises ForgedNoticeError, and asks nothing then.
    """
    gateway = gateways.get(attempt.gateway)
    if gateway is None or not gateway.is_online or not attempt.provider_id:
        return State(attempt.state)
    told = gateway.check_notice(order_of(attempt), attempt.provider_id, fields)
    state = ask(attempt, gateways=gateways, by=by, at=at)
    if state.is_open and told is not None and told.result in {Result.ABANDONED, Result.REFUSED}:
        return record_answer(attempt, told, gateway=gateway, by=by, at=at)
    return state


def ask_all(
    attempts: Iterable[PaymentAttempt], *, gateways: Mapping[str, Gateway], by: Actor, moment: Callable[[], datetime]
) -> None:
    """Will ask about each of these attempts, of any authority; what fails for one never keeps the others waiting.

    A régie whose gateway does not answer is asked no more this time: each would wait as long for nothing.
    """
    silent: set[tuple[int, str]] = set()
    for attempt in attempts:
        with tenancy.scope({attempt.authority_id}):
            till = (attempt.regie_id, attempt.gateway)
            try:
                if till not in silent:
                    _asked(attempt, gateways=gateways, by=by, at=moment())
                    continue
            except GatewayDownError:
                log.warning("payment attempt %s: %s does not answer", attempt.pk, attempt.gateway)
                silent.add(till)
            except NotWhatWasOrderedError as error:
                log.critical("payment attempt %s: %s answers with another %s", attempt.pk, attempt.gateway, error.what)
            except Exception:
                log.exception("payment attempt %s: its answer could not be written", attempt.pk)
            ask_later(attempt, by=by, at=moment())


def _asked(attempt: PaymentAttempt, *, gateways: Mapping[str, Gateway], by: Actor, at: datetime) -> State:
    if not attempt.provider_id:
        return expire_if_never_begun(attempt, by=by, at=at)
    gateway = gateways.get(attempt.gateway)
    if gateway is None:
        raise GatewayDownError
    if not gateway.is_online:
        return State(attempt.state)
    return record_answer(attempt, gateway.ask(order_of(attempt), attempt.provider_id), gateway=gateway, by=by, at=at)
