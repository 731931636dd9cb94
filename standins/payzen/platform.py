"""What PayZen knows and decides, without a network: forms, payment pages of ten minutes, transactions."""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from standins.payzen.shops import Keys, Shop, signature, signed

SESSION = timedelta(minutes=10)
# How far `vads_trans_date` may be from here.
LATEST, EARLIEST = timedelta(minutes=30), timedelta(minutes=90)
MOST_TRANSACTIONS = 30
# Each field of the form that is looked at, with its error code; what is empty was not sent.
SHAPES = {
    "vads_version": (1, r"V2"),
    "vads_trans_id": (3, r"(?!9)[0-9a-zA-Z]{6}"),
    "vads_trans_date": (4, r"\d{14}"),
    "vads_validation_mode": (5, r"[01]?"),
    "vads_capture_delay": (6, r"\d{0,3}"),
    "vads_payment_config": (7, r"SINGLE"),
    "vads_amount": (9, r"[1-9]\d{0,11}"),
    "vads_currency": (10, r"978"),
    "vads_ctx_mode": (11, r"TEST|PRODUCTION"),
    "vads_language": (12, r"([a-z]{2})?"),
    "vads_order_id": (13, r"[A-Za-z0-9_-]{0,64}"),
    "vads_order_info": (14, r"[^<>]{0,255}"),
    "vads_cust_email": (15, r"([^\s<>@]+@[^\s<>@]+\.[^\s<>@]+)?"),
    "vads_url_return": (28, r"(https?://[^\s<>]{1,1000})?"),
    "vads_page_action": (46, r"PAYMENT"),
    "vads_action_mode": (47, r"INTERACTIVE"),
    "vads_return_mode": (48, r"(GET|NONE)?"),
    "vads_url_check": (77, r"(https?://[^\s<>]{1,1000})?"),
}
# What comes back as it was sent.
ECHOED = (
    "vads_action_mode", "vads_amount", "vads_capture_delay", "vads_contrib", "vads_ctx_mode", "vads_currency",
    "vads_cust_email", "vads_language", "vads_order_id", "vads_order_info", "vads_page_action", "vads_payment_config",
    "vads_site_id", "vads_trans_date", "vads_trans_id", "vads_validation_mode", "vads_version",
)  # fmt: skip


class Outcome(StrEnum):
    """What the payer does on the page."""

    PAID = "paid"
    REFUSED = "refused"  # the last card that may be tried
    REFUSED_ONCE = "refused-once"  # another card may be tried
    ABANDONED = "abandoned"
    CLOSED = "closed"  # the tab, without a word
    PAID_AND_CLOSED = "paid-and-closed"  # the browser never comes back


class FormRefusedError(Exception):
    """The form is not taken; `code` is PayZen's: 0 for the signature, else that of the field."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{code:02d}")
        self.code = code


@dataclass
class Session:
    """A payment page: ten minutes, whatever is done on it."""

    token: str
    shop: Shop
    fields: dict[str, str]
    opened_at: datetime
    is_open: bool = True

    @property
    def order_id(self) -> str:
        """Return the shop's own number of the order."""
        return self.fields.get("vads_order_id", "")

    @property
    def context(self) -> str:
        """Return TEST or PRODUCTION."""
        return self.fields["vads_ctx_mode"]

    @property
    def keys(self) -> Keys:
        """Return what its context signs with."""
        return self.shop.contexts[self.context]


@dataclass(frozen=True)
class Transaction:
    """A card that was tried."""

    session: Session
    uuid: str
    sequence: int
    is_paid: bool
    at: datetime
    status: str  # detailed: AUTHORISED, REFUSED…


