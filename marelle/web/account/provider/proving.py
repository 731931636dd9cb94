"""When a person last proved who she is, and in which session; when a site wants it proved again."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpResponseRedirect
from django.utils.http import urlencode

from marelle.foundation import clock
from marelle.web.account.sessions import OPENED_AT, SID, note_opening

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.http import HttpRequest

MARK = "oidc_prove_again"


def sid_of(request: HttpRequest) -> str:
    """Will return the name of the session of who is signed in; one that has none yet is given its own."""
    if SID not in request.session:
        note_opening(request=request)
    return str(request.session[SID])


def proved_at(request: HttpRequest) -> float:
    """Will return the moment (of the machine, in seconds) when who is signed in last proved who she is."""
    records = get_authentication_records(request, request.user)
    if records:
        return float(records[-1]["at"])
    opened = request.session.get(OPENED_AT)
    return datetime.fromisoformat(opened).timestamp() if opened else 0.0


def must_prove_again(request: HttpRequest, prompts: Collection[str], max_age: int | None) -> bool:
    """Will tell whether a site wants a proof more recent than the last one (`prompt=login`, `max_age`).

    The moment when it was first asked is noted in the session: the proof that follows is enough, even for a `max_age`
    of zero, and one request asks for one proof.
    """
    if "login" not in prompts and max_age is None:
        return False
    if request.user.is_authenticated and _is_proved_since_asked(request):
        return False
    is_too_old = max_age is not None and clock.machine_now().timestamp() - proved_at(request) > max_age
    if "login" not in prompts and not is_too_old and request.user.is_authenticated:
        return False
    if _marked_at(request) is None:
        request.session[MARK] = [_digest(request), clock.machine_now().timestamp()]
    return True


def forget_mark(request: HttpRequest) -> None:
    """Will ask again at the next request, the present one being answered."""
    request.session.pop(MARK, None)


def page_of_proving(request: HttpRequest, then: str) -> HttpResponseRedirect:
    """Will lead to the page where one proves again who one is, then to the address `then`."""
    ways = get_adapter(request).get_reauthentication_methods(request.user)
    return HttpResponseRedirect(f"{ways[0]['url']}?{urlencode({'next': then})}")


def _is_proved_since_asked(request: HttpRequest) -> bool:
    asked_at = _marked_at(request)
    return asked_at is not None and proved_at(request) >= asked_at


def _marked_at(request: HttpRequest) -> float | None:
    digest, at = request.session.get(MARK) or ("", 0.0)
    return at if digest == _digest(request) else None


def _digest(request: HttpRequest) -> str:
    return hashlib.sha256(request.META.get("QUERY_STRING", "").encode()).hexdigest()
