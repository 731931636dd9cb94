"""Each gateway with whoever answers for it, handled alike: what the contract suite asks of every one of them.

A gateway is added by a function that yields its `Till`, and by its line in TILLS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from marelle.connectors.desk.gateway import Desk
from marelle.connectors.payfip.gateway import PayFiP
from marelle.connectors.payzen.gateway import PayZen
from marelle.domain.payments.gateways import Gateway, Merchant, Mode, Order, Redirection, Result
from standins.payfip import moods as payfip_moods
from standins.payfip.server import started
from standins.payzen.platform import notice_of, return_of
from standins.payzen.server import Mood
from standins.payzen.shops import signed
from tests import payfip, payzen

PAID, REFUSED, ABANDONED = "paid", "refused", "abandoned"


@dataclass
class Till:
    """A gateway, the régie that is paid there, and what a test may have its server do.

    `arrive`: the browser opens the page. `act`: the payer pays, is refused or gives up. `genuine` and `forged`: notices
    of an order. `down`: it does not answer any more. `later`: its clock moves. `given_up` is what is answered in the
    end about somebody who gave up.
    """

    gateway: Gateway
    merchant: Callable[[Mode], Merchant]
    arrive: Callable[[Redirection], None] = lambda _redirection: None
    act: Callable[[Order, Redirection, str], None] = lambda _order, _redirection, _outcome: None
    genuine: Callable[[Order, Redirection], list[Mapping[str, str]]] = lambda _order, _redirection: []
    forged: Callable[[Order, Redirection], list[Mapping[str, str]]] = lambda _order, _redirection: []
    down: Callable[[], None] = lambda: None
    later: Callable[[timedelta], None] = lambda _apart: None
    before_payment: Result = Result.WAITING
    given_up: Result = Result.ABANDONED
    secrets: tuple[str, ...] = field(default=(), repr=False)


@contextmanager
def desk_till():
    yield Till(Desk(), lambda mode: Merchant("", mode))


@contextmanager
def payzen_till():
    clock = payzen.Clock()
    server = payzen.served(clock=clock)

    def told(order):
        session = server.platform.latest(order.reference)
        (last,) = [one for one in server.platform.transactions if one.session is session]
        return session, server.platform._told(last)

    def genuine(order, _redirection):
        session, fields = told(order)
        return [notice_of(session, fields), return_of(session, fields)]

    def forged(order, _redirection):
        session, fields = told(order)
        good, key = return_of(session, fields), session.keys.signing
        other = "PRODUCTION" if order.merchant.mode is Mode.TEST else "TEST"
        return [
            {**good, "vads_amount": "1"},
            {**good, "signature": ""},
            {name: value for name, value in good.items() if name != "signature"},
            {name: value for name, value in good.items() if name != "vads_amount"},
            {**good, "vads_ext_info_more": "1"},
            signed(fields, "another-key"),
            signed(fields, ""),
            signed({**fields, "vads_amount": "1"}, key),
            signed({**fields, "vads_currency": "840"}, key),
            signed({**fields, "vads_ctx_mode": other}, key),
            signed({**fields, "vads_site_id": "87654321"}, key),
            signed({**fields, "vads_order_id": "Attempt9999"}, key),
            signed({"vads_order_id": order.reference}, key),
        ]

    def down():
        server.mood = Mood.UNAVAILABLE

    yield Till(
        PayZen(server.page_url, server.url),
        payzen.merchant,
        arrive=lambda redirection: server.open(dict(redirection.fields)),
        act=lambda order, _redirection, outcome: server.pay(order.reference, outcome),
        genuine=genuine,
        forged=forged,
        down=down,
        later=lambda apart: setattr(clock, "now", clock.now + apart),
        # PayZen keeps nothing of somebody who gives up: only its notice says so.
        given_up=Result.WAITING,
        secrets=tuple(secret for keys in payzen.SHOP.contexts.values() for secret in (keys.signing, keys.password)),
    )
    server.shutdown()
    server.server_close()


@contextmanager
def payfip_till():
    server = started(payfip.Server(clock=lambda: payzen.NOW))
    outcomes = {PAID: "P", REFUSED: "R", ABANDONED: "A"}

    def down():
        server.mood = payfip_moods.Mood.UNAVAILABLE

    def later(apart):
        server.ahead += apart

    yield Till(
        PayFiP(server.url, server.page_url),
        lambda mode: Merchant(payfip.NUMCLI, mode),
        arrive=lambda redirection: server.open(redirection.provider_id),
        act=lambda _order, redirection, outcome: server.pay(redirection.provider_id, outcomes[outcome]),
        genuine=lambda _order, redirection: [{"idop": redirection.provider_id}, {"idOp": redirection.provider_id}],
        forged=lambda _order, _redirection: [{"idop": "another"}, {"idOp": "another"}, {"idop": ""}],
        down=down,
        later=later,
    )
    server.shutdown()
    server.server_close()


TILLS = {
    "desk": desk_till,
    "payfip": payfip_till,
    "payzen": payzen_till,
}
