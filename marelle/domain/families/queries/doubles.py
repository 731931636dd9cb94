"""Families that may be the one that is about to be registered: shown to an agent before anything is written."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from marelle.domain.families.models import Family, SearchEntry
from marelle.domain.families.queries.joining import children_like
from marelle.domain.families.rules.likeness import Likeness, Named

if TYPE_CHECKING:
    from marelle.domain.families.models import Child
    from marelle.domain.families.rules.registering import NewHome

MOST_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class HomeLike:
    """A family, and why it may be the same: children like hers, each with how close; the address or number she has."""

    family: Family
    children: tuple[tuple[Child, Likeness], ...]
    has_the_email: bool
    has_the_phone: bool


def homes_like(home: NewHome, *, authority: int) -> list[HomeLike]:
    """Will return the families of `authority` (key) that may be the same, the likeliest first, at most `MOST_SHOWN`.

    By each child, as `rules.likeness` compares them (the names alone, with another date of birth, say nothing), and by
    the e-mail addresses and the telephone numbers.
    """
    like: dict[int, list[tuple[Child, Likeness]]] = defaultdict(list)
    for one in home.children:
        for family, (how, child) in children_like(Named(one.first_name, one.last_name, one.birth_date)).items():
            if how >= Likeness.CLOSE:
                like[family].append((child, how))
    emails = _families_of({one.email for one in home.guardians}, authority=authority)
    phones = _families_of({one.phone.replace(" ", "").lstrip("+") for one in home.guardians}, authority=authority)
    families = Family.objects.filter(pk__in={*like, *emails, *phones})
    found = [
        HomeLike(family, tuple(like.get(family.pk, ())), family.pk in emails, family.pk in phones)
        for family in families
    ]
    found.sort(key=_likeliest_first)
    return found[:MOST_SHOWN]


def _likeliest_first(one: HomeLike) -> tuple[int, bool, bool, int]:
    return (
        -max((how for _child, how in one.children), default=0),
        not one.has_the_email,
        not one.has_the_phone,
        one.family.pk,
    )


def _families_of(words: set[str], *, authority: int) -> set[int]:
    asked = [word for word in words if word]
    entries = SearchEntry.objects.filter(authority=authority, word__in=asked) if asked else SearchEntry.objects.none()
    return set(entries.values_list("family_id", flat=True))
