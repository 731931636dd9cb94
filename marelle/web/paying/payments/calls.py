"""What a gateway calls: a notice that something happened, and the browser that it sends back.

Neither proves anything: both make us ask. Whoever knows the token of an attempt may make us ask, and nothing else.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect

from marelle.domain.payments.asking import hear
from marelle.domain.payments.gateways import ForgedNoticeError
from marelle.domain.payments.queries.attempts import attempt_of_token
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.web.doors import provider_call
from marelle.web.payment_addresses import home_of, page_after

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.domain.payments.models import PaymentAttempt
    from marelle.web.payment_addresses import PayingSite

log = logging.getLogger("marelle.payments")


@provider_call
def notice(request: HttpRequest, token: str) -> HttpResponse:
    """Will ask about the attempt, and answer 200 whatever comes: the gateway has nothing to do again."""
    _hear(request, token)
    return HttpResponse(content_type="text/plain")


@provider_call
def comes_back(request: HttpRequest, token: str) -> HttpResponse:
    """Will ask about the attempt, and lead the browser to what became of it."""
    attempt = _hear(request, token)
    site: PayingSite = "invoices" if request.site == "invoices" else "family"  # type: ignore[attr-defined]
    return HttpResponseRedirect(page_after(attempt, site) if attempt is not None else home_of(site), status=303)


def _hear(request: HttpRequest, token: str) -> PaymentAttempt | None:
    """Will return the attempt called about, None for a token of nobody; what is forged asks nothing."""
    with tenancy.every_authority():
        attempt = attempt_of_token(token)
    if attempt is None:
        log.warning("a call about no payment attempt")
        return None
    fields = {name: values[-1] for sent in (request.GET, request.POST) for name, values in sent.lists() if values}
    with tenancy.scope({attempt.authority_id}):
        try:
            hear(attempt, fields, gateways=settings.GATEWAYS, by=SYSTEM, at=clock.business_now())
        except ForgedNoticeError:
            log.warning("payment attempt %s: a call that is not about it", attempt.pk)
    return attempt
