"""The form that takes a browser to the payment page, « API Formulaire V2 »."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC
from typing import TYPE_CHECKING, Final

from marelle.connectors.payzen.signing import SIGNATURE, signature
from marelle.domain.payments.gateways import Mode

if TYPE_CHECKING:
    from marelle.domain.payments.gateways import Order

EURO: Final = "978"  # ISO 4217
LONGEST_LABEL, LONGEST_EMAIL = 255, 127
# Capitals do not count (error 03), and a first 9 is for transactions of PayZen's own screens.
_SIGNS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_FIRST_SIGNS: Final = _SIGNS.replace("9", "")
_OTHERS: Final = 5


def context(mode: Mode) -> str:
    """Will return PayZen's word for a mode: it has two, and a trial with a real card is already in production."""
    return "TEST" if mode is Mode.TEST else "PRODUCTION"


def transaction_id(reference: str) -> str:
    """Will return the six signs of `vads_trans_id`, always the same for a reference.

    They must be unique in a day of a site: of 2 billion, a thousand payments a day meet once in ten years. PayZen then
    refuses the second form (error 03), and another try has another reference.
    """
    number = int.from_bytes(hashlib.sha256(reference.encode()).digest()[:8], "big")
    number, first = divmod(number, len(_FIRST_SIGNS))
    signs = _FIRST_SIGNS[first]
    for _ in range(_OTHERS):
        number, sign = divmod(number, len(_SIGNS))
        signs += _SIGNS[sign]
    return signs


def fields_of(order: Order) -> dict[str, str]:
    """Will return the fields of the form, signed with the régie's key."""
    fields = {
        "vads_action_mode": "INTERACTIVE",
        "vads_amount": str(order.cents),
        "vads_capture_delay": "0",  # cashed at once,
        "vads_validation_mode": "0",  # and by nobody's hand: whatever the shop's own settings say
        "vads_ctx_mode": context(order.merchant.mode),
        "vads_currency": EURO,
        "vads_language": "fr",
        "vads_order_id": order.reference,
        "vads_page_action": "PAYMENT",
        "vads_payment_config": "SINGLE",
        "vads_return_mode": "GET",  # a POST from another site would come without the session's cookie
        "vads_site_id": order.merchant.number,
        "vads_trans_date": order.ordered_at.astimezone(UTC).strftime("%Y%m%d%H%M%S"),
        "vads_trans_id": transaction_id(order.reference),
        "vads_url_check": order.notify_url,
        "vads_url_return": order.return_url,
        "vads_version": "V2",
    }
    label = re.sub(r"[<>\x00-\x1f]", " ", order.label)[:LONGEST_LABEL].strip()
    if label:
        fields["vads_order_info"] = label
    # The whole form would be refused for it, and PayZen's ticket is no more than a comfort.
    if len(order.email) <= LONGEST_EMAIL and re.fullmatch(r"[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+", order.email):
        fields["vads_cust_email"] = order.email
    return {**fields, SIGNATURE: signature(fields, order.merchant.key)}
