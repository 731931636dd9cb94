"""Mes réservations: the weeks, and what one ticks in them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.catalog.queries import Offer, offer_of
from marelle.domain.families.queries import children_of
from marelle.domain.reservations.operations.baskets import UnableToFillBasketError, set_wishes
from marelle.domain.reservations.operations.waiting_list import (
    UnableToWaitError,
    join_waiting_list,
    leave_waiting_list,
)
from marelle.domain.reservations.queries.custody import shared_children
from marelle.domain.reservations.rules.decisions import Wish
from marelle.domain.reservations.rules.sentences import limits_sentence, on_day, refusal_sentence
from marelle.foundation.french_dates import in_digits
from marelle.foundation.periods import monday_of
from marelle.web.components.avatars import AvatarView
from marelle.web.components.basket import render_basket
from marelle.web.components.controls import Choice
from marelle.web.components.grid import Band, render_band, render_legend, render_line, render_week
from marelle.web.doors import FamilyVisit, family_page
from marelle.web.family.basket.panel import basket_panel
from marelle.web.family.calendar import wording
from marelle.web.family.calendar.choices import Choices, read_choices
from marelle.web.family.calendar.weeks import WeeksOfPage
from marelle.web.family.custody.links import custody_links
from marelle.web.family.squares_wanted import ForgedSquareError, read_square, read_squares
from marelle.web.family.surroundings import family_context

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from django.http import HttpRequest, QueryDict

    from marelle.domain.catalog.queries import ProductOffer
    from marelle.domain.families.models import Child
    from marelle.domain.reservations.operations.baskets import Filled
    from marelle.domain.reservations.queries.planning import DayKey
    from marelle.domain.reservations.rules.decisions import Refusal


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """Will show the weeks (GET), or bring the basket to the ticks sent without scripts (POST)."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    offer = offer_of(visit.authority)
    children = tuple(children_of(visit.family.pk, on=visit.today))
    choices = read_choices(request.GET, children=children, offer=offer, today=visit.today)
    if request.method != "POST":
        return _page(request, visit, choices, offer)
    if request.POST.get("wait") or request.POST.get("leave"):
        return _wait(request, visit, choices, offer)
    return _fill(request, visit, choices, offer)


