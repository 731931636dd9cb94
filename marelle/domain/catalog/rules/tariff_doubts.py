"""What a tariff leaves open, or says that a council rarely means: asked of an agent before the vote, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.rules.price_steps import in_figures
from marelle.domain.catalog.rules.tariffs import (
    ByBracket,
    ByCount,
    ByDuration,
    BySituation,
    Counted,
    EffortRate,
    Fixed,
    Measure,
    inner_amounts,
)
from marelle.foundation.french_dates import NO_BREAK
from marelle.foundation.money import in_euros

if TYPE_CHECKING:
    from collections.abc import Iterator

    from marelle.domain.catalog.rules.tariffs import Amount, Tariff

_MEASURES: Final = {Measure.QUOTIENT: "son quotient familial", Measure.INCOME: "son revenu"}
_EURO: Final = 100
_RANKS: Final = frozenset({Counted.RANK, Counted.RANK_PRESENT, Counted.CHILDREN_ENROLLED})


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question, in French, under the key of the written form (`price.bands.2`)."""

    key: str
    text: str


def doubts_of(tariff: Tariff, *, is_childcare: bool = False) -> tuple[Doubt, ...]:
    """Will return what to ask, each question once; `is_childcare`: the service is one that taxes take into account."""
    found = [*_of_amount(tariff.amount, "price")]
    for place, package in enumerate(tariff.packages):
        found += _of_amount(package.amount, f"packages.{place}.price")
    found += _of_caps(tariff)
    found += _of_components(tariff, is_childcare=is_childcare)
    late = tariff.late_pickup
    if late is not None and late.grace:
        text = f"Au-delà de {late.grace}{NO_BREAK}min de retard, tout le retard est compté : est-ce bien voulu ?"
        found.append(Doubt("late_pickup.grace", text))
    return tuple(found)


def _of_amount(amount: Amount, key: str) -> Iterator[Doubt]:
    if isinstance(amount, ByBracket | EffortRate) and amount.of is Measure.INCOME:
        text = (
            "Marelle ne tient pas le revenu des familles : à la facturation, chacune est traitée comme si elle ne "
            "l’avait pas donné. Est-ce bien voulu ?"
        )
        yield Doubt(f"{key}.{'of' if isinstance(amount, EffortRate) else 'by'}", text)
    match amount:
        case ByBracket():
            yield from _of_brackets(amount, key)
        case EffortRate():
            yield from _of_rate(amount, key)
        case ByCount():
            yield from _of_count(amount, key)
        case BySituation(otherwise=None):
            text = "Que paie un enfant qui n’est dans aucune de ces situations ? Aucun prix n’est dit pour lui."
            yield Doubt(f"{key}.otherwise", text)
        case ByDuration(presumed=None):
            text = "Que paie-t-on quand personne n’a noté la durée ? Aucun prix n’est dit dans ce cas."
            yield Doubt(f"{key}.presumed", text)
    for place, inner in enumerate(inner_amounts(amount)):
        yield from _of_amount(inner, f"{key}.{_step(amount, place)}")


def _step(amount: Amount, place: int) -> str:
    match amount:
        case ByBracket():
            return f"bands.{place}.price"
        case ByCount():
            return f"prices.{place}"
        case BySituation(cases) if place < len(cases):
            return f"cases.{place}.price"
        case BySituation():
            return "otherwise"
        case _:
            return "price"


