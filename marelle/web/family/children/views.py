"""Every child of every family of an account, at all its authorities; and the authorities that one may add."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from marelle.domain.authorities.queries import open_authorities
from marelle.domain.billing.queries.family_invoices import entitled, invoices_of
from marelle.domain.families.models import JoinRequest
from marelle.domain.families.queries import children_of_each
from marelle.domain.families.queries.joining import own_join_requests
from marelle.domain.reservations.queries.answers import cancellations_waiting
from marelle.domain.reservations.queries.custody import living_in_two_homes, waiting_proposals
from marelle.domain.reservations.queries.weeks import How, comings_of
from marelle.foundation import clock, tenancy
from marelle.foundation.french_dates import WEEKDAYS, day_number, in_full, moment, without_weekday
from marelle.foundation.money import in_euros
from marelle.foundation.periods import days_between, monday_of
from marelle.web.contacts import ContactView, contact_view
from marelle.web.doors import memberships_of_account, signed_in
from marelle.web.family.children import wording
from marelle.web.family.custody.links import what_is_asked
from marelle.web.family.surroundings import account_context
from marelle.web.family_addresses import address_for, is_one_of_several
from marelle.web.paying.invoices.rows import crest_of, row_of

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.billing.queries.family_invoices import FamilyInvoice
    from marelle.domain.families.models import Child, Membership
    from marelle.domain.reservations.models import CancellationRequest, CustodyProposal
    from marelle.domain.reservations.queries.weeks import Coming
    from marelle.web.paying.invoices.rows import Row

# The page where one who has a code, a link or neither joins an authority.
JOIN: Final = "join"
FURTHEST = timedelta(days=366)
SATURDAY = 5
SHOWN_AS: Final[dict[How, tuple[str, str]]] = {
    How.RESERVED: ("green", "check"),
    How.HELD: ("amber", "hourglass"),
    How.ASKED: ("amber", "hourglass"),
    How.ABSENT: ("quiet", "user-x"),
    How.WAITING: ("amber", "list-ordered"),
    How.OTHER_HOME: ("quiet", "check"),
}


@dataclass(frozen=True, slots=True)
class ComingView:
    """A product of a day: its name, where it stands, whether that is said to eyes too."""

    product: str
    how: str
    tone: str
    icon: str
    is_said: bool


@dataclass(frozen=True, slots=True)
class DayView:
    """A day of the week: « lundi 23 », and what is recorded."""

    weekday: str
    number: str
    is_today: bool
    comings: tuple[ComingView, ...]


@dataclass(frozen=True, slots=True)
class ChildView:
    """A child's week, the address of the child's calendar, and of that of its two homes, empty when it has one."""

    name: str
    animal: str
    chalk: str
    school_class: str
    days: tuple[DayView, ...]
    has_something: bool
    url: str
    custody_url: str


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A family at an authority, with its children."""

    authority: str
    family: str
    crest_url: str
    url: str
    children: tuple[ChildView, ...]


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """An invoice to pay: whose, and where it is explained and paid."""

    row: Row
    where: str
    url: str
    pay_url: str


@dataclass(frozen=True, slots=True)
class RequestView:
    """What the town hall has not answered yet."""

    what: str
    where: str
    asked: str
    url: str


@signed_in
@require_safe
def my_children(request: HttpRequest) -> HttpResponse:
    """Will show the week (`semaine`) of every child, what is to pay and what waits for an answer, everywhere at once.

    Thirteen statements, whatever the number of authorities, families and children.
    """
    places = memberships_of_account(request)
    if not places:
        return HttpResponseRedirect(reverse("home"))
    at = clock.business_now()
    today = {one.authority_id: at.astimezone(one.authority.zone).date() for one in places}
    this_week = monday_of(today[places[0].authority_id])
    monday = _monday(request.GET.get("semaine", ""), this_week)
    sunday = monday + timedelta(days=6)
    who = entitled(request.user.pk, places)  # type: ignore[arg-type]  # signed in
    with tenancy.scope(who.authorities):
        children = children_of_each(who.families, first=monday, last=sunday)
        keys = {family: {child.pk for child in each} for family, each in children.items()}
        comings = comings_of(keys, first=monday, last=sunday)
        invoices = [one for one in invoices_of(who, at=at) if one.standing.is_owed and not one.is_hidden]
        waiting = list(cancellations_waiting(who.families))
        asked = list(waiting_proposals(who.families, on=min(today.values())))
        shared = living_in_two_homes(
            {child.pk for each in children.values() for child in each}, on=min(today.values())
        )  # fmt: skip
    with tenancy.every_authority():
        joining = list(own_join_requests(request.user.pk).filter(state=JoinRequest.State.WAITING))  # type: ignore[arg-type]
    by_family = {one.family_id: one for one in places}
    here = reverse("my_children")
    days = f"du {without_weekday(monday)} au {without_weekday(sunday, year=True)}"
    context = {
        "places": [
            _place(one, places, children[one.family_id], comings, shared, monday=monday, today=today[one.authority_id])
            for one in places
        ],
        "week": f"Semaine {monday.isocalendar().week} {days}",
        "previous_url": f"{here}?semaine={monday - timedelta(days=7)}",
        "today_url": here,
        "next_url": f"{here}?semaine={monday + timedelta(days=7)}",
        "invoices": [_invoice(one, by_family, places) for one in invoices],
        "total": in_euros(sum(one.left_cents for one in invoices)),
        "requests": [
            *(_request(one, by_family[one.reservation.family_id], places) for one in waiting),
            *(_proposal(one, by_family, places) for one in asked),
            *(_joining(one) for one in joining),
        ],
        **account_context(places, current="my_children"),
    }
    return render(request, "family/children/page.html", context)


