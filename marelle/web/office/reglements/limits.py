"""Until when, as a form: the cut-offs that authorities publish, their exceptions, what the calendar does to them."""

from __future__ import annotations

from typing import Any, Final

from marelle.domain.catalog.rules.closings import When
from marelle.domain.catalog.rules.cutoffs import Obstacle, Unit
from marelle.domain.catalog.rules.written import WEEKDAY_CODES
from marelle.foundation.french_dates import WEEKDAYS
from marelle.web.office.long_forms.pieces import (
    ByMonth,
    Checks,
    Group,
    Hour,
    Line,
    Moment,
    Number,
    Option,
    Rows,
    Select,
    Variant,
    WeekdayAndHour,
    tagged,
    word,
)

DAYS: Final = tuple(zip(WEEKDAY_CODES, WEEKDAYS, strict=True))
BEFORE: Final = Select(
    "La limite elle-même", (("lt", "est trop tard (« avant »)"), ("le", "est à temps (« jusqu’à »)"))
)
UNTIL: Final = Select(
    "La limite elle-même", (("le", "est à temps (« jusqu’au »)"), ("lt", "est trop tard (« avant »)"))
)
UNITS: Final = (
    (Unit.DAY.value, "jours"),
    (Unit.WEEKDAY.value, "jours de semaine (du lundi au vendredi)"),
    (Unit.WORKING_DAY.value, "jours ouvrés (sans samedi, dimanche ni jour férié)"),
    (Unit.CLEAR_DAY.value, "jours francs"),
    (Unit.SCHOOL_DAY.value, "jours de classe"),
    (Unit.HOUR.value, "heures"),
)
OBSTACLES: Final = (
    (Obstacle.WEEKEND.value, "un samedi ou un dimanche"),
    (Obstacle.PUBLIC_HOLIDAY.value, "un jour férié"),
    (Obstacle.BRIDGE_DAY.value, "un jour de pont"),
    (Obstacle.SCHOOL_HOLIDAY.value, "pendant les vacances scolaires"),
    (Obstacle.TOWN_HALL_SHUT.value, "un jour où la mairie est fermée"),
)
NOT_COUNTED: Final = (
    (Obstacle.WEEKEND.value, "samedis et dimanches"),
    (Obstacle.PUBLIC_HOLIDAY.value, "jours fériés"),
    (Obstacle.BRIDGE_DAY.value, "ponts"),
    (Obstacle.SCHOOL_HOLIDAY.value, "vacances scolaires"),
    (Obstacle.TOWN_HALL_SHUT.value, "jours où la mairie est fermée"),
)
NO_HOUR: Final = "Sans heure : à minuit pour « avant », à la fin du jour pour « jusqu’à »."


def _hour(label: str = "Heure", *, is_optional: bool = False, hint: str = "") -> Hour:
    return Hour(label, "time", hint=hint, is_optional=is_optional)


