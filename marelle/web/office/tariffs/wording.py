"""The words of the tariffs' screens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.rules.price_steps import Lacking, rate_in_words
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.tariffs import (
    ByBracket,
    ByDuration,
    BySituation,
    EffortRate,
    Fixed,
    Measure,
    inner_amounts,
)
from marelle.domain.catalog.rules.versions import Obstruction
from marelle.foundation.french_dates import MONTHS, NO_BREAK, in_full, listed
from marelle.foundation.money import in_euros
from marelle.web.office.long_forms.saving import NO_DAY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from marelle.domain.catalog.rules.price_steps import Priced, Unpriced
    from marelle.domain.catalog.rules.tariffs import Amount, Package, Tariff
    from marelle.domain.catalog.rules.versions import Decided

HIGHEST_MEASURE: Final = 100_000_000
NO_AMOUNT: Final = "Indiquez un nombre d’euros, par exemple 742 ou 742,50."
NO_SITUATION: Final = "Choisissez dans la liste."
MISSING: Final = "Aucun tarif : ce qui est réservé n’a pas de prix."
NOT_YET: Final = "Aucun tarif n’est encore en vigueur."
UNREADABLE: Final = "Le tarif enregistré ne peut pas être lu : ce qui est réservé n’a pas de prix."
TOO_RICH: Final = "Ce tarif a une forme que le formulaire n’a pas : il s’écrit en YAML."
IN_FORCE: Final = "Cette version est en vigueur : enregistrez plutôt une nouvelle version."
LACKING: Final = {
    Lacking.QUOTIENT: "Pas de prix : le tarif ne dit rien de qui n’a pas donné son quotient ou son revenu.",
    Lacking.BRACKET: "Pas de prix : aucune tranche ne va jusque-là.",
    Lacking.SITUATION: "Pas de prix : le tarif ne dit rien de cette situation.",
    Lacking.DURATION: "Pas de prix : le tarif dépend de la durée, et ne dit rien quand elle n’est pas notée.",
    Lacking.TARIFF: "Pas de prix : aucun tarif n’est voté.",
}
_PER: Final = {Per.MONTH: "par mois", Per.SCHOOL_YEAR: "par année scolaire"}


def obstruction(found: Obstruction, priced: Decided, invoiced: int) -> str:
    """Will say what stands against recording; `invoiced` of the days with a price are on issued invoices."""
    match found:
        case Obstruction.PAST_PRICED:
            return (
                f"{_days(priced.past)} {'passé' if priced.past == 1 else 'passés'} depuis cette date "
                f"{'a' if priced.past == 1 else 'ont'} déjà un prix{_invoiced(invoiced)}. "
                "Cochez la case pour confirmer."
            )
        case Obstruction.IN_THE_PAST:
            return "Ce jour est passé. Cochez la case pour confirmer, ou choisissez un jour à venir."
        case Obstruction.COMING_DECIDED:
            return (
                f"{_days(priced.coming)} à venir {'a' if priced.coming == 1 else 'ont'} déjà été "
                f"{'réservé' if priced.coming == 1 else 'réservés'} à un prix que les familles ont vu. "
                "Cochez la case pour confirmer."
            )
        case _:
            return NO_DAY


def _invoiced(days: int) -> str:
    if not days:
        return ", pas encore facturé"
    return f", dont {days} facturé{'s' if days > 1 else ''} : une correction fera un avoir ou un complément"


def _days(count: int) -> str:
    return f"{count} jour{'s' if count > 1 else ''}"


def saved(name: str, day: date) -> str:
    """Will say what was recorded."""
    return f"Tarif enregistré : {name}, à partir du {in_full(day, year=True)}."


def withdrawn(name: str, day: date) -> str:
    """Will say what was taken back."""
    return f"Version retirée : {name}, qui devait valoir à partir du {in_full(day, year=True)}."


def fault(reason: str) -> str:
    """Will make a sentence of a reason, for somebody who fills in a form: there, nothing goes between quotes."""
    plain = reason.replace(" entre guillemets", "").replace('"', "")
    return f"{plain[:1].upper()}{plain[1:]}."


def a_number(least: int, most: int) -> str:
    """Will say which numbers are possible."""
    return f"Indiquez un nombre de {least} à {most}."


def month_of(day: date) -> str:
    """Will write « octobre 2026 »."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def in_short(tariff: Tariff, noun: str) -> str:
    """Will say a tariff in a line: « 3,85 € par repas », « de 1,20 € à 4,60 € par repas, selon le quotient »."""
    leaves = list(_leaves(tariff.amount))
    rates = [one for one in leaves if isinstance(one, EffortRate)]
    cents = [one.cents for one in leaves if isinstance(one, Fixed)]
    cents += [end for rate in rates for end in (rate.floor, rate.ceiling) if end is not None]
    if isinstance(tariff.amount, ByDuration):
        each = f"par tranche de {tariff.amount.minutes}{NO_BREAK}min"
    else:
        each = f"par {noun}"
    ends = _ends(cents)
    reasons = list(dict.fromkeys(_reasons(tariff.amount)))
    if len(rates) == len(leaves) == 1:
        of = "du quotient" if rates[0].of is Measure.QUOTIENT else "du revenu"
        words = [f"{rate_in_words(rates[0].millionths)} {of} {each}", *([ends] if ends else [])]
    else:
        words = [f"{ends or 'taux d’effort'} {each}", *([f"selon {listed(reasons)}"] if reasons else [])]
    if tariff.changes:
        words.append("réductions et suppléments" if len(tariff.changes) > 1 else tariff.changes[0].name)
    if tariff.packages:
        words.append("forfaits" if len(tariff.packages) > 1 else f"forfait « {tariff.packages[0].name} »")
    return ", ".join(words)


