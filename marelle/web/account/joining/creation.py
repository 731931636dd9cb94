"""Creating an account without a letter of the town hall: the address is proved first, the rest comes after."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from marelle.domain.accounts.models import User
from marelle.domain.accounts.operations.people import AccountExistsError, ask_for_account, open_account
from marelle.foundation import clock
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.derived_secrets import unsealed
from marelle.letters.about_joining import NEW_ACCOUNT, NEW_ACCOUNT_DAYS
from marelle.web.account.joining.answers import page, sign_in, too_often
from marelle.web.account.joining.forms import AddressForm, PasswordForm
from marelle.web.doors import public
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

SOMEBODY = Actor(ActorKind.FAMILY)


def begin(request: HttpRequest) -> HttpResponse:
    """Will ask for an address and write to it; the answer is the same for every address."""
    if request.method != "POST":
        return page(request, "create", form=AddressForm())
    form = AddressForm(request.POST)
    if not form.is_valid():
        return page(request, "create", HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
    email = form.cleaned_data["email"]
    refused = too_often(request, "ask_for_account", key=email)
    if refused is not None:
        return refused
    ask_for_account(email, by=SOMEBODY, at=clock.machine_now())
    return SeeOther(reverse("signup_sent"))


@public
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Will say that a letter was written."""
    return page(request, "create_sent", days=NEW_ACCOUNT_DAYS)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, sealed: str) -> HttpResponse:
    """Will ask for what an account needs, open it, and go on to the code."""
    email = unsealed(NEW_ACCOUNT, sealed, days=NEW_ACCOUNT_DAYS)
    if email is None:
        return page(request, "create_over", HTTPStatus.GONE)
    if User.objects.filter(email=email).exists():
        return page(request, "create_over", HTTPStatus.GONE, email=email)
    is_sent = request.method == "POST"
    form = PasswordForm(request.POST if is_sent else None, email=email)
    if not is_sent or not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY if is_sent else HTTPStatus.OK
        return page(request, "create_confirm", status, form=form, email=email)
    try:
        user = open_account(email, form.cleaned_data["password"], by=SOMEBODY, at=clock.machine_now())
    except AccountExistsError:
        return page(request, "create_over", HTTPStatus.CONFLICT, email=email)
    return sign_in(request, user, reverse("join"))
