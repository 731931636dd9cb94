"""The profile, in three tabs: changed by the family, accepted by the town hall first, or asked of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.billing.operations.payers import receive_invoices
from marelle.domain.billing.queries.accounts import deliveries_of
from marelle.domain.families.models import FamilyQuotient, Guardian, ProposedChange
from marelle.domain.families.operations.profile import (
    NotThisWayError,
    UnableToChangeError,
    change_profile,
    withdraw_change,
)
from marelle.domain.families.queries import children_of, quotients_of
from marelle.domain.families.queries.addresses import coming_address_changes
from marelle.domain.families.queries.photos import photo_names, photo_text
from marelle.domain.families.queries.profile import (
    decided_changes_of,
    health_of_children,
    is_confirmation_due,
    values_of,
    waiting_changes_of,
    waiting_elsewhere,
    ways_at,
)
from marelle.domain.families.rules.health import is_lapsed
from marelle.domain.families.rules.profile import FIELDS, Subject, Way, fields_of
from marelle.domain.families.rules.profile import in_words as value_in_words
from marelle.domain.families.rules.quotients import in_words, quotient_on
from marelle.domain.reservations.queries.custody import shared_children
from marelle.foundation.french_dates import in_digits, in_full
from marelle.web.components.controls import Choice
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.custody.links import custody_links
from marelle.web.family.profile import wording
from marelle.web.family.profile.forms import DeliveryForm, FileForm
from marelle.web.family.surroundings import family_context
from marelle.web.family_addresses import address_for
from marelle.web.photos import PhotoForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.authorities.models import Regie
    from marelle.domain.families.models import Child, ConsentText, HealthRecord
    from marelle.web.doors import FamilyVisit

OK, REFUSED = 200, 422
SHOWN_ANSWERS = 5


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change that was asked: of what, from what to what, when, and what was answered."""

    title: str
    old: str
    new: str
    day: str
    reason: str
    is_approved: bool
    withdraw_url: str


@dataclass(frozen=True, slots=True)
class ChildView:
    """A child's card: what is only read, and the form of what may be changed."""

    name: str
    animal: str
    chalk: str
    facts: tuple[tuple[str, str], ...]
    form: FileForm | None
    url: str
    is_open: bool
    photo: str = ""
    photo_text: str = ""
    photo_form: PhotoForm | None = None
    photo_url: str = ""
    remove_photo_url: str = ""
    is_picturing: bool = False
    is_waiting_elsewhere: bool = False


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def family(request: HttpRequest) -> HttpResponse:
    """Will show the family's file; a POST changes it, or asks the town hall to."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    rows = {Subject.FAMILY: visit.family}
    form, facts = _form_and_facts(request, visit, rows)
    if request.method == "POST" and form is not None and form.is_valid():
        answer = _change(request, visit, form, tab="profile")
        if answer:
            return answer
    return _home(request, visit, form, facts)


@family_page
@require_POST
def delivery(request: HttpRequest) -> HttpResponse:
    """Will note how the family receives the invoices of a régie."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    regies = {regie.code: regie for regie, _way in deliveries_of(visit.family)}
    regie = regies.get(request.POST.get("regie", ""))
    refused = DeliveryForm(request.POST, auto_id=_ids_of(regie) if regie else "id_%s")
    if regie is None or not refused.is_valid():
        form, facts = _form_and_facts(request, visit, {Subject.FAMILY: visit.family}, is_sent=False)
        return _home(request, visit, form, facts, refused=refused)
    receive_invoices(visit.family, regie, delivery=refused.cleaned_data["delivery"], by=visit.actor, at=visit.at)
    messages.success(request, str(wording.DELIVERY_CHOSEN))
    return HttpResponseRedirect(reverse("profile", args=[visit.authority.slug]))


def _ids_of(regie: Regie) -> str:
    return f"envoi-{regie.pk}-%s"


