"""One answer to several applications of a procedure: what each one asks, then decided, each with its fate said."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from marelle.domain.procedures.models import Application
from marelle.domain.procedures.operations.together import DecidedTogether, decide_together
from marelle.domain.procedures.queries.applications import applications_within
from marelle.domain.procedures.queries.offered import names_of
from marelle.domain.procedures.rules.answers import filled_text
from marelle.domain.procedures.rules.definitions import EFFECTS, EffectKind
from marelle.domain.procedures.rules.secrecy import secret_fields
from marelle.domain.procedures.rules.states import OPEN, State
from marelle.domain.procedures.rules.together import against_accepting_together, is_decided
from marelle.foundation.french_dates import listed
from marelle.web.office.applications import wording
from marelle.web.office.applications.forms import TogetherForm
from marelle.web.office.applications.surroundings import service_page, url_of
from marelle.web.office.applications.telling import merged, values_of
from marelle.web.office.surroundings import office_context, visit_of
from marelle.web.office.together import TICKED, ticked
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse, QueryDict

    from marelle.web.doors import OfficeVisit

# What the preview showed: « public id.revision » of each.
SEEN: Final = "vu"
# A number longer than that is no revision.
LONGEST: Final = 10
ANSWERS: Final = {"accepter": "approve", "refuser": "reject"}


@require_http_methods(["GET", "HEAD", "POST"])
@service_page
def answer(request: HttpRequest) -> HttpResponse:
    """Will show what the applications that were ticked ask, before one answer to all; a POST gives it."""
    visit = visit_of(request)
    is_post = request.method == "POST"
    given = request.POST if is_post else request.GET
    found = _ticked(visit, ticked(given))
    if not found:
        return _back(request, visit, found, wording.NOTHING_TICKED)
    if len({one.version.procedure_id for one in found}) > 1:
        return _back(request, visit, [], wording.ONE_PROCEDURE)
    if not is_post:
        chosen = ANSWERS.get(given.get("reponse", ""))
        if chosen is None:
            return _back(request, visit, found, wording.NO_DECISION)
        return _page(request, found, TogetherForm(initial={"answer": chosen}), is_refusal=chosen == "reject")
    form = TogetherForm(request.POST)
    if not form.is_valid():
        is_refusal = form.data.get("answer") == "reject"
        return _page(request, found, form, is_refusal=is_refusal, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    is_accepted = form.cleaned_data["answer"] == "approve"
    seen = _seen(request.POST)
    done = decide_together(
        {one.pk: seen.get(one.public_id, 0) for one in found},
        is_accepted=is_accepted,
        reasons=form.cleaned_data["reasons"],
        by=visit.actor,
        at=visit.at,
    )
    is_whole = not (done.already or done.left)
    (messages.success if is_whole else messages.warning)(
        request, _said(done, found, is_accepted=is_accepted), extra_tags="green" if is_whole else "amber"
    )
    return SeeOther(_list_url(visit, found))


def _ticked(visit: OfficeVisit, named: list[str]) -> list[Application]:
    """Will return the applications of these public ids that the agent's services were sent, the oldest first."""
    rows = applications_within(visit.roles).filter(public_id__in=named).annotate(pieces=Count("documents"))
    return list(rows.prefetch_related("children__child").order_by("submitted_at", "pk"))


def _seen(given: QueryDict) -> dict[str, int]:
    """Will return the revision that the preview showed of each application, by public id."""
    told = (one.partition(".") for one in given.getlist(SEEN))
    return {key: int(said) for key, _dot, said in told if said.isascii() and said.isdigit() and len(said) < LONGEST}


def _said(done: DecidedTogether, found: Iterable[Application], *, is_accepted: bool) -> str:
    left = [(wording.number(one.number), done.left[one.pk]) for one in found if one.pk in done.left]
    return wording.decided_together(len(done.done), len(done.already), left, is_accepted=is_accepted)


def _list_url(visit: OfficeVisit, found: list[Application]) -> str:
    """Will return the way back to the list, of the one procedure that was answered."""
    url = url_of(visit, "office_applications")
    return f"{url}?{urlencode({'demarche': found[0].version.procedure.code})}" if found else url


def _back(request: HttpRequest, visit: OfficeVisit, found: list[Application], why: str) -> HttpResponse:
    messages.warning(request, why, extra_tags="amber")
    return SeeOther(_list_url(visit, found))


def _page(
    request: HttpRequest,
    found: list[Application],
    form: TogetherForm,
    *,
    is_refusal: bool,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    waiting = [one for one in found if one.state in OPEN and is_decided(one.version.definition)]
    rows = _rows(waiting, visit, is_refusal=is_refusal)
    count = sum(not row["why_not"] for row in rows)
    effects = {one.version.definition.effect for one in waiting}
    does = [] if is_refusal else [EFFECTS[one].label for one in sorted(effects) if one is not EffectKind.NOTHING]
    context: dict[str, Any] = {
        "title": wording.together_title(count, is_refusal=is_refusal),
        "procedure": found[0].version.title,
        "count": count,
        "is_refusal": is_refusal,
        "does": does,
        "form": form,
        "rows": rows,
        "ticked_name": TICKED,
        "seen_name": SEEN,
        "keys": [(one.public_id, one.revision) for one in found],
        "answer": "reject" if is_refusal else "approve",
        "already": wording.already_among(len(found) - len(waiting)),
        "back_url": _list_url(visit, found),
    }
    page = office_context(visit, "office_applications", **context)
    return render(request, "office/applications/together.html", page, status=status)


def _rows(waiting: list[Application], visit: OfficeVisit, *, is_refusal: bool) -> list[dict[str, Any]]:
    """Will return what each application asks, in the words of its procedure, but for what is read by a right alone."""
    names: dict[int, dict[str, str]] = {}
    for version in {one.version_id: one.version for one in waiting}.values():
        given: dict[str, list[str]] = {}
        for one in waiting:
            if one.version_id == version.pk:
                given = merged(given, one.answers)
        names[version.pk] = names_of(version.definition, given, visit.authority)
    rows = []
    for one in waiting:
        definition = one.version.definition
        values = values_of(definition, one.answers, hidden=frozenset(secret_fields(definition)))
        why = None if is_refusal else against_accepting_together(definition)
        sent_on = one.submitted_at.astimezone(visit.authority.zone).date() if one.submitted_at else visit.today
        rows.append(
            {
                "number": wording.number(one.number),
                "family": one.family.name,
                "children": listed([told.child.first_name for told in one.children.all()]),
                "received": wording.waited(sent_on, visit.today),
                "asked": filled_text(definition, values, names[one.version_id]),
                "pieces": wording.pieces(one.pieces),  # type: ignore[attr-defined]  # annotated by `_ticked`
                "is_incomplete": one.state == State.INCOMPLETE,
                "why_not": why.value if why else "",
                "url": url_of(visit, "office_application", one),
            }
        )
    return rows
