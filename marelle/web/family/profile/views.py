"""The profile, in three tabs: what the family may change by itself, and what is asked of the town hall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.billing.operations.payers import receive_invoices
from marelle.domain.billing.queries.accounts import deliveries_of
from marelle.domain.families.models import FamilyQuotient, Guardian, HealthRecord
from marelle.domain.families.operations.contact import change_contact_details
from marelle.domain.families.queries import children_of, quotients_of
from marelle.domain.families.rules.quotients import in_words, quotient_on
from marelle.foundation.french_dates import in_digits
from marelle.web.components.controls import Choice
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.profile import wording
from marelle.web.family.profile.forms import ContactForm, DeliveryForm
from marelle.web.family.surroundings import family_context
from marelle.web.family_addresses import address_for

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.authorities.models import Regie
    from marelle.domain.families.models import Child, Family
    from marelle.web.doors import FamilyVisit

REFUSED = 422


@dataclass(frozen=True, slots=True)
class ChildView:
    """A child's card."""

    name: str
    animal: str
    chalk: str
    birth: str
    school_class: str
    diet: str
    allergies: str
    care_plan: str


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def family(request: HttpRequest) -> HttpResponse:
    """Will show the family's file; a POST changes its contact details."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    form, answer = _contact_form(request, visit, visit.family, "profile")
    return answer or _home(request, visit, form)


@family_page
@require_POST
def delivery(request: HttpRequest) -> HttpResponse:
    """Will note how the family receives the invoices of a régie."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    regies = {regie.code: regie for regie, _way in deliveries_of(visit.family)}
    regie = regies.get(request.POST.get("regie", ""))
    form = DeliveryForm(request.POST, auto_id=_ids_of(regie) if regie else "id_%s")
    if regie is None or not form.is_valid():
        contact = ContactForm(initial={"email": visit.family.email, "phone": visit.family.phone})
        return _home(request, visit, contact, refused=form)
    receive_invoices(visit.family, regie, delivery=form.cleaned_data["delivery"], by=visit.actor, at=visit.at)
    messages.success(request, str(wording.DELIVERY_CHOSEN))
    return HttpResponseRedirect(reverse("profile", args=[visit.authority.slug]))


def _ids_of(regie: Regie) -> str:
    return f"envoi-{regie.pk}-%s"


def _home(
    request: HttpRequest, visit: FamilyVisit, form: ContactForm, *, refused: DeliveryForm | None = None
) -> HttpResponse:
    others = [
        (one.authority.name, address_for("news", one, visit.memberships))
        for one in visit.memberships
        if one.authority_id != visit.authority.pk
    ]
    facts = {"family": visit.family, "login": visit.user.email, "quotient": _quotient(visit)}
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
        others=others,
        deliveries=deliveries,
        is_refused=is_refused,
        problem=wording.NO_REGIE if is_refused and not is_shown else "",
        **facts,
    )


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def guardians(request: HttpRequest) -> HttpResponse:
    """Will show the guardians; a POST changes the contact details of the one who is signed in."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    form, answer = _contact_form(request, visit, visit.guardian, "profile_guardians")
    if answer:
        return answer
    others = Guardian.objects.filter(family=visit.family).exclude(pk=visit.guardian.pk).order_by("last_name", "pk")
    return _page(request, visit, "profile_guardians", form=form, me=visit.guardian, guardians=list(others))


@family_page
@require_safe
def children(request: HttpRequest) -> HttpResponse:
    """Will show the children, with what is known of their health."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    found = list(children_of(visit.family.pk, on=visit.today).select_related("school_class__facility"))
    health = {record.child_id: record for record in HealthRecord.objects.filter(child__in=found)}
    views = [_child_view(child, health.get(child.pk)) for child in found]
    return _page(request, visit, "profile_children", children=views)


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


def _contact_form(
    request: HttpRequest, visit: FamilyVisit, who: Family | Guardian, tab: str
) -> tuple[ContactForm, HttpResponse | None]:
    """Will return the form to show, and the answer when what was sent is recorded."""
    if request.method != "POST":
        return ContactForm(initial={"email": who.email, "phone": who.phone}), None
    form = ContactForm(request.POST)
    if not form.is_valid():
        return form, None
    changed = change_contact_details(
        who, email=form.cleaned_data["email"], phone=form.cleaned_data["phone"], by=visit.actor, at=visit.at
    )
    messages.success(request, str(wording.RECORDED if changed else wording.UNCHANGED))
    return form, HttpResponseRedirect(reverse(tab, args=[visit.authority.slug]))


def _page(request: HttpRequest, visit: FamilyVisit, tab: str, **more: Any) -> HttpResponse:
    tabs = [
        Choice(str(label), reverse(name, args=[visit.authority.slug]), is_current=name == tab)
        for name, label in wording.TABS
    ]
    form = more.get("form")
    context = family_context(visit, "profile", tab=tab, tabs=tabs, contact=contact_view(visit.authority), **more)
    return render(
        request,
        "family/profile/page.html",
        context,
        status=REFUSED if more.get("is_refused") or (form and form.errors) else 200,
    )


def _child_view(child: Child, health: HealthRecord | None) -> ChildView:
    at_school = child.school_class
    return ChildView(
        name=child.full_name,
        animal=child.animal,
        chalk=child.chalk,
        birth=in_digits(child.birth_date),
        school_class=f"{at_school.name}, {at_school.facility.name}" if at_school else "",
        diet=(health.diet if health else "") or str(wording.NO_DIET),
        allergies=(health.allergies if health else "") or str(wording.NO_ALLERGY),
        care_plan=health.care_plan if health else "",
    )