@dataclass
class Platform:
    """Every session and transaction of some shops. `clock` is ours to move; each call is made by one thread at once."""

    shops: Sequence[Shop]
    clock: Callable[[], datetime]
    sessions: dict[str, Session] = field(default_factory=dict)
    transactions: list[Transaction] = field(default_factory=list)

    def open(self, fields: Mapping[str, str]) -> Session:
        """Take a form and open its page, or raise FormRefusedError."""
        shop = next((shop for shop in self.shops if shop.number == fields.get("vads_site_id")), None)
        if shop is None:
            raise FormRefusedError(2)
        keys = shop.contexts.get(fields.get("vads_ctx_mode", ""))
        if keys is None:
            raise FormRefusedError(11)
        if not hmac.compare_digest(signature(fields, keys.signing).encode(), fields.get("signature", "").encode()):
            raise FormRefusedError(0)
        for name, (code, shape) in SHAPES.items():
            if not re.fullmatch(shape, fields.get(name, "")):
                raise FormRefusedError(code)
        now = self.clock()
        try:
            said = datetime.strptime(fields["vads_trans_date"], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            raise FormRefusedError(4) from None
        if not -LATEST <= said - now <= EARLIEST:
            raise FormRefusedError(4)
        session = Session(secrets.token_urlsafe(12), shop, dict(fields), now)
        if self._is_taken(session):
            raise FormRefusedError(3)
        self.sessions[session.token] = session
        return session

    def latest(self, order_id: str) -> Session:
        """Return the page opened last for an order, whatever became of it; LookupError if none was."""
        found = [one for one in self.sessions.values() if one.order_id == order_id]
        if not found:
            raise LookupError(order_id)
        return found[-1]

    def is_over(self, session: Session) -> bool:
        """Return whether nothing can be done on a page any more."""
        return not session.is_open or self.clock() - session.opened_at >= SESSION

    def act(self, session: Session, outcome: Outcome) -> dict[str, str] | None:
        """Do what the payer does; return what PayZen then says (not signed), None when it says nothing.

        LookupError when the page is over, or when another one has used the same transaction number.
        """
        if self.is_over(session) or self._is_taken(session):
            session.is_open = False
            raise LookupError(session.order_id)
        if outcome is Outcome.CLOSED:
            return None
        if outcome is Outcome.ABANDONED:
            session.is_open = False
            return self._abandoned(session)
        is_paid = outcome in (Outcome.PAID, Outcome.PAID_AND_CLOSED)
        sequence = 1 + sum(one.session is session for one in self.transactions)
        tried = Transaction(
            session, secrets.token_hex(16), sequence, is_paid, self.clock(), "AUTHORISED" if is_paid else "REFUSED"
        )
        self.transactions.append(tried)
        if outcome is Outcome.REFUSED_ONCE:
            return None  # the shop hears of the last try alone
        session.is_open = False
        return self._told(tried)

    def expired(self) -> list[tuple[Session, dict[str, str]]]:
        """Close the pages whose time is over, and return what is said of those where nothing was paid."""
        over = [one for one in self.sessions.values() if one.is_open and self.clock() - one.opened_at >= SESSION]
        for session in over:
            session.is_open = False
        return [(session, self._abandoned(session)) for session in over]

    def order_get(self, user: str, password: str, question: Mapping[str, Any]) -> dict[str, Any]:
        """Answer the web service Order/Get: what was tried for an order, in the context of the password."""
        shop = next((shop for shop in self.shops if shop.number == user), None)
        contexts = [] if shop is None else [name for name, keys in shop.contexts.items() if keys.password == password]
        if shop is None or not contexts:
            return self._error("INT_905", "invalid login or private key", None)
        context, order_id = contexts[0], question.get("orderId")
        kind = question.get("operationType", "DEBIT")
        found = [
            one
            for one in self.transactions
            if one.session.shop is shop and one.session.context == context and one.session.order_id == order_id
        ]
        if not found or kind != "DEBIT":
            return self._error("PSP_010", "transaction not found", shop.number)
        if len(found) > MOST_TRANSACTIONS:
            return self._error("PSP_015", "too many results", shop.number)
        answer = {
            "orderId": order_id,
            "shopId": shop.number,
            "transactions": [_transaction(one) for one in found],
            "_type": "V4/OrderTransactions",
        }
        return self._envelope("SUCCESS", answer, context)

    def _is_taken(self, session: Session) -> bool:
        """Return whether another page has made a transaction of the same number, on the same day of UTC."""
        return any(one.session is not session and _number(one.session) == _number(session) for one in self.transactions)

    def _abandoned(self, session: Session) -> dict[str, str]:
        return _echo(session) | {
            "vads_auth_result": "",
            "vads_operation_type": "DEBIT",
            "vads_result": "17",
            "vads_trans_status": "ABANDONED",
            "vads_trans_uuid": "",
        }

    def _told(self, tried: Transaction) -> dict[str, str]:
        fields = _echo(tried.session) | {
            "vads_auth_mode": "FULL",
            "vads_auth_number": tried.uuid[:6] if tried.is_paid else "",
            "vads_auth_result": "00" if tried.is_paid else "51",
            "vads_card_brand": "CB",
            "vads_card_number": "497010XXXXXX0055",
            "vads_effective_amount": tried.session.fields["vads_amount"],
            "vads_effective_creation_date": tried.at.strftime("%Y%m%d%H%M%S"),
            "vads_effective_currency": "978",
            "vads_extra_result": "",
            "vads_operation_type": "DEBIT",
            "vads_result": "00" if tried.is_paid else "05",
            "vads_sequence_number": str(tried.sequence),
            "vads_trans_status": tried.status,
            "vads_trans_uuid": tried.uuid,
        }
        return dict(sorted(fields.items()))

    def _error(self, code: str, message: str, shop: str | None) -> dict[str, Any]:
        answer = {
            "errorCode": code,
            "errorMessage": message,
            "detailedErrorCode": None,
            "detailedErrorMessage": None,
            "ticket": "null",
            "shopId": shop,
            "_type": "V4/WebService/WebServiceError",
        }
        return self._envelope("ERROR", answer, None)

    def _envelope(self, status: str, answer: dict[str, Any], context: str | None) -> dict[str, Any]:
        return {
            "webService": "Order/Get",
            "version": "V4",
            "applicationVersion": "6.25.0",
            "status": status,
            "answer": answer,
            "ticket": secrets.token_hex(16),
            "serverDate": _iso(self.clock()),
            "applicationProvider": "PAYZEN",
            "metadata": None,
            "mode": context,
            "_type": "V4/WebService/Response",
        }


def notice_of(session: Session, fields: Mapping[str, str]) -> dict[str, str]:
    """Return what is posted to the shop: what the browser carries, and where it comes from."""
    hashed = signature(fields, session.token)
    return signed({**fields, "vads_hash": hashed, "vads_url_check_src": "PAY"}, session.keys.signing)


def return_of(session: Session, fields: Mapping[str, str]) -> dict[str, str]:
    """Return what the browser carries back to the shop."""
    return signed(fields, session.keys.signing)


def _number(session: Session) -> tuple[str, str, str, str]:
    fields = session.fields
    return session.shop.number, session.context, fields["vads_trans_date"][:8], fields["vads_trans_id"].lower()


def _echo(session: Session) -> dict[str, str]:
    return {name: session.fields[name] for name in ECHOED if name in session.fields}


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _transaction(one: Transaction) -> dict[str, Any]:
    fields = one.session.fields
    amount = int(fields["vads_amount"])
    return {
        "shopId": one.session.shop.number,
        "uuid": one.uuid,
        "paymentMethodType": "CARD",
        "paymentMethodToken": None,
        "status": "PAID" if one.is_paid else "UNPAID",
        "detailedStatus": one.status,
        "amount": amount,
        "currency": "EUR",
        "creationDate": _iso(one.at),
        "errorCode": None if one.is_paid else "ACQ_001",
        "errorMessage": None if one.is_paid else "payment refused",
        "detailedErrorCode": None if one.is_paid else "51",
        "detailedErrorMessage": None,
        "customer": {"email": fields.get("vads_cust_email"), "_type": "V4/Customer/Customer"},
        "transactionDetails": {
            "cardDetails": {
                "effectiveBrand": "CB",
                "pan": "497010XXXXXX0055",
                "legacyTransId": fields["vads_trans_id"],
            },
            "sequenceNumber": one.sequence,
            "_type": "V4/TransactionDetails",
        },
        "orderDetails": {
            "orderTotalAmount": amount,
            "orderEffectiveAmount": amount,
            "orderCurrency": "EUR",
            "mode": one.session.context,
            "orderId": one.session.order_id,
            "_type": "V4/OrderDetails",
        },
        "operationType": "DEBIT",
        "_type": "V4/Transaction",
    }


def question_of(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a question, an empty one for anything else."""
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