def _home(
    request: HttpRequest,
    visit: FamilyVisit,
    form: FileForm | None,
    facts: list[tuple[str, str]],
    *,
    refused: DeliveryForm | None = None,
) -> HttpResponse:
    others = [
        (one.authority.name, address_for("news", one, visit.memberships))
        for one in visit.memberships
        if one.authority_id != visit.authority.pk
    ]
    deliveries = [
        {
            "regie": regie.name,
            "form": refused
            if refused is not None and refused.data.get("regie") == regie.code
            else DeliveryForm(initial={"regie": regie.code, "delivery": way}, auto_id=_ids_of(regie)),
        }
        for regie, way in deliveries_of(visit.family)
    ]
    is_refused = refused is not None
    is_shown = any(one["form"] is refused for one in deliveries)
    return _page(
        request,
        visit,
        "profile",
        form=form,
        facts=facts,
        others=others,
        login=visit.user.email,
        code=visit.family.code,
        quotient=_quotient(visit),
        quotient_url=_quotient_url(visit),
        coming_addresses=[
            (wording.COMING_ADDRESS.format(day=in_full(one.starts_on, year=True)), one.address)
            for one in coming_address_changes(visit.family.pk)
        ],
        deliveries=deliveries,
        is_refused=is_refused,
        problem=wording.NO_REGIE if is_refused and not is_shown else "",
        is_due=is_confirmation_due(visit.authority.pk, visit.family.pk, on=visit.today),
    )


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def guardians(request: HttpRequest) -> HttpResponse:
    """Will show the guardians; a POST changes the one who is signed in."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    form, facts = _form_and_facts(request, visit, {Subject.GUARDIAN: visit.guardian})
    if request.method == "POST" and form is not None and form.is_valid():
        answer = _change(request, visit, form, tab="profile_guardians", guardian=visit.guardian)
        if answer:
            return answer
    others = Guardian.objects.filter(family=visit.family).exclude(pk=visit.guardian.pk).order_by("last_name", "pk")
    return _page(request, visit, "profile_guardians", form=form, facts=facts, me=visit.guardian, guardians=list(others))


@family_page
@require_safe
def children(request: HttpRequest) -> HttpResponse:
    """Will show the children, with what is known of their health."""
    return children_page(request)


@family_page
@require_POST
def child(request: HttpRequest, child: str) -> HttpResponse:
    """Will ask the town hall to change what it keeps of a child."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    found = children_of(visit.family.pk, on=visit.today).filter(public_id=child).first()
    if found is None:
        raise Http404
    rows = {Subject.CHILD: found, Subject.HEALTH: health_of_children([found]).get(found.pk)}
    form, _facts = _form_and_facts(request, visit, rows, child=found)
    if form is not None and form.is_valid():
        answer = _change(request, visit, form, tab="profile_children", child=found)
        if answer:
            return answer
    return children_page(request, refused=(found.pk, form), status=409 if form and form.is_of_two else 200)


