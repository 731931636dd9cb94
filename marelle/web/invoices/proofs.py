"""What this browser has proven: the invoices whose reference and amount were typed in it, the payments begun in it.

Both are kept in its session alone, for a short time, so that no address opens them elsewhere. An invoice is found again
by the very pair that was typed: what would not be found today is not shown either.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils.cache import patch_cache_control

from marelle.domain.families.queries.removals import families_shut_to
from marelle.domain.payments.queries.without_account import find_for_payment
from marelle.foundation import clock
from marelle.foundation.actors import ANYBODY, Actor
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.payments.models import PaymentAttempt
    from marelle.domain.payments.queries.without_account import FoundToPay
    from marelle.web.payment_addresses import PayingSite

INVOICES: Final = "invoices_proven"
PAYMENTS: Final = "payments_begun"
INVOICE_LASTS: Final = timedelta(minutes=30)
# Time for a bank to answer, and to print the receipt.
PAYMENT_LASTS: Final = timedelta(days=1)
MOST: Final = 20


@dataclass(frozen=True, slots=True)
class AnybodysVisit:
    """Somebody who pays without an account."""

    at: datetime

    @property
    def actor(self) -> Actor:
        """Will return who writes."""
        return ANYBODY

    @property
    def site(self) -> PayingSite:
        """Will return where what is paid is paid."""
        return "invoices"

    def slug_for(self, attempt: PaymentAttempt) -> str:
        """Will return the authority that addresses about a payment name."""
        return str(attempt.authority.slug)


def note_proven(request: HttpRequest, found: FoundToPay, cents: int) -> None:
    """Will let this browser see an invoice for a while: its reference and its amount (cents) were typed in it."""
    _note(request, INVOICES, found.invoice.public_id, [found.invoice.public_reference, cents], INVOICE_LASTS)


def note_begun(request: HttpRequest, attempt: PaymentAttempt) -> None:
    """Will let this browser follow a payment, and none of those that an account makes with it."""
    _note(request, PAYMENTS, attempt.checkout, [attempt.position], PAYMENT_LASTS)


def payments_begun(request: HttpRequest) -> dict[str, int]:
    """Will return which payments this browser began: their place in the press of *Payer* by the word of that press."""
    return {checkout: int(kept[0]) for checkout, kept in _kept(request, PAYMENTS).items()}


def for_who_proved(view: Any) -> Any:
    """Will open `view` to whoever typed the reference and the amount of the invoice in the address, in this browser.

    It is handed the invoice (`found`); anybody else is asked for the pair.
    """

    @functools.wraps(view)
    def behind_door(request: HttpRequest, invoice: str, **kwargs: Any) -> HttpResponse:
        kept = _kept(request, INVOICES).get(invoice)
        found = None
        if kept is not None:
            reference, cents = kept[:2]
            found = find_for_payment(reference, cents, gateways=settings.GATEWAYS, at=clock.business_now())
        if found is None or found.invoice.public_id != invoice or _is_shut(request, found):
            return SeeOther(f"{reverse('pay_invoice')}?encore=1")
        response: HttpResponse = view(request, found=found, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    behind_door.door = "proof"  # type: ignore[attr-defined]
    return behind_door


def _is_shut(request: HttpRequest, found: FoundToPay) -> bool:
    """Will tell whether who is signed in is kept out of the family of an invoice: the pair opens nothing then."""
    user = request.user.pk
    return user is not None and found.invoice.family_id in families_shut_to([user])


def _note(request: HttpRequest, what: str, key: str, values: list[Any], lasts: timedelta) -> None:
    kept = _kept(request, what)
    kept.pop(key, None)
    until = (clock.machine_now() + lasts).timestamp()
    request.session[what] = dict([*kept.items(), (key, [*values, until])][-MOST:])


def _kept(request: HttpRequest, what: str) -> dict[str, list[Any]]:
    now = clock.machine_now().timestamp()
    return {key: values for key, values in request.session.get(what, {}).items() if values[-1] > now}
