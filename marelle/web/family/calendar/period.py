"""Réserver en Vue Période: dates, weekdays, children, products; what it will do; then into the basket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from marelle.domain.catalog.queries import Offer, offer_of
from marelle.domain.catalog.rules.price_steps import Priced
from marelle.domain.families.queries import children_of
from marelle.domain.reservations.operations.baskets import UnableToFillBasketError, set_wishes
from marelle.domain.reservations.queries.homes import homes_of
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, Planning, read_planning
from marelle.domain.reservations.rules.decisions import Wish
from marelle.domain.reservations.rules.sentences import late_sentences, refusal_sentence
from marelle.foundation.french_dates import WEEKDAY_LETTERS, WEEKDAYS, in_full, listed, short_days
from marelle.foundation.money import in_euros
from marelle.foundation.periods import days_between
from marelle.web.components.controls import Choice
from marelle.web.doors import FamilyVisit, family_page
from marelle.web.family.basket.panel import basket_panel
from marelle.web.family.calendar import wording
from marelle.web.family.calendar.choices import Choices, read_choices
from marelle.web.family.calendar.views import contact_of
from marelle.web.family.surroundings import family_context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, QueryDict

    from marelle.domain.catalog.queries import ProductOffer
    from marelle.domain.families.models import Child
    from marelle.domain.reservations.rules.homes import Home

MOST_DAYS = 370


@dataclass(frozen=True)
class Asked:
    """What the form of the period asks, and what is wrong with it by field."""

    children: tuple[Child, ...]
    products: tuple[ProductOffer, ...]
    first: date | None
    last: date | None
    weekdays: frozenset[int]
    wish: Wish
    errors: dict[str, str]
    is_sent: bool


@dataclass(frozen=True)
class Outcome:
    """What the period gives for one child and one product: days for the basket, their prices (cents), the others."""

    child: Child
    product: ProductOffer
    days: tuple[date, ...]
    prices: tuple[int | None, ...]
    refused: tuple[tuple[str, str], ...]
    late: tuple[tuple[str, str], ...]
    wish: Wish

    @property
    def title(self) -> str:
        """Will write « 8 repas à réserver »."""
        words = self.product.noun if len(self.days) < 2 else self.product.plural  # noqa: PLR2004  singular
        return f"{len(self.days)} {words} {'à réserver' if self.wish is Wish.RESERVE else 'à annuler'}"

    @property
    def day_words(self) -> str:
        """Will list the days."""
        return short_days(self.days)

    @property
    def price_words(self) -> str:
        """Will write « 8 × 3,85 € = 30,80 € », or the sum alone when the days do not cost the same."""
        known = [cents for cents in self.prices if cents is not None]
        if not known or len(known) < len(self.days) or self.wish is Wish.CANCEL:
            return ""
        when = "à payer en validant" if self.product.activity.service.is_prepaid else "sur la facture de fin de mois"
        each = f"{len(known)} × {in_euros(known[0])} = " if len(set(known)) == 1 else ""
        return f"{each}{in_euros(sum(known))}, {when}"


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def period(request: HttpRequest) -> HttpResponse:
    """Will show the form and what it would do (GET), or put it in the basket (POST)."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    offer = offer_of(visit.authority)
    children = tuple(children_of(visit.family.pk, on=visit.today))
    choices = read_choices(request.GET, children=children, offer=offer, today=visit.today)
    sent = request.POST if request.method == "POST" else request.GET
    asked = _read(sent, choices, visit.today)
    outcomes = _outcomes(asked, visit, offer) if asked.is_sent and not asked.errors else []
    if request.method != "POST":
        return _page(request, visit, choices, offer, asked, outcomes=outcomes)
    wishes = {
        DayKey(outcome.child.pk, outcome.product.pk, day): asked.wish is Wish.RESERVE
        for outcome in outcomes
        for day in outcome.days
    }
    if asked.errors or not wishes:
        return _page(request, visit, choices, offer, asked, outcomes=outcomes, status=422)
    try:
        filled = set_wishes(
            wishes,
            user=visit.user.pk,
            family=visit.family.pk,
            children=children,
            offer=offer,
            by=visit.actor,
            at=visit.at,
        )
    except UnableToFillBasketError:
        return _page(
            request, visit, choices, offer, asked, refused=[("Rien n’a changé.", str(wording.TOO_MANY))], status=413
        )
    messages.success(
        request, f"{filled.added} jours ajoutés au panier." if filled.added > 1 else "Votre panier est à jour."
    )
    address = reverse("calendar", kwargs={"authority": visit.authority.slug})
    return HttpResponseRedirect(
        f"{address}?{choices.query(semaine=(asked.first or visit.today).isoformat())}", status=303
    )