@family_page
@require_POST
def withdraw(request: HttpRequest, change: str) -> HttpResponse:
    """Will take back a change that was asked."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    found = get_object_or_404(ProposedChange, family=visit.family, public_id=change)
    if withdraw_change(found, by=visit.actor, at=visit.at):
        messages.success(request, str(wording.CHANGE_WITHDRAWN))
    else:
        messages.warning(request, str(wording.ALREADY_ANSWERED))
    return HttpResponseRedirect(reverse("profile", args=[visit.authority.slug]), status=303)


def children_page(
    request: HttpRequest,
    *,
    refused: tuple[int, FileForm | None] | None = None,
    picturing: tuple[int, PhotoForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Will show the children; with what was refused of one (key): its form, or its photo's, answered with `status`."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    found = list(children_of(visit.family.pk, on=visit.today).select_related("school_class__facility"))
    health = health_of_children(found)
    ways = ways_at(visit.authority.pk)
    waiting = _waiting(visit)
    keys = [one.pk for one in found]
    photos, text = photo_names(keys), photo_text()
    elsewhere = waiting_elsewhere(visit.family.pk, keys)
    views = []
    for one in found:
        rows = {Subject.CHILD: one, Subject.HEALTH: health.get(one.pk)}
        form = _form(None, visit, rows, ways=ways, waiting=waiting, child=one)
        is_refused = refused is not None and refused[0] == one.pk
        if is_refused and refused is not None:
            form = refused[1]
        views.append(
            replace(
                _child_view(one, visit, health.get(one.pk), form, is_open=is_refused),
                is_waiting_elsewhere=one.pk in elsewhere,
                **_photo(one, visit, photos.get(one.pk, ""), text, picturing),
            )
        )
    return _page(
        request,
        visit,
        "profile_children",
        custody=custody_links(visit, shared_children(visit.family.pk, on=visit.today)),
        children=views,
        form=refused[1] if refused else None,
        waiting=waiting,
        status=status,
    )


def _photo(
    child: Child, visit: FamilyVisit, name: str, text: ConsentText | None, picturing: tuple[int, PhotoForm] | None
) -> dict[str, Any]:
    """Will return what the card of a child says of its photo; no form where the authority keeps none."""
    at = [visit.authority.slug, child.public_id]
    is_refused = picturing is not None and picturing[0] == child.pk
    form = PhotoForm(words=str(wording.PHOTO_AGREED), auto_id=f"photo-{child.public_id}-%s")
    return {
        "photo": reverse("family_child_photo", args=[visit.authority.slug, name]) if name else "",
        "photo_text": text.body if text is not None else "",
        "photo_form": None if text is None else picturing[1] if is_refused and picturing is not None else form,
        "photo_url": reverse("profile_child_photo", args=at),
        "remove_photo_url": reverse("profile_remove_photo", args=at),
        "is_picturing": is_refused,
    }


def _form_and_facts(
    request: HttpRequest,
    visit: FamilyVisit,
    rows: Mapping[Subject, Any],
    *,
    child: Child | None = None,
    is_sent: bool = True,
) -> tuple[FileForm | None, list[tuple[str, str]]]:
    """Will return the form of what may be changed (None: nothing may), and what is only read.

    `is_sent`: what was posted, if anything was, is this form's.
    """
    ways = ways_at(visit.authority.pk)
    sent = request.POST if is_sent and request.method == "POST" else None
    form = _form(sent, visit, rows, ways=ways, waiting=_waiting(visit), child=child)
    current = values_of(rows)
    facts = [
        (field.label, value_in_words(field, current[code]))
        for code, field in fields_of(*rows).items()
        if ways[code] is Way.REQUEST
    ]
    return form, facts


def _form(
    sent: Any,
    visit: FamilyVisit,
    rows: Mapping[Subject, Any],
    *,
    ways: Mapping[str, Way],
    waiting: list[ProposedChange],
    child: Child | None = None,
) -> FileForm | None:
    fields = fields_of(*rows)
    if all(ways[code] is Way.REQUEST for code in fields):
        return None
    guardian = rows.get(Subject.GUARDIAN)
    mine = {
        change.field: change
        for change in waiting
        if change.guardian_id == (guardian.pk if guardian else None)
        and change.child_id == (child.pk if child else None)
    }
    return FileForm(
        sent,
        fields=fields,
        ways=ways,
        current=values_of(rows),
        waiting=mine,
        today=visit.today,
        auto_id=f"{child.public_id}-%s" if child else "id_%s",
    )


def _waiting(visit: FamilyVisit) -> list[ProposedChange]:
    return list(waiting_changes_of(visit.family.pk).select_related("guardian", "child"))


def _change(
    request: HttpRequest,
    visit: FamilyVisit,
    form: FileForm,
    *,
    tab: str,
    guardian: Guardian | None = None,
    child: Child | None = None,
) -> HttpResponse | None:
    """Will record a valid form and return the answer; None when it was refused after all, and the form says why."""
    try:
        changed = change_profile(
            visit.family,
            form.wanted,
            guardian=guardian,
            child=child,
            seen=form.seen,
            by=visit.actor,
            at=visit.at,
        )
    except NotThisWayError:
        form.add_error(None, str(wording.ON_REQUEST_ONLY))
        return None
    except UnableToChangeError as error:
        form.say(error.faults)
        return None
    if changed.at_once:
        messages.success(request, str(wording.RECORDED))
    if changed.proposed:
        fields = ", ".join(FIELDS[code].label for code in changed.proposed)
        messages.success(request, wording.PROPOSED.format(fields=fields))
    if not changed:
        messages.success(request, str(wording.UNCHANGED))
    return HttpResponseRedirect(reverse(tab, args=[visit.authority.slug]))


def _quotient(visit: FamilyVisit) -> dict[str, Any]:
    """Will say which quotient counts today and whence the town hall knows it."""
    counting = quotient_on(visit.today, quotients_of([visit.family.pk])[visit.family.pk])
    if counting is None:
        return {"value": wording.NO_QUOTIENT}
    given_by = wording.GIVEN_BY.get(counting.provider, wording.GIVEN_BY_ONE_OF_THEM)
    is_given = counting.source == FamilyQuotient.Source.API
    return {
        "value": in_words(counting.value_cents),
        "since": in_digits(counting.valid_from),
        "words": wording.QUOTIENT_GIVEN.format(given_by=given_by) if is_given else wording.QUOTIENT_KEPT,
    }


def _quotient_url(visit: FamilyVisit) -> str:
    """Will return where the quotient is asked by FranceConnect, on the account site; empty where it cannot be."""
    if settings.QUOTIENT_BY_FRANCECONNECT is None:
        return ""
    path = reverse("quotient_by_franceconnect", urlconf="marelle.config.urls_account")
    return f"{settings.ACCOUNT_URL}{path}?famille={visit.family.public_id}"


def _page(request: HttpRequest, visit: FamilyVisit, tab: str, *, status: int = 200, **more: Any) -> HttpResponse:
    tabs = [
        Choice(str(label), reverse(name, args=[visit.authority.slug]), is_current=name == tab)
        for name, label in wording.TABS
    ]
    form = more.get("form")
    is_refused = more.get("is_refused") or bool(form and form.errors)
    waiting = more.pop("waiting", None)
    answers = decided_changes_of(visit.family.pk, most=SHOWN_ANSWERS).select_related("guardian", "child")
    context = family_context(
        visit,
        "profile",
        tab=tab,
        tabs=tabs,
        contact=contact_view(visit.authority),
        changes=[_change_view(one, visit) for one in (_waiting(visit) if waiting is None else waiting)],
        answers=[_change_view(one, visit) for one in answers],
        **more,
    )
    return render(
        request, "family/profile/page.html", context, status=REFUSED if is_refused and status == OK else status
    )


def _change_view(change: ProposedChange, visit: FamilyVisit) -> ChangeView:
    field = FIELDS[change.field]
    who = change.guardian.first_name if change.guardian else change.child.first_name if change.child else ""
    when = change.decided_at or change.proposed_at
    return ChangeView(
        title=f"{field.label}, {who}" if who else field.label,
        old=value_in_words(field, change.old),
        new=value_in_words(field, change.new),
        day=in_full(when.astimezone(visit.authority.zone).date()),
        reason=change.reason,
        is_approved=change.state == ProposedChange.State.APPROVED,
        withdraw_url=reverse("profile_withdraw", args=[visit.authority.slug, change.public_id]),
    )


def _child_view(
    child: Child, visit: FamilyVisit, health: HealthRecord | None, form: FileForm | None, *, is_open: bool
) -> ChildView:
    at_school = child.school_class
    current = values_of({Subject.CHILD: child, Subject.HEALTH: health})
    nothing = {"child_diet": wording.NO_DIET, "child_allergies": wording.NO_ALLERGY}
    facts = [
        (field.label, value_in_words(field, current[code]) if current[code] else str(nothing.get(code, "")))
        for code, field in fields_of(Subject.CHILD, Subject.HEALTH).items()
        if code not in {"child_first_name", "child_last_name"}
    ]
    facts.insert(1, ("Classe", f"{at_school.name}, {at_school.facility.name}" if at_school else "Non renseignée"))
    if health is not None and health.care_plan:
        facts.append(("Projet d’accueil individualisé", health.care_plan))
        if health.care_plan_until is not None:
            day = in_full(health.care_plan_until, year=True)
            is_past = is_lapsed(health.care_plan_until, on=visit.today)
            facts.append(("Valable jusqu’au", wording.CARE_PLAN_LAPSED.format(day=day) if is_past else day))
    return ChildView(
        name=child.full_name,
        animal=child.animal,
        chalk=child.chalk,
        facts=tuple(facts),
        form=form,
        url=reverse("profile_child", args=[visit.authority.slug, child.public_id]),
        is_open=is_open,
    )
