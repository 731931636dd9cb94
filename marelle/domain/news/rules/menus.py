"""What a menu is made of: meals, courses, the allergens that the law names, the marks of quality that it counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from marelle.foundation.periods import monday_of

LONGEST_NAME: Final = 160  # menuPlatNom, SCDL menus-collectifs v1.2.3
WEEK: Final = timedelta(days=7)


class Meal(StrEnum):
    """Which meal it is; the words are those of the SCDL (menuRepasType)."""

    LUNCH = "déjeuner"
    SNACK = "goûter"
    PICNIC = "pique-nique"
    BREAKFAST = "petit-déjeuner"
    DINNER = "dîner"


class Course(StrEnum):
    """Which part of a meal a dish is, in the order in which it is served; the words of the SCDL (menuPlatType)."""

    STARTER = "entrée"
    MAIN = "plat principal"
    SIDE = "garniture"
    DAIRY = "produit laitier"
    DESSERT = "dessert"
    BREAD = "pain"
    OTHER = "autre"


class Allergen(StrEnum):
    """The fourteen of annex II of regulation (EU) 1169/2011, which decree 2015-447 has shown beside unwrapped food."""

    GLUTEN = "gluten"
    CRUSTACEANS = "crustaces"
    EGGS = "oeufs"
    FISH = "poissons"
    PEANUTS = "arachides"
    SOY = "soja"
    MILK = "lait"
    NUTS = "fruits-a-coque"
    CELERY = "celeri"
    MUSTARD = "moutarde"
    SESAME = "sesame"
    SULPHITES = "sulfites"
    LUPIN = "lupin"
    MOLLUSCS = "mollusques"


ALLERGENS: Final = {
    Allergen.GLUTEN: "gluten",
    Allergen.CRUSTACEANS: "crustacés",
    Allergen.EGGS: "œufs",
    Allergen.FISH: "poissons",
    Allergen.PEANUTS: "arachides",
    Allergen.SOY: "soja",
    Allergen.MILK: "lait",
    Allergen.NUTS: "fruits à coque",
    Allergen.CELERY: "céleri",
    Allergen.MUSTARD: "moutarde",
    Allergen.SESAME: "sésame",
    Allergen.SULPHITES: "sulfites",
    Allergen.LUPIN: "lupin",
    Allergen.MOLLUSCS: "mollusques",
}


class Mark(StrEnum):
    """What is good to know of a dish: the products that article L. 230-5-1 of the CRPM counts, and two more.

    Local food is counted by no law but told by every canteen; a vegetarian dish is what L. 230-5-6 counts.
    """

    VEGETARIAN = "vegetarien"
    ORGANIC = "bio"
    LOCAL = "local"
    LABEL_ROUGE = "label-rouge"
    AOP = "aop"
    IGP = "igp"
    STG = "stg"
    SUSTAINABLE_FISHING = "peche-durable"
    HVE = "hve"
    FARM = "fermier"
    FAIR_TRADE = "commerce-equitable"
    HOME_MADE = "fait-maison"


MARKS: Final = {
    Mark.VEGETARIAN: "végétarien",
    Mark.ORGANIC: "bio",
    Mark.LOCAL: "local",
    Mark.LABEL_ROUGE: "Label rouge",
    Mark.AOP: "AOP",
    Mark.IGP: "IGP",
    Mark.STG: "STG",
    Mark.SUSTAINABLE_FISHING: "pêche durable",
    Mark.HVE: "haute valeur environnementale",
    Mark.FARM: "fermier",
    Mark.FAIR_TRADE: "commerce équitable",
    Mark.HOME_MADE: "fait maison",
}


@dataclass(frozen=True, slots=True)
class Dish:
    """A dish of a meal. `label` is a mark of the authority's own words: « Ferme des Jarouilles »."""

    course: Course
    name: str
    allergens: frozenset[Allergen] = frozenset()
    marks: frozenset[Mark] = frozenset()
    label: str = ""

    @property
    def allergen_words(self) -> list[str]:
        """Will return its allergens in the order of the law."""
        return [ALLERGENS[one] for one in Allergen if one in self.allergens]

    @property
    def mark_words(self) -> list[str]:
        """Will return its marks, the authority's own last."""
        own = [self.label] if self.label else []
        return [MARKS[one] for one in Mark if one in self.marks] + own


@dataclass(frozen=True, slots=True)
class DayMenu:
    """What is served at one meal of one day: its dishes in order, and what makes it special (« repas de Noël »)."""

    day: date
    dishes: tuple[Dish, ...] = ()
    special: str = ""

    @property
    def is_vegetarian(self) -> bool:
        """Will tell whether the whole meal is: its main dish is said so, and no dish holds fish or shellfish.

        A meal without a main dish (a large salad) is vegetarian when every dish is said so.
        """
        mains = [dish for dish in self.dishes if dish.course is Course.MAIN] or list(self.dishes)
        flesh = {Allergen.FISH, Allergen.CRUSTACEANS, Allergen.MOLLUSCS}
        return (
            bool(mains)
            and all(Mark.VEGETARIAN in dish.marks for dish in mains)
            and all(flesh.isdisjoint(dish.allergens) for dish in self.dishes)
        )


def in_order(dishes: Iterable[Dish]) -> tuple[Dish, ...]:
    """Will return dishes in the order in which they are served; those of one course keep theirs."""
    order = list(Course)
    return tuple(sorted(dishes, key=lambda dish: order.index(dish.course)))


def weeks_without_a_vegetarian_meal(days: Sequence[DayMenu]) -> list[date]:
    """Will return the Mondays of the weeks with meals in which none is vegetarian.

    L. 230-5-6 of the CRPM: a school canteen serves a vegetarian menu once a week at least.
    """
    served = {monday_of(one.day) for one in days if one.dishes}
    return sorted(served - {monday_of(one.day) for one in days if one.is_vegetarian})
