"""One answer to several requests to be attached: to whom each would be, then written, each with its fate said."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from marelle.domain.families.models import JoinRequest
from marelle.domain.families.operations.joining import AnsweredTogether, NotJoined, accept_joins, refuse_joins
from marelle.domain.families.queries.joining import sure_matches
from marelle.foundation import clock
from marelle.web.doors import office_page
from marelle.web.office.surroundings import ROLES, office_context, url_of
from marelle.web.office.together import TICKED, ticked
from marelle.web.office.ways_in import wording
from marelle.web.office.ways_in.forms import TogetherForm
from marelle.web.office.ways_in.requests import visit_of_all, words_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit

# What the preview showed: « public id of the request.public id of the guardian » of each.
SEEN = "vu"
ANSWERS = {"accepter": "accept", "refuser": "refuse"}


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.MANAGE_RESERVATIONS)
def answer(request: HttpRequest) -> HttpResponse:
    """Will show to whom the requests that were ticked would be attached, before one answer to all; a POST gives it."""
    visit = visit_of_all(request)
    is_post = request.method == "POST"
    given = request.POST if is_post else request.GET
    found = _ticked(ticked(given))
    if not found:
        return _back(request, visit, wording.NOTHING_TICKED)
    if not is_post:
        chosen = ANSWERS.get(given.get("reponse", ""))
        if chosen is None:
            return _back(request, visit, wording.NO_ANSWER)
        return _page(request, visit, found, TogetherForm(initial={"answer": chosen}), is_refusal=chosen == "refuse")
    form = TogetherForm(request.POST)
    if not form.is_valid():
        is_refusal = form.data.get("answer") == "refuse"
        return _page(request, visit, found, form, is_refusal=is_refusal, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    is_accepted = form.cleaned_data["answer"] == "accept"
    at = clock.machine_now()
    if is_accepted:
        shown = dict(one.split(".", 1) for one in request.POST.getlist(SEEN) if "." in one)
        seen = {one.pk: shown.get(one.public_id, "") for one in found}
        done = accept_joins(seen, on=visit.today, by=visit.actor, at=at)
    else:
        done = refuse_joins([one.pk for one in found], reason=form.cleaned_data["reason"], by=visit.actor, at=at)
    is_whole = not (done.already or done.left)
    (messages.success if is_whole else messages.warning)(
        request, _said(done, found, is_accepted=is_accepted), extra_tags="green" if is_whole else "amber"
    )
    return SeeOther(url_of(visit, "office_join_requests"))


def _ticked(named: list[str]) -> list[JoinRequest]:
    """Will return the requests of these public ids, answered or not, the first asked first."""
    rows = JoinRequest.objects.filter(public_id__in=named).select_related("user")
    return list(rows.order_by("asked_at", "pk"))


def _said(done: AnsweredTogether, found: list[JoinRequest], *, is_accepted: bool) -> str:
    left: dict[NotJoined, list[str]] = {}
    for one in found:
        if one.pk in done.left:
            left.setdefault(done.left[one.pk], []).append(f"{one.first_name} {one.last_name}")
    return wording.answered_together(done, left, is_accepted=is_accepted)


def _back(request: HttpRequest, visit: OfficeVisit, why: str) -> HttpResponse:
    messages.warning(request, why, extra_tags="amber")
    return SeeOther(url_of(visit, "office_join_requests"))


def _page(
    request: HttpRequest,
    visit: OfficeVisit,
    found: list[JoinRequest],
    form: TogetherForm,
    *,
    is_refusal: bool,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    waiting = [one for one in found if one.state == JoinRequest.State.WAITING]
    sure, kept_out = sure_matches([] if is_refusal else waiting, on=visit.today)
    rows: list[dict[str, Any]] = []
    for one in waiting:
        guardian = sure.get(one.pk)
        home = guardian.family if guardian else None
        rows.append(
            {
                **words_of(one, visit),
                "guardian": f"{guardian.first_name} {guardian.last_name}" if guardian else "",
                "family": f"{home.name} ({home.code})" if home else "",
                "family_url": url_of(visit, "office_family", family=home.public_id) if home else "",
                "is_left": not is_refusal and guardian is None,
                "is_kept_out": one.pk in kept_out,
            }
        )
    count = sum(not row["is_left"] for row in rows)
    context = office_context(
        visit,
        "office_ways_in",
        title=wording.together_title(count, is_refusal=is_refusal),
        count=count,
        is_refusal=is_refusal,
        form=form,
        rows=rows,
        ticked_name=TICKED,
        seen_name=SEEN,
        keys=[(one.public_id, sure[one.pk].public_id if one.pk in sure else "") for one in found],
        answer="refuse" if is_refusal else "accept",
        already=wording.already_among(len(found) - len(waiting)),
        back_url=url_of(visit, "office_join_requests"),
    )
    return render(request, "office/ways_in/together.html", context, status=status)
