"""The services that answer applications, and who is named."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_safe

from marelle.domain.procedures.models import ServiceInCharge
from marelle.domain.procedures.operations.publishing import save_service
from marelle.web.doors import office_page
from marelle.web.office.procedures import wording
from marelle.web.office.procedures.described import LONGEST_CODE, code_from
from marelle.web.office.procedures.forms import ServiceForm, service_initial
from marelle.web.office.procedures.surroundings import NEW, page
from marelle.web.office.surroundings import ROLES, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@office_page(ROLES.ADMINISTER)
def every(request: HttpRequest) -> HttpResponse:
    """Will list who answers."""
    visit = visit_of(request)
    shown = [
        {
            "service": one,
            "role": one.get_role_display(),
            "url": url_of(visit, "office_service_in_charge", service=one.code),
        }
        for one in ServiceInCharge.objects.order_by("name")
    ]
    return page(
        request,
        "services.html",
        services=shown,
        new_url=url_of(visit, "office_service_in_charge", service=NEW),
        list_url=url_of(visit, "office_procedures"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.ADMINISTER)
def one(request: HttpRequest, service: str) -> HttpResponse:
    """Will show the form of a service, or of a new one; a POST writes it."""
    visit = visit_of(request)
    found = None if service == NEW else get_object_or_404(ServiceInCharge, code=service)
    if request.method == "POST":
        form = ServiceForm(request.POST)
        if form.is_valid():
            code = found.code if found else _new_code(form.cleaned_data["name"])
            save_service(visit.authority, code, form.cleaned_data, by=visit.actor, at=visit.at)
            messages.success(request, wording.SERVICE_SAVED, extra_tags="green")
            return SeeOther(url_of(visit, "office_services_in_charge"))
    else:
        authority = visit.authority
        contacts = {name: getattr(authority, name) for name in ("phone", "email", "address", "opening_hours")}
        form = ServiceForm(initial=service_initial(found) if found else contacts)
    return page(
        request,
        "service.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK,
        form=form,
        service=found,
        list_url=url_of(visit, "office_services_in_charge"),
        anonymous=wording.ANONYMOUS,
        role_hint=wording.ROLE_HINT,
    )


def _new_code(name: str) -> str:
    code = code_from(name, joint="-")
    taken = {*ServiceInCharge.objects.values_list("code", flat=True), NEW}
    number, tried = 2, code
    while tried in taken:
        tried, number = f"{code[: LONGEST_CODE - 4]}-{number}", number + 1
    return tried
