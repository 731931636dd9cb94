"""The words of custody, on the agents' screens."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from marelle.foundation.french_dates import MONTHS, in_full, listed, without_weekday

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from marelle.domain.reservations.models import CustodyDay, CustodyProposal, SharedCustody

OF_NOBODY: Final = "aucun calendrier"
CHANGES: Final = ", change de foyer"
NO_CALENDAR: Final = "Sans calendrier : l’un ou l’autre foyer réserve, et paie ce qu’il réserve."
PAST_DAY: Final = "Un calendrier de garde ne change pas les jours passés : choisissez aujourd’hui ou un jour à venir."
NO_DAY: Final = "Indiquez un jour, par exemple 24/11/2026."
CHOOSE: Final = "Choisissez l’une de ces réponses."
WORDS_NEEDED: Final = "Écrivez ce que les deux foyers liront."
WORDS_TOO_LONG: Final = "1 000 caractères au plus."
BOTH_READ: Final = "Les deux foyers liront ces mots. N’y nommez pas l’autre foyer."
ONE_HOME: Final = "Cet enfant vit dans un seul foyer : dites d’abord dans quels foyers il vit."
MEANWHILE: Final = (
    "Cette garde a changé entre-temps",
    "Un collègue ou un foyer l’a modifiée, ou une réservation a changé. Voici ce qui se passerait maintenant.",
)
MEANWHILE_DAYS: Final = (
    "Cette garde a changé entre-temps",
    "Un collègue ou un foyer l’a modifiée. Regardez de nouveau, puis recommencez.",
)
AS_CALENDAR: Final = "Comme le calendrier le dit"
NOTHING_CHANGES: Final = "Rien ne change : la demande est écartée, les deux foyers en sont prévenus."
TOO_LATE: Final = "Le jour demandé est passé : choisissez un autre jour, ou écartez la demande."
ALREADY: Final = "Cette demande a déjà une réponse"
ENDED_CALENDAR: Final = "Le calendrier de garde de {name} prend fin le {day}."
CHECKED: Final = "J’ai vérifié que l’enfant peut vivre dans le foyer de cette personne"
TO_CHECK: Final = "Cochez aussi cette case : l’accès d’une personne de ce foyer à un dossier de l’enfant est retiré."
ANSWERS: Final = {
    "accept": "Accepter ce qui est demandé",
    "other": "Régler d’autres modalités",
    "dismiss": "Écarter la demande",
}
NOT_ANSWERED: Final = "L’autre foyer n’a pas encore répondu."


def kept_out(person: str, home: str) -> str:
    """Will say that somebody of a home that may be chosen is kept out of a file of the child."""
    return (
        f"L’accès de {person} à un dossier de cet enfant est retiré, et {home} est son foyer : dans ce foyer, cette"
        " personne verrait l’enfant."
    )


def counted(count: int, one: str, many: str = "") -> str:
    """Will write « 1 jour », « 3 jours »."""
    return f"{count} {(many or one + 's') if _are(count) else one}"


def _are(count: int) -> bool:
    """Will tell whether a count takes the plural, which in French begins at two."""
    return count > 1


def on(at: datetime, zone: ZoneInfo) -> str:
    """Will write the day of a moment."""
    return in_full(at.astimezone(zone).date(), year=True)


def lives(since: date, until: date | None, *, today: date) -> str:
    """Will say since when a child lives with a home, or from when on, or until when it lived there."""
    if until is not None and until < today:
        return f"jusqu’au {without_weekday(until, year=True)}"
    begins = f"{'à partir du' if since > today else 'depuis le'} {without_weekday(since, year=True)}"
    return f"{begins}, jusqu’au {without_weekday(until, year=True)}" if until is not None else begins


def origin(row: SharedCustody, agent: str, zone: ZoneInfo) -> str:
    """Will say who settled terms, and when."""
    when = on(row.settled_at, zone)
    if row.origin == row.Origin.AGREED:
        return f"Par accord des deux foyers, le {when}"
    return f"Par la mairie{f' ({agent})' if agent else ''}, le {when}"


def replaced(row: SharedCustody, zone: ZoneInfo) -> str:
    """Will say that terms never count any more from their day on."""
    if row.withdrawn_at is None:
        return ""
    return f"Remplacé le {on(row.withdrawn_at, zone)}"


def changing(count: int, *, until: str, is_days: bool) -> str:
    """Will say how many days change hands."""
    if not count:
        return "Aucun jour ne change de foyer." if is_days else f"Aucun jour ne change de foyer d’ici au {until}."
    verb = "changent" if _are(count) else "change"
    said = f"{counted(count, 'jour')} {verb} de foyer"
    return f"{said}." if is_days else f"{said} d’ici au {until}."


def gained(count: int, name: str) -> str:
    """Will say how many days a home takes."""
    return f"{counted(count, 'jour')} chez {name}"


def lost(count: int) -> str:
    """Will say how many days are of neither home any more."""
    return f"{counted(count, 'jour')} sans foyer désigné : qui réserve paie"


def moved(days: Sequence[date], name: str) -> str:
    """Will say which reservations go with their days, by month."""
    verb = "suivent" if _are(len(days)) else "suit"
    return f"{counted(len(days), 'réservation')} {verb} chez {name}, qui les paiera : {_by_month(days)}."


def staying(days: Sequence[date]) -> str:
    """Will say which reservations stay with who paid them on booking."""
    verb = "restent" if _are(len(days)) else "reste"
    return f"{counted(len(days), 'réservation payée d’avance', 'réservations payées d’avance')} {verb} à qui l’a payée : {_by_month(days)}."  # noqa: E501


def over(count: int) -> str:
    """Will say how many waits for a place end."""
    verb = "prennent" if _are(count) else "prend"
    return f"{counted(count, 'attente d’une place', 'attentes d’une place')} {verb} fin."


def forgotten(count: int) -> str:
    """Will say how many days that were set one by one the change forgets."""
    verb = "ne comptent" if _are(count) else "ne compte"
    return f"{counted(count, 'jour fixé un par un', 'jours fixés un par un')} {verb} plus."


def _by_month(days: Iterable[date]) -> str:
    months = Counter((day.year, day.month) for day in days)
    return listed([f"{MONTHS[month - 1]} ({count})" for (_year, month), count in sorted(months.items())])


def settled(name: str, starts_on: date, count: int) -> str:
    """Will say what was settled, and what went with it."""
    said = f"La garde alternée de {name} est réglée à partir du {in_full(starts_on, year=True)}."
    return f"{said}{_went(count)}"


def calendar_ended(name: str, starts_on: date, count: int) -> str:
    """Will say that there is no calendar any more."""
    return ENDED_CALENDAR.format(name=name, day=in_full(starts_on, year=True)) + _went(count)


def _went(count: int) -> str:
    if not count:
        return ""
    return f" {count} réservations ont suivi leurs jours." if _are(count) else " Une réservation a suivi son jour."


def homes_changed(name: str, homes: Sequence[str], starts_on: date) -> str:
    """Will say where a child lives from a day on."""
    return f"{name} vit chez {listed(homes)} à partir du {in_full(starts_on, year=True)}."


def left_behind(count: int, home: str) -> str:
    """Will say what the home that ends had reserved."""
    verb = "restent" if _are(count) else "reste"
    return f" {counted(count, 'réservation')} {verb} à {home} : annulez-les si besoin."


def day_set(name: str, day: date, home: str, count: int) -> str:
    """Will say whose a day is now."""
    whose = f"chez {home}" if home else "comme le calendrier le dit"
    return f"Le {in_full(day, year=True)}, {name} est {whose}.{_went(count)}"


def asks(row: CustodyProposal) -> str:
    """Will say what a home asks of the other."""
    if row.kind == row.Kind.CALENDAR and row.starts_on is not None:
        return f"Un autre calendrier à partir du {in_full(row.starts_on, year=True)}"
    return "Un échange de jours"


def since(row: CustodyProposal, zone: ZoneInfo) -> str:
    """Will say when a home asked."""
    return f"Demandé le {on(row.asked_at, zone)}"


def answered(row: CustodyProposal, zone: ZoneInfo) -> str:
    """Will say when the other home answered; empty when it did not."""
    return f"Refusé le {on(row.answered_at, zone)}" if row.answered_at is not None else ""


def already(row: CustodyProposal, agent: str, zone: ZoneInfo) -> str:
    """Will say what came of a proposal before."""
    at = row.decided_at or row.answered_at
    who = f", {agent}" if agent else ""
    return f"{row.get_state_display()}{who}{f', le {on(at, zone)}' if at else ''}."


def decided(name: str, state: str, count: int) -> str:
    """Will say what was decided."""
    return f"Garde de {name} : {state.lower()}. Les deux foyers en sont prévenus.{_went(count)}"


def day_origin(row: CustodyDay, agent: str) -> str:
    """Will say who set a day: both homes, or the town hall."""
    if row.proposal is not None and row.proposal.state == row.proposal.State.AGREED:
        return "par accord des deux foyers"
    return f"par la mairie{f' ({agent})' if agent else ''}"


def alone(name: str) -> str:
    """Will say that a child lives in one home."""
    return f"Chez {name} seulement"


def both(first: str, second: str) -> str:
    """Will say that a child lives in two homes."""
    return f"Chez {first} et chez {second}"
