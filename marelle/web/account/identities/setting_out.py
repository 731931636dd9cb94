"""Setting out for a provider: the secrets of the journey are kept, and the browser goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marelle.web.account.identities.journeys import keep
from marelle.web.account.identities.ways import address, plugged
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def set_out(
    request: HttpRequest,
    provider: str,
    *,
    purpose: str,
    going_on: str = "",
    user: int | None = None,
    family: str = "",
    **asked: Any,
) -> HttpResponse:
    """Will lead the browser to a provider; `asked` is what the connector may be asked besides (`scopes`)."""
    journey = plugged(provider).begin(redirect_uri=address(f"{provider}_return"), **asked)
    keep(request, journey, provider=provider, purpose=purpose, going_on=going_on, user=user, family=family)
    return SeeOther(journey.url)
