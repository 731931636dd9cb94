"""Which site asked who one is, and where the forms of the account site may lead in the end."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from allauth.idp.oidc.models import Client
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME

from marelle.domain.accounts.rules.clients import is_own
from marelle.web.form_ends import let_forms_lead_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

AUTHORIZATION = "/oidc/autorisation"


def asked_by(request: HttpRequest) -> str:
    """Will return the client id of the site that sent a person to sign in, as `next` says it; empty if none did.

    It is what an address says, and decides what is shown, never who may do what.
    """
    asked = urlsplit(request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or "")
    if asked.netloc or asked.path != AUTHORIZATION:
        return ""
    return (parse_qs(asked.query).get("client_id") or [""])[0]


class FormsLeadBack:
    """Lets the forms of the account site lead back to the sites that send people there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Will wrap the views."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Will answer; ours are always named, one of others when it is who asked."""
        response = self.get_response(request)
        if getattr(request, "site", "") == "account":
            let_forms_lead_to(response, (settings.FAMILY_URL, settings.OFFICE_URL, settings.INVOICES_URL))
            # A body too heavy to be read was refused, and is not to be read here.
            asker = asked_by(request) if response.status_code < HTTPStatus.BAD_REQUEST else ""
            if asker and not is_own(asker):
                client = Client.objects.filter(pk=asker).first()
                let_forms_lead_to(response, client.get_redirect_uris() if client else ())
        return response
