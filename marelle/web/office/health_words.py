"""Diets and allergies as tags: each a word with its icon, the dangerous ones in red."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marelle.domain.families.rules.health import is_lapsed
from marelle.domain.reservations.queries.french_names import folded
from marelle.foundation.french_dates import in_digits

if TYPE_CHECKING:
    from datetime import date

    from marelle.domain.reservations.queries.days import Health

# The first word found in a text gives its icon; folded, since agents write with and without accents.
_ICONS = (
    ("gluten", "wheat-off"),
    ("ble", "wheat-off"),
    ("lait", "milk-off"),
    ("lactose", "milk-off"),
    ("arachide", "nut-off"),
    ("noix", "nut-off"),
    ("noisette", "nut-off"),
    ("coque", "nut-off"),
    ("oeuf", "egg-off"),
    ("poisson", "fish-off"),
    ("crustace", "fish-off"),
    ("soja", "bean-off"),
    ("lupin", "bean-off"),
    ("porc", "ham"),
    ("vege", "leaf"),
    ("vegan", "leaf"),
    ("viande", "leaf"),
)


@dataclass(frozen=True, slots=True)
class HealthTag:
    """A tag as the component wants it."""

    text: str
    tone: str
    icon: str


def health_tags(health: Health, *, on: date) -> tuple[HealthTag, ...]:
    """Will return what to mind about a child on a day, the most dangerous first."""
    tags = []
    if health.allergies:
        tags.append(HealthTag(f"Allergie : {health.allergies}", "red", icon_for(health.allergies, "triangle-alert")))
    if health.care_plan:
        tags.append(HealthTag(care_plan_title(health, on=on), "amber", "heart-pulse"))
    if health.diet:
        tags.append(HealthTag(_capitalized(health.diet), "blue", icon_for(health.diet, "utensils")))
    return tuple(tags)


def care_plan_title(health: Health, *, on: date) -> str:
    """Will write « PAI », or « PAI à renouveler (échu le 31/08/2026) »: past its day it is said so, and still shown."""
    if health.care_plan_until is not None and is_lapsed(health.care_plan_until, on=on):
        return f"PAI à renouveler (échu le {in_digits(health.care_plan_until)})"
    return "PAI"


def icon_for(text: str, otherwise: str) -> str:
    """Will return the icon of the first food named in `text`."""
    words = folded(text)
    return next((icon for word, icon in _ICONS if word in words), otherwise)


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
