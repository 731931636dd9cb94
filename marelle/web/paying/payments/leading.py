"""Leading the browser to where an attempt is paid: the gateway's page, by GET, or our own page that posts its form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse

from marelle.domain.payments import asking
from marelle.domain.payments.models import PaymentSettings
from marelle.domain.payments.operations.attempts import UnableToPayError
from marelle.domain.payments.rules.attempts import State
from marelle.web.paying.payments import wording
from marelle.web.payment_addresses import call_addresses

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse

    from marelle.domain.payments.models import PaymentAttempt
    from marelle.web.paying.visits import PayingVisit


def site_words(gateway: str, name: str = "") -> str:
    """Will write where a gateway (code) has one pay: « sur le site de PayFiP, … »; its name when it is a new one."""
    return str(wording.SITE_OF.get(gateway) or str(wording.SITE).format(name=name or gateway))


def is_paid_online(attempt: PaymentAttempt) -> bool:
    """Will tell whether an attempt still waits to be paid on the page of a gateway that is plugged in."""
    is_open = State(attempt.state).is_open and attempt.gateway != PaymentSettings.Gateway.DESK
    return is_open and attempt.gateway in settings.GATEWAYS


def first_to_pay(attempts: Iterable[PaymentAttempt]) -> PaymentAttempt | None:
    """Will return the first attempt that waits to be paid online, in their order."""
    return next((attempt for attempt in attempts if is_paid_online(attempt)), None)


def lead_to_page(visit: PayingVisit, attempt: PaymentAttempt) -> HttpResponse:
    """Will lead to the payment page of an attempt, ordered when it is not yet; to what it became once it has ended.

    Raises asking.UnableToBeginError. In the scope of the authority of the attempt.
    """
    notify_url, return_url = call_addresses(attempt, visit.site)
    try:
        page = asking.begin(
            attempt,
            gateways=settings.GATEWAYS,
            notify_url=notify_url,
            return_url=return_url,
            by=visit.actor,
            at=visit.at,
        )
    except UnableToPayError:
        return HttpResponseRedirect(f"{result_url(visit, attempt)}?terminee=1", status=303)
    if page.fields:
        address = reverse("payment_go", args=[visit.slug_for(attempt), attempt.checkout])
        return HttpResponseRedirect(f"{address}?paiement={attempt.public_id}", status=303)
    return HttpResponseRedirect(page.url, status=303)


def result_url(visit: PayingVisit, attempt: PaymentAttempt) -> str:
    """Will return the address of the page that says what became of an attempt and of those with it."""
    return reverse("payment_result", args=[visit.slug_for(attempt), attempt.checkout])
