"""Each host shows its own site: families, agents, accounts, invoices. Names are settings; other names redirect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponsePermanentRedirect, HttpResponseRedirect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

HEALTH = "/healthz"


class HostMiddleware:
    """Chooses the urls of the host that was asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Will know the hosts from the settings."""
        self.get_response = get_response
        self.sites = {
            settings.FAMILY_HOSTS[0]: ("family", "marelle.config.urls_family"),
            settings.OFFICE_HOSTS[0]: ("office", "marelle.config.urls_office"),
            settings.ACCOUNT_HOSTS[0]: ("account", "marelle.config.urls_account"),
            settings.INVOICES_HOSTS[0]: ("invoices", "marelle.config.urls_invoices"),
        }
        self.moved = {
            name: base
            for base, names in (
                (settings.FAMILY_URL, (*settings.FAMILY_HOSTS[1:], *(f"www.{h}" for h in settings.FAMILY_HOSTS))),
                (settings.OFFICE_URL, (*settings.OFFICE_HOSTS[1:], *(f"www.{h}" for h in settings.OFFICE_HOSTS))),
                (settings.ACCOUNT_URL, (*settings.ACCOUNT_HOSTS[1:], *(f"www.{h}" for h in settings.ACCOUNT_HOSTS))),
                (settings.INVOICES_URL, (*settings.INVOICES_HOSTS[1:], *(f"www.{h}" for h in settings.INVOICES_HOSTS))),
            )
            for name in names
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Will answer with the site of the host, or redirect to its proper name."""
        host = request.get_host().lower()
        name = host if host.endswith("]") else host.rsplit(":", 1)[0]
        if name in self.sites:
            request.site, request.urlconf = self.sites[name]  # type: ignore[assignment]  # ours, not Django's sites
        elif name in self.moved:
            return HttpResponsePermanentRedirect(self.moved[name] + request.get_full_path())
        elif request.path != HEALTH:
            # A loopback name is nobody's site: the health of the process is asked there, people go to the families'.
            return HttpResponseRedirect(settings.FAMILY_URL + request.get_full_path())
        else:
            request.site, request.urlconf = self.sites[settings.FAMILY_HOSTS[0]]  # type: ignore[assignment]
        response = self.get_response(request)
        # A browser holds what a form leads to, from one redirection to the next, to the addresses that its page names.
        update = getattr(response, "_csp_update", None) or {}
        led = {"form-action": [*self._led_by_forms(request.site), *update.get("form-action", ())]}  # type: ignore[misc]
        response._csp_update = {**update, **led}  # type: ignore[attr-defined]  # noqa: SLF001  what django-csp reads
        return response

    @staticmethod
    def _led_by_forms(site: object) -> tuple[str, ...]:
        """Will return the other addresses to which the forms of a site may lead: signing in crosses two sites."""
        if site == "account":
            return settings.FAMILY_URL, settings.OFFICE_URL, settings.INVOICES_URL
        return (settings.ACCOUNT_URL,)
