"""PayZen as a gateway. The browser posts a signed form; what became of the order is asked of the REST API V4.

https://payzen.io: « API Formulaire », « API REST, Order/Get ». What decides its durations:

- a form is taken up to 30 minutes after its `vads_trans_date` (error 04);
- the payment page lives 10 minutes then, which no setting changes, but for a few means of payment: 60 in all, at ease.

The shop is to be set, in PayZen's screens, with the HMAC-SHA-256 signature, and with the rule « URL de notification
sur annulation » that tells when somebody gives up: PayZen keeps nothing of it that could be asked.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from marelle.connectors.payzen.answers import answer_of
from marelle.connectors.payzen.form import EURO, context, fields_of
from marelle.connectors.payzen.signing import PREFIX, is_signed
from marelle.domain.payments.gateways import (
    Answer,
    ForgedNoticeError,
    GatewayDownError,
    OrderRefusedError,
    Redirection,
    Result,
    Trouble,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marelle.domain.payments.gateways import Order

PATH: Final = "/api-payment/V4/Order/Get"
WHOLE_SECONDS: Final = 15.0
SITE: Final = re.compile(r"\d{8}")

log = logging.getLogger("marelle.connectors.payzen")


@dataclass(frozen=True, slots=True)
class PayZen:
    """PayZen, its page at `page_url` and its API at `api_url`. It fulfils `Gateway`."""

    page_url: str
    api_url: str
    whole_seconds: float = WHOLE_SECONDS

    code: ClassVar[str] = "payzen"
    name: ClassVar[str] = "PayZen"
    is_online: ClassVar[bool] = True
    lowest_cents: ClassVar[int] = 1
    highest_cents: ClassVar[int] = 9_999_999
    stays_payable: ClassVar[timedelta] = timedelta(minutes=60)
    opens_within: ClassVar[timedelta] = timedelta(minutes=30)
    opens_once: ClassVar[bool] = False
    comes_back_within: ClassVar[timedelta] = timedelta(0)

    def begin(self, order: Order) -> Redirection:
        """Will return the form to post. Nothing is asked of PayZen, which hears of the order with the browser.

        It knows the order by our own reference. Raises OrderRefusedError.
        """
        if not (SITE.fullmatch(order.merchant.number) and order.merchant.key):
            raise OrderRefusedError(Trouble.NOT_OPEN)
        if not self.lowest_cents <= order.cents <= self.highest_cents:
            raise OrderRefusedError(Trouble.AMOUNT)
        return Redirection(order.reference, self.page_url, tuple(fields_of(order).items()))

    def ask(self, order: Order, provider_id: str) -> Answer:
        """Will ask for every transaction of the order. A paid one wins over those refused before it.

        WAITING as long as PayZen knows of none: nobody opened the form, somebody is paying, somebody gave up. WAITING
        too while the page of a refused card may take another. Raises GatewayDownError.
        """
        # The library takes a tenth of a second to load, which every command would wait for.
        from marelle.connectors.payzen.api import asked  # noqa: PLC0415

        try:
            body = asked(
                self.api_url.rstrip("/") + PATH,
                (order.merchant.number, order.merchant.password),
                {"orderId": order.reference, "operationType": "DEBIT"},
                whole_seconds=self.whole_seconds,
            )
            return answer_of(body, order)
        except GatewayDownError as error:
            # The code alone: what was asked and answered is about a person.
            log.warning("no answer: %s", error)
            raise

    def check_notice(self, order: Order, provider_id: str, fields: Mapping[str, str]) -> Answer | None:
        """Will raise ForgedNoticeError unless these fields are PayZen's, about this order.

        Without any field of PayZen's, a return is a mere hint, good to ask upon. Returns what no question can learn:
        that the payer gave up, or left the page after a refusal.
        """
        if not any(name.startswith(PREFIX) for name in fields):
            return None
        if not is_signed(fields, order.merchant.key):
            self._refuse("SIGNATURE")
        expected = {
            "vads_order_id": order.reference,
            "vads_site_id": order.merchant.number,
            "vads_ctx_mode": context(order.merchant.mode),
            "vads_amount": str(order.cents),
            "vads_currency": EURO,
        }
        for name, value in expected.items():
            if fields.get(name) != value:
                self._refuse(name)
        status = fields.get("vads_trans_status")
        # Only a notice says its source, and may be of a card that another follows; a browser comes back after the last.
        is_last = "vads_url_check_src" not in fields
        if status == "ABANDONED" or (status == "REFUSED" and is_last):
            result = Result.ABANDONED if status == "ABANDONED" else Result.REFUSED
            return Answer(result, order.cents, order.reference, order.merchant.number, order.merchant.mode)
        return None

    def _refuse(self, why: str) -> None:
        log.warning("a notice that is not about the order it was sent for: %s", why)
        raise ForgedNoticeError(why)
