"""The kitchens of an authority: whom to tell, when an order is frozen."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from marelle.domain.authorities.models import Facility
from marelle.domain.catalog.models import Service
from marelle.domain.reservations.operations.kitchen import UnableToSetKitchenError, forget_kitchen, set_kitchen
from marelle.domain.reservations.queries.kitchen import kitchen_named, kitchens
from marelle.web.office.kitchen import wording
from marelle.web.office.kitchen.forms import KitchenForm, initial_of
from marelle.web.office.surroundings import ROLES, office_context, url_of, visit_of, whole_authority_page
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.reservations.models import KitchenSettings


@require_http_methods(["GET", "HEAD", "POST"])
@whole_authority_page(ROLES.ADMINISTER)
def every(request: HttpRequest) -> HttpResponse:
    """Will list the kitchens, and add one."""
    visit = visit_of(request)
    form = _form(request, None)
    status = HTTPStatus.OK
    if request.method == "POST":
        answer = _save(request, None, form)
        if answer is not None:
            return answer
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(
        request,
        "office/kitchen/settings.html",
        office_context(
            visit,
            "office_kitchen",
            kitchens=[
                {
                    "title": f"{one.service.name}, {one.facility.name if one.facility else 'tous les lieux'}",
                    "url": url_of(visit, "office_kitchen_setting", kitchen=one.public_id),
                    "rule": wording.rule(one),
                    "readers": wording.readers(one),
                    "has_readers": bool(one.emails),
                }
                for one in kitchens()
            ],
            form=form,
            back_url=url_of(visit, "office_kitchen"),
        ),
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@whole_authority_page(ROLES.ADMINISTER)
def one(request: HttpRequest, kitchen: str) -> HttpResponse:
    """Will show a kitchen to change it, or forget it."""
    visit = visit_of(request)
    row = kitchen_named(kitchen).select_related("service", "facility").first()
    if row is None:
        raise Http404
    if request.method == "POST" and request.POST.get("forget"):
        forget_kitchen(row, by=visit.actor, at=visit.at)
        messages.success(request, wording.FORGOTTEN, extra_tags="green")
        return SeeOther(url_of(visit, "office_kitchen_settings"))
    form = _form(request, row)
    status = HTTPStatus.OK
    if request.method == "POST":
        answer = _save(request, row, form)
        if answer is not None:
            return answer
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    context = office_context(
        visit,
        "office_kitchen",
        title=f"{row.service.name}, {row.facility.name if row.facility else 'tous les lieux'}",
        form=form,
        back_url=url_of(visit, "office_kitchen_settings"),
    )
    return render(request, "office/kitchen/setting.html", context, status=status)


def _form(request: HttpRequest, row: KitchenSettings | None) -> KitchenForm:
    services = Service.objects.order_by("position", "name").values_list("public_id", "name")
    facilities = Facility.objects.order_by("name").values_list("code", "name")
    more: dict[str, Any] = {"services": services, "facilities": facilities}
    if request.method == "POST":
        return KitchenForm(request.POST, **more)
    return KitchenForm(initial=initial_of(row), **more)


def _save(request: HttpRequest, row: KitchenSettings | None, form: KitchenForm) -> HttpResponse | None:
    """Will record the form; None when it cannot be, which the form then says."""
    visit = visit_of(request)
    if not form.is_valid():
        return None
    said = form.cleaned_data
    service = Service.objects.get(public_id=said["service"])
    facility = Facility.objects.get(code=said["facility"]) if said["facility"] else None
    try:
        saved = set_kitchen(row, service=service, facility=facility, **form.settings(), by=visit.actor, at=visit.at)
    except UnableToSetKitchenError:
        form.add_error("facility", wording.TAKEN)
        return None
    messages.success(request, f"{wording.rule(saved)}. {wording.readers(saved)}.", extra_tags="green")
    return SeeOther(url_of(visit, "office_kitchen_settings"))
