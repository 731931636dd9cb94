"""Approving a run: what will happen is said first, since there is no way back but a credit note."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from marelle.domain.billing.models import BillingRun, NumberSeries
from marelle.domain.billing.operations.runs import UnableToBillError, approve_run
from marelle.domain.billing.queries.review import Figures, figures_of
from marelle.domain.billing.rules.numbers import number_of
from marelle.foundation.french_dates import in_digits
from marelle.foundation.money import in_euros
from marelle.foundation.periods import Period
from marelle.web.office.billing import wording
from marelle.web.office.billing.runs import refused, render_run
from marelle.web.office.billing.surroundings import billing_page, run_or_404
from marelle.web.office.surroundings import office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "HEAD", "POST"])
@billing_page
def approve(request: HttpRequest, run: str) -> HttpResponse:
    """Will say what issuing does; once confirmed, hand the run to the worker.

    What is approved is what was shown: drafts that changed since are shown again.
    """
    visit = visit_of(request)
    found = run_or_404(run)
    figures = figures_of([found.pk]).get(found.pk, Figures())
    expected = f"{figures.invoices}/{figures.cents}"
    is_sent = request.method == "POST"
    if is_sent and (found.state != BillingRun.State.REVIEW or request.POST.get("expected") == expected):
        try:
            approve_run(found, by=visit.actor, at=visit.at)
        except UnableToBillError as error:
            return refused(request, found, error)
        return SeeOther(url_of(visit, "office_run", run=found.public_id))
    if found.state != BillingRun.State.REVIEW:
        return render_run(request, found)
    series = NumberSeries.objects.filter(regie=found.regie_id, exercice=found.exercice).first()
    first = (series.last if series else 0) + 1
    numbers = [
        number_of(found.regie.number_pattern, found.exercice, sequence)
        for sequence in (first, first + max(figures.invoices - 1, 0))
    ]
    context = office_context(
        visit,
        "office_billing",
        run=found,
        expected=expected,
        has_changed=is_sent,
        figures=figures,
        invoices=wording.invoices(figures.invoices),
        amount=in_euros(figures.cents),
        carried_amount=in_euros(figures.carried_cents),
        numbers=numbers,
        period=wording.month_of(Period(found.starts_on, found.ends_on)),
        invoiced_on=in_digits(found.invoiced_on),
        due_on=in_digits(found.due_on),
        back_url=url_of(visit, "office_run", run=found.public_id),
        sift_url=f"{url_of(visit, 'office_run', run=found.public_id)}?voir=to_check#brouillons",
    )
    status = HTTPStatus.CONFLICT if is_sent else HTTPStatus.OK
    return render(request, "office/billing/approve.html", context, status=status)
