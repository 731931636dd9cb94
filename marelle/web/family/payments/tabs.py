"""The tabs of Mes factures: to pay, paid, and what was paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from django.urls import reverse

from marelle.web.components.controls import Choice
from marelle.web.paying.invoices import wording as invoices
from marelle.web.paying.payments import wording

if TYPE_CHECKING:
    from marelle.web.doors import FamilyVisit


def money_tabs(
    visit: FamilyVisit, current: Literal["invoices", "invoices_paid", "payments"], *, to_pay: int = 0
) -> list[Choice]:
    """Will return the tabs with `current` marked; `to_pay`: how many invoices are, where it is known."""
    label = f"{invoices.TO_PAY_TAB} ({to_pay})" if to_pay else str(invoices.TO_PAY_TAB)
    names = {
        "invoices": label,
        "invoices_paid": str(invoices.PAID_TAB),
        "payments": str(wording.PAYMENTS_TAB),
    }
    at = [visit.authority.slug]
    return [Choice(words, reverse(name, args=at), is_current=name == current) for name, words in names.items()]