def _ends(cents: list[int]) -> str:
    if not cents:
        return ""
    least, most = min(cents), max(cents)
    return in_euros(least) if least == most else f"de {in_euros(least)} à {in_euros(most)}"


def _leaves(amount: Amount) -> Iterator[Amount]:
    inner = inner_amounts(amount)
    if not inner:
        yield amount
    for each in inner:
        yield from _leaves(each)


def _reasons(amount: Amount) -> Iterator[str]:
    match amount:
        case ByBracket(of=of) | EffortRate(of=of):
            yield "le quotient" if of is Measure.QUOTIENT else "le revenu"
        case ByDuration() | Fixed():
            pass
        case BySituation():
            yield "la situation"
        case _:
            yield "le nombre d’enfants ou de jours"
    for each in inner_amounts(amount):
        yield from _reasons(each)


def due(found: Priced | Unpriced) -> str:
    """Will write a price, or « pas de prix »."""
    cents = getattr(found, "cents", None)
    return "pas de prix" if cents is None else in_euros(cents)


def package(one: Package) -> str:
    """Will name a package and what it is paid for."""
    span = _PER[one.per] if one.per is not None else f"pour {one.sessions} séance{'s' if one.sessions != 1 else ''}"
    return f"Forfait « {one.name} », {span}"


def signed(cents: int) -> str:
    """Will write « + 3,10 € », « − 3,10 € », « 0,00 € »."""
    return f"+{NO_BREAK}{in_euros(cents)}" if cents > 0 else in_euros(cents)


def nobody_came(month: str) -> str:
    """Will say that a month has no reservation."""
    return f"Aucune réservation n’est enregistrée en {month}."


def band(name: str) -> str:
    """Will name a band."""
    return f"Tranche {name}" if name else "Sans tranche"


def unpriced(days: int) -> str:
    """Will say how many days the tariff has no price for."""
    return f"{_days(days)} sans prix : {'il n’est pas compté' if days == 1 else 'ils ne sont pas comptés'} ici."


def unpriced_before(days: int) -> str:
    """Will say how many days the tariff before had no price for."""
    return f"{_days(days)} sans prix avec le tarif d’avant."
