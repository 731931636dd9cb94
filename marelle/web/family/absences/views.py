"""Signaler une absence, once it is too late to cancel: one child, one product, one day."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.catalog.queries import offer_of
from marelle.domain.catalog.rules.articles import ABSENCES, articles_of
from marelle.domain.families.queries import children_of
from marelle.domain.reservations.models import Reservation
from marelle.domain.reservations.operations.absences import UnableToTellError, report_absence, withdraw_absence
from marelle.domain.reservations.operations.place_offers import (
    UnableToLetGoError,
    UnableToTakeBackError,
    let_go_place,
    take_back_place,
)
from marelle.domain.reservations.queries.absences import absences_of, readings_of
from marelle.domain.reservations.queries.planning import ChildFacts, read_planning
from marelle.domain.reservations.queries.waiting import let_go_by, rules_of
from marelle.domain.reservations.rules.absences import telling, withdrawing
from marelle.domain.reservations.rules.decisions import Booked, Wish
from marelle.domain.reservations.rules.sentences import (
    on_day,
    reading_sentence,
    told_sentence,
    untold_sentence,
)
from marelle.domain.reservations.rules.waiting import may_let_go
from marelle.web.components.avatars import AvatarView
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.absences import wording
from marelle.web.family.absences.forms import AbsenceForm
from marelle.web.family.squares_wanted import ForgedSquareError, read_square
from marelle.web.family.surroundings import family_context

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import Offer, ProductOffer
    from marelle.domain.families.models import Child
    from marelle.domain.reservations.models import Absence, FreedPlace
    from marelle.domain.reservations.queries.planning import DayKey
    from marelle.web.doors import FamilyVisit


class Asked(NamedTuple):
    """The square of the address: a child of this family, a product, a day."""

    key: DayKey
    child: Child
    product: ProductOffer
    offer: Offer


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def absence(request: HttpRequest, square: str) -> HttpResponse:
    """Will show what an absence of that day comes to; a POST records it."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    asked = _asked(visit, square)
    if request.method != "POST":
        return _page(request, asked, AbsenceForm())
    form = AbsenceForm(request.POST)
    if not form.is_valid():
        return _page(request, asked, form, status=422)
    try:
        told = report_absence(
            asked.child,
            key=asked.key,
            family=visit.family.pk,
            offer=asked.offer,
            cause=form.cleaned_data["cause"],
            words=form.cleaned_data["words"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToTellError:
        return _page(request, asked, form, status=409)
    said = told_sentence(told.told_at.astimezone(visit.authority.zone))
    messages.success(request, f"{wording.TOLD} {_day_of(asked)}. {said} {_comes_to(told, asked, visit)}")
    return HttpResponseRedirect(_week(asked, visit), status=303)


@family_page
@require_POST
def withdraw(request: HttpRequest, square: str) -> HttpResponse:
    """Will take back what was told."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    asked = _asked(visit, square)
    try:
        withdraw_absence(
            asked.child, key=asked.key, family=visit.family.pk, offer=asked.offer, by=visit.actor, at=visit.at
        )
    except UnableToTellError as error:
        return _page(request, asked, AbsenceForm(), refused=[untold_sentence(error.no)], status=409)
    messages.success(request, f"{wording.WITHDRAWN} {_day_of(asked)}.")
    return HttpResponseRedirect(_week(asked, visit), status=303)


@family_page
@require_POST
def let_go(request: HttpRequest, square: str) -> HttpResponse:
    """Will let the place of that day go to whoever waits for it."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    asked = _asked(visit, square)
    reservation = Reservation.objects.active().filter(
        child=asked.child, product=asked.key.product, date=asked.key.date, family=visit.family
    )
    try:
        let_go_place(reservation.get(), family=visit.family.pk, offer=asked.offer, by=visit.actor, at=visit.at)
    except (Reservation.DoesNotExist, UnableToLetGoError):
        return _page(
            request, asked, AbsenceForm(), refused=[(str(wording.NOT_LET_GO), str(wording.NOT_LET_GO_WHY))], status=409
        )
    messages.success(request, str(wording.LET_GO))
    return HttpResponseRedirect(_here(asked, visit), status=303)


@family_page
@require_POST
def take_back(request: HttpRequest, square: str) -> HttpResponse:
    """Will keep the place of that day after all."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    asked = _asked(visit, square)
    freed = _freed(asked, visit)
    try:
        is_back = freed is not None and bool(
            take_back_place(freed, family=visit.family.pk, by=visit.actor, at=visit.at)
        )
    except UnableToTakeBackError:
        is_back = False
    if not is_back:
        refused = [(str(wording.NOT_TAKEN_BACK), str(wording.NOT_TAKEN_BACK_WHY))]
        return _page(request, asked, AbsenceForm(), refused=refused, status=409)
    messages.success(request, str(wording.TAKEN_BACK))
    return HttpResponseRedirect(_here(asked, visit), status=303)


def _asked(visit: FamilyVisit, square: str) -> Asked:
    """Will read the square of the address, of this family's children only; raises Http404."""
    offer = offer_of(visit.authority)
    children = tuple(children_of(visit.family.pk, on=visit.today))
    try:
        key = read_square(square, children=children, offer=offer, today=visit.today)
    except ForgedSquareError:
        raise Http404 from None
    child = next(child for child in children if child.pk == key.child)
    return Asked(key, child, offer.product_by_pk[key.product], offer)


def _freed(asked: Asked, visit: FamilyVisit) -> FreedPlace | None:
    found = let_go_by(visit.family.pk, since=asked.key.date)
    return found.filter(
        reservation__child=asked.child, reservation__product=asked.key.product, reservation__date=asked.key.date
    ).first()


def _here(asked: Asked, visit: FamilyVisit) -> str:
    square = f"{asked.child.public_id}.{asked.product.public_id}.{asked.key.date.isoformat()}"
    return reverse("absence", kwargs={"authority": visit.authority.slug, "square": square})


def _day_of(asked: Asked) -> str:
    return on_day(asked.child.first_name, asked.product.name, asked.key.date)


def _comes_to(told: Absence, asked: Asked, visit: FamilyVisit) -> str:
    reading = readings_of([told], offer=asked.offer, at=visit.at).get(told.pk)
    return reading_sentence(reading, zone=asked.offer.zone)


def _week(asked: Asked, visit: FamilyVisit) -> str:
    query = urlencode(
        {
            "site": asked.product.activity.facility_code,
            "enfant": asked.child.public_id,
            "semaine": asked.key.date.isoformat(),
        }
    )
    return f"{reverse('calendar', kwargs={'authority': visit.authority.slug})}?{query}"


def _page(
    request: HttpRequest,
    asked: Asked,
    form: AbsenceForm,
    *,
    refused: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    key = asked.key
    planning = read_planning(
        [ChildFacts(asked.child.pk, asked.child.birth_date)],
        [asked.product],
        key.date,
        key.date,
        offer=asked.offer,
        family=visit.family.pk,
        user=None,
    )
    facts = planning.facts(key)
    told = None
    if facts.is_told and not facts.is_other_home:
        told = absences_of(visit.family.pk).filter(reservation=planning.booked[key].pk).first()
    day = asked.offer.day(asked.product, key.date)
    freed = _freed(asked, visit)
    lets_go = (
        freed is None
        and facts.booked is Booked.RESERVED
        and not facts.is_other_home
        and may_let_go(
            planning.decision(key, Wish.CANCEL, at=visit.at),
            rules_of(key.product, key.date, offer=asked.offer),
            ends_at=day.ends_at,
            at=visit.at,
        )
    )
    no = telling(facts, at=visit.at, seen=planning.seen.get(key))
    context = family_context(
        visit,
        "calendar",
        title=_day_of(asked),
        child=AvatarView.of(asked.child.animal, asked.child.chalk),
        child_name=asked.child.first_name,
        articles=_articles(asked),
        form=form,
        may_tell=no is None,
        why_not=untold_sentence(no) if no is not None and told is None else None,
        told=told,
        told_words=told_sentence(told.told_at.astimezone(asked.offer.zone)) if told else "",
        comes_to=_comes_to(told, asked, visit) if told else "",
        may_withdraw=told is not None and withdrawing(facts, at=visit.at) is None,
        refused=refused or (),
        freed=freed,
        lets_go=lets_go,
        back_url=_week(asked, visit),
        contact=contact_view(visit.authority),
    )
    context["square"] = f"{asked.child.public_id}.{asked.product.public_id}.{key.date.isoformat()}"
    return render(request, "family/absences/page.html", context, status=status)


def _articles(asked: Asked) -> tuple[str, ...]:
    """Will return what the règlement of that day says of absences; nothing when none can be read."""
    rules = asked.offer.day(asked.product, asked.key.date).rules
    if rules is None:
        return ()
    articles = articles_of(rules, subject=asked.product.name, names=asked.offer.names)
    return next((article.sentences for article in articles if article.title == ABSENCES), ())
