"""Proving the other account, by its password then by its second factor; seeing what moves; merging."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core import ratelimit
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods

from marelle.domain.accounts.models import User
from marelle.domain.accounts.queries import email_change_waiting
from marelle.domain.payments.queries.merging import holding_of
from marelle.domain.payments.rules.merging import against
from marelle.domain.procedures.operations.merging import AccountGoneError, UnableToMergeError, merge_accounts
from marelle.foundation import clock
from marelle.web.account.confirming import confirmed_recently
from marelle.web.account.merging import wording
from marelle.web.account.merging.forms import MergeForm, OtherAccountForm
from marelle.web.account.notices import actor_of, where
from marelle.web.account.second_factor.adapter import has_passkey_here
from marelle.web.account.second_factor.forms import SignInCodeForm, SignInPasskeyForm
from marelle.web.doors import has_second_factor, signed_in
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.payments.queries.merging import Holding

KEPT: Final = "merging"
PROOF_LASTS: Final = timedelta(minutes=10)
BACKEND: Final = "allauth.account.auth_backends.AuthenticationBackend"
THIS, OTHER = "celui-ci", "autre"
REFUSED = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True)
class OptionView:
    """One of the two accounts, if it is kept: what comes to it, what is lost with the other, what stands against it."""

    value: str
    address: str
    moves: list[str]
    losses: list[str]
    why_not: list[tuple[str, str]]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@confirmed_recently
def prove(request: HttpRequest) -> HttpResponse:
    """Will take the address and the password of the other account; what is refused says nothing of who exists.

    Tries are counted with those of the page of signing in, and again for the account from which they come.
    """
    user = _user(request)
    form = OtherAccountForm(request.POST if request.method == "POST" else None, present=user.email)
    if not form.is_bound or not form.is_valid():
        return _page(request, "prove", REFUSED if form.is_bound else HTTPStatus.OK, form=form)
    if not ratelimit.consume(request, action="prove_other_account", user=user):
        form.add_error(None, wording.TOO_MANY)
        return _page(request, "prove", HTTPStatus.TOO_MANY_REQUESTS, form=form)
    try:
        other = get_adapter(request).authenticate(
            request, email=form.cleaned_data["email"], password=form.cleaned_data["password"]
        )
    except ValidationError:
        form.add_error(None, wording.TOO_MANY)
        return _page(request, "prove", HTTPStatus.TOO_MANY_REQUESTS, form=form)
    if other is None or not other.is_active or other.pk == user.pk:
        form.add_error(None, wording.UNKNOWN)
        return _page(request, "prove", REFUSED, form=form)
    is_proved = not has_second_factor(other.pk)
    _keep(request, other, is_proved=is_proved)
    return SeeOther(reverse("merge_choose" if is_proved else "merge_second_proof"))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@confirmed_recently
def prove_more(request: HttpRequest) -> HttpResponse:
    """Will take a code or a passkey of the other account, which asks for more than a password."""
    other, is_proved = _proved(request)
    if other is None:
        return SeeOther(reverse("merge_accounts"))
    if is_proved:
        return SeeOther(reverse("merge_choose"))
    is_by_key = "credential" in request.POST
    form: Any = SignInCodeForm(request.POST if request.method == "POST" and not is_by_key else None, user=other)
    passkey = SignInPasskeyForm(request.POST, user=other) if is_by_key else None
    given = passkey or form
    if given.is_bound and given.is_valid():
        _note_use(request, other, given.cleaned_data["credential"] if passkey else form.authenticator)
        _keep(request, other, is_proved=True)
        return SeeOther(reverse("merge_choose"))
    has_passkey = has_passkey_here(request, other)
    return _page(
        request,
        "prove_more",
        REFUSED if given.is_bound else HTTPStatus.OK,
        form=form,
        other=other,
        has_passkey=has_passkey,
        options=json.dumps(auth.begin_authentication(other)) if has_passkey else "",
        problem=wording.BAD_PASSKEY if passkey else "",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@confirmed_recently
def choose(request: HttpRequest) -> HttpResponse:
    """Will show what moves and what is lost, whichever is kept; a POST makes one account of the two."""
    user = _user(request)
    other, is_proved = _proved(request)
    if other is None or not is_proved:
        return SeeOther(reverse("merge_accounts"))
    options = _options(user, other)
    choices = [(one.value, one.address) for one in options if not one.why_not]
    form = MergeForm(request.POST if request.method == "POST" else None, choices=choices)
    if not form.is_bound:
        return _choice(request, options, form, other, HTTPStatus.OK)
    if not form.is_valid():
        return _choice(request, options, form, other, REFUSED if choices else HTTPStatus.CONFLICT)
    kept, ended = (user, other) if form.cleaned_data["keep"] == THIS else (other, user)
    try:
        merge_accounts(
            ended.pk,
            kept.pk,
            keep_session=request.session.session_key if kept is user else None,
            **where(request),
            by=actor_of(request, user),
            at=clock.machine_now(),
        )
    except UnableToMergeError:
        return _choice(request, _options(user, other), form, other, HTTPStatus.CONFLICT)
    except AccountGoneError:
        messages.error(request, wording.GONE)
        return SeeOther(reverse("security"))
    if kept is user:
        del request.session[KEPT]
    else:
        # She has just proved this account whole: the browser goes on with it, in a session of its own.
        login(request, kept, backend=BACKEND)
        record_authentication(request, kept, method="password")
    messages.success(request, wording.done(kept.email))
    return SeeOther(reverse("security"))


def _options(user: User, other: User) -> tuple[OptionView, OptionView]:
    mine, theirs = holding_of(user.pk), holding_of(other.pk)
    return _option(THIS, user, other, theirs, mine), _option(OTHER, other, user, mine, theirs)


def _option(value: str, kept: User, ended: User, gives: Holding, takes: Holding) -> OptionView:
    now = clock.machine_now()
    return OptionView(
        value=value,
        address=kept.email,
        moves=wording.moves(gives, takes),
        losses=wording.losses(
            gives,
            takes,
            ended.email,
            list(Authenticator.objects.filter(user_id=ended.pk).order_by("created_at", "pk")),
            list(ended.identities.order_by("provider", "pk")),  # type: ignore[attr-defined]  # the reverse of a key
            has_change=any(email_change_waiting(one.pk, at=now) for one in (kept, ended)),
        ),
        why_not=[wording.why_not(one, gives) for one in against(gives.held, takes.held)],
    )


def _choice(
    request: HttpRequest, options: tuple[OptionView, OptionView], form: MergeForm, other: User, status: int
) -> HttpResponse:
    is_impossible = all(one.why_not for one in options)
    # What stands against both is said once.
    obstacles = list(dict.fromkeys(why for one in options for why in one.why_not)) if is_impossible else []
    return _page(request, "choose", status, options=options, form=form, other=other, obstacles=obstacles)


def _note_use(request: HttpRequest, other: User, factor: Authenticator) -> None:
    """Will do what the library does when a factor has served, but for this browser: it signs nobody in."""
    factor.record_usage()
    signals.authenticator_used.send(
        sender=Authenticator,
        request=request,
        user=other,
        authenticator=factor,
        reauthenticated=True,
        passwordless=False,
    )


def _keep(request: HttpRequest, other: User, *, is_proved: bool) -> None:
    request.session[KEPT] = {
        "by": request.user.pk,
        "other": other.pk,
        "is_proved": is_proved,
        "until": (clock.machine_now() + PROOF_LASTS).isoformat(),
    }


def _proved(request: HttpRequest) -> tuple[User | None, bool]:
    """Will return the other account, and whether it is proved whole; None when nothing is, or too long ago."""
    kept = request.session.get(KEPT)
    if not kept or kept["by"] != request.user.pk or datetime.fromisoformat(kept["until"]) <= clock.machine_now():
        return None, False
    return User.objects.filter(pk=kept["other"], is_active=True).first(), kept["is_proved"]


def _page(request: HttpRequest, name: str, status: int, **context: Any) -> HttpResponse:
    response = render(request, f"account/merging/{name}.html", context, status=status)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]  # behind `signed_in`