@family_page
@require_POST
def change_square(request: HttpRequest) -> HttpResponse:
    """Will bring one square to its wished state, and answer with its row, those at the same hours, and the basket."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    offer = offer_of(visit.authority)
    children = tuple(children_of(visit.family.pk, on=visit.today))
    choices = read_choices(request.GET, children=children, offer=offer, today=visit.today)
    is_wanted = bool(request.POST.get("want"))
    try:
        key = _square_of_page(request.POST.get("cell", ""), visit, choices, offer)
        filled = set_wishes(
            {key: is_wanted},
            user=visit.user.pk,
            family=visit.family.pk,
            children=children,
            offer=offer,
            by=visit.actor,
            at=visit.at,
        )
        page = WeeksOfPage(visit, choices, offer, only=monday_of(key.date))
        line, week = page.line(key.child, key.product, monday_of(key.date))
    except (ForgedSquareError, UnableToFillBasketError):
        return HttpResponse(str(wording.FORGED), status=400, content_type="text/plain; charset=utf-8")
    panel = basket_panel(
        request,
        visit,
        children=children,
        offer=offer,
        announcement=_said(filled, offer, children),
        back=choices.query(),
    )
    rows = render_line(line, days=week.days, week_number=week.number)
    for other in page.lines_at_same_hours(key.child, key.product, week):
        rows += render_line(other, days=week.days, week_number=week.number, oob=True)
    return HttpResponse(rows + render_basket(panel, oob=True), status=409 if filled.refused else 200)


def _fill(request: HttpRequest, visit: FamilyVisit, choices: Choices, offer: Offer) -> HttpResponse:
    try:
        wishes = _wishes(request.POST, visit, choices, offer)
        filled = set_wishes(
            wishes,
            user=visit.user.pk,
            family=visit.family.pk,
            children=choices.children,
            offer=offer,
            by=visit.actor,
            at=visit.at,
        )
    except ForgedSquareError:
        return _page(request, visit, choices, offer, refused=[("Rien n’a changé.", str(wording.FORGED))], status=400)
    except UnableToFillBasketError:
        return _page(request, visit, choices, offer, refused=[("Rien n’a changé.", str(wording.TOO_MANY))], status=413)
    if filled.refused:
        refused = [_refusal_words(*one, offer=offer, children=choices.children) for one in filled.refused[:10]]
        return _page(request, visit, choices, offer, refused=refused, status=409)
    messages.success(request, _said(filled, offer, choices.children))
    return _back(visit, choices)


def _square_of_page(name: str, visit: FamilyVisit, choices: Choices, offer: Offer) -> DayKey:
    """Will read the name of a square, on a line of the page that asks; raises ForgedSquareError, before any write."""
    key = read_square(name, children=choices.children, offer=offer, today=visit.today)
    if (key.child, key.product) not in {(child.pk, product.pk) for child, product in choices.lines()}:
        raise ForgedSquareError
    return key


def _wishes(sent: QueryDict, visit: FamilyVisit, choices: Choices, offer: Offer) -> dict[DayKey, bool]:
    """Will read what the form wishes: « tout réserver » of a line, else the squares whose tick has changed since."""
    reading: dict[str, Any] = {"children": choices.children, "offer": offer, "today": visit.today}
    if sent.get("all"):
        key = _square_of_page(str(sent["all"]), visit, choices, offer)
        page = WeeksOfPage(visit, choices, offer, only=monday_of(key.date))
        line, _week = page.line(key.child, key.product, monday_of(key.date))
        names = [cell.key for cell in line.cells if cell is not None and cell.state == "bookable"]
        return dict.fromkeys(read_squares(names, **reading), True)
    wanted = read_squares(sent.getlist("want"), **reading)
    was = read_squares(sent.get("was", "").split(), **reading)
    return {**dict.fromkeys(was - wanted, False), **dict.fromkeys(wanted - was, True)}


def _wait(request: HttpRequest, visit: FamilyVisit, choices: Choices, offer: Offer) -> HttpResponse:
    is_joining = bool(request.POST.get("wait"))
    try:
        key = read_square(
            request.POST["wait" if is_joining else "leave"],
            children=choices.children,
            offer=offer,
            today=visit.today,
        )
        child = next(child for child in choices.children if child.pk == key.child)
        if is_joining:
            join_waiting_list(child, key=key, family=visit.family.pk, offer=offer, by=visit.actor, at=visit.at)
            messages.success(request, wording.WAITING)
        elif leave_waiting_list(child, key=key, family=visit.family.pk, by=visit.actor, at=visit.at):
            messages.success(request, wording.LEFT)
    except ForgedSquareError:
        return _page(request, visit, choices, offer, refused=[("Rien n’a changé.", str(wording.FORGED))], status=400)
    except UnableToWaitError as error:
        words = (
            _refusal_words(key, Wish.RESERVE, error.refusal, offer=offer, children=choices.children)
            if error.refusal
            else (str(wording.NOT_WAITING), "Une place est libre : vous pouvez réserver.")
        )
        return _page(request, visit, choices, offer, refused=[words], status=409)
    return _back(visit, choices)


def _limits(products: Sequence[ProductOffer], day: date, visit: FamilyVisit) -> list[dict[str, str]]:
    """Will say each product's rule in a line, with the address of the whole of it."""
    limits = []
    for product in products:
        rules = product.rules_on(day)
        if rules is None:
            continue
        at = {"authority": visit.authority.slug, "ruled": product.public_id}
        limits.append(
            {
                "name": product.name,
                "words": limits_sentence(product.name, rules),
                "url": reverse("reglement", kwargs=at),
            }
        )
    return limits


def _back(visit: FamilyVisit, choices: Choices) -> HttpResponse:
    return HttpResponseRedirect(f"{_address(visit)}?{choices.query()}", status=303)


def _address(visit: FamilyVisit) -> str:
    return reverse("calendar", kwargs={"authority": visit.authority.slug})


