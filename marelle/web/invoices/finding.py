"""Finding an invoice by what is typed: as often as a person needs, and never as often as a guess would.

Tries are counted by address and by reference, found or not. Whatever is wrong, the answer is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from allauth.core import ratelimit
from django.conf import settings

from marelle.domain.billing.rules.references import number_typed, public_id_of
from marelle.domain.payments.queries.without_account import find_for_payment
from marelle.foundation import clock
from marelle.web.invoices import wording
from marelle.web.invoices.proofs import note_proven

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.payments.queries.without_account import FoundToPay
    from marelle.web.invoices.forms import PairForm


class Sought(NamedTuple):
    """What was found; else the answer to give at once (too many tries), or neither: the form says what is wrong."""

    found: FoundToPay | None = None
    refused: HttpResponse | None = None


def seek(request: HttpRequest, form: PairForm) -> Sought:
    """Will find the invoice that a form names, and let this browser see it for a while."""
    if not form.is_valid():
        return Sought()
    reference, cents = form.cleaned_data["reference"], form.cleaned_data["amount"]
    # The same paper typed with dashes or without is the same reference.
    typed = public_id_of(reference) or number_typed(reference)
    if not ratelimit.consume(request, action="find_invoice", key=typed):
        return Sought(refused=ratelimit.respond_429(request))
    found = find_for_payment(reference, cents, gateways=settings.GATEWAYS, at=clock.business_now())
    if found is None:
        form.add_error(None, wording.WRONG_PAIR)
        return Sought()
    note_proven(request, found, cents)
    return Sought(found)
