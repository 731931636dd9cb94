"""What the screens of the desk share: which régie, the way from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404, render

from marelle.domain.authorities.models import Regie
from marelle.domain.payments.models import BankDeposit, Receipt
from marelle.domain.payments.queries.desk import receipts
from marelle.web.components.controls import Choice
from marelle.web.office.billing.surroundings import desk_page, regie_page
from marelle.web.office.surroundings import office_context, url_of, visit_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit

__all__ = ["desk_page", "regie_page", "url_of", "visit_of"]


def regies() -> list[Regie]:
    """Will return the régies of the authority, those that bill here first."""
    return list(Regie.objects.order_by("-has_billing", "name", "pk"))


def regie_or_404(code: str) -> Regie:
    """Will return the régie of this code; raises Http404."""
    return get_object_or_404(Regie, code=code)


def receipt_or_404(public_id: str) -> Receipt:
    """Will return the receipt of this public id; raises Http404."""
    rows = receipts().select_related("regie", "payer__family", "posting", "cancels", "deposit")
    return get_object_or_404(rows, public_id=public_id)


def deposit_or_404(public_id: str) -> BankDeposit:
    """Will return the deposit of this public id; raises Http404."""
    return get_object_or_404(BankDeposit.objects.select_related("regie"), public_id=public_id)


def desk_context(visit: OfficeVisit, regie: Regie | None = None, *, current: str = "", **more: Any) -> dict[str, Any]:
    """Will return the context of a screen of the desk; of one régie, the ways to its other screens and régies."""
    ways: list[Choice] = []
    others: list[Choice] = []
    if regie is not None:
        ways = [
            Choice(label, url_of(visit, name, regie=regie.code), name == current, icon)
            for name, label, icon in (
                ("office_drawer", "Caisse", "wallet"),
                ("office_deposits", "Versements", "landmark"),
                ("office_online_takings", "En ligne", "credit-card"),
                ("office_regisseurs", "Régisseurs", "users"),
            )
        ]
        found = regies()
        if len(found) > 1:
            others = [Choice(one.name, url_of(visit, current, regie=one.code), one.pk == regie.pk) for one in found]
    return office_context(
        visit, "office_desk", regie=regie, ways=ways, others=others, journal_url=url_of(visit, "office_desk"), **more
    )


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Will draw a page of the desk."""
    return render(request, f"office/desk/{template}.html", context, status=status)
