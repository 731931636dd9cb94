"""Each host shows its own site: families, agents, accounts, invoices.

Names are settings; `www.` and second names redirect to the first. The account site may have a port, and processes, of
its own: whoever asks for a site at the port of the others is led to the right one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponsePermanentRedirect, HttpResponseRedirect

from marelle.web.form_ends import let_forms_lead_to

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
        elsewhere = self._at_its_own_port(request, host, name)
        if elsewhere:
            return HttpResponseRedirect(elsewhere)
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
        if request.site != "account":  # type: ignore[comparison-overlap]  # which knows its own: FormsLeadBack
            # Signing in crosses two sites, and Chromium holds a form, at each redirection, to what its page names.
            let_forms_lead_to(response, (settings.ACCOUNT_URL,))
        return response

    def _at_its_own_port(self, request: HttpRequest, host: str, name: str) -> str:
        """Will return where a page that was asked of the other group of processes is; empty when it is here.

        Only when both have a port of their own in links: behind a proxy they have the same, and the proxy chooses.
        """
        site, _urls = self.sites.get(name, ("", ""))
        if not site or request.method not in {"GET", "HEAD"} or request.path == HEALTH:
            return ""
        account, others = settings.ACCOUNT_URL, (settings.FAMILY_URL, settings.OFFICE_URL, settings.INVOICES_URL)
        ports = {port_of(url) for url in others}
        if port_of(account) in ports:
            return ""
        port = port_of(f"//{host}")
        if site == "account":
            return account + request.get_full_path() if port in ports else ""
        if port != port_of(account):
            return ""
        return next(url for url in others if urlsplit(url).hostname == name) + request.get_full_path()


@lru_cache(maxsize=64)
def port_of(url: str) -> int | None:
    """Will return the port that an address spells, None when it is the scheme's own."""
    return urlsplit(url).port
