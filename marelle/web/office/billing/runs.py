"""The runs: their list, preparing one, following it, leaving it."""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import BillingRun, Invoice
from marelle.domain.billing.operations.runs import (
    LONGEST_RUN_DAYS,
    UnableToBillError,
    WhyNot,
    abandon_run,
    draft_everything_again,
    start_run,
)
from marelle.domain.billing.queries.readiness import readiness_of
from marelle.domain.billing.queries.review import Figures, figures_of, runs_of
from marelle.domain.catalog.queries import offer_of
from marelle.foundation.french_dates import in_digits, in_short, moment
from marelle.foundation.money import in_amount, in_euros
from marelle.foundation.periods import Period
from marelle.web.components.controls import Choice
from marelle.web.office.billing import wording
from marelle.web.office.billing.forms import PrepareForm
from marelle.web.office.billing.review import review_context
from marelle.web.office.billing.surroundings import billing_page, run_or_404
from marelle.web.office.month.naming import month_before, month_of, month_read
from marelle.web.office.overtaken_words import warning_of
from marelle.web.office.surroundings import ROLES, office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import Offer, ServiceOffer
    from marelle.web.doors import OfficeVisit

ON_A_PAGE: Final = 20
FIELD_OF: Final = {
    WhyNot.NO_SERVICE: "services",
    WhyNot.NOT_OVER: "ends_on",
    WhyNot.TOO_LONG: "ends_on",
    WhyNot.BAD_DATES: "ends_on",
}
BUSY: Final = (BillingRun.State.DRAFTING, BillingRun.State.ISSUING)


