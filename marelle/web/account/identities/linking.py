"""An identity is tied to an account that proves itself, and untied. Never by its e-mail address."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.accounts.operations.identities import (
    LastWayInError,
    UnableToLinkError,
    link_identity,
    unlink_identity,
)
from marelle.domain.accounts.queries import identities_of
from marelle.foundation import clock
from marelle.web.account.confirming import confirmed_recently
from marelle.web.account.identities import wording
from marelle.web.account.identities.journeys import LINK, hold, let_wait_again, stop_waiting, waiting
from marelle.web.account.identities.setting_out import set_out
from marelle.web.account.identities.ways import FRANCECONNECT, TITLES, is_plugged, plugged
from marelle.web.account.notices import actor_of, where
from marelle.web.doors import public, signed_in
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.account.identities.journeys import Pending

PAGES = "account/identities"


@public
@require_safe
def unknown(request: HttpRequest) -> HttpResponse:
    """Will say to somebody whom FranceConnect identified that no account is hers yet, and what she may do."""
    plugged(FRANCECONNECT)
    pending = waiting(request)
    if pending is None:
        return _page(request, "over", HTTPStatus.GONE, title=TITLES[FRANCECONNECT])
    return _page(request, "unknown", pending=pending, attach_url=reverse("franceconnect_attach"))


@require_POST
@signed_in
@confirmed_recently
def begin_link(request: HttpRequest) -> HttpResponse:
    """Will lead to FranceConnect somebody who wants it to open her account."""
    going_on = get_next_redirect_url(request, "next") or reverse("security")
    return set_out(request, FRANCECONNECT, purpose=LINK, going_on=going_on, user=request.user.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def attach(request: HttpRequest) -> HttpResponse:
    """Will show whom FranceConnect identified and the account that is open; pressed, tie them.

    The account must have proved itself since: by asking for it, or by signing in after. An account that was open
    before, on a computer that several share, may be another person's: it proves itself again first.
    """
    plugged(FRANCECONNECT)
    pending = waiting(request)
    if pending is None:
        return SeeOther(reverse("security"))
    if not _proved_since(request, pending):
        proved: HttpResponse = _attach_once_confirmed(request, pending=pending)
        return proved
    return _attach(request, pending=pending)


def _proved_since(request: HttpRequest, pending: Pending) -> bool:
    if pending.user is not None:
        return pending.user == request.user.pk
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    return any(record["at"] >= pending.came_at for record in records)


def _attach(request: HttpRequest, *, pending: Pending) -> HttpResponse:
    if request.method != "POST":
        return _page(request, "attach", pending=pending)
    user = request.user
    try:
        link_identity(
            user.pk or 0,
            pending.provider,
            pending.issuer,
            pending.subject,
            **where(request),
            by=actor_of(request, user),  # type: ignore[arg-type]
            at=clock.machine_now(),
        )
    except UnableToLinkError as error:
        why = wording.TAKEN if error.is_taken else wording.HAS_ANOTHER
        context = {"pending": pending, "why": why.format(title=TITLES[pending.provider])}
        return _page(request, "attach", HTTPStatus.CONFLICT, **context)
    stop_waiting(request)
    hold(request, pending.provider, pending.id_token)
    messages.success(request, wording.LINKED.format(title=TITLES[pending.provider]))
    return SeeOther(pending.going_on or reverse("security"))


_attach_once_confirmed = confirmed_recently(_attach)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@confirmed_recently
def unlink(request: HttpRequest, provider: str) -> HttpResponse:
    """Will ask, then untie the account from a provider, unless nothing else opens it."""
    title = TITLES[provider]
    if request.method != "POST":
        return _page(request, "unlink", title=title, unlink_url=reverse(f"{provider}_unlink"))
    user, whence = request.user, where(request)
    try:
        is_done = unlink_identity(
            user.pk or 0,
            provider,
            site=whence["site"],
            device=whence["device"],
            by=actor_of(request, user),  # type: ignore[arg-type]
            at=clock.machine_now(),
        )
    except LastWayInError:
        context = {"title": title, "unlink_url": "", "why": wording.LAST_WAY_IN.format(title=title)}
        return _page(request, "unlink", HTTPStatus.CONFLICT, **context)
    messages.success(request, (wording.UNLINKED if is_done else wording.ALREADY_UNLINKED).format(title=title))
    return SeeOther(reverse("security"))


def first_attaching(request: HttpRequest, url: str) -> str:
    """Will return where somebody goes who has just got an account: by the identity that waits, if one does."""
    if waiting(request) is None or not is_plugged(FRANCECONNECT):
        return url
    let_wait_again(request, going_on=url)
    return reverse("franceconnect_attach")


def identity_views(request: HttpRequest) -> list[dict[str, Any]]:
    """Will return what the page of security shows of each provider: what is tied, and what may be."""
    tied = {one.provider: one for one in identities_of(request.user.pk or 0)}
    return [
        {
            "provider": provider,
            "title": title,
            "linked_at": tied[provider].linked_at if provider in tied else None,
            "used_at": tied[provider].last_used_at if provider in tied else None,
            "unlink_url": reverse(f"{provider}_unlink") if provider in tied else "",
            # An agent's is tied when she first comes by it: nobody ties one from here.
            "link_url": reverse("franceconnect_link") if provider == FRANCECONNECT and provider not in tied else "",
        }
        for provider, title in TITLES.items()
        if provider in tied or (provider == FRANCECONNECT and is_plugged(provider))
    ]


def _page(request: HttpRequest, name: str, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
    response = render(request, f"{PAGES}/{name}.html", context, status=status)
    patch_cache_control(response, private=True, no_store=True)
    return response
