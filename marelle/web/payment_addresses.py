"""Where a gateway calls and sends the browser back about an attempt: by its token, on the site where it is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from django.conf import settings
from django.urls import reverse

from marelle.web.family_addresses import FAMILY_SITE, address_of_all, family_address

if TYPE_CHECKING:
    from marelle.domain.payments.models import PaymentAttempt

OFFICE_SITE: Final = "marelle.config.urls_office"
INVOICES_SITE: Final = "marelle.config.urls_invoices"

PayingSite = Literal["family", "invoices"]


class CallAddresses(NamedTuple):
    """Absolute addresses: `notify_url` hears that something happened, the browser comes back to `return_url`."""

    notify_url: str
    return_url: str


def call_addresses(attempt: PaymentAttempt, site: PayingSite = "family") -> CallAddresses:
    """Will return the addresses given to the gateway with an order, on the site where the payer is."""
    urlconf = INVOICES_SITE if site == "invoices" else FAMILY_SITE
    names = ("payment_notice", "payment_return")
    notify, back = (address_of_all(name, attempt.token, urlconf=urlconf) for name in names)
    return CallAddresses(home_of(site) + notify, home_of(site) + back)


def home_of(site: PayingSite) -> str:
    """Will return the absolute address of a site, without its last slash."""
    return str(settings.INVOICES_URL if site == "invoices" else settings.FAMILY_URL)


def page_after(attempt: PaymentAttempt, site: PayingSite = "family") -> str:
    """Will return the absolute address of the page that says what became of an attempt: a trial's is the office's.

    `site` is the one that the gateway sent the browser back to.
    """
    slug = attempt.authority.slug
    if attempt.purpose == attempt.Purpose.TRIAL:
        return settings.OFFICE_URL + reverse(
            "office_trial", OFFICE_SITE, args=[slug, attempt.regie.code, attempt.public_id]
        )
    if site == "invoices":
        return home_of(site) + reverse("payment_result", INVOICES_SITE, args=[slug, attempt.checkout])
    if attempt.family is None:
        return home_of(site) + address_of_all("payment_result", slug, attempt.checkout, urlconf=FAMILY_SITE)
    return home_of(site) + family_address("payment_result", attempt.user_id, attempt.family, attempt.checkout)
