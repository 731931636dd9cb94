"""The changes that families ask for: old and new beside each other, who asked, when; approve or refuse."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.accounts.queries import accounts_now
from marelle.domain.families.models import Membership, ProposedChange
from marelle.domain.families.operations.profile import UnableToDecideError, decide_change
from marelle.domain.families.queries.profile import current_values, waiting_changes
from marelle.domain.families.rules.profile import FIELDS, Standing, Subject, standing_of
from marelle.domain.families.rules.profile import in_words as value_in_words
from marelle.domain.reservations.queries.families import families_within
from marelle.foundation.french_dates import moment
from marelle.web.doors import office_page
from marelle.web.office.need_to_know import changes_known, whose_health
from marelle.web.office.profile_changes import wording
from marelle.web.office.profile_changes.forms import AnswerForm
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of
from marelle.web.office.together import page_of, ticking
from marelle.web.readings import notes_readings, reads_health
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit


@dataclass(frozen=True, slots=True)
class ChangeCard:
    """A change to answer."""

    key: str
    title: str
    family: str
    family_url: str
    who: str
    when: str
    old: str
    new: str
    is_stale: bool
    note: str
    form: AnswerForm
    url: str
    is_refusing: bool


@require_safe
@office_page(ROLES.MANAGE_RESERVATIONS)
@notes_readings
def changes(request: HttpRequest) -> HttpResponse:
    """Will show what waits for an answer, the oldest first."""
    return _page(request)


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
@notes_readings
def decide(request: HttpRequest, change: str) -> HttpResponse:
    """Will approve or refuse a change."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    within = families_within(reach(visit, ROLES.MANAGE_RESERVATIONS))
    found = get_object_or_404(
        ProposedChange.objects.select_related("family", "guardian", "child"), public_id=change, family__in=within
    )
    if not _known(visit, [found]):
        raise Http404
    form = AnswerForm(request.POST, auto_id=f"{found.public_id}-%s")
    if not form.is_valid():
        return _page(request, refused=(found.pk, form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    is_approved = form.cleaned_data["answer"] == "approve"
    try:
        is_new = decide_change(
            found, is_approved=is_approved, reason=form.cleaned_data["reason"], by=visit.actor, at=visit.at
        )
    except UnableToDecideError as error:
        return _page(request, refused=(found.pk, form), problem=wording.WHY_NOT[error.why], status=HTTPStatus.CONFLICT)
    if is_new:
        words = wording.APPROVED if is_approved else wording.REFUSED
        said = words.format(title=FIELDS[found.field].label, family=found.family.name)
        messages.success(request, said, extra_tags="green")
    else:
        messages.success(request, wording.ALREADY, extra_tags="blue")
    return SeeOther(reverse("office_profile_changes", kwargs={"authority": visit.authority.slug}))


def _page(
    request: HttpRequest,
    *,
    refused: tuple[int, AnswerForm] | None = None,
    problem: tuple[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    every = waiting_changes(families_within(reach(visit, ROLES.MANAGE_RESERVATIONS)))
    shown = page_of(request, every.filter(changes_known(visit)))
    reads_health(request, health_in(shown.object_list))
    context = {
        **ticking(request, shown),
        "cards": change_cards(list(shown.object_list), visit, refused=refused),
        "together_url": url_of(visit, "office_changes_together"),
        "secret": wording.secret_changes(every.count() - shown.paginator.count),
        "problem": problem,
        "may_administer": visit.may(ROLES.ADMINISTER),
    }
    page = office_context(visit, "office_profile_changes", **context)
    return render(request, "office/profile_changes/page.html", page, status=status)


def change_cards(
    changes: Sequence[ProposedChange], visit: OfficeVisit, *, refused: tuple[int, AnswerForm] | None = None
) -> list[ChangeCard]:
    """Will return the cards of these changes; `refused` is the answer to one (key) that did not pass."""
    current = current_values(changes)
    # An account that was merged into another since asks by that one.
    asked = accounts_now({one.proposed_by_id for one in changes if one.proposed_by_id})
    # The accounts have no name: the guardian for whom each one acts has.
    people = {
        (one.user_id, one.family_id): f"{one.guardian.first_name} {one.guardian.last_name}"
        for one in Membership.objects.filter(user__in=asked.values()).select_related("guardian")
    }
    return [
        _card(
            one, visit, current[one.pk], people.get((asked.get(one.proposed_by_id or 0, 0), one.family_id), ""), refused
        )
        for one in changes
    ]


def health_in(changes: Iterable[ProposedChange]) -> set[int]:
    """Will return the children (keys) of whose health these changes speak."""
    return {one.child_id for one in changes if _is_health(one) and one.child_id}


def _is_health(change: ProposedChange) -> bool:
    return FIELDS[change.field].subject is Subject.HEALTH


def _known(visit: OfficeVisit, changes: Sequence[ProposedChange]) -> list[ProposedChange]:
    """Will leave out the changes of what is known of the health of a child that is not the agent's to know."""
    known = whose_health(visit, health_in(changes))
    return [one for one in changes if not _is_health(one) or one.child_id in known]


def _card(
    change: ProposedChange, visit: OfficeVisit, current: str, who: str, refused: tuple[int, AnswerForm] | None
) -> ChangeCard:
    field = FIELDS[change.field]
    at = {"authority": visit.authority.slug}
    whose = change.guardian or change.child
    standing = standing_of(old=change.old, new=change.new, current=current)
    notes = {
        Standing.STALE: wording.STALE.format(current=value_in_words(field, current)),
        Standing.ALREADY_SO: wording.ALREADY_SO,
    }
    is_refused = refused is not None and refused[0] == change.pk
    return ChangeCard(
        key=change.public_id,
        title=f"{field.label}, {whose.first_name} {whose.last_name}" if whose else field.label,
        family=change.family.name,
        family_url=reverse("office_family", kwargs={**at, "family": change.family.public_id}),
        who=who,
        when=moment(change.proposed_at.astimezone(visit.authority.zone)),
        old=value_in_words(field, change.old),
        new=value_in_words(field, change.new),
        is_stale=standing is Standing.STALE,
        note=notes.get(standing, ""),
        form=refused[1] if is_refused and refused else AnswerForm(auto_id=f"{change.public_id}-%s"),
        url=reverse("office_decide_change", kwargs={**at, "change": change.public_id}),
        is_refusing=is_refused or standing is Standing.STALE,
    )
