"""The addresses of the account on our other sites: signing in and out by a journey, and the way to all the rest.

Every other address of the account stands here under its own name and path, so that a page of any site may name it, and
an old link still leads there; only the account site answers it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.http import require_safe

from marelle.web.account import journey
from marelle.web.account import urls as account
from marelle.web.doors import public

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.http import HttpRequest, HttpResponse


@public
@require_safe
def on_the_account_site(request: HttpRequest, **_parts: str) -> HttpResponse:
    """Will lead to the same address on the account site."""
    return HttpResponseRedirect(f"{settings.ACCOUNT_URL}{request.get_full_path()}")


def _led(patterns: Iterable[URLPattern | URLResolver], but: frozenset[str]) -> Iterator[URLPattern | URLResolver]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield URLResolver(one.pattern, list(_led(one.url_patterns, but)))  # type: ignore[arg-type]
        elif one.name not in but:
            yield URLPattern(one.pattern, on_the_account_site, name=one.name)


_own = [
    path("compte/connexion/", journey.sign_in, name="account_login"),
    path("compte/retour/", journey.come_back, name="account_return"),
    path("compte/deconnexion/", journey.sign_out, name="account_logout"),
]
urlpatterns = [*_own, *_led(account.urlpatterns, frozenset(str(one.name) for one in _own))]