def _read(sent: QueryDict, choices: Choices, today: date) -> Asked:
    is_sent = "du" in sent or "au" in sent
    products = choices.site.products if choices.site else ()
    usual_children = (
        {choices.child.public_id}
        if choices.child
        else {child.public_id for child in choices.children if choices.is_enrolled(child)}
    )
    wanted_children = set(sent.getlist("enfants")) if is_sent else usual_children
    wanted_products = set(sent.getlist("prestations")) if is_sent else {product.public_id for product in products[:1]}
    errors: dict[str, str] = {}
    first = _day(sent.get("du", ""), errors, "du", is_sent=is_sent) or (None if is_sent else today + timedelta(days=1))
    last = _day(sent.get("au", ""), errors, "au", is_sent=is_sent) or (None if is_sent else today + timedelta(days=28))
    if first and last:
        if last < first:
            errors["au"] = "La fin vient avant le début. Indiquez un jour à partir du " + in_full(first) + "."
        elif (last - first).days > MOST_DAYS or abs((first - today).days) > MOST_DAYS * 2:
            errors["au"] = "La période est trop longue : un an au plus."
    weekdays = (
        frozenset(int(day) for day in sent.getlist("jours") if day in set("0123456"))
        if is_sent
        else frozenset(range(7))
    )
    chosen_children = tuple(child for child in choices.children if child.public_id in wanted_children)
    chosen_products = tuple(product for product in products if product.public_id in wanted_products)
    if is_sent and not chosen_children:
        errors["enfants"] = "Choisissez au moins un enfant."
    if is_sent and not chosen_products:
        errors["prestations"] = "Choisissez au moins une prestation."
    if is_sent and not weekdays:
        errors["jours"] = "Choisissez au moins un jour de la semaine."
    wish = Wish.CANCEL if sent.get("action") == "cancel" else Wish.RESERVE
    return Asked(chosen_children, chosen_products, first, last, weekdays, wish, errors, is_sent)


def _day(text: str, errors: dict[str, str], name: str, *, is_sent: bool) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        if is_sent:
            errors[name] = "Indiquez un jour, comme 27/11/2026."
        return None


def _outcomes(asked: Asked, visit: FamilyVisit, offer: Offer) -> list[Outcome]:
    if asked.first is None or asked.last is None:
        return []
    planning = read_planning(
        [ChildFacts(child.pk, child.birth_date) for child in asked.children],
        asked.products,
        asked.first,
        asked.last,
        offer=offer,
        family=visit.family.pk,
        user=visit.user.pk,
    )
    days = [day for day in days_between(asked.first, asked.last) if day.weekday() in asked.weekdays]
    return [
        _outcome(child, product, days, asked.wish, planning=planning, visit=visit)
        for child in asked.children
        for product in asked.products
    ]


def _outcome(
    child: Child, product: ProductOffer, days: list[date], wish: Wish, *, planning: Planning, visit: FamilyVisit
) -> Outcome:
    possible: dict[date, int | None] = {}
    refused: dict[tuple[str, str], list[date]] = {}
    late: dict[tuple[str, str], list[date]] = {}
    for day in days:
        key = DayKey(child.pk, product.pk, day)
        rule = planning.offer.day(product, day)
        if rule.closed is not None and not rule.closed.reason:
            continue
        # A day already as wished is neither done again nor a refusal to explain.
        present = planning.wishes.get(key)
        if (key in planning.booked) == (wish is Wish.RESERVE) or (present is not None and present.wish is wish):
            continue
        decision = planning.decision(key, wish, at=visit.at)
        if not decision.is_refused:
            possible[day] = planning.price_of(key, wish, decision)
            # The days that follow are decided with this one in the basket, as they will be.
            planning.wish(key, planning.wished(key, wish, decision))
            if decision.is_late and wish is Wish.RESERVE:
                late.setdefault(late_sentences(decision), []).append(day)
            continue
        no = decision.refusals[0]
        words = refusal_sentence(no, wish=wish, product_name=product.name, child_name=child.first_name, rule=rule)
        refused.setdefault(words, []).append(day)
    return Outcome(
        child,
        product,
        tuple(possible),
        tuple(possible.values()),
        tuple((short_days(shut), " ".join(words)) for words, shut in refused.items()),
        tuple((short_days(some), " ".join(words)) for words, some in late.items()),
        wish,
    )


