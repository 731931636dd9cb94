"""What the views of the ways in share: limits, the way home, signing in who has just opened an account."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.conf import settings
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from marelle.web.account.identities.linking import first_attaching
from marelle.web.family_addresses import family_address

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.accounts.models import User
    from marelle.domain.families.models import Membership


def too_often(request: HttpRequest, action: str, *, key: str = "") -> HttpResponse | None:
    """Will count one more try, and return the page to answer with when there were too many.

    It is counted for what was typed, known or not: the page says nothing of what we know.
    """
    if ratelimit.consume(request, action=action, key=key or None):
        return None
    refused: HttpResponse = ratelimit.respond_429(request)
    return refused


def page(request: HttpRequest, name: str, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
    """Will show a page that no cache keeps: its address or what is in it may be a secret."""
    response = render(request, f"account/joining/{name}.html", context, status=status)
    patch_cache_control(response, private=True, no_store=True)
    return response


def sign_in(request: HttpRequest, user: User, url: str) -> HttpResponse:
    """Will sign in who has just chosen a password, in a new session, and lead to `url`.

    Who came by FranceConnect and had no account sees first that it can open this one.
    """
    url = first_attaching(request, url)
    record_authentication(request, user, method="password")
    response: HttpResponse = perform_login(request, user, email_verification="none", redirect_url=url)
    return response


def home_of(membership: Membership) -> str:
    """Will return the first page of the family that an account has just come into, which says so."""
    path = family_address("news", membership.user_id, membership.family)
    return f"{settings.FAMILY_URL}{path}?rattache=1"
