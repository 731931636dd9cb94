"""One draft: every line explained; set aside, made again, completed by hand."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.billing.models import BillingRun, Invoice
from marelle.domain.billing.operations.manual import UnableToChargeError, WhyNotCharged, add_manual_charge
from marelle.domain.billing.operations.runs import UnableToBillError, draft_again, set_aside
from marelle.domain.billing.queries.review import drafts_of, is_to_wait
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Child
from marelle.domain.families.queries import children_of
from marelle.foundation.money import in_euros
from marelle.foundation.periods import Period
from marelle.web.office.billing import wording
from marelle.web.office.billing.forms import ChargeForm, ReasonForm
from marelle.web.office.billing.lines import lines_of
from marelle.web.office.billing.review import said_of
from marelle.web.office.billing.surroundings import billing_page, draft_or_404
from marelle.web.office.surroundings import ROLES, office_context, url_of, visit_of
from marelle.web.readings import notes_readings
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit

FIELD_OF = {
    WhyNotCharged.BAD_AMOUNT: "amount",
    WhyNotCharged.NO_LABEL: "label",
    WhyNotCharged.NO_REASON: "reason",
    WhyNotCharged.NOT_ITS_CHILD: "child",
}


@require_safe
@billing_page
@notes_readings
def show(request: HttpRequest, run: str, family: str) -> HttpResponse:
    """Will show the draft of a family."""
    return _page(request, draft_or_404(run, family))


@require_POST
@billing_page
@notes_readings
def aside(request: HttpRequest, run: str, family: str) -> HttpResponse:
    """Will set a draft aside, with a reason, or take it back."""
    visit = visit_of(request)
    draft = draft_or_404(run, family)
    is_back = bool(request.POST.get("back"))
    form = ReasonForm(request.POST, auto_id="ecarter-%s")
    if not is_back and not form.is_valid():
        return _page(request, draft, setting_aside=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    reason = "" if is_back else form.cleaned_data["reason"]
    try:
        set_aside(draft, is_aside=not is_back, reason=reason, by=visit.actor, at=visit.at)
    except UnableToBillError as error:
        return _page(request, draft, problem=wording.WHY_NOT[error.why], status=HTTPStatus.CONFLICT)
    messages.success(request, wording.TAKEN_BACK if is_back else wording.SET_ASIDE, extra_tags="green")
    return _back(visit, run, family)


@require_POST
@billing_page
@notes_readings
def redraft(request: HttpRequest, run: str, family: str) -> HttpResponse:
    """Will make the draft of a family again, from what is noted now."""
    visit = visit_of(request)
    draft = draft_or_404(run, family)
    found = draft.run
    if found is None or draft.family_id is None:  # drafts of a run are of families
        return _back(visit, run, family)
    try:
        draft_again(found, draft.family_id, authority=visit.authority, by=visit.actor, at=visit.at)
    except UnableToBillError as error:
        return _page(request, draft, problem=wording.WHY_NOT[error.why], status=HTTPStatus.CONFLICT)
    messages.success(request, wording.REDRAFTED, extra_tags="green")
    return _after(visit, run, family)


@require_POST
@billing_page
@notes_readings
def add_line(request: HttpRequest, run: str, family: str) -> HttpResponse:
    """Will add a line by hand, on the last day of the run."""
    visit = visit_of(request)
    draft = draft_or_404(run, family)
    form = _charge_form(draft, visit, request.POST)
    if not form.is_valid():
        return _page(request, draft, charging=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    child = get_object_or_404(Child, public_id=said["child"]) if said["child"] else None
    try:
        add_manual_charge(
            draft.payer,
            authority=visit.authority,
            label=said["label"],
            cents=said["amount"],
            date=draft.run.ends_on if draft.run else draft.ends_on,
            reason=said["reason"],
            child=child,
            code=said["code"],
            is_childcare=said["is_childcare"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToChargeError as error:
        form.add_error(FIELD_OF.get(error.why), wording.WHY_NOT_CHARGED[error.why])
        return _page(request, draft, charging=form, status=HTTPStatus.CONFLICT)
    except UnableToBillError as error:
        return _page(request, draft, charging=form, problem=wording.WHY_NOT[error.why], status=HTTPStatus.CONFLICT)
    messages.success(request, wording.CHARGE_ADDED, extra_tags="green")
    return _back(visit, run, family)


def _back(visit: OfficeVisit, run: str, family: str) -> HttpResponse:
    return SeeOther(url_of(visit, "office_draft", run=run, family=family))


def _after(visit: OfficeVisit, run: str, family: str) -> HttpResponse:
    """Will lead to the draft, or to the run when nothing is left to invoice."""
    if Invoice.objects.filter(run__public_id=run, family__public_id=family).exists():
        return _back(visit, run, family)
    return SeeOther(url_of(visit, "office_run", run=run))


def _charge_form(draft: Invoice, visit: OfficeVisit, data: Any = None) -> ChargeForm:
    children = children_of(draft.family_id or 0, on=visit.today)
    return ChargeForm(data, auto_id="ligne-%s", children=[(child.public_id, child.full_name) for child in children])


def _page(
    request: HttpRequest,
    draft: Invoice,
    *,
    setting_aside: ReasonForm | None = None,
    charging: ChargeForm | None = None,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    if draft.state == Invoice.State.ISSUED:
        return SeeOther(url_of(visit, "office_invoice", invoice=draft.public_id))
    run, family = draft.run, draft.family
    if run is None or family is None:  # drafts of a run are of families
        return SeeOther(url_of(visit, "office_billing"))
    ids = {"run": run.public_id, "family": family.public_id}
    before: int | None = drafts_of(run).get(pk=draft.pk).previous  # type: ignore[attr-defined]  # annotated there
    context = office_context(
        visit,
        "office_billing",
        draft=draft,
        run=run,
        title=draft.payer_name,
        problem=problem,
        amount=in_euros(draft.total_cents),
        before=in_euros(before) if before is not None else "",
        change=wording.change(draft.total_cents, before),
        period=wording.month_of(Period(draft.starts_on, draft.ends_on)),
        children=lines_of(draft, request),
        third_parties=in_euros(sum(draft.third_parties.values())) if draft.third_parties else "",
        troubles=said_of(draft.notes, offer_of(visit.authority)),
        is_in_review=run.state == BillingRun.State.REVIEW,
        is_set_aside=draft.state == Invoice.State.SET_ASIDE,
        is_carried=is_to_wait(draft, run),
        setting_aside=setting_aside or ReasonForm(auto_id="ecarter-%s"),
        charging=charging or _charge_form(draft, visit),
        aside_url=url_of(visit, "office_draft_aside", **ids),
        redraft_url=url_of(visit, "office_draft_redraft", **ids),
        line_url=url_of(visit, "office_draft_line", **ids),
        family_url=url_of(visit, "office_family", family=family.public_id)
        if visit.may(ROLES.MANAGE_RESERVATIONS)
        else "",
        account_url=url_of(visit, "office_account_of", family=family.public_id),
        back_url=url_of(visit, "office_run", run=run.public_id),
        may_tick=visit.may(ROLES.RECORD_ATTENDANCE),
    )
    return render(request, "office/billing/draft.html", context, status=status)
