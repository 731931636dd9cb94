"""Finding a family as one types: its people, its reach, its number; an invoice and an application by theirs."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from marelle.domain.billing.queries.finding import invoices_named
from marelle.domain.billing.queries.review import is_billing_for
from marelle.domain.families.queries.health import care_plans_ending
from marelle.domain.families.queries.profile import waiting_changes
from marelle.domain.procedures.queries.applications import applications_within
from marelle.domain.reservations.queries.families import families_named, families_within
from marelle.foundation.french_dates import in_digits
from marelle.web.doors import office_page
from marelle.web.office.families import wording
from marelle.web.office.families.forms import SearchForm
from marelle.web.office.need_to_know import whose_health
from marelle.web.office.surroundings import ROLES, office_context, reach
from marelle.web.office.ways_in.guardians import waiting_requests
from marelle.web.readings import notes_readings, reads_health

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.families.models import Family
    from marelle.web.doors import OfficeVisit

SHOWN_FAMILIES: Final = 20
RENEWED_WITHIN: Final = 60  # days: the time that a doctor and a school need
LONGEST_NUMBER: Final = 9


@require_safe
@office_page(ROLES.READ_FAMILIES)
@notes_readings
def search(request: HttpRequest) -> HttpResponse:
    """Will show the families that bear what is typed; asked by a script, what was found alone."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    is_asked = "nom" in request.GET
    form = SearchForm(request.GET if is_asked else None)
    is_good = is_asked and form.is_valid()
    found = _found(form.cleaned_data["nom"], visit) if is_good else {"is_asked": False}
    if request.headers.get("HX-Request") == "true":
        return render(request, "office/families/found.html", found)
    more = {} if is_good else _to_do(request)
    page = office_context(visit, "office_families", form=form, search_url="", **found, **{**_NOTHING_TO_DO, **more})
    status = HTTPStatus.BAD_REQUEST if is_asked and not is_good else HTTPStatus.OK
    return render(request, "office/families/page.html", page, status=status)


_NOTHING_TO_DO: Final[dict[str, Any]] = {"waiting": 0, "changes": 0, "renewals": []}


def _found(typed: str, visit: OfficeVisit) -> dict[str, Any]:
    """Will return what was found, each kind only to whom its page is open."""
    within = reach(visit, ROLES.READ_FAMILIES)
    found = families_named(typed, authority=visit.authority.pk, reach=within, most=SHOWN_FAMILIES)
    return {
        "is_asked": True,
        "sentence": wording.found(len(found.families), is_whole=found.is_whole),
        "families": [
            {
                "url": address_of(visit, "office_family", family),
                "name": family.name,
                "code": family.code,
                "people": ", ".join(
                    f"{person.first_name} {person.last_name}"
                    for person in sorted(family.guardians.all(), key=lambda person: person.pk)
                ),
                "children": ", ".join(_children_names(family, visit)),
            }
            for family in found.families
        ],
        "invoices": _invoices(typed, visit),
        "applications": _applications(typed, visit),
    }


def _invoices(typed: str, visit: OfficeVisit) -> list[dict[str, str]]:
    if not visit.may(ROLES.MANAGE_BILLING) or not is_billing_for(visit.agent):
        return []
    return [
        {
            "url": reverse("office_invoice", kwargs={"authority": visit.authority.slug, "invoice": one.public_id}),
            "number": one.number,
            "words": f"{one.payer_name}, {one.label}",
        }
        for one in invoices_named(typed)
    ]


def _applications(typed: str, visit: OfficeVisit) -> list[dict[str, str]]:
    number = typed.strip().lower().removeprefix("n°").strip()
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER):
        return []
    return [
        {
            "url": reverse(
                "office_application", kwargs={"authority": visit.authority.slug, "application": one.public_id}
            ),
            "number": f"n° {one.number}",
            "words": f"{one.version.title}, famille {one.family.name}" if one.family else one.version.title,
        }
        for one in applications_within(visit.roles).filter(number=int(number))
    ]


def _to_do(request: HttpRequest) -> dict[str, Any]:
    """Will return what waits for the agent among her families."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    to_do: dict[str, Any] = {"renewals": _care_plans_to_renew(request)}
    if visit.may(ROLES.MANAGE_RESERVATIONS):
        within = families_within(reach(visit, ROLES.MANAGE_RESERVATIONS))
        to_do |= {"waiting": waiting_requests(visit), "changes": waiting_changes(within).count()}
    return to_do


def _care_plans_to_renew(request: HttpRequest) -> list[dict[str, str]]:
    """Will return the care plans that end, or ended, of the children whose health the agent must know."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    if not visit.may(ROLES.SEE_HEALTH):
        return []
    ending = care_plans_ending(visit.authority.pk, on=visit.today, within_days=RENEWED_WITHIN)
    keys = [one.child.pk for one in ending]
    known = whose_health(visit, keys)
    reads_health(request, known)
    return [
        {
            "url": address_of(visit, "office_family", one.family),
            "child": one.child.full_name,
            "words": wording.care_plan_ends(one.until, today=visit.today),
        }
        for one in ending
        if one.child.pk in known
    ]


def _children_names(family: Family, visit: OfficeVisit) -> list[str]:
    present = {
        custody.child.pk: custody.child
        for custody in family.custodies.all()
        if custody.starts_on <= visit.today and (custody.ends_on is None or custody.ends_on >= visit.today)
    }
    children = sorted(present.values(), key=lambda child: (child.birth_date, child.pk))
    return [f"{child.first_name} ({in_digits(child.birth_date)})" for child in children]


def address_of(visit: OfficeVisit, name: str, family: Family) -> str:
    """Will return the address `name` of a family."""
    return reverse(name, kwargs={"authority": visit.authority.slug, "family": family.public_id})
