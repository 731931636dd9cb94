"""The official button of an identity provider, which the operator takes with the authorisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.views.decorators.http import require_safe

from marelle.web.brand import picture
from marelle.web.doors import public

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
@require_safe
def button(_request: HttpRequest, provider: str) -> HttpResponse:
    """Will answer with the picture of a button, when the settings name one."""
    return picture(settings.IDENTITY_BUTTONS[provider])
