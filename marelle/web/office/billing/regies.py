"""How each régie invoices: its references, its delays, how one pays it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import NumberSeries
from marelle.domain.billing.operations.regies import RegieChoices, set_regie
from marelle.domain.billing.rules.numbers import InvalidPatternError, check_pattern, number_of
from marelle.domain.payments.queries.settings import settings_by_regie
from marelle.foundation.money import in_amount
from marelle.web.office.billing import wording
from marelle.web.office.billing.forms import RegieForm
from marelle.web.office.billing.surroundings import regie_page
from marelle.web.office.joining.wording import joining_tag
from marelle.web.office.surroundings import office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit


@require_safe
@regie_page
def regies(request: HttpRequest) -> HttpResponse:
    """Will list the régies."""
    visit = visit_of(request)
    context = office_context(
        visit,
        "office_billing",
        regies=[
            {
                "name": one.name,
                "has_billing": one.has_billing,
                "reference": number_of(one.number_pattern, visit.today.year, _next(one, visit)),
                "days": one.payment_days,
                "url": url_of(visit, "office_regie", regie=one.code),
                "joining": joining_tag(row, on=visit.today),
                "joining_url": url_of(visit, "office_joining", regie=one.code),
            }
            for row in settings_by_regie(visit.authority.pk)
            for one in (row.regie,)
        ],
        back_url=url_of(visit, "office_billing"),
    )
    return render(request, "office/billing/regies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@regie_page
def choices(request: HttpRequest, regie: str) -> HttpResponse:
    """Will show the choices of a régie, and record them."""
    visit = visit_of(request)
    found = get_object_or_404(Regie, code=regie)
    if request.method != "POST":
        return _page(request, found, RegieForm(initial=_initial(found)))
    form = RegieForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = dict(form.cleaned_data)
    small_debt = said.pop("small_debt")
    set_regie(found, RegieChoices(**said, small_debt_cents=small_debt), by=visit.actor, at=visit.at)
    messages.success(request, wording.REGIE_SAVED, extra_tags="green")
    return SeeOther(url_of(visit, "office_regie", regie=found.code))


@require_safe
@regie_page
def preview(request: HttpRequest, regie: str) -> HttpResponse:
    """Will show the reference that a pattern, still being typed, would give."""
    visit = visit_of(request)
    found = get_object_or_404(Regie, code=regie)
    context = _preview(found, request.GET.get("number_pattern", "")[:60], visit)
    return render(request, "office/billing/reference.html", context)


def _page(request: HttpRequest, regie: Regie, form: RegieForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    visit = visit_of(request)
    pattern = str(form["number_pattern"].value() or "")
    context = office_context(
        visit,
        "office_billing",
        regie=regie,
        form=form,
        preview_url=url_of(visit, "office_regie_preview", regie=regie.code),
        online_url=url_of(visit, "office_online_payment", regie=regie.code),
        joining_url=url_of(visit, "office_joining", regie=regie.code),
        back_url=url_of(visit, "office_regies"),
        **_preview(regie, pattern, visit),
    )
    return render(request, "office/billing/regie.html", context, status=status)


def _preview(regie: Regie, pattern: str, visit: OfficeVisit) -> dict[str, Any]:
    try:
        checked = check_pattern(pattern)
    except InvalidPatternError as error:
        text = str(error)
        return {"reference": "", "fault": f"{text[:1].upper()}{text[1:]}."}
    return {"reference": number_of(checked, visit.today.year, _next(regie, visit)), "fault": ""}


def _next(regie: Regie, visit: OfficeVisit) -> int:
    series = NumberSeries.objects.filter(regie=regie, exercice=visit.today.year).values_list("last", flat=True).first()
    return (series or 0) + 1


def _initial(regie: Regie) -> dict[str, Any]:
    names = set(RegieForm.base_fields) - {"small_debt"}
    return {**{name: getattr(regie, name) for name in names}, "small_debt": in_amount(regie.small_debt_cents)}
