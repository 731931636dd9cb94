"""« Combien ça coûte »: the tariff in force in French, and what each child of the family pays by it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.rules.price_steps import PLAIN, Lacking, Priced, in_figures
from marelle.domain.catalog.rules.tariff_sentences import sections_of
from marelle.domain.catalog.rules.tariffs import ByBracket, EffortRate, Measure, inner_amounts
from marelle.domain.families.queries import children_of
from marelle.domain.reservations.queries.homes import homes_of
from marelle.foundation.money import in_euros

if TYPE_CHECKING:
    from datetime import date

    from marelle.domain.catalog.queries import Offer, ProductOffer
    from marelle.domain.catalog.rules.tariff_sentences import Section
    from marelle.domain.catalog.rules.tariffs import Amount
    from marelle.web.doors import FamilyVisit

LACKING: Final = {
    Lacking.QUOTIENT: "La mairie n’a pas votre quotient familial : donnez-le-lui pour connaître votre prix.",
    Lacking.BRACKET: "Aucune tranche ne va jusqu’à votre quotient : demandez votre prix à la mairie.",
    Lacking.SITUATION: "Le tarif ne dit rien de votre situation : demandez votre prix à la mairie.",
    Lacking.DURATION: "Le prix dépend de la durée de présence.",
    Lacking.TARIFF: "Aucun prix n’est voté pour ce jour.",
}
UNKNOWN: Final = "La mairie n’a pas votre quotient familial. Le lui donner peut changer votre prix."
ALONE: Final = "Prix si cet enfant est le seul de votre foyer à venir ce jour."


@dataclass(frozen=True, slots=True)
class ChildCost:
    """What a child pays: the price, how it is made (words, amount), or why nobody can say."""

    name: str
    price: str = ""
    steps: tuple[tuple[str, str], ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Costs:
    """The tariff of a product, and the family's own line."""

    sections: tuple[Section, ...]
    own: tuple[str, ...]
    children: tuple[ChildCost, ...]
    quotient: str
    notes: tuple[str, ...]
    resolution: str


def costs_of(visit: FamilyVisit, product: ProductOffer, day: date, offer: Offer) -> Costs | None:
    """Will return what the product costs on `day`; None when no tariff, or none that can be read, says it."""
    tariff = product.tariff_on(day)
    if tariff is None or tariff.rules is None:
        return None
    home = homes_of([visit.family.pk], authority=visit.authority.pk)[visit.family.pk]
    own: dict[str, None] = {}
    quotient = ""
    children = []
    for child in children_of(visit.family.pk, on=day):
        if home.enrollment(child.pk, product.activity.pk, day) is None:
            continue
        facts = home.facts(child.pk, product.activity.pk, day, together=offer.together(product))
        found = tariff.price(facts)
        if not isinstance(found, Priced):
            children.append(ChildCost(child.first_name, missing=LACKING[found.lacking]))
            continue
        if found.bracket:
            own[found.bracket] = None
        if found.measured is not None and found.measured == facts.quotient:
            quotient = in_figures(found.measured)
        steps = tuple((step.label, in_euros(step.cents)) for step in found.steps if step.label != PLAIN)
        price = f"{in_euros(found.cents)} par {product.noun}"
        children.append(ChildCost(child.first_name, price, steps))
    is_unknown = (known := home.measured(day)) is None or known.quotient is None
    notes = (
        (ALONE, tariff.rules.counts_the_day and bool(children)),
        (UNKNOWN, is_unknown and _asks_quotient(tariff.rules.amount) and any(one.price for one in children)),
    )
    return Costs(
        # How the price is shared out between accounts is not for families.
        sections_of(replace(tariff.rules, components=())),
        tuple(own),
        tuple(children),
        quotient,
        tuple(words for words, holds in notes if holds),
        _vote(tariff.resolution),
    )


def _asks_quotient(amount: Amount) -> bool:
    if isinstance(amount, ByBracket | EffortRate) and amount.of is Measure.QUOTIENT:
        return True
    return any(map(_asks_quotient, inner_amounts(amount)))


def _vote(resolution: str) -> str:
    if not resolution or resolution.lower().startswith("délib"):
        return f"{resolution[:1].upper()}{resolution[1:]}"
    return f"Délibération {resolution}"
