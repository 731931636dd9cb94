"""What the figures say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.reservations.rules.figures import Step
from marelle.domain.reservations.rules.forecast import Method
from marelle.foundation.french_dates import MONTHS, NO_BREAK, SHORT_MONTHS, in_short, listed, without_weekday
from marelle.web.components.charts import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from marelle.domain.families.rules.spread import Band
    from marelle.domain.reservations.rules.forecast import Forecast

NOT_YOURS: Final = "Choisissez dans la liste : ce service ou ce lieu n’y est pas."
NO_STEP: Final = "Choisissez : par jour, par semaine ou par mois."
NO_HORIZON: Final = "Choisissez un nombre de semaines dans la liste."
BAD_PERIOD: Final = "La fin vient avant le début."
TOO_LONG: Final = "Choisissez une période de quatre ans au plus."

TABS: Final = {
    "office_figures": "Fréquentation",
    "office_figures_filling": "Remplissage",
    "office_figures_forecast": "Prévision",
    "office_figures_hours": "Heures CAF",
    "office_figures_quotients": "Quotients",
    "office_figures_unpaid": "Impayés",
}
LEADS: Final = {
    "office_figures": "Qui a réservé, qui est venu.",
    "office_figures_filling": "Les places prises, séance par séance.",
    "office_figures_forecast": "Combien d’enfants viendront, d’après les réservations et l’an dernier.",
    "office_figures_hours": "Les heures d’accueil à reporter dans la déclaration d’activité.",
    "office_figures_quotients": "Les quotients des familles qui ont un enfant inscrit aujourd’hui.",
    "office_figures_unpaid": "Ce qui est dû à ce jour, par ancienneté.",
}
BY_STEP: Final = {Step.DAY: "Jour", Step.WEEK: "Semaine du", Step.MONTH: "Mois"}

# How each figure is made, said under it.
ATTENDANCE_NOTE: Final = (
    "Les réservations annulées ne comptent pas. « Sans réservation » : venus sans avoir réservé. « Non pointés » : "
    "réservés, et personne n’a noté s’ils sont venus."
)
FILLING_NOTE: Final = (
    "Une place est prise par une réservation enregistrée ou gardée. Les séances sans limite de places sont à part."
)
FORECAST_NOTE: Final = (
    "L’an dernier, autant de jours avant, une part des enfants venus avait déjà réservé : la même part est supposée "
    "des réservations d’aujourd’hui. Chaque jour est comparé à trois mêmes jours de la semaine, les plus proches de "
    "cinquante-deux semaines plus tôt, vacances avec vacances. Quand moins de vingt réservations étaient faites si "
    "tôt, la prévision est leur nombre d’alors. Elle ne dépasse jamais ce que permettent les places et les enfants "
    "inscrits ce jour-là."
)
HOURS_NOTE: Final = (
    "Heures réalisées : les enfants pointés présents, avec ou sans réservation ; chacun compte la durée notée, sinon "
    "la durée entière de la séance. Heures facturées : les jours des factures émises, corrections déduites, pour la "
    "durée de la séance ; les forfaits n’ont pas de jours et n’y sont pas. L’âge est celui du jour. Votre convention "
    "avec la CAF dit lesquelles déclarer, et combien compte une journée d’accueil de loisirs."
)
UNTICKED: Final = (
    "Ces enfants ne comptent pas dans les heures réalisées. Complétez les feuilles de présence avant de déclarer."
)
SCHEME_NOTE: Final = "Le régime est celui de l’organisme qui a donné le dernier quotient de la famille."
QUOTIENT_NOTE: Final = (
    "Une tranche de moins de cinq familles n’est pas dite, ni la plus petite des autres si elle seule suffisait à la "
    "retrouver : personne ne doit pouvoir être reconnu."
)
UNPAID_NOTE: Final = (
    "Le reste dû des factures échues, tel que le dit le grand livre. Ce que le Trésor public recouvre est compté, "
    "et dit à part. Les factures venues d’un autre logiciel n’y sont pas."
)
FEW: Final = "moins de 5, ou masqué"
NO_QUOTIENT: Final = "Sans quotient"
YOUNG: Final = "Moins de 6 ans"
OLDER: Final = "6 ans et plus"
SCHEMES: Final = {"CNAF": "Régime général (CAF)", "MSA": "Régime agricole (MSA)"}
NO_SCHEME: Final = "Non connu"


def period(first: date, last: date) -> str:
    """Will write « du 1ᵉʳ septembre 2026 au 30 novembre 2026 »."""
    return f"du {without_weekday(first, year=True)} au {without_weekday(last, year=True)}"


def step_label(start: date, step: Step, *, has_years: bool) -> str:
    """Will name a day, a week or a month in few signs, with its year when there are several."""
    match step:
        case Step.DAY:
            return in_short(start)
        case Step.WEEK:
            return f"{start:%d/%m/%y}" if has_years else f"{start:%d/%m}"
        case Step.MONTH:
            return f"{SHORT_MONTHS[start.month - 1]}{NO_BREAK}{start:%y}" if has_years else MONTHS[start.month - 1]


def band(one: Band) -> str:
    """Will name a band of quotients: « 250 à 499,99 »."""
    if one.from_cents is None:
        return NO_QUOTIENT
    if one.below_cents is None:
        return f"{_euros(one.from_cents)} et plus"
    return f"{_euros(one.from_cents)} à {_euros(one.below_cents - 100)}"


def _euros(cents: int) -> str:
    return f"{cents // 100:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def how(one: Forecast) -> str:
    """Will say how a day was foreseen."""
    days = ", ".join(f"{day:%d/%m/%y}" for day in one.days)
    most = " ; ramené à ce que permettent les places et les inscrits" if one.is_capped else ""
    match one.method:
        case Method.COMPLETED:
            return f"{one.share} % réservés si tôt ({days}){most}"
        case Method.LAST_YEAR:
            return f"comme l’an dernier ({days}){most}"
        case Method.NOTHING_KNOWN:
            return "réservations seules : rien de semblable l’an dernier"


def age(after: int, until: int | None) -> str:
    """Will name a band of ages: « 30 jours au plus », « 31 à 60 jours », « plus de 90 jours »."""
    if until is None:
        return f"plus de {after - 1} jours"
    return f"{until} jours au plus" if after == 1 else f"{after} à {until} jours"


def percent(value: float | None) -> str:
    """Will write a share: « 87 % »."""
    return UNKNOWN if value is None else f"{round(value)}\N{NARROW NO-BREAK SPACE}%"


def left_out(days: Mapping[date, Collection[str]]) -> list[str]:
    """Will say which days are not foreseen, because events close them; nothing without any."""
    if not days:
        return []
    said = [f"{without_weekday(day)} ({listed(sorted(titles))})" for day, titles in sorted(days.items())]
    return [f"Pas de prévision pour ce qu’un événement ferme : {listed(said)}."]
