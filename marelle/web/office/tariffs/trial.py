"""What a tariff gives, as the pages show it: for a child and a day, for typical families, for those of the town."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.rules.price_steps import (
    SITUATIONS,
    Priced,
    PriceFacts,
    Unpriced,
    amount_of,
    in_figures,
    price_of,
)
from marelle.domain.catalog.rules.tariff_sentences import sentences_of
from marelle.domain.catalog.rules.tariffs import ByBracket, Counted, Measure, inner_amounts
from marelle.domain.reservations.queries.priced import who_pays
from marelle.foundation.money import in_euros
from marelle.web.office.tariffs import wording
from marelle.web.office.tariffs.forms import asked_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from marelle.domain.catalog.queries import Offer, ProductOffer, VersionedTariff
    from marelle.domain.catalog.rules.tariffs import Amount, Tariff
    from marelle.domain.reservations.queries.priced import Payers

USUAL: Final = (30_000, 60_000, 90_000, 120_000, 200_000)
EURO: Final = 100
ORDINARY: Final = 74_200
MOST_TYPICAL: Final = 24


@dataclass(frozen=True, slots=True)
class PriceView:
    """A price as it is shown: the amount, or why there is none, and the steps (words, amount)."""

    words: str
    steps: tuple[tuple[str, str], ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class TypicalView:
    """A typical family, what it pays under the tariff in force and under the new one."""

    who: str
    before: str
    after: str
    has_changed: bool


@dataclass(frozen=True, slots=True)
class PayersView:
    """Who falls in which band, and what they pay in a month. Nobody is named."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...]
    notes: tuple[str, ...]
    has_before: bool


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of the comparison: taken out, or put in."""

    words: str
    is_new: bool


def shown(found: Priced | Unpriced) -> PriceView:
    """Will return a price with its steps."""
    if isinstance(found, Unpriced):
        return PriceView("", missing=wording.LACKING[found.lacking])
    steps = tuple((step.label, in_euros(step.cents)) for step in found.steps)
    return PriceView(in_euros(found.cents), steps)


def tried(tariff: Tariff, facts: PriceFacts) -> tuple[tuple[str, PriceView], ...]:
    """Will return the price of a day, and those of the packages, each with its name."""
    packages = (
        (wording.package(one), shown(amount_of(one.amount, facts, rounding=tariff.rounding))) for one in tariff.packages
    )
    return (("Une journée", shown(price_of(tariff, facts))), *packages)


def typical(tariff: Tariff, before: Tariff | None) -> tuple[TypicalView, ...]:
    """Will price some families that both tariffs tell apart, under the one and under the other."""
    found = []
    for who, facts in list(_families(tariff, before))[:MOST_TYPICAL]:
        due = wording.due(price_of(tariff, facts))
        was = wording.due(price_of(before, facts)) if before else ""
        found.append(TypicalView(who, was, due, bool(was) and was != due))
    return tuple(found)


def _families(tariff: Tariff, before: Tariff | None) -> Iterator[tuple[str, PriceFacts]]:
    both = [tariff, *([before] if before else [])]
    asked = [asked_by(one) for one in both]
    measures = frozenset().union(*(one.measures for one in asked))
    codes = tuple(dict.fromkeys(code for one in asked for code in one.codes))
    counts = frozenset().union(*(one.counts for one in both))
    plain = PriceFacts(
        quotient=ORDINARY if Measure.QUOTIENT in measures else None,
        income=3 * ORDINARY if Measure.INCOME in measures else None,
        minutes=60 if any(one.has_duration for one in asked) else None,
    )
    yield from _by_measure(both, measures, plain)
    for code in codes:
        words = SITUATIONS.get(code, f"« {code} »")
        yield f"{words[:1].upper()}{words[1:]}", plain._replace(situations=frozenset({code}))
    yield from _by_count(counts, plain)


def _by_measure(
    tariffs: list[Tariff], measures: frozenset[Measure], plain: PriceFacts
) -> Iterator[tuple[str, PriceFacts]]:
    if Measure.QUOTIENT in measures:
        for cents in _middles(tariffs, Measure.QUOTIENT):
            yield f"Quotient {in_figures(cents)}", plain._replace(quotient=cents)
        yield "Quotient non fourni", plain._replace(quotient=None)
    if Measure.INCOME in measures:
        for cents in _middles(tariffs, Measure.INCOME):
            yield f"Revenu {in_figures(cents)}", plain._replace(income=cents)
        yield "Revenu non fourni", plain._replace(income=None)
    if not measures:
        yield "Une famille ordinaire", plain


def _by_count(counts: frozenset[Counted], plain: PriceFacts) -> Iterator[tuple[str, PriceFacts]]:
    if counts - {Counted.DAYS_OF_WEEK}:
        for count in (1, 2, 3):
            counted = plain._replace(rank=count, rank_present=count, siblings_present=count, children_enrolled=count)
            yield f"{count}ᵉ enfant d’un foyer de {count}" if count > 1 else "Enfant unique", counted
    if Counted.DAYS_OF_WEEK in counts:
        for days in (2, 4):
            yield f"{days} jours dans la semaine", plain._replace(days_of_week=days)


def _middles(tariffs: list[Tariff], of: Measure) -> list[int]:
    """Will return a measure in each band, whole euros; usual ones where there is no band."""
    bounds = sorted({bound for tariff in tariffs for bound in _bounds(tariff.amount, of)})
    if not bounds:
        return list(USUAL)
    ends = [0, *bounds, bounds[-1] + bounds[-1] // 4]
    return sorted({(low + high) // 2 // EURO * EURO for low, high in pairwise(ends)})


def _bounds(amount: Amount, of: Measure) -> Iterator[int]:
    if isinstance(amount, ByBracket) and amount.of is of:
        yield from (bracket.upto for bracket in amount.brackets if bracket.upto is not None)
    for inner in inner_amounts(amount):
        yield from _bounds(inner, of)


def compared(tariff: Tariff, before: Tariff | None) -> tuple[LineView, ...]:
    """Will return the lines that are taken out and put in, in their order; none when both say the same."""
    if before is None:
        return ()
    old, new = sentences_of(before), sentences_of(tariff)
    found: list[LineView] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind != "equal":
            found += [LineView(line.strip(), is_new=False) for line in old[i1:i2]]
            found += [LineView(line.strip(), is_new=True) for line in new[j1:j2]]
    return tuple(found)


def payers(
    tariff: VersionedTariff, before: VersionedTariff | None, product: ProductOffer, *, today: date, offer: Offer
) -> PayersView:
    """Will count the families of last month by band; those of this month when nobody came in the last one."""
    this = today.replace(day=1)
    last = this - timedelta(days=1)
    first = last.replace(day=1)
    found = who_pays(tariff, before, product, first=first, last=last, offer=offer)
    if not found.days:
        first, last = this, (this + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        found = who_pays(tariff, before, product, first=first, last=last, offer=offer)
    return _payers_view(found, wording.month_of(first), has_before=before is not None)


def _payers_view(found: Payers, month: str, *, has_before: bool) -> PayersView:
    if not found.days:
        return PayersView(month, (), (), (wording.nobody_came(month),), has_before)
    notes = []
    if found.unpriced:
        notes.append(wording.unpriced(found.unpriced))
    if has_before and found.unpriced_before:
        notes.append(wording.unpriced_before(found.unpriced_before))
    return PayersView(
        month,
        tuple(
            (
                wording.band(one.band),
                str(one.families),
                str(one.days),
                *((in_euros(one.before),) if has_before else ()),
                in_euros(one.after),
                *((wording.signed(one.after - one.before),) if has_before else ()),
            )
            for one in found.bands
        ),
        (
            "En tout",
            str(found.families),
            str(found.days - found.unpriced),
            *((in_euros(found.before),) if has_before else ()),
            in_euros(found.after),
            *((wording.signed(found.after - found.before),) if has_before else ()),
        ),
        tuple(notes),
        has_before,
    )
