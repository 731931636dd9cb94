"""One's own data: what is kept, to download; and the account, to erase."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from allauth.core import ratelimit
from django.contrib.auth import logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_safe

from marelle.domain.families.queries import health_documents_of
from marelle.domain.procedures.operations.erasure import UnableToEraseError, WhyKept, erase_account, why_kept
from marelle.foundation import clock
from marelle.foundation.actors import Actor, ActorKind
from marelle.letters.about_profile import account_erased
from marelle.letters.documents.drawing import own_data_pdf
from marelle.letters.own_data import as_json, own_data
from marelle.letters.own_data_document import own_data_document
from marelle.letters.sending import UnableToSendError, send_to_address
from marelle.web.account.own_data import wording
from marelle.web.account.own_data.forms import EraseForm
from marelle.web.documents import Reading, hands_over_documents
from marelle.web.doors import public, signed_in

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.domain.accounts.models import User

log = logging.getLogger("marelle.web")
REFUSED, CONFLICT, TOO_MANY = 422, 409, 429


@signed_in
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """Will say what can be downloaded, and what erasing does."""
    return _private(render(request, "account/own_data/page.html"))


@signed_in
@require_safe
@hands_over_documents
def as_json_file(request: HttpRequest) -> Reading:
    """Will give everything, for a program: the documents too, so that those of health are read."""
    user, at = _user(request), clock.business_now()

    def answer() -> HttpResponse:
        told = as_json(own_data(user, at=at)).encode()
        return _file(told, "application/json; charset=utf-8", "mes-donnees.json")

    return Reading(health_documents_of(user.pk), answer, Actor(ActorKind.FAMILY, user.pk), at)


@signed_in
@require_safe
def as_pdf(request: HttpRequest) -> HttpResponse:
    """Will give everything, to read or print."""
    data = own_data(_user(request), has_files=False, at=clock.business_now())
    return _file(own_data_pdf(own_data_document(data)), "application/pdf", "mes-donnees.pdf")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    """Will say what goes and what stays; a POST with the password erases the account."""
    user = _user(request)
    if request.method != "POST":
        return _page(request, EraseForm(), why_kept(user))
    form = EraseForm(request.POST)
    if not form.is_valid():
        return _page(request, form, why_kept(user), status=REFUSED)
    if not ratelimit.consume(request, action="reauthenticate", user=user):
        form.add_error(None, wording.TOO_MANY)
        return _page(request, form, None, status=TOO_MANY)
    if not user.check_password(form.cleaned_data["password"]):
        form.add_error("password", wording.NOT_YOURS)
        return _page(request, form, None, status=REFUSED)
    address, name = user.email, user.public_id
    try:
        erase_account(user, by=Actor(ActorKind.FAMILY, user.pk), at=clock.business_now())
    except UnableToEraseError as error:
        return _page(request, form, error.why, status=CONFLICT)
    logout(request)
    try:
        # At once: the address is kept nowhere from here on. Erased all the same if the mail server does not take it.
        send_to_address(address, account_erased(), name=f"erased.{name}")
    except UnableToSendError:
        log.warning("the letter of an erased account was not taken by the mail server")
    return HttpResponseRedirect(reverse("account_erased"), status=303)


@public
@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    """Will say that it is done."""
    return render(request, "account/own_data/erased.html")


def _page(request: HttpRequest, form: EraseForm, why: WhyKept | None, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "kept": wording.KEPT[why] if why else None,
        "goes": wording.GOES,
        "stays": wording.STAYS,
        "without_password": "" if _user(request).has_usable_password() else wording.CHOOSE_ONE_FIRST,
    }
    return _private(render(request, "account/own_data/erase.html", context, status=status))


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]  # behind `signed_in`


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return _private(response)


def _private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, no_store=True)
    return response
