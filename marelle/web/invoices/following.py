"""Adding an invoice to those of an account, once its reference and its amount were typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.urls import reverse

from marelle.domain.billing.operations.following import UnableToFollowError, follow_invoice
from marelle.domain.billing.queries.family_invoices import entitled_online
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.web.invoices import wording
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.payments.queries.without_account import FoundToPay


def follow_found(request: HttpRequest, found: FoundToPay) -> HttpResponse:
    """Will add an invoice to the list of the account, and lead there; to its page when it is of another's family."""
    user: int = request.user.pk  # type: ignore[assignment]  # signed in
    if found.invoice.family_id in entitled_online(user).families:
        messages.success(request, wording.ALREADY_YOURS)
        return SeeOther(reverse("invoices"))
    with tenancy.scope({found.authority.pk}):
        try:
            is_new = follow_invoice(found.invoice, user=user, by=Actor(ActorKind.FAMILY, user), at=clock.business_now())
        except UnableToFollowError:
            messages.warning(request, wording.OF_A_FAMILY)
            return SeeOther(reverse("invoice_to_pay", args=[found.invoice.public_id]))
    messages.success(request, wording.ADDED if is_new else wording.ALREADY_YOURS)
    return SeeOther(reverse("invoices"))
