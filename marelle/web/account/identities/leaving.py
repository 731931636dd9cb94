"""Who came by FranceConnect or ProConnect leaves by it: our session ends, then theirs, then one goes on.

Where one was going stands in the state that they bring back, signed: our own session is over by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core import signing
from django.http import HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from marelle.web.account.identities.journeys import HELD, held, stop_waiting, waiting
from marelle.web.account.identities.ways import address, is_plugged, plugged
from marelle.web.doors import public

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

SALT: Final = "marelle.identities.leaving"
LASTS_SECONDS: Final = 600


def note_leaving(*, request: HttpRequest, **_signal: Any) -> None:
    """Will note with whom the browser has a session, when ours is about to end and to forget it."""
    request.leaving = held(request)  # type: ignore[attr-defined]


class LeavesByTheSameDoor:
    """Leads whoever signs out here to sign out there, whatever page of ours ended the session.

    FranceConnect asks it of every service, and ProConnect would otherwise let in the next person at this computer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Will wrap the views."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Will answer; a redirection goes by way of the provider, and then where it was going."""
        response = self.get_response(request)
        found: tuple[str, str] | None = getattr(request, "leaving", None)
        if found is not None and is_plugged(found[0]) and response.has_header("Location"):
            provider, id_token = found
            response["Location"] = _end_url(provider, id_token, response["Location"])
        return response


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
    return HttpResponseRedirect(_end_url(provider, token, "/") if token else "/")
