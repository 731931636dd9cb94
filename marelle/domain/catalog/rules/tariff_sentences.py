"""The tariff in French, as a council votes it: sections of sentences, and tables that a screen can draw.

Two tariffs that differ in anything never read the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.rules.price_steps import SITUATIONS, counted_in_words, in_figures, rate_in_words
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.tariffs import (
    ByBracket,
    ByCount,
    ByDuration,
    BySituation,
    Condition,
    Counted,
    EffortRate,
    Fixed,
    Measure,
    Rounding,
    RoundingMode,
    Scope,
)
from marelle.foundation.french_dates import MONTHS, NO_BREAK, listed
from marelle.foundation.money import in_euros

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from marelle.domain.catalog.rules.tariffs import (
        Amount,
        Bracket,
        Cap,
        Case,
        Change,
        Component,
        LatePickup,
        Package,
        Tariff,
    )

_NO_NAMES: Final[Mapping[str, str]] = {}
_MEASURES: Final = {Measure.QUOTIENT: "quotient familial", Measure.INCOME: "revenu"}
_PER: Final = {
    Per.WEEK: "par semaine",
    Per.MONTH: "par mois",
    Per.PERIOD: "par période",
    Per.SCHOOL_YEAR: "par année scolaire",
}
_SCOPES: Final = {Scope.CHILD: "pour chaque enfant", Scope.FAMILY: "pour tous les enfants du foyer ensemble"}
_COUNTS: Final = {
    Counted.RANK: "rang de l’enfant",
    Counted.RANK_PRESENT: "rang parmi les présents",
    Counted.SIBLINGS_PRESENT: "enfants présents",
    Counted.CHILDREN_ENROLLED: "enfants inscrits",
    Counted.DAYS_OF_WEEK: "jours de la semaine",
}
_MEANINGS: Final = {
    Counted.RANK: "Le rang d’un enfant est sa place parmi ceux de son foyer inscrits au service, l’aîné d’abord.",
    Counted.RANK_PRESENT: (
        "Le rang d’un enfant parmi les présents est sa place parmi ceux de son foyer qui viennent ce jour, "
        "l’aîné d’abord."
    ),
    Counted.SIBLINGS_PRESENT: "Les enfants présents sont ceux du foyer qui viennent ce jour, celui-ci compris.",
    Counted.CHILDREN_ENROLLED: "Les enfants inscrits sont ceux du foyer inscrits au service, celui-ci compris.",
    Counted.DAYS_OF_WEEK: "Les jours de la semaine sont ceux où l’enfant vient, du lundi au dimanche.",
}
_ROUNDED: Final = {
    RoundingMode.HALF_UP: "au plus proche, la moitié vers le haut",
    RoundingMode.UP: "vers le haut",
    RoundingMode.DOWN: "vers le bas",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table to draw: its header and its rows, as many cells in each; the first cell of a row names it."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of the printed tariff: its title, its sentences in order, and the table under them, if any."""

    title: str
    sentences: tuple[str, ...]
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class _Choice:
    """A choice to be drawn: what its first column is called, a label and an amount for each, and what must be said."""

    heading: str
    labels: tuple[str, ...]
    amounts: tuple[Amount, ...]
    notes: tuple[str, ...]


def sections_of(tariff: Tariff, *, names: Mapping[str, str] = _NO_NAMES) -> tuple[Section, ...]:
    """Will print the whole tariff. `names` are those of categories, levels, formulas and options, by code."""
    sections = [*_priced(tariff.amount, "Prix", names)]
    if tariff.changes:
        sections.append(_changes(tariff.changes, names))
    for package in tariff.packages:
        sections += _package(package, names)
    if tariff.caps:
        sections.append(Section("Plafonds", tuple(map(_cap, tariff.caps))))
    if tariff.late_pickup is not None:
        sections.append(Section("Retard", tuple(_late_pickup(tariff.late_pickup))))
    if tariff.rounding != Rounding() or not tariff.is_flat:
        sections.append(Section("Arrondi", tuple(_rounding(tariff.rounding))))
    if tariff.components:
        sections.append(_components(tariff.components))
    if tariff.note:
        sections.append(Section("Note", (tariff.note,)))
    meanings = tuple(_MEANINGS[counted] for counted in Counted if counted in tariff.counts)
    return (*sections, *([Section("Sens des mots", meanings)] if meanings else []))


