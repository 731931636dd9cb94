"""The creditor account of a régie."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from marelle.domain.authorities.models import Regie
from marelle.domain.payments.models import CreditorAccount
from marelle.domain.payments.operations.creditors import CreditorChoices, set_creditor
from marelle.domain.payments.queries.direct_debits import creditor_of
from marelle.domain.payments.rules.bank_accounts import masked
from marelle.foundation.money import in_amount
from marelle.web.office.billing.surroundings import regie_page
from marelle.web.office.debits import wording
from marelle.web.office.debits.forms import CreditorForm
from marelle.web.office.surroundings import office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "HEAD", "POST"])
@regie_page
def creditor(request: HttpRequest, regie: str) -> HttpResponse:
    """Will show the creditor account of a régie, and record it."""
    visit = visit_of(request)
    found = get_object_or_404(Regie, code=regie)
    known = creditor_of(found.pk)
    if request.method != "POST":
        return _page(request, found, known, CreditorForm(initial=_initial(found, known)))
    form = CreditorForm(request.POST, known_iban=known.iban if known else "")
    if not form.is_valid():
        return _page(request, found, known, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = dict(form.cleaned_data)
    fee = said.pop("fee")
    set_creditor(found, CreditorChoices(**said, fee_cents=fee), by=visit.actor, at=visit.at)
    messages.success(request, wording.CREDITOR_SAVED, extra_tags="green")
    return SeeOther(url_of(visit, "office_debits"))


def _page(
    request: HttpRequest,
    regie: Regie,
    known: CreditorAccount | None,
    form: CreditorForm,
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    context = office_context(
        visit,
        "office_billing",
        regie=regie,
        form=form,
        account=masked(known.iban) if known else "",
        back_url=url_of(visit, "office_debits"),
    )
    return render(request, "office/debits/creditor.html", context, status=status)


def _initial(regie: Regie, known: CreditorAccount | None) -> dict[str, object]:
    if known is None:
        scheme = CreditorAccount.Scheme.OF_2009.value
        return {"name": regie.name, "scheme": scheme, "settles_after_days": 5, "fee": "0,00"}
    names = ("ics", "name", "address", "bic", "scheme", "settles_after_days", "is_open")
    return {**{name: getattr(known, name) for name in names}, "fee": in_amount(known.fee_cents)}
