"""Persons allowed to fetch the children."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.families.models import PickupPerson
from marelle.domain.families.operations.pickups import UnableToAllowPickupError, allow_pickup, end_pickup
from marelle.domain.families.queries import children_of
from marelle.domain.families.queries.profile import pickups_of, pickups_of_other_homes, ways_at
from marelle.domain.families.rules.phone_numbers import held_together
from marelle.domain.families.rules.profile import Way
from marelle.foundation.french_dates import in_digits, listed
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.profile import wording
from marelle.web.family.profile.forms import PickupForm
from marelle.web.family.surroundings import family_context

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.families.queries.profile import OtherPickup
    from marelle.web.doors import FamilyVisit


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Will show whom the homes of the children trust with them; a POST notes somebody."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    children = list(children_of(visit.family.pk, on=visit.today))
    if request.method != "POST":
        return _page(request, PickupForm(None, children=children, today=visit.today))
    form = PickupForm(request.POST, children=children, today=visit.today)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        person = allow_pickup(visit.family, form.wanted, by=visit.actor, at=visit.at)
    except UnableToAllowPickupError as error:
        form.say(error.faults)
        if not error.faults:
            form.add_error(None, str(wording.ON_REQUEST_ONLY))
        return _page(request, form, status=409)
    names = listed([form.known[key].first_name for key in form.cleaned_data["children"]])
    messages.success(request, wording.PICKUP_NOTED.format(name=person.name, children=names))
    return HttpResponseRedirect(reverse("profile_pickups", args=[visit.authority.slug]), status=303)


@family_page
@require_POST
def end(request: HttpRequest, pickup: str) -> HttpResponse:
    """Will end what somebody was allowed, from now on."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    person = get_object_or_404(PickupPerson, family=visit.family, public_id=pickup)
    if end_pickup(person, by=visit.actor, at=visit.at):
        messages.success(request, wording.PICKUP_ENDED.format(name=person.name))
    else:
        messages.warning(request, str(wording.PICKUP_ALREADY_ENDED))
    return HttpResponseRedirect(reverse("profile_pickups", args=[visit.authority.slug]), status=303)


def _page(request: HttpRequest, form: PickupForm, *, status: int = 200) -> HttpResponse:
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    people = [
        _view(person, visit)
        for person in pickups_of(visit.family.pk)
        if person.ends_on is None or person.ends_on >= visit.today
    ]
    context = family_context(
        visit,
        "profile",
        form=form,
        people=people,
        others=[
            _other_view(one, visit)
            for one in pickups_of_other_homes(
                visit.family.pk, [child.pk for child in form.known.values()], on=visit.today
            )
        ],
        may_add=ways_at(visit.authority.pk)["pickup"] is Way.AT_ONCE,
        has_children=bool(form.known),
        contact=contact_view(visit.authority),
        back_url=reverse("profile", args=[visit.authority.slug]),
    )
    return render(request, "family/profile/pickups.html", context, status=status)


def _other_view(person: OtherPickup, visit: FamilyVisit) -> dict[str, Any]:
    return {
        "name": person.name,
        "relation": person.relation,
        "children": listed(list(person.children)),
        "days": _days(person, visit),
    }


def _view(person: PickupPerson, visit: FamilyVisit) -> dict[str, Any]:
    return {
        "name": person.name,
        "relation": person.relation,
        "phone": held_together(person.phone),
        "children": listed(sorted(one.child.first_name for one in person.children.all())),
        "days": _days(person, visit),
        "end_url": reverse("profile_pickup_end", args=[visit.authority.slug, person.public_id]),
    }


def _days(person: PickupPerson | OtherPickup, visit: FamilyVisit) -> str:
    days = f"depuis le {in_digits(person.starts_on)}"
    if person.starts_on > visit.today:
        days = f"à partir du {in_digits(person.starts_on)}"
    if person.ends_on is not None:
        days = f"du {in_digits(person.starts_on)} au {in_digits(person.ends_on)}"
        if person.ends_on == person.starts_on:
            days = f"le {in_digits(person.starts_on)}"
    return days