def _price_words(product: ProductOffer, home: Home, choices: Choices, day: date, offer: Offer) -> str:
    """Will write what the product costs this family that day: « 3,10 € », « de 2,79 € à 3,10 € »."""
    tariff = product.tariff_on(day)
    if tariff is None:
        return ""
    enrolled = [child for child in choices.children if home.enrollment(child.pk, product.activity.pk, day)]
    together = offer.together(product)
    found = {
        priced.cents
        for child in enrolled or choices.children
        if isinstance(priced := tariff.price(home.facts(child.pk, product.activity.pk, day, together=together)), Priced)
    }
    if not found:
        return ""
    low, high = min(found), max(found)
    return in_euros(low) if low == high else f"de {in_euros(low)} à {in_euros(high)}"


def _page(
    request: HttpRequest,
    visit: FamilyVisit,
    choices: Choices,
    offer: Offer,
    asked: Asked,
    *,
    outcomes: Sequence[Outcome] = (),
    refused: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    address = reverse("period", kwargs={"authority": visit.authority.slug})
    calendar = reverse("calendar", kwargs={"authority": visit.authority.slug})
    products = choices.site.products if choices.site else ()
    open_weekdays = frozenset[int]().union(*(product.activity.opening.weekdays for product in products))
    shut = [WEEKDAYS[day] for day in range(5) if day not in open_weekdays]
    home = homes_of([visit.family.pk], authority=visit.authority.pk)[visit.family.pk]
    total = sum(len(outcome.days) for outcome in outcomes)
    context: dict[str, Any] = family_context(
        visit,
        "calendar",
        choices=choices,
        asked=asked,
        outcomes=[outcome for outcome in outcomes if outcome.days or outcome.refused],
        total=total,
        is_empty=asked.is_sent and not asked.errors and not total,
        refused=refused,
        form_url=f"{address}?{choices.query()}",
        query=[("site", choices.site.code if choices.site else ""), ("semaine", choices.monday.isoformat())],
        children=[
            {
                "child": child,
                "checked": child in asked.children,
                "hint": child.school_class.name if child.school_class else "",
            }
            for child in choices.children
            if choices.is_enrolled(child) or child in asked.children
        ],
        products=[
            {
                "product": product,
                "checked": product in asked.products,
                "price": _price_words(product, home, choices, asked.first or visit.today, offer),
            }
            for product in products
        ],
        days=[
            {
                "value": str(day),
                "letter": WEEKDAY_LETTERS[day],
                "name": WEEKDAYS[day],
                "served": day in open_weekdays,
                "checked": day in asked.weekdays,
            }
            for day in range(7)
            if day < 5 or day in open_weekdays  # noqa: PLR2004  Saturday and Sunday only where a service opens
        ],
        shut_words=f"Pas de service le {listed(shut)}." if shut else "",
        is_cancelling=asked.wish is Wish.CANCEL,
        is_reserving=asked.wish is Wish.RESERVE,
        views=[
            Choice("Vue semaine", f"{calendar}?{choices.query()}", icon="calendar-days"),
            Choice("Vue période", f"{address}?{choices.query()}", is_current=True, icon="calendar-range"),
        ],
        add_label=_add_label(asked, outcomes, total),
        errors_title="Un point est à revoir" if len(asked.errors) == 1 else "Plusieurs points sont à revoir",
        contact=contact_of(choices, offer),
        basket=basket_panel(request, visit, children=choices.children, offer=offer, back=choices.query()),
    )
    return render(request, "family/calendar/period.html", context, status=status)


def _add_label(asked: Asked, outcomes: Sequence[Outcome], total: int) -> str:
    kinds = {outcome.product.pk: outcome.product for outcome in outcomes if outcome.days}
    if len(kinds) == 1:
        (product,) = kinds.values()
        words = f"{total} {product.noun if total == 1 else product.plural}"
    else:
        words = f"{total} jours"
    if asked.wish is Wish.CANCEL:
        return f"Mettre {words} à annuler au panier"
    return f"Ajouter {words} au panier"
