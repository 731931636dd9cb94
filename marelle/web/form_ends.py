"""Where the forms of a page may end, besides its own site: said page by page, never for all."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse

FORM_ACTION = "form-action"


def let_forms_lead_to(response: HttpResponse, addresses: Iterable[str]) -> None:
    """Will let a form of this page end, by redirects, at the sites of these addresses: Chromium looks at each step."""
    update = getattr(response, "_csp_update", None) or {}
    origins = sorted({"://".join(urlsplit(address)[:2]) for address in addresses})
    update[FORM_ACTION] = [*update.get(FORM_ACTION, ()), *origins]
    response._csp_update = update  # type: ignore[attr-defined]  # noqa: SLF001  as django-csp is told
