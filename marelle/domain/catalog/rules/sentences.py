"""Rules in plain French: the same data that decides, said in a sentence."""

from __future__ import annotations

from marelle.domain.catalog.rules.cutoffs import (
    Boundary,
    Cutoff,
    MonthCutoff,
    Never,
    Offset,
    SameDay,
    Unit,
    WeekCutoff,
    WeekdayTable,
)
from marelle.foundation.french_dates import WEEKDAYS, hour, listed

_COUNTED = {
    Unit.DAY: ("jour", "jours"),
    Unit.WEEKDAY: ("jour de semaine", "jours de semaine"),
    Unit.WORKING_DAY: ("jour ouvré", "jours ouvrés"),
    Unit.CLEAR_DAY: ("jour franc", "jours francs"),
    Unit.SCHOOL_DAY: ("jour de classe", "jours de classe"),
    Unit.HOUR: ("heure", "heures"),
}


def cutoff_in_words(cutoff: Cutoff) -> str:  # noqa: C901, PLR0911  one return a shape
    """Will say when, without the verb: « la veille avant 9 h », « jusqu’au jeudi de la semaine d’avant, 12 h »."""
    match cutoff:
        case Never():
            return "pas en ligne"
        case SameDay(at, boundary):
            return f"le jour même {_until(boundary)} {hour(at)}"
        case Offset(1, Unit.DAY, at, boundary):
            return f"la veille {_until(boundary)} {hour(at)}"
        case Offset(0, Unit.DAY, at, boundary):
            return f"le jour même {_until(boundary)} {hour(at)}"
        case Offset(count, Unit.HOUR, _, _):
            return f"au moins {count} {_counted(count, Unit.HOUR)} avant le début de la journée"
        case Offset(1, Unit.SCHOOL_DAY, at, boundary):
            return f"le jour de classe précédent {_until(boundary)} {hour(at)}"
        case Offset(count, unit, at, boundary):
            return f"{count} {_counted(count, unit)} avant, {_until(boundary)} {hour(at)}"
        case WeekCutoff(weekday, at, 1, boundary):
            return f"le {WEEKDAYS[weekday]} de la semaine d’avant, {_until(boundary)} {hour(at)}"
        case WeekCutoff(weekday, at, weeks, boundary):
            return f"le {WEEKDAYS[weekday]}, {weeks} semaines avant, {_until(boundary)} {hour(at)}"
        case WeekdayTable(table, boundary):
            rows = [
                f"le {WEEKDAYS[weekday]} {_until(boundary)} {hour(at)} pour le {WEEKDAYS[day]}"
                for day, weekday, at in table
            ]
            return listed(rows)
        case MonthCutoff(day, months):
            number = "1ᵉʳ" if day == 1 else str(day)
            month = " du mois d’avant" if months == 1 else f", {months} mois avant"
            return f"jusqu’au {number}{month}"


def _until(boundary: Boundary) -> str:
    return "avant" if boundary is Boundary.BEFORE else "jusqu’à"


def _counted(count: int, unit: Unit) -> str:
    return _COUNTED[unit][count > 1]
