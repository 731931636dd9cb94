"""The tokens of the softwares that bring their invoices to a régie: made, shown once, revoked."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import ApiToken
from marelle.domain.billing.operations.api_tokens import UnableToMakeTokenError, make_token, revoke_token
from marelle.web.office.billing.surroundings import regie_page
from marelle.web.office.joining import wording
from marelle.web.office.joining.forms import TokenForm
from marelle.web.office.joining.views import joining_page
from marelle.web.office.surroundings import url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_POST
@regie_page
def make(request: HttpRequest, regie: str) -> HttpResponse:
    """Will make a token and show its secret, on this answer alone: no address shows it again."""
    visit = visit_of(request)
    found = get_object_or_404(Regie, code=regie)
    form = TokenForm(request.POST, auto_id="jeton-%s")
    if not form.is_valid():
        return joining_page(request, found, token_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        _token, secret = make_token(found, name=form.cleaned_data["name"], by=visit.actor, at=visit.at)
    except UnableToMakeTokenError:
        return joining_page(request, found, token_form=form, problem=wording.NOT_MADE, status=HTTPStatus.CONFLICT)
    return joining_page(request, found, secret=secret)


@require_POST
@regie_page
def revoke(request: HttpRequest, regie: str, api_token: str) -> HttpResponse:
    """Will have a token serve no more."""
    visit = visit_of(request)
    found = get_object_or_404(ApiToken, regie__code=regie, public_id=api_token)
    revoke_token(found, by=visit.actor, at=visit.at)
    messages.success(request, wording.REVOKED, extra_tags="green")
    return SeeOther(url_of(visit, "office_joining", regie=regie))