@signed_in
@require_safe
def add_authority(request: HttpRequest) -> HttpResponse:
    """Will list the authorities that use the service: those of the account, and how to join another."""
    places = memberships_of_account(request)
    mine = {one.authority_id for one in places}
    towns: list[tuple[ContactView, str]] = [
        (contact_view(one), _first_address(one.pk, places)) for one in open_authorities()
    ]
    context = {
        "towns": towns,
        "has_others": any(not url for _contact, url in towns),
        "login": request.user.email,  # type: ignore[union-attr]  # signed in
        "join_url": reverse(JOIN),
        "back_url": reverse("my_children") if mine else "",
        **account_context(places, current="add_authority"),
    }
    return render(request, "family/children/add.html", context)


def _first_address(authority: int, places: Sequence[Membership]) -> str:
    """Will return where the account is at home at `authority` (key), empty when it is not."""
    return next((address_for("news", one, places) for one in places if one.authority_id == authority), "")


def _monday(asked: str, this_week: date) -> date:
    """Will read the week of an address; what is unknown, or further than a year, is the present one."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        return this_week
    return monday_of(day) if abs(day - this_week) <= FURTHEST else this_week


def _place(
    place: Membership,
    places: Sequence[Membership],
    children: Sequence[Child],
    comings: Sequence[Coming],
    shared: Container[int],
    *,
    monday: date,
    today: date,
) -> PlaceView:
    calendar = address_for("calendar", place, places)
    return PlaceView(
        authority=place.authority.name,
        family=f"Famille {place.family.name}",
        crest_url=crest_of(place.authority),
        url=address_for("news", place, places),
        children=tuple(
            _child(
                child,
                [one for one in comings if one.child == child.pk and one.family == place.family_id],
                monday=monday,
                today=today,
                url=f"{calendar}?enfant={child.public_id}&semaine={monday}",
                custody_url=address_for("custody", place, places, child.public_id) if child.pk in shared else "",
            )
            for child in children
        ),
    )


def _child(
    child: Child, comings: Sequence[Coming], *, monday: date, today: date, url: str, custody_url: str
) -> ChildView:
    days = [
        DayView(
            weekday=WEEKDAYS[day.weekday()],
            number=day_number(day),
            is_today=day == today,
            comings=tuple(_coming(one) for one in comings if one.date == day),
        )
        for day in days_between(monday, monday + timedelta(days=6))
    ]
    # Saturday and Sunday are days like others where something is reserved, and nothing where nothing is.
    shown = [one for index, one in enumerate(days) if index < SATURDAY or one.comings]
    return ChildView(
        name=child.first_name,
        animal=child.animal,
        chalk=child.chalk,
        school_class=child.school_class.name if child.school_class is not None else "",
        days=tuple(shown),
        has_something=any(one.comings for one in days),
        url=url,
        custody_url=custody_url,
    )


def _coming(one: Coming) -> ComingView:
    tone, icon = SHOWN_AS[one.how]
    return ComingView(one.product, str(wording.HOW[one.how]), tone, icon, is_said=one.how is not How.RESERVED)


def _whose(place: Membership, places: Sequence[Membership]) -> str:
    name = place.authority.name
    return f"{name}, famille {place.family.name}" if is_one_of_several(place, places) else str(name)


def _invoice(one: FamilyInvoice, by_family: dict[int, Membership], places: Sequence[Membership]) -> InvoiceView:
    place = by_family[one.invoice.family_id]  # type: ignore[index]  # found by its family
    pay = address_for("invoices_pay", place, places)
    return InvoiceView(
        row=row_of(one),
        where=_whose(place, places),
        url=address_for("invoice", place, places, one.invoice.public_id),
        pay_url=f"{pay}?facture={one.invoice.public_id}" if one.can_be_chosen else "",
    )


def _request(one: CancellationRequest, place: Membership, places: Sequence[Membership]) -> RequestView:
    reservation = one.reservation
    return RequestView(
        what=str(wording.CANCELLATION).format(
            product=reservation.product.noun, child=reservation.child.first_name, day=in_full(reservation.date)
        ),
        where=_whose(place, places),
        asked=str(wording.ASKED_ON).format(when=_when(one.asked_at, place)),
        url=f"{address_for('requests', place, places)}#{one.public_id}",
    )


def _proposal(
    one: CustodyProposal, by_family: dict[int, Membership], places: Sequence[Membership]
) -> RequestView:  # fmt: skip
    is_ours = one.from_home_id in by_family
    place = by_family[one.from_home_id if is_ours else one.to_home_id]
    said = wording.CUSTODY_ASKED if is_ours else wording.CUSTODY_TO_ANSWER
    return RequestView(
        what=what_is_asked(one, place.family_id),
        where=_whose(place, places),
        asked=str(said).format(when=_when(one.asked_at, place)),
        url=address_for("custody_proposal", place, places, one.public_id),
    )


def _joining(one: JoinRequest) -> RequestView:
    return RequestView(
        what=str(wording.JOINING).format(child=f"{one.child_first_name} {one.child_last_name}"),
        where=one.authority.name,
        asked=str(wording.ASKED_ON).format(when=moment(one.asked_at.astimezone(one.authority.zone))),
        url=reverse(JOIN),
    )


def _when(at: datetime, place: Membership) -> str:
    return moment(at.astimezone(place.authority.zone))
