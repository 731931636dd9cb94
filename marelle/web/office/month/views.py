"""« Clôture du mois »: a month and a régie, what is left to do before, during and after its invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.domain.catalog.queries import offer_of
from marelle.foundation.french_dates import MONTHS
from marelle.web.components.controls import Choice
from marelle.web.office.billing.runs import regies_that_bill, services_of
from marelle.web.office.billing.surroundings import billing_page
from marelle.web.office.billing.wording import month_of as in_words
from marelle.web.office.month import wording
from marelle.web.office.month.naming import month_after, month_before, month_of, month_read, month_written
from marelle.web.office.month.steps import Month
from marelle.web.office.surroundings import office_context, url_of, visit_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.foundation.periods import Period


@require_safe
@billing_page
def show(request: HttpRequest) -> HttpResponse:
    """Will show the steps of a month (`mois`, the last one that is over) of a régie (`regie`, the first)."""
    visit = visit_of(request)
    regies = regies_that_bill()
    regie = next((one for one in regies if one.code == request.GET.get("regie", "")), None) or next(iter(regies), None)
    this_month = month_of(visit.today)
    month = month_read(request.GET.get("mois", "")) or month_before(this_month)
    if month.starts_on > this_month.starts_on:
        month = this_month
    if regie is None:
        return render(
            request, "office/month/page.html", office_context(visit, "office_month", nothing=wording.NO_REGIE)
        )
    offer = offer_of(visit.authority)
    closed = Month(visit, regie, month, services=services_of(regie, regies, offer), offer=offer)
    steps = closed.steps()
    address = url_of(visit, "office_month")

    def at(which: Period, code: str) -> str:
        return f"{address}?{urlencode({'mois': month_written(which), 'regie': code})}"

    left = [step for step in steps if step.is_left]
    context = office_context(
        visit,
        "office_month",
        title=in_words(month),
        regie=regie,
        steps=steps,
        done=sum(step.standing is wording.Standing.DONE for step in steps),
        go_on=next((step for step in left if step.url), None),
        is_closed=all(step.standing is wording.Standing.DONE for step in steps),
        is_over=closed.is_over,
        has_several=len(regies) > 1,
        switch=[Choice(one.name, at(month, one.code), is_current=one.pk == regie.pk) for one in regies],
        previous_url=at(month_before(month), regie.code),
        previous_label=MONTHS[month_before(month).starts_on.month - 1].capitalize(),
        next_label=MONTHS[month_after(month).starts_on.month - 1].capitalize(),
        today_url=at(month_before(this_month), regie.code),
        next_url=at(month_after(month), regie.code) if month.starts_on < this_month.starts_on else "",
    )
    return render(request, "office/month/page.html", context)
