"""The certificates of several absences that came at one moment: what each day becomes, then recorded."""

from __future__ import annotations

from copy import copy
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from marelle.domain.billing.operations.certificates import UnableToCertifyError, prove_absences
from marelle.domain.billing.queries.overtaken import overtaken_by
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.operations.absences import UnableToRecordCertificateError
from marelle.domain.reservations.queries.absences import readings_of, recent_absences
from marelle.domain.reservations.rules.sentences import reading_sentence
from marelle.foundation.french_dates import in_full
from marelle.web.doors import office_page
from marelle.web.office.absences import wording
from marelle.web.office.absences.forms import CertificateForm
from marelle.web.office.absences.views import SHOWN_FOR
from marelle.web.office.overtaken_words import said_at_once
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of, visit_of
from marelle.web.office.together import TICKED, ticked
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from datetime import date, datetime, time

    from django.http import HttpRequest, HttpResponse, QueryDict

    from marelle.domain.reservations.models import Absence
    from marelle.domain.reservations.operations.absences import CertifiedTogether
    from marelle.web.doors import OfficeVisit

# The moment that the page was drawn for: of another one, what it changes is looked at before anything is recorded.
SEEN = "vu"


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.MANAGE_RESERVATIONS)
def certificates(request: HttpRequest) -> HttpResponse:
    """Will show what certificates received at one moment change, for the absences ticked; a POST records them."""
    visit = visit_of(request)
    is_post = request.method == "POST"
    given = request.POST if is_post else request.GET
    found = _ticked(visit, ticked(given))
    if not found:
        messages.warning(request, wording.NOTHING_TICKED, extra_tags="amber")
        return SeeOther(url_of(visit, "office_absences"))
    zone = visit.authority.zone
    if not is_post:
        form = CertificateForm(initial={"received_on": visit.today}, at=visit.at, zone=zone)
        return _page(request, found, form, received_at=visit.at, seen=_moment(visit.today, None))
    return _record(request, found, given)


def _record(request: HttpRequest, found: list[Absence], given: QueryDict) -> HttpResponse:
    visit = visit_of(request)
    form = CertificateForm(given, at=visit.at, zone=visit.authority.zone)
    if not form.is_valid():
        return _page(request, found, form, received_at=visit.at, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    received_at = form.cleaned_data["received_at"]
    seen = _moment(form.cleaned_data["received_on"], form.cleaned_data["received_time"])
    if given.get(SEEN) != seen:
        return _page(request, found, form, received_at=received_at, seen=seen, is_other_moment=True)
    try:
        done = prove_absences(found, received_at=received_at, authority=visit.authority, by=visit.actor, at=visit.at)
    except UnableToRecordCertificateError:
        form.add_error("received_on", wording.NOT_YET)
        return _page(request, found, form, received_at=visit.at, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except UnableToCertifyError as error:
        form.add_error(None, error.why.value)
        return _page(request, found, form, received_at=received_at, seen=seen, status=HTTPStatus.CONFLICT)
    _tell(request, done)
    return SeeOther(url_of(visit, "office_absences"))


def _tell(request: HttpRequest, done: CertifiedTogether) -> None:
    """Will say what was recorded, and that invoices which are out are to be corrected."""
    visit = visit_of(request)
    is_whole = not (done.already or done.withdrawn)
    (messages.success if is_whole else messages.warning)(
        request, wording.recorded_together(done), extra_tags="green" if is_whole else "amber"
    )
    recorded = recent_absences(reach(visit, ROLES.MANAGE_RESERVATIONS).product_keys, since=visit.at - SHOWN_FOR)
    overtaken = overtaken_by(recorded.filter(pk__in=done.recorded), offer=offer_of(visit.authority), at=visit.at)
    if words := said_at_once(len(overtaken)):
        messages.warning(request, words, extra_tags="amber")


def _moment(day: date, hour: time | None) -> str:
    return f"{day.isoformat()} {hour.isoformat() if hour else ''}"


def _ticked(visit: OfficeVisit, named: list[str]) -> list[Absence]:
    """Will return the absences of these public ids that the agent may answer for, the first told first."""
    products = reach(visit, ROLES.MANAGE_RESERVATIONS).product_keys
    rows = recent_absences(products, since=visit.at - SHOWN_FOR).filter(public_id__in=named)
    return list(rows.order_by("told_at", "pk"))


def _page(
    request: HttpRequest,
    found: list[Absence],
    form: CertificateForm,
    *,
    received_at: datetime,
    seen: str = "",
    is_other_moment: bool = False,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    waiting = [one for one in found if one.certificate_at is None]
    context = office_context(
        visit,
        "office_absences",
        title=wording.together_title(len(waiting)),
        form=form,
        ticked_name=TICKED,
        keys=[one.public_id for one in found],
        rows=_rows(waiting, visit, received_at=received_at),
        seen_name=SEEN,
        seen=seen,
        look_again=wording.LOOK_AGAIN if is_other_moment and waiting else "",
        already=wording.left_out(len(found) - len(waiting)),
        back_url=url_of(visit, "office_absences"),
    )
    return render(request, "office/absences/together.html", context, status=status)


def _rows(waiting: list[Absence], visit: OfficeVisit, *, received_at: datetime) -> list[dict[str, Any]]:
    """Will return, for each absence, what its day comes to once its certificate is there."""
    offer = offer_of(visit.authority)
    now = readings_of(waiting, offer=offer, at=visit.at)
    certified = [copy(one) for one in waiting]
    for one in certified:
        one.certificate_at = received_at
    then = readings_of(certified, offer=offer, at=visit.at)
    rows = []
    for one in waiting:
        reservation = one.reservation
        product = offer.product_by_pk[reservation.product_id]
        before, after = now.get(one.pk), then.get(one.pk)
        is_changed = before is None or after is None or before.decision.bills != after.decision.bills
        rows.append(
            {
                "child": reservation.child.full_name,
                "what": f"{product.name} du {in_full(reservation.date)}",
                "place": product.activity.facility_name,
                "cause": one.get_cause_display(),
                "outcome": wording.changes_to(reading_sentence(after, zone=offer.zone), is_changed=is_changed),
            }
        )
    return rows