def cutoff(label: str) -> Variant:
    """Will describe a cut-off: one shape among those that authorities publish."""
    table = tuple((code, WeekdayAndHour(f"Pour le {name}", DAYS, is_optional=True)) for code, name in DAYS)
    windows = Group(
        "",
        (
            ("first", Line("Du", "date")),
            ("last", Line("au", "date")),
            ("opens", Moment("Ouvre le", "datetime-local", is_optional=True)),
            ("closes", Moment("Ferme le", "datetime-local")),
        ),
    )
    by_month = Group("", (("month", Line("Mois de service", "month")), ("date", Line("Limite", "date"))))
    return Variant(
        label,
        (
            tagged(
                "shape",
                "offset",
                "un nombre de jours ou d’heures avant",
                ("count", Number("Combien", "number")),
                ("unit", Select("de", UNITS)),
                ("time", _hour(is_optional=True, hint=NO_HOUR)),
                ("boundary", BEFORE),
                ("not_counted", Checks("Jours qui ne comptent pas en plus", NOT_COUNTED)),
            ),
            tagged(
                "shape",
                "weekday_table",
                "un tableau, jour par jour",
                ("table", Group("La limite est", table)),
                ("boundary", BEFORE),
                hint="Un jour laissé vide ne se réserve jamais en ligne.",
            ),
            tagged(
                "shape",
                "week_cutoff",
                "un jour de la semaine d’avant, pour toute la semaine",
                ("cutoff", WeekdayAndHour("La limite est", DAYS)),
                ("weeks", Number("Semaines d’avance", "number", is_optional=True, hint="1 : la semaine d’avant.")),
                ("boundary", BEFORE),
            ),
            tagged(
                "shape",
                "same_day",
                "le jour même",
                ("from", _hour("À partir de", is_optional=True)),
                ("time", _hour()),
                ("boundary", BEFORE),
            ),
            tagged(
                "shape",
                "month_cutoff",
                "un jour du mois d’avant, pour tout le mois",
                ("day", Number("Le", "number", hint="De 1 à 31 ; un jour qui manque est le dernier du mois.")),
                ("months", Number("Mois d’avance", "number", is_optional=True, hint="1 : le mois d’avant.")),
                ("time", _hour(is_optional=True, hint=NO_HOUR)),
                ("boundary", UNTIL),
            ),
            tagged(
                "shape",
                "date_list",
                "des dates publiées, mois par mois",
                ("by_month", ByMonth("Dates", "Ajouter un mois", by_month, spare=2)),
                ("time", _hour(is_optional=True, hint=NO_HOUR)),
                ("boundary", UNTIL),
            ),
            tagged(
                "shape",
                "window",
                "des périodes d’inscription publiées",
                ("windows", Rows("Périodes", "Ajouter une période", windows, spare=1)),
                ("boundary", UNTIL),
            ),
            tagged(
                "shape",
                "last_school_day",
                "le dernier jour de classe avant les vacances",
                ("count", Number("Combien de jours de classe", "number", is_optional=True, hint="1 : le dernier.")),
                ("time", _hour(is_optional=True, hint=NO_HOUR)),
                ("boundary", BEFORE),
            ),
            tagged("shape", "never", "jamais en ligne"),
        ),
        tag="shape",
    )


def _in_week(written: Any) -> Any:
    return written if isinstance(written, dict) and "public_holiday" in written else None


WHEN: Final = Variant(
    "Quand",
    (
        word(When.FIRST_SCHOOL_DAY.value, "c’est le jour de la rentrée"),
        word(When.FIRST_WEEK.value, "c’est la semaine de la rentrée"),
        word(When.SCHOOL_HOLIDAYS.value, "c’est pendant les vacances scolaires"),
        word(When.AFTER_PUBLIC_HOLIDAY.value, "la veille (du lundi au vendredi) est un jour férié"),
        Option(
            "public_holiday",
            "un jour de la même semaine est férié",
            _in_week,
            group=Group("", (("public_holiday", Select("Ce jour est le", DAYS)),)),
        ),
    ),
)


def closing(label: str) -> Group:
    """Will describe until when: a cut-off, its exceptions, and what the calendar does to it."""
    falls = tuple(
        (
            obstacle,
            Select(
                f"Si elle tombe {words}", (("keep", "elle ne change pas"), ("before", "avancée"), ("after", "reportée"))
            ),
        )
        for obstacle, words in OBSTACLES
    )
    return Group(
        label,
        (
            ("+cutoff", cutoff("La limite est fixée par")),
            (
                "exceptions",
                Rows(
                    "Exceptions, la première qui convient l’emporte",
                    "Ajouter une exception",
                    Group(
                        "",
                        (("when", WHEN), ("+cutoff", cutoff("La limite devient"))),
                    ),
                ),
            ),
            ("falls_on", Group("Le jour où tombe la limite, à la même heure", falls)),
        ),
    )
