"""Before something that matters, a person proves again who she is: a session left open is not enough."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.http import HttpResponseRedirect
from django.urls import reverse

from marelle.web.doors import READING

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def confirmed_recently(view: Any) -> Any:
    """Will open `view`, behind its door, to who has given a password, a code or a passkey in the last ten minutes.

    Anybody else is asked for one, then comes back to the page; a form that was sent is sent again by hand, so that
    nothing of what was typed waits in the session.
    """

    @functools.wraps(view)
    def behind_confirmation(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not did_recently_reauthenticate(request):
            ways = get_adapter(request).get_reauthentication_methods(request.user)
            back = request.get_full_path() if request.method in READING else reverse("security")
            return HttpResponseRedirect(f"{ways[0]['url']}?{urlencode({'next': back})}")
        answer: HttpResponse = view(request, **kwargs)
        return answer

    return behind_confirmation