@require_safe
@billing_page
def runs(request: HttpRequest) -> HttpResponse:
    """Will show the runs of the régies, the open ones first."""
    visit = visit_of(request)
    regies = regies_that_bill()
    page = Paginator(runs_of([regie.pk for regie in regies]), ON_A_PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    figures = figures_of([run.pk for run in found])
    shown = [_shown(run, figures.get(run.pk, Figures()), visit) for run in found]
    context = office_context(
        visit,
        "office_billing",
        open=[one for one in shown if one["is_open"]],
        closed=[one for one in shown if not one["is_open"]],
        page=page,
        ways=[
            {"name": regie.name, "url": f"{url_of(visit, 'office_billing_prepare')}?regie={regie.code}"}
            for regie in regies
        ],
        has_several=len(regies) > 1,
        regies_url=url_of(visit, "office_regies") if visit.may(ROLES.ADMINISTER) else "",
        reconciliation_url=url_of(visit, "office_reconciliations"),
        imported_url=url_of(visit, "office_imported"),
    )
    return render(request, "office/billing/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@billing_page
def prepare(request: HttpRequest) -> HttpResponse:
    """Will say what to look at before a month is billed, and start the run; nothing is written before."""
    visit = visit_of(request)
    regies = regies_that_bill()
    code = request.GET.get("regie", "")
    regie = next((one for one in regies if one.code == code), None) or next(iter(regies), None)
    if regie is None:
        return SeeOther(url_of(visit, "office_billing"))
    offer = offer_of(visit.authority)
    services = services_of(regie, regies, offer)
    choices = [(service.public_id, service.name) for service in services]
    if request.method != "POST":
        period = month_read(request.GET.get("mois", "")) or _last_month(visit.today)
        form = PrepareForm(initial=_proposed(regie, services, visit, period), services=choices)
        return _prepare_page(request, regie, regies, form, services)
    form = PrepareForm(request.POST, services=choices)
    if form.is_valid() and form.is_name_proposed:
        # The days or the services changed since it was proposed: families must not read another month.
        form.rename(_name_of(services, form.cleaned_data))
    if not form.is_valid():
        return _prepare_page(request, regie, regies, form, services, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if request.POST.get("step") == "check":
        return _prepare_page(request, regie, regies, form, services)
    said = form.cleaned_data
    try:
        run = start_run(
            regie,
            authority=visit.authority,
            services=[service.pk for service in services if service.public_id in said["services"]],
            name=said["name"],
            starts_on=said["starts_on"],
            ends_on=said["ends_on"],
            invoiced_on=said["invoiced_on"],
            due_on=said["due_on"],
            exercice=said["exercice"],
            carried_below=form.threshold,
            by=visit.actor,
            at=visit.at,
        )
    except UnableToBillError as error:
        form.add_error(FIELD_OF.get(error.why), wording.WHY_NOT[error.why])
        return _prepare_page(request, regie, regies, form, services, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.started(run.name), extra_tags="green")
    return SeeOther(url_of(visit, "office_run", run=run.public_id))


@require_safe
@billing_page
def show(request: HttpRequest, run: str) -> HttpResponse:
    """Will show a run where it stands: what the worker does, the review, or what was issued."""
    return render_run(request, run_or_404(run))


def render_run(
    request: HttpRequest, run: BillingRun, *, problem: tuple[str, str] | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    """Will show a run, with what was refused if something was."""
    visit = visit_of(request)
    context: dict[str, Any] = {**_of_run(run, visit), "problem": problem}
    if run.state in BUSY:
        context |= _progress(run, visit)
        template = "office/billing/under_way.html"
    elif run.state == BillingRun.State.ABANDONED:
        template = "office/billing/abandoned.html"
    else:
        context |= review_context(request, run)
        template = "office/billing/review.html"
    return render(request, template, office_context(visit, "office_billing", **context), status=status)


@require_safe
@billing_page
def progress(request: HttpRequest, run: str) -> HttpResponse:
    """Will answer the part of the page that moves; once the worker is done, have the browser read it all again."""
    visit = visit_of(request)
    found = run_or_404(run)
    if found.state not in BUSY:
        # Without a script, this address is a page like another: the run itself.
        response = render_run(request, found)
        response["HX-Refresh"] = "true"
        return response
    context = {**_of_run(found, visit), **_progress(found, visit)}
    return render(request, "office/billing/progress.html", context)


@require_POST
@billing_page
def abandon(request: HttpRequest, run: str) -> HttpResponse:
    """Will throw the drafts away."""
    visit = visit_of(request)
    found = run_or_404(run)
    try:
        abandon_run(found, by=visit.actor, at=visit.at)
    except UnableToBillError as error:
        return refused(request, found, error)
    messages.success(request, wording.ABANDONED, extra_tags="green")
    return SeeOther(url_of(visit, "office_billing"))


@require_POST
@billing_page
def redraft(request: HttpRequest, run: str) -> HttpResponse:
    """Will make all the drafts again."""
    visit = visit_of(request)
    found = run_or_404(run)
    try:
        draft_everything_again(found, by=visit.actor, at=visit.at)
    except UnableToBillError as error:
        return refused(request, found, error)
    messages.success(request, wording.REDRAFTING, extra_tags="green")
    return SeeOther(url_of(visit, "office_run", run=found.public_id))


def refused(request: HttpRequest, run: BillingRun, error: UnableToBillError) -> HttpResponse:
    """Will show the run as it is now, and why nothing was written."""
    problem = (wording.GONE, wording.WHY_NOT[error.why])
    return render_run(request, run_or_404(run.public_id), problem=problem, status=HTTPStatus.CONFLICT)


def regies_that_bill() -> list[Regie]:
    """Will return the régies that invoice with Marelle, by name."""
    return list(Regie.objects.filter(has_billing=True).order_by("name", "pk"))


def services_of(regie: Regie, regies: list[Regie], offer: Offer) -> list[ServiceOffer]:
    """Will return the services that the régie collects for; those of no régie go with the only one."""
    own = {regie.pk, None} if len(regies) == 1 else {regie.pk}
    return [service for service in offer.services if service.regie in own]


def _last_month(today: date) -> Period:
    return month_before(month_of(today))


def _name_of(services: list[ServiceOffer], said: Mapping[str, Any]) -> str:
    """Will name what is billed after the services and the days that were chosen."""
    names = [service.name for service in services if service.public_id in said["services"]]
    return wording.proposed_name(names, Period(said["starts_on"], said["ends_on"]))


def _proposed(regie: Regie, services: list[ServiceOffer], visit: OfficeVisit, period: Period) -> dict[str, Any]:
    return {
        "services": [service.public_id for service in services],
        "starts_on": period.starts_on,
        "ends_on": period.ends_on,
        "name": (name := wording.proposed_name([service.name for service in services], period)),
        "proposed": name,
        "invoiced_on": visit.today,
        "due_on": visit.today + timedelta(days=regie.payment_days),
        "exercice": visit.today.year,
        "is_carrying": bool(regie.small_debt_cents),
        "carried_below": in_amount(regie.small_debt_cents) if regie.small_debt_cents else "",
    }


def _prepare_page(
    request: HttpRequest,
    regie: Regie,
    regies: list[Regie],
    form: PrepareForm,
    services: list[ServiceOffer],
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    address = url_of(visit, "office_billing_prepare")
    said = form.cleaned_data if form.is_bound else form.initial
    chosen = {service.pk for service in services if service.public_id in (said.get("services") or ())}
    offer = offer_of(visit.authority)
    context: dict[str, Any] = {}
    period = _readable(said)
    if chosen and period is not None:
        first, last = period.starts_on, period.ends_on or period.starts_on
        context = {
            "warned": _warned(readiness_of(chosen, first=first, last=last, offer=offer), offer, visit),
            "period": wording.month_of(period),
            "billed_before": _billed_before(regie, chosen, first, last),
            **warning_of(visit, chosen, first=first, offer=offer),
        }
    is_open = BillingRun.objects.filter(regie=regie, state__in=BillingRun.OPEN).only("public_id").first()
    page = office_context(
        visit,
        "office_billing",
        form=form,
        regie=regie,
        switch=[Choice(one.name, f"{address}?regie={one.code}", is_current=one.pk == regie.pk) for one in regies],
        has_several=len(regies) > 1,
        action=f"{address}?regie={regie.code}",
        open_url=url_of(visit, "office_run", run=is_open.public_id) if is_open else "",
        back_url=url_of(visit, "office_billing"),
        **{"warned": None, "period": "", "billed_before": "", "overtaken": (), **context},
    )
    return render(request, "office/billing/prepare.html", page, status=status)


def _readable(said: Mapping[str, Any]) -> Period | None:
    """Will return the days that were written, None when they cannot be billed at once."""
    first, last = said.get("starts_on"), said.get("ends_on")
    if first is None or last is None or not 0 <= (last - first).days <= LONGEST_RUN_DAYS:
        return None
    return Period(first, last)


def _billed_before(regie: Regie, services: set[int], first: date, last: date) -> str:
    """Will name the run that billed some of these services for some of these days already; empty when none did."""
    rows = BillingRun.objects.filter(
        regie=regie,
        state=BillingRun.State.ISSUED,
        services__overlap=sorted(services),
        starts_on__lte=last,
        ends_on__gte=first,
    )
    return rows.order_by("-issued_at").values_list("name", flat=True).first() or ""


def _warned(ready: Any, offer: Offer, visit: OfficeVisit) -> dict[str, Any]:
    activities = {activity.pk: activity for activity in offer.activities}
    unticked: dict[int, list[dict[str, str]]] = {}
    for one in ready.unticked:
        url = url_of(visit, "office_sheet", day=one.day.isoformat())
        unticked.setdefault(one.activity, []).append(
            {"day": in_short(one.day), "url": url, "expected": wording.children(one.expected)}
        )
    return {
        "is_ready": ready.is_ready,
        "unticked": [
            {
                "name": f"{activities[key].name}, {activities[key].facility_name}",
                "days": days,
                "count": len(days),
            }
            for key, days in unticked.items()
        ],
        "unticked_days": len(ready.unticked),
        "may_tick": visit.may(ROLES.RECORD_ATTENDANCE),
        "unpriced": [f"{product.name} ({product.activity.name})" for product in ready.unpriced],
        "changing": [
            {"name": f"{product.name} ({product.activity.name})", "days": ", ".join(map(in_digits, days))}
            for product, days in ready.changing
        ],
        "homeless": [
            {
                "child": one.child,
                "what": f"{activities[one.activity].name}, {activities[one.activity].facility_name}",
                "days": wording.days_in_short(one.days),
            }
            for one in ready.homeless
        ],
        "unknown": [
            {"name": one.name, "url": url_of(visit, "office_family", family=one.family)} for one in ready.unknown
        ],
        "unknown_families": ready.unknown_families,
        "may_manage": visit.may(ROLES.MANAGE_RESERVATIONS),
        "unknown_more": ready.unknown_families - len(ready.unknown),
    }


def _shown(run: BillingRun, figures: Figures, visit: OfficeVisit) -> dict[str, Any]:
    tone, icon = wording.STATES[BillingRun.State(run.state)]
    return {
        **_of_run(run, visit),
        "tone": tone,
        "icon": icon,
        "is_open": run.state in BillingRun.OPEN,
        "figures": figures,
        "invoices": wording.invoices(figures.invoices),
        "amount": in_euros(figures.cents),
        "share": "En cours" if run.state in BUSY else "",
    }


def _of_run(run: BillingRun, visit: OfficeVisit) -> dict[str, Any]:
    started = run.started_at.astimezone(visit.authority.zone)
    return {
        "run": run,
        "regie": run.regie,
        "run_url": url_of(visit, "office_run", run=run.public_id),
        "state": run.get_state_display(),
        "period": wording.month_of(Period(run.starts_on, run.ends_on)),
        "started": moment(started),
        "abandon_url": url_of(visit, "office_run_abandon", run=run.public_id),
        "redraft_url": url_of(visit, "office_run_redraft", run=run.public_id),
        "back_url": url_of(visit, "office_billing"),
    }


def _progress(run: BillingRun, visit: OfficeVisit) -> dict[str, Any]:
    is_drafting = run.state == BillingRun.State.DRAFTING
    if is_drafting:
        done, whole = run.done, max(run.families, run.done, 1)
    else:
        kept = Invoice.objects.filter(run=run, state__in=(Invoice.State.DRAFT, Invoice.State.ISSUED))
        whole = max(kept.count(), 1)
        done = kept.filter(state=Invoice.State.ISSUED).count()
    return {
        "is_drafting": is_drafting,
        "done": done,
        "whole": whole,
        "words": wording.progress(done, whole, is_drafting=is_drafting),
        "percent": done * 100 // whole,
        "progress_url": url_of(visit, "office_run_progress", run=run.public_id),
    }