def sentences_of(tariff: Tariff, *, names: Mapping[str, str] = _NO_NAMES) -> tuple[str, ...]:
    """Will print the whole tariff without tables, a line each: for an e-mail, a terminal, a summary."""
    return tuple(line for section in sections_of(tariff, names=names) for line in _lines(section))


def _lines(section: Section) -> Iterator[str]:
    yield section.title
    yield from (f"  {sentence}" for sentence in section.sentences)
    if section.table is not None:
        heads = section.table.header[1:]
        for label, *cells in section.table.rows:
            said = " ; ".join(
                f"{head} : {cell}" if len(heads) > 1 else cell for head, cell in zip(heads, cells, strict=True) if cell
            )
            yield f"  {label} : {said}"


# -------------------------------------------------------------------------------------------------------------- amounts
def _priced(amount: Amount, title: str, names: Mapping[str, str]) -> Iterator[Section]:
    cell = _cell(amount)
    if cell is not None or isinstance(amount, Fixed | EffortRate):
        yield Section(title, (f"Le prix est de {cell}.",))
        return
    if isinstance(amount, ByDuration):
        first, *others = _priced(amount.amount, title, names)
        yield replace(first, sentences=(f"Le prix est compté {_slices(amount)}.", *first.sentences))
        yield from others
        return
    choice = _choice(amount, names)
    table, notes = _table(choice, names)
    if table is not None:
        yield Section(title, (*choice.notes, *notes), table)
        return
    yield Section(title, (f"Le prix dépend de ceci : {choice.heading.lower()}.", *choice.notes))
    for label, inner in zip(choice.labels, choice.amounts, strict=True):
        yield from _priced(inner, f"{title} – {label}", names)


def _cell(amount: Amount) -> str | None:
    """Will write in a few words an amount that chooses nothing; None when it does."""
    match amount:
        case Fixed(cents):
            return in_euros(cents)
        case EffortRate():
            return _rate(amount)
        case ByDuration():
            each = _cell(amount.amount)
            return None if each is None else f"{each} {_slices(amount)}"
        case _:
            return None


def _rate(rate: EffortRate) -> str:
    words = [f"{rate_in_words(rate.millionths)} du {_MEASURES[rate.of]}"]
    if rate.floor is not None:
        words.append(f"au moins {in_euros(rate.floor)}")
    if rate.ceiling is not None:
        words.append(f"au plus {in_euros(rate.ceiling)}")
    if rate.missing is not None:
        words.append(f"et {in_euros(rate.missing)} s’il n’est pas connu")
    return ", ".join(words)


def _slices(amount: ByDuration) -> str:
    presumed = "" if amount.presumed is None else f" ({amount.presumed}{NO_BREAK}min si personne n’a noté la durée)"
    return f"par tranche de {amount.minutes}{NO_BREAK}min commencée{presumed}"


def _choice(amount: ByBracket | ByCount | BySituation, names: Mapping[str, str]) -> _Choice:
    match amount:
        case ByBracket():
            return _of_brackets(amount)
        case ByCount():
            return _of_counts(amount)
        case BySituation():
            return _of_situations(amount, names)