def _page(
    request: HttpRequest,
    visit: FamilyVisit,
    choices: Choices,
    offer: Offer,
    *,
    refused: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    page = WeeksOfPage(visit, choices, offer)
    cards = [render_band(card) if isinstance(card, Band) else render_week(card) for card in page.cards()]
    address = _address(visit)
    step = timedelta(weeks=choices.weeks)
    enrolled = [child for child in choices.children if choices.is_enrolled(child)]
    context = family_context(
        visit,
        "calendar",
        choices=choices,
        cards=cards if page.lines else [],
        nowhere_enrolled=f"Aucune inscription ici pour {choices.child.first_name}."
        if choices.child and not choices.is_enrolled(choices.child)
        else "",
        legend=render_legend(),
        custody=custody_links(visit, shared_children(visit.family.pk, on=visit.today)),
        waits_url=reverse("waiting", kwargs={"authority": visit.authority.slug}) if page.planning.ranks else "",
        limits=_limits(page.products, choices.last_day, visit) if page.lines else (),
        ticked=" ".join(page.ticked),
        refused=refused,
        form_url=f"{address}?{choices.query()}",
        square_url=f"{reverse('calendar_square', kwargs={'authority': visit.authority.slug})}?{choices.query()}",
        is_everyone=choices.child is None,
        everyone=[AvatarView.of(child.animal, child.chalk) for child in enrolled],
        everyone_text=f"{len(enrolled)} enfants" if len(enrolled) > 1 else f"{len(enrolled)} enfant",
        everyone_url=f"{address}?{choices.query(enfant='')}",
        child_cards=[
            {
                "name": child.first_name,
                "url": f"{address}?{choices.query(enfant=child.public_id)}",
                "animal": child.animal,
                "chalk": child.chalk,
                "birth": in_digits(child.birth_date),
                "school_class": child.school_class.name if child.school_class else "",
                "selected": choices.child == child,
                "enrolled": choices.is_enrolled(child),
            }
            for child in sorted(choices.children, key=lambda child: not choices.is_enrolled(child))
        ],
        views=[
            Choice("Vue semaine", f"{address}?{choices.query()}", is_current=True, icon="calendar-days"),
            Choice(
                "Vue période",
                f"{reverse('period', kwargs={'authority': visit.authority.slug})}?{choices.query()}",
                icon="calendar-range",
            ),
        ],
        previous_url=f"{address}?{choices.query(semaine=(choices.monday - step).isoformat())}",
        today_url=f"{address}?{choices.query(semaine='')}",
        next_url=f"{address}?{choices.query(semaine=(choices.monday + step).isoformat())}",
        contact=contact_of(choices, offer),
        basket=basket_panel(request, visit, children=choices.children, offer=offer, back=choices.query()),
    )
    return render(request, "family/calendar/page.html", context, status=status)


def contact_of(choices: Choices, offer: Offer) -> dict[str, Any]:
    """Will return whom to call about what the page shows."""
    service = choices.site.products[0].activity.service if choices.site else next(iter(offer.services), None)
    if service is None:
        raise Http404
    contact = service.contact
    return {
        "name": contact.name,
        "phone": contact.phone,
        "email": contact.email,
        "address": contact.address,
        "hours": [line.strip() for line in contact.opening_hours.splitlines() if line.strip()],
    }


def _refusal_words(
    key: DayKey, wish: Wish, refusal: Refusal, *, offer: Offer, children: Iterable[Child]
) -> tuple[str, str]:
    product = offer.product_by_pk[key.product]
    child = next(child for child in children if child.pk == key.child)
    first, second = refusal_sentence(
        refusal,
        wish=wish,
        product_name=product.name,
        child_name=child.first_name,
        rule=offer.day(product, key.date),
    )
    return on_day(child.first_name, product.name, key.date) + ".", f"{first} {second}"


def _said(filled: Filled, offer: Offer, children: Iterable[Child]) -> str:
    """Will say what became of the wishes, for eyes and for readers."""
    if filled.refused:
        return " ".join(_refusal_words(*filled.refused[0], offer=offer, children=children))
    if filled.added:
        return f"{filled.added} jours ajoutés au panier." if filled.added > 1 else "Ajouté au panier."
    if filled.removed:
        return f"{filled.removed} jours retirés du panier." if filled.removed > 1 else "Retiré du panier."
    return str(wording.NOTHING_CHANGED)
