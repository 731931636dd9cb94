"""What the views of the ways in share: limits, the way home, signing in who has just opened an account."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.contrib import messages
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from marelle.domain.authorities.models import Authority
from marelle.web.account.joining import wording

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
    """Will sign in who has just chosen a password, in a new session, and lead to `url`."""
    record_authentication(request, user, method="password")
    response: HttpResponse = perform_login(request, user, email_verification="none", redirect_url=url)
    return response


def say_joined(request: HttpRequest, membership: Membership) -> None:
    """Will say on the first page of the account, which leads there, which family it has now."""
    name = Authority.objects.only("name").get(pk=membership.authority_id).name
    messages.success(request, wording.joined(membership.family.name, name), extra_tags="green")