def _of_brackets(amount: ByBracket) -> _Choice:
    labels, before = [], None
    for place, bracket in enumerate(amount.brackets, start=1):
        labels.append(f"Tranche {bracket.name or place} : {_range(before, bracket)}")
        before = bracket
    what = _MEASURES[amount.of]
    if amount.missing is None:
        notes = [f"Il n’y a pas de prix pour qui n’a pas donné son {what}."]
    else:
        band = amount.brackets[amount.missing].name or amount.missing + 1
        notes = [f"La tranche {band} vaut pour qui n’a pas donné son {what}."]
    if amount.is_whole:
        notes.append(f"Les centimes du {what} ne comptent pas.")
    return _Choice(what.capitalize(), tuple(labels), tuple(bracket.amount for bracket in amount.brackets), tuple(notes))


def _range(before: Bracket | None, bracket: Bracket) -> str:
    words = []
    if before is not None and before.upto is not None:
        words.append(f"{'plus de' if before.is_inclusive else 'à partir de'} {in_figures(before.upto)}")
    if bracket.upto is not None:
        words.append(f"{'jusqu’à' if bracket.is_inclusive else 'moins de'} {in_figures(bracket.upto)}")
    return ", ".join(words) or "pour tous"


def _of_counts(amount: ByCount) -> _Choice:
    last = len(amount.amounts)
    labels = [counted_in_words(amount.counted, count) for count in range(1, last + 1)]
    labels[-1] += " ou plus"
    together = (
        "Ce prix est celui de tous les enfants présents ensemble ; chacun paie ce qu’il ajoute à ceux d’avant lui.",
    )
    return _Choice(
        _COUNTS[amount.counted].capitalize(), tuple(labels), amount.amounts, together if amount.together else ()
    )


def _of_situations(amount: BySituation, names: Mapping[str, str]) -> _Choice:
    cases, rest = amount.cases, amount.otherwise
    labels = tuple(_case(case, names) for case in cases)
    amounts = tuple(case.amount for case in cases)
    notes = ("Quand plusieurs situations conviennent, la première seule compte.",) if len(cases) > 1 else ()
    if rest is None:
        return _Choice("Situation", labels, amounts, (*notes, "Il n’y a pas de prix pour les autres."))
    return _Choice("Situation", (*labels, "Pour les autres"), (*amounts, rest), notes)


def _case(case: Case, names: Mapping[str, str]) -> str:
    who = _either(case.codes, names)
    return f"« {case.name} » : {who}" if case.name else f"{who[:1].upper()}{who[1:]}"


def _either(codes: tuple[str, ...], names: Mapping[str, str]) -> str:
    *others, last = [_situation(code, names) for code in codes]
    return f"{', '.join(others)} ou {last}" if others else last


def _situation(code: str, names: Mapping[str, str]) -> str:
    return SITUATIONS.get(code) or f"« {names.get(code, code)} »"


def _table(choice: _Choice, names: Mapping[str, str]) -> tuple[Table | None, tuple[str, ...]]:
    """Will draw a choice, or a choice in each of which the same choice is made; None when neither fits."""
    cells = [_cell(amount) for amount in choice.amounts]
    if all(cell is not None for cell in cells):
        rows = tuple((label, cell or "") for label, cell in zip(choice.labels, cells, strict=True))
        return Table((choice.heading, "Prix"), rows), ()
    inner = [
        _choice(amount, names) for amount in choice.amounts if isinstance(amount, ByBracket | ByCount | BySituation)
    ]
    if len(inner) < len(choice.amounts):
        return None, ()
    first = inner[0]
    inside = [[_cell(amount) for amount in each.amounts] for each in inner]
    # The same choice, with the same words: only the prices change from one line to the next.
    if any((each.heading, each.labels, each.notes) != (first.heading, first.labels, first.notes) for each in inner):
        return None, ()
    if any(cell is None for row in inside for cell in row):
        return None, ()
    lines = tuple((label, *(cell or "" for cell in row)) for label, row in zip(choice.labels, inside, strict=True))
    columns = f"Dans chaque ligne, le prix dépend de ceci : {first.heading.lower()}."
    return Table((choice.heading, *first.labels), lines), (columns, *first.notes)


