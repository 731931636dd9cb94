"""Where a gateway calls and sends the browser back about an attempt: both on the families' host, by its token."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.urls import reverse

from marelle.web.family_addresses import FAMILY_SITE, address_of_all, family_address

if TYPE_CHECKING:
    from marelle.domain.payments.models import PaymentAttempt

OFFICE_SITE = "marelle.config.urls_office"


class CallAddresses(NamedTuple):
    """Absolute addresses: `notify_url` hears that something happened, the browser comes back to `return_url`."""

    notify_url: str
    return_url: str


def call_addresses(attempt: PaymentAttempt) -> CallAddresses:
    """Will return the addresses given to the gateway with an order."""
    names = ("payment_notice", "payment_return")
    notify, back = (address_of_all(name, attempt.token, urlconf=FAMILY_SITE) for name in names)
    return CallAddresses(settings.FAMILY_URL + notify, settings.FAMILY_URL + back)


def page_after(attempt: PaymentAttempt) -> str:
    """Will return the absolute address of the page that says what became of an attempt: a trial's is the office's."""
    slug = attempt.authority.slug
    if attempt.purpose == attempt.Purpose.TRIAL:
        return settings.OFFICE_URL + reverse(
            "office_trial", OFFICE_SITE, args=[slug, attempt.regie.code, attempt.public_id]
        )
    if attempt.family is None:
        return settings.FAMILY_URL + address_of_all("payment_result", slug, attempt.checkout, urlconf=FAMILY_SITE)
    path = family_address("payment_result", attempt.user_id, attempt.family, attempt.checkout)
    return settings.FAMILY_URL + path
