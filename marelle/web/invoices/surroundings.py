"""The menu of the invoices site, and that of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode

from marelle.web.surroundings import MenuEntry

if TYPE_CHECKING:
    from django.http import HttpRequest

ENTRIES = (
    ("pay_invoice", "Payer une facture", "Payer une facture", "credit-card"),
    ("invoices", "Mes factures", "Mes factures", "receipt-euro"),
)


def invoices_context(request: HttpRequest, current: str = "", **more: Any) -> dict[str, Any]:
    """Will return the context of a page of this site: menu with `current` marked, the way to sign in, then `more`."""
    context: dict[str, Any] = {
        "layout": "layouts/invoices.html",
        "menu": [
            MenuEntry(label, reverse(name), icon, short, current=name == current)
            for name, label, short, icon in ENTRIES
        ],
        "home_url": reverse("home"),
    }
    if request.user.is_authenticated:
        context |= {
            "account": MenuEntry("Mon compte", ""),
            "account_menu": [
                MenuEntry("Sécurité du compte", reverse("security"), "lock"),
                MenuEntry("Espace famille", settings.FAMILY_URL, "house"),
            ],
            "sign_out_url": reverse("account_logout"),
        }
    else:
        context["sign_in"] = MenuEntry("Se connecter", sign_in_url())
    return context | more


def sign_in_url() -> str:
    """Will return where one signs in to see one's invoices."""
    return f"{reverse('account_login')}?{urlencode({'next': reverse('invoices')})}"
