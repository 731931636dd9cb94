"""Who a payer is to the Trésor."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from marelle.domain.billing.models import CollectionBatch, PayerAccount
from marelle.domain.billing.operations.dockets import save_debtor
from marelle.domain.billing.queries.dockets import people_of
from marelle.domain.billing.rules.dockets import Person, lacks
from marelle.web.office.billing.surroundings import billing_page
from marelle.web.office.surroundings import office_context, url_of, visit_of
from marelle.web.office.unpaid import wording
from marelle.web.office.unpaid.forms import DebtorForm
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit


@require_http_methods(["GET", "HEAD", "POST"])
@billing_page
def debtor(request: HttpRequest, payer: str) -> HttpResponse:
    """Will show who a payer is to the Trésor, and record it."""
    visit = visit_of(request)
    found = get_object_or_404(PayerAccount.objects.select_related("family", "regie"), public_id=payer)
    if request.method == "POST":
        form = DebtorForm(request.POST)
        if form.is_valid():
            person = Person(**form.cleaned_data)
            left = lacks(person)
            if not left:
                save_debtor(found, person, by=visit.actor, at=visit.at)
                messages.success(request, wording.DEBTOR_SAVED, extra_tags="green")
                return SeeOther(_back(request, visit))
            for lack in left:
                form.add_error(None, f"À revoir : {wording.LACKS[lack]}.")
    else:
        form = DebtorForm(initial=asdict(people_of([found])[found.pk]))
    context = office_context(
        visit,
        "office_unpaid",
        payer=found,
        form=form,
        known_address=found.address or (found.family.address if found.family else ""),
        back_url=_back(request, visit),
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "office/unpaid/debtor.html", context, status=status)


def _back(request: HttpRequest, visit: OfficeVisit) -> str:
    """Will return the address of the docket that an agent is completing, of their list when none is named."""
    docket = CollectionBatch.objects.filter(public_id=request.GET.get("bordereau", "")).first()
    if docket is None:
        return url_of(visit, "office_dockets")
    return url_of(visit, "office_docket", docket=docket.public_id)
