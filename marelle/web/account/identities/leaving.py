"""Who came by FranceConnect or ProConnect leaves by it: our session ends, then theirs, then one goes on.

Where one was going stands in the state that they bring back, signed: our own session is over by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.core import signing
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marelle.web.account.identities.journeys import HELD, held, stop_waiting, waiting
from marelle.web.account.identities.ways import address, is_plugged, plugged
from marelle.web.doors import public

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

SALT: Final = "marelle.identities.leaving"
LASTS_SECONDS: Final = 600


def by_way_of(request: HttpRequest, going_on: str) -> str:
    """Will return where to send the browser so that their session ends too; `going_on` itself when there is none.

    To be asked before our own session ends, which forgets it.
    """
    found = held(request)
    if found is None or not is_plugged(found[0]):
        return going_on
    provider, id_token = found
    return _end_url(provider, id_token, going_on)


def _end_url(provider: str, id_token: str, going_on: str) -> str:
    state = signing.dumps(going_on, salt=SALT)
    url: str = plugged(provider).end_url(id_token, back=address(f"{provider}_left"), state=state)
    return url


@public
@require_safe
def left(request: HttpRequest, provider: str) -> HttpResponse:
    """Will take who comes back from leaving where she was going, if the state is ours; to the beginning otherwise."""
    plugged(provider)
    try:
        going_on = signing.loads(request.GET.get("state", ""), salt=SALT, max_age=LASTS_SECONDS)
    except signing.BadSignature:
        going_on = "/"
    return HttpResponseRedirect(going_on)


@public
@require_POST
def forget(request: HttpRequest, provider: str) -> HttpResponse:
    """Will forget who came back and opened no account, and end her session over there."""
    plugged(provider)
    pending, kept = waiting(request), held(request)
    stop_waiting(request)
    request.session.pop(HELD, None)
    token = pending.id_token if pending else kept[1] if kept else ""
    going_on = reverse("account_login")
    return HttpResponseRedirect(_end_url(provider, token, going_on) if token else going_on)
