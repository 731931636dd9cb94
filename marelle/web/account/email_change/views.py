"""Asking for a new address, abandoning it, confirming it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.accounts.operations.security import (
    NEW,
    OLD,
    EmailChangeOverError,
    abandon_email_change,
    ask_email_change,
    confirm_email_change,
)
from marelle.domain.accounts.queries import email_change_of
from marelle.foundation import clock
from marelle.web.account.confirming import confirmed_recently
from marelle.web.account.email_change.forms import NewAddressForm
from marelle.web.account.notices import actor_of, where
from marelle.web.account.sessions import device_of
from marelle.web.doors import public, signed_in

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.accounts.models import User

REFUSED, GONE = 422, 410
ASKED = "Deux courriels sont partis, à vos deux adresses. Ouvrez le lien de chacun pour confirmer."
ABANDONED = "Le changement d’adresse est abandonné."


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@confirmed_recently
def ask(request: HttpRequest) -> HttpResponse:
    """Will take the new address; the answer is the same whether it is already an account's."""
    user: User = request.user  # type: ignore[assignment]
    form = NewAddressForm(request.POST if request.method == "POST" else None, present=user.email)
    if form.is_bound:
        # Each asking writes to an address that we do not know.
        too_many = ratelimit.consume_or_429(request, action="manage_email", user=user)
        if too_many:
            return too_many
        if form.is_valid():
            ask_email_change(
                user.pk,
                form.cleaned_data["email"],
                **where(request),
                by=actor_of(request, user),
                at=clock.machine_now(),
            )
            messages.success(request, ASKED)
            return HttpResponseRedirect(reverse("security"))
    context = {"form": form}
    return render(request, "account/email_change/ask.html", context, status=REFUSED if form.errors else 200)


@require_POST
@signed_in
def abandon(request: HttpRequest) -> HttpResponse:
    """Will forget the change that was waiting."""
    user: User = request.user  # type: ignore[assignment]
    abandon_email_change(user.pk, by=actor_of(request, user), at=clock.machine_now())
    messages.success(request, ABANDONED)
    return HttpResponseRedirect(reverse("security"))


@public
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, proof: str) -> HttpResponse:
    """Will show what a link confirms; a POST confirms it. A program that only follows links spends nothing."""
    at = clock.machine_now()
    found = email_change_of(proof)
    if found is None:
        return _page(request, "over", status=GONE)
    change, side = found
    confirmed = {OLD: change.old_confirmed_at, NEW: change.new_confirmed_at}
    context: dict[str, Any] = {"new_email": change.new_email, "side": side, "proof": proof}
    if change.done_at:
        return _page(request, "done", **context)
    if change.expires_at <= at:
        return _page(request, "over", status=GONE)
    if request.method != "POST":
        return _page(request, "half" if confirmed[side] else "ask", **context)
    try:
        is_changed = confirm_email_change(
            change, side, device=device_of(request), by=actor_of(request, change.user), at=at
        )
    except EmailChangeOverError:
        return _page(request, "over", status=GONE)
    if is_changed and request.user.pk == change.user_id:
        logout(request)
    return _page(request, "done" if is_changed else "half", **context)


def _page(request: HttpRequest, state: str, *, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, "account/email_change/confirm.html", {"state": state, **context}, status=status)
