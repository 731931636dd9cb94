"""Which site sent somebody to the page of signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from django.http import HttpRequest


def asked_by(request: HttpRequest) -> str:
    """Will return the client id of the site to which the page leads back, empty when it is none."""
    page = urlsplit(request.POST.get("next") or request.GET.get("next") or "")
    return parse_qs(page.query).get("client_id", [""])[0] if page.path == "/oidc/autorisation" else ""