# ------------------------------------------------------------------------------------------- what stands around a price
def _changes(changes: tuple[Change, ...], names: Mapping[str, str]) -> Section:
    sentences = [_change(change, names) for change in changes]
    if len(changes) > 1:
        sentences.append("Ils s’appliquent dans cet ordre, chacun à ce que laisse celui d’avant.")
    return Section("Réductions et suppléments", tuple(sentences))


def _change(change: Change, names: Mapping[str, str]) -> str:
    amount = f"{abs(change.percent)}{NO_BREAK}%" if change.percent else in_euros(abs(change.cents))
    way = "de plus" if change.percent + change.cents > 0 else "de moins"
    return f"« {change.name} » : {amount} {way}{_when(change.when, names)}."


def _when(when: Condition, names: Mapping[str, str]) -> str:
    words = [f"pour {_either(when.codes, names)}"] if when.codes else []
    if when.counted is not None:
        words.append(f"{_COUNTS[when.counted]} : {_span(when)}")
    return "".join(f", {word}" for word in words) or ", pour tous"


def _span(when: Condition) -> str:
    if when.upto is None:
        return f"{when.least} ou plus"
    return str(when.least) if when.least == when.upto else f"de {when.least} à {when.upto}"


def _package(package: Package, names: Mapping[str, str]) -> Iterator[Section]:
    first, *others = _priced(package.amount, f"Forfait « {package.name} » ({package.code})", names)
    yield replace(first, sentences=(*_package_sentences(package), *first.sentences))
    yield from others


def _package_sentences(package: Package) -> Iterator[str]:
    many = "s" if (package.sessions or 0) > 1 else ""
    per = _PER[package.per] if package.per is not None else f"pour {package.sessions} séance{many}"
    yield f"Ce forfait se paie {per}, {_SCOPES[package.scope]}."
    if package.is_for_all:
        yield "Il vaut pour tous les enfants inscrits."
    else:
        yield "Il vaut pour les enfants inscrits à cette formule."
    if package.includes_days:
        yield "Les jours ne coûtent alors rien de plus."
    else:
        yield "Chaque jour se paie en plus."
    if package.refund:
        yield f"Chaque jour que le règlement rend entier donne droit à {in_euros(package.refund)}."
    if package.installments:
        months = listed([MONTHS[month - 1] for month in package.installments])
        yield f"Il se paie en {len(package.installments)} fois, en parts égales : {months}."


def _cap(cap: Cap) -> str:
    return f"Pas plus de {in_euros(cap.cents)} {_PER[cap.per]}, {_SCOPES[cap.scope]}."


def _late_pickup(late: LatePickup) -> Iterator[str]:
    slices = f"{in_euros(late.cents)} par tranche de {late.minutes}{NO_BREAK}min commencée"
    yield f"Un enfant repris après l’heure coûte {slices}, comptée depuis l’heure de fin."
    if late.grace:
        yield f"Jusqu’à {late.grace}{NO_BREAK}min, rien n’est dû ; au-delà, tout le retard compte."


def _rounding(rounding: Rounding) -> Iterator[str]:
    when = "à chaque étape du calcul" if rounding.at_each_step else "une seule fois, à la fin du calcul"
    yield f"Un prix calculé est arrondi à {in_euros(rounding.to)}, {_ROUNDED[rounding.mode]}, {when}."


def _components(components: tuple[Component, ...]) -> Section:
    header = ("Code comptable", "Part", "Montant", "Garde d’enfant", "Payable en CESU")
    rows = tuple(
        (
            one.code,
            one.name,
            _part(one),
            "oui" if one.is_childcare else "non",
            "oui" if one.is_cesu else "non",
        )
        for one in components
    )
    return Section(
        "Ce que comprend le prix",
        ("Les parts sont prises dans cet ordre, puis ce qui reste.",),
        Table(header, rows),
    )


def _part(component: Component) -> str:
    if component.cents is not None:
        return in_euros(component.cents)
    return "ce qui reste" if component.percent is None else f"{component.percent}{NO_BREAK}%"
