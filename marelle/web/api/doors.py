"""The door of programs: a token in `Authorization`, no cookie, no form. What it answers is JSON, whatever happens."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from allauth.core.internal import ratelimit
from django.http import JsonResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt

from marelle.domain.billing.models import ApiToken
from marelle.domain.billing.operations.api_tokens import PREFIX, digest_of, note_use
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.web.api import wording

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.authorities.models import Authority, Regie

LONGEST_TOKEN: Final = 100


@dataclass(frozen=True, slots=True)
class Call:
    """A program that calls, for the régie of its token."""

    token: ApiToken
    authority: Authority
    regie: Regie
    at: datetime
    today: date


def api_call(*methods: str) -> Callable[[Any], Any]:
    """Will open `view` to the token of a régie of the authority in the address, by these methods, and hand it a Call.

    Whoever tries tokens is counted by address; a token that serves, by itself.
    """

    def with_methods(view: Any) -> Any:
        @csrf_exempt
        @functools.wraps(view)
        def behind_door(request: HttpRequest, authority: str, **kwargs: Any) -> HttpResponse:
            response = _answered(request, authority, view, methods, kwargs)
            patch_cache_control(response, private=True, no_store=True)
            return response

        behind_door.door = "api"  # type: ignore[attr-defined]
        return behind_door

    return with_methods


def refused(status: HTTPStatus, words: str, **more: Any) -> JsonResponse:
    """Will say in JSON, and in French, why nothing was done."""
    return JsonResponse({"erreur": str(words), **more}, status=status, json_dumps_params={"ensure_ascii": False})


def _answered(
    request: HttpRequest, authority: str, view: Any, methods: tuple[str, ...], kwargs: dict[str, Any]
) -> HttpResponse:
    token = _token(request, authority)
    if token is None:
        if not _is_within(request, "api_refused"):
            return refused(HTTPStatus.TOO_MANY_REQUESTS, wording.TOO_MANY)
        response = refused(HTTPStatus.UNAUTHORIZED, wording.UNKNOWN_CALLER)
        response["WWW-Authenticate"] = 'Bearer realm="Marelle"'
        return response
    if request.method not in methods:
        response = refused(HTTPStatus.METHOD_NOT_ALLOWED, wording.NOT_SO)
        response["Allow"] = ", ".join(methods)
        return response
    if not _is_within(request, "api", key=token.public_id):
        return refused(HTTPStatus.TOO_MANY_REQUESTS, wording.TOO_MANY)
    at = clock.business_now()
    today = at.astimezone(token.authority.zone).date()
    with tenancy.scope({token.authority_id}):
        if request.method != "GET":
            note_use(token, on=today, by=SYSTEM, at=at)
        answer: HttpResponse = view(request, Call(token, token.authority, token.regie, at, today), **kwargs)
    return answer


def _is_within(request: HttpRequest, action: str, *, key: str | None = None) -> bool:
    """Will count one more call, and tell whether there were not too many; those that only ask are counted too."""
    return bool(ratelimit.consume(request, app="allauth.account", action=action, key=key, limit_get=True))


def _token(request: HttpRequest, authority: str) -> ApiToken | None:
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret.startswith(PREFIX) or len(secret) > LONGEST_TOKEN:
        return None
    with tenancy.every_authority():
        rows = ApiToken.objects.filter(digest=digest_of(secret), revoked_at__isnull=True, authority__slug=authority)
        found: ApiToken | None = rows.select_related("authority", "regie").first()
    return found
