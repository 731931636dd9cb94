"""A child enrolled in an activity by an agent."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.views.decorators.http import require_POST

from marelle.domain.catalog.models import Activity
from marelle.domain.families.queries import children_of
from marelle.domain.reservations.operations.enrollments import UnableToEnrollError, enroll
from marelle.domain.reservations.rules.enrolling import WhyNotEnrolled
from marelle.web.doors import office_page
from marelle.web.office.families import wording
from marelle.web.office.families.finding import address_of
from marelle.web.office.families.panes import enroll_form
from marelle.web.office.families.views import Doing, family_or_404, render_family
from marelle.web.office.surroundings import ROLES, reach
from marelle.web.readings import notes_readings
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit

FIELD_OF = {WhyNotEnrolled.OUT_OF_PERIOD: "starts_on", WhyNotEnrolled.REVERSED: "starts_on"}


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
@notes_readings
def enroll_child(request: HttpRequest, family: str) -> HttpResponse:
    """Will enroll a child of the family from a day on, to the end of the activity."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = family_or_404(request, family)
    children = list(children_of(found.pk, on=visit.today))
    form = enroll_form(children, reach(visit, ROLES.MANAGE_RESERVATIONS), visit, request.POST)
    if not form.is_valid():
        return render_family(request, found, doing=Doing(enrolling=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    child = next(child for child in children if child.public_id == said["child"])
    activity = Activity.objects.get(public_id=said["activity"])
    try:
        enroll(child, activity, starts_on=said["starts_on"], by=visit.actor, at=visit.at)
    except UnableToEnrollError as error:
        form.add_error(FIELD_OF.get(error.why, "activity"), str(error.why))
        return render_family(request, found, doing=Doing(enrolling=form), status=HTTPStatus.CONFLICT)
    done = wording.enrolled_now(child.first_name, activity.name, said["starts_on"])
    messages.success(request, done, extra_tags="green")
    return SeeOther(address_of(visit, "office_family", found))