def _of_brackets(amount: ByBracket, key: str) -> Iterator[Doubt]:
    brackets, its = amount.brackets, _MEASURES[amount.of]
    if amount.missing is None:
        text = f"Que paie une famille qui ne donne pas {its} ? Aucune tranche n’est dite pour elle."
        yield Doubt(f"{key}.missing", text)
    elif (highest := _dearest(amount)) is not None and highest != amount.missing:
        band, dearer = (_band(amount, place) for place in (amount.missing, highest))
        text = (
            f"Qui ne donne pas {its} paie la tranche {band}, moins chère que la tranche {dearer} : est-ce bien voulu ?"
        )
        yield Doubt(f"{key}.missing", text)
    last = brackets[-1].upto
    if last is not None:
        text = f"Que paie-t-on à partir de {in_figures(last)} ? La dernière tranche s’y arrête."
        yield Doubt(f"{key}.bands.{len(brackets) - 1}", text)
    for place, (low, high) in enumerate(pairwise(brackets), start=1):
        if _is_less(high.amount, low.amount):
            text = f"La tranche {_band(amount, place)} est moins chère que celle d’avant : est-ce bien voulu ?"
            yield Doubt(f"{key}.bands.{place}", text)
    ends = [bracket.upto for bracket in brackets[:-1] if bracket.upto is not None and bracket.is_inclusive]
    if not amount.is_whole and ends and not any(end % _EURO for end in ends):
        end, shown = ends[0], in_figures(ends[0] + _EURO // 2)
        text = f"{shown} est-il encore « {in_figures(end)} » ? Il passe dans la tranche suivante, à un centime près."
        yield Doubt(f"{key}.whole", text)


def _band(amount: ByBracket, place: int) -> str:
    return amount.brackets[place].name or str(place + 1)


def _dearest(amount: ByBracket) -> int | None:
    """Will return the first of the dearest bands; None when they are not all plain amounts."""
    cents = [bracket.amount.cents for bracket in amount.brackets if isinstance(bracket.amount, Fixed)]
    return cents.index(max(cents)) if len(cents) == len(amount.brackets) else None


def _is_less(amount: Amount, than: Amount) -> bool:
    """Will tell whether an amount is below another that chooses by the same, somewhere."""
    if isinstance(amount, Fixed) and isinstance(than, Fixed):
        return amount.cents < than.cents
    if (type(amount), _chosen_by(amount)) != (type(than), _chosen_by(than)):
        return False
    return any(_is_less(one, other) for one, other in zip(inner_amounts(amount), inner_amounts(than), strict=False))


def _chosen_by(amount: Amount) -> tuple[object, ...]:
    match amount:
        case ByBracket(brackets, _missing, of):
            return (of, *((bracket.upto, bracket.is_inclusive) for bracket in brackets))
        case ByCount(counted):
            return (counted,)
        case BySituation(cases):
            return tuple(case.codes for case in cases)
        case ByDuration(minutes):
            return (minutes,)
        case _:
            return ()


def _of_rate(rate: EffortRate, key: str) -> Iterator[Doubt]:
    if rate.missing is None:
        text = f"Que paie une famille qui ne donne pas {_MEASURES[rate.of]} ? Aucun prix n’est dit pour elle."
        yield Doubt(f"{key}.missing", text)
    elif rate.ceiling is not None and rate.missing < rate.ceiling:
        text = f"Qui ne donne pas {_MEASURES[rate.of]} paie moins que le plafond : est-ce bien voulu ?"
        yield Doubt(f"{key}.missing", text)
    if rate.floor is None:
        yield Doubt(f"{key}.floor", "Y a-t-il un prix plancher ? Sans lui, un quotient de 0 ne paie rien.")
    if rate.ceiling is None:
        yield Doubt(f"{key}.ceiling", "Y a-t-il un prix plafond ? Sans lui, le prix n’a pas de limite.")


def _of_count(amount: ByCount, key: str) -> Iterator[Doubt]:
    if amount.counted not in _RANKS:
        return
    for place, (before, after) in enumerate(pairwise(amount.amounts), start=1):
        if _is_less(before, after):
            yield Doubt(f"{key}.prices.{place}", "Ce prix est plus élevé que celui d’avant : est-ce bien voulu ?")


def _of_caps(tariff: Tariff) -> Iterator[Doubt]:
    lowest = _lowest(tariff.amount)
    for place, cap in enumerate(tariff.caps):
        if lowest is not None and cap.cents < lowest:
            text = f"Ce plafond de {in_euros(cap.cents)} est au-dessous du prix d’un seul jour : est-ce bien voulu ?"
            yield Doubt(f"caps.{place}", text)


def _of_components(tariff: Tariff, *, is_childcare: bool) -> Iterator[Doubt]:
    if is_childcare and not any(one.is_childcare for one in tariff.components):
        text = "Quelle part de ce prix est de la garde d’enfant ? Aucune ne l’est, et l’attestation fiscale sera vide."
        yield Doubt("components", text)
    lowest = _lowest(tariff.amount)
    taken = sum(one.cents or 0 for one in tariff.components)
    if lowest is not None and taken > lowest:
        text = (
            f"Les parts fixes font {in_euros(taken)}, plus que le plus petit prix ({in_euros(lowest)}) : est-ce voulu ?"
        )
        yield Doubt("components", text)
    for place, one in enumerate(tariff.components):
        if one.is_cesu and not one.is_childcare:
            text = "Cette part se paie en CESU sans être de la garde d’enfant : est-ce bien voulu ?"
            yield Doubt(f"components.{place}.cesu", text)


def _lowest(amount: Amount) -> int | None:
    """Will return the lowest sum that an amount may come to, None when nobody can say."""
    match amount:
        case Fixed(cents):
            return cents
        case EffortRate(floor=floor, missing=missing):
            return floor if missing is None or floor is None else min(floor, missing)
        case ByCount(together=True):
            return None
        case _:
            inside = [_lowest(inner) for inner in inner_amounts(amount)]
            known = [cents for cents in inside if cents is not None]
            return min(known) if len(known) == len(inside) else None
