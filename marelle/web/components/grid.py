"""The week grid: plain values in, one table a week out.

It is written with string building rather than templates: a month of a large family is hundreds of squares. Every text
is escaped here. A line rendered alone is, byte for byte, the same line inside its week.

A square whose tick means "I want this day" is a checkbox; a square that cannot change but has something to explain is a
button; any other is text. What a square explains is in a bubble, in the page, described to readers by its id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape as escape_text
from typing import Literal, NamedTuple

from django.utils.safestring import SafeString

from marelle.web.components.avatars import AvatarView, avatar
from marelle.web.components.icons import icon
from marelle.web.components.registry import component

State = Literal[
    "bookable",
    "in_basket",
    "reserved",
    "locked",
    "to_cancel",
    "awaiting_agent",
    "held",
    "full",
    "waiting_list",
    "too_late",
    "not_open",
    "unavailable",
    "not_enrolled",
    "closed",
    "cancelled",
    "present",
    "absent",
    "absence_told",
    "unbooked",
    "elsewhere",
]

ICONS: dict[str, str] = {
    "bookable": "plus",
    "in_basket": "shopping-basket",
    "reserved": "check",
    "locked": "lock",
    "to_cancel": "calendar-x-2",
    "awaiting_agent": "hourglass",
    "held": "hourglass",
    "full": "bell",
    "waiting_list": "list-ordered",
    "too_late": "lock",
    "not_open": "clock",
    "unavailable": "ban",
    "not_enrolled": "ban",
    "closed": "ban",
    "cancelled": "minus",
    "present": "user-check",
    "absent": "user-x",
    "absence_told": "user-x",
    "unbooked": "minus",
    "elsewhere": "users",
}
WORDS: dict[str, str] = {
    "bookable": "Réserver",
    "in_basket": "Au panier",
    "reserved": "Réservé",
    "locked": "Réservé",
    "to_cancel": "À annuler",
    "awaiting_agent": "En attente",
    "held": "Place gardée",
    "full": "Complet",
    "waiting_list": "En liste",
    "too_late": "Trop tard",
    "not_open": "Pas encore",
    "unavailable": "Impossible",
    "not_enrolled": "Non inscrit",
    "closed": "Fermé",
    "cancelled": "Annulé",
    "present": "Présence",
    "absent": "Absence",
    "absence_told": "Absence signalée",
    "unbooked": "Non réservé",
    "elsewhere": "Autre foyer",
}
"""What a square says when it says nothing of its own (a rank, for instance)."""


class WayOut(NamedTuple):
    """A link at the end of a bubble."""

    label: str
    url: str


class Action(NamedTuple):
    """A button at the end of a bubble; it submits the form around the grid."""

    name: str
    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One square: a child, a product, a day."""

    key: str
    """What the form sends; unique in the page."""
    state: State
    full_name: str
    """For readers, without the state: « Lucia, repas, vendredi 28 novembre »."""
    word: str = ""
    ticked: bool | None = None
    """Whether the day is wanted; None for a square that cannot change."""
    title: str = ""
    """The bubble's first sentence, in bold: the exact moment, or the refusal."""
    explanation: str = ""
    way_out: WayOut | None = None
    action: Action | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    letter: str
    number: str
    """« 24 », « 1ᵉʳ »."""
    long_name: str
    """For readers: « mardi 25 novembre »."""
    is_today: bool = False
    served: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A child and a product over one week."""

    key: str
    """Unique in the page: the row's id, and what « Tout réserver » sends."""
    child: AvatarView
    child_name: str
    product_name: str
    cells: Sequence[Cell | None]
    """As many as the week's days; None where this product is not offered."""
    bookable: bool = False
    """Whether something is free: « Tout réserver » is offered."""
    starts_child: bool = False
    """Whether this is the first line of a child other than the first one: a chalk line is drawn above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    key: str
    number: int
    caption: str
    """« du 24/11 au 28/11/2025 »."""
    days: Sequence[Day]
    lines: Sequence[Line]
    closed: Sequence[str] = ()
    """Why a day is closed, said once: « Lundi 8 : journée pédagogique »."""
    is_current: bool = False
    changeable: bool = True
    """Whether the button that sends the ticks without scripts is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A week, or several, that is not a grid: a holiday, its dates, and where else to go."""

    title: str
    text: str
    way_out: WayOut | None = None
    icon: str = "sun"


# A week with more days than these is drawn tighter.
SCHOOL_DAYS = 5

# The same names, words and limits stand in hundreds of squares.
escape = lru_cache(maxsize=8192)(escape_text)

UPDATE_LABEL = "Mettre à jour mon panier"
ALL_LABEL = "Tout réserver"
OUT_OF_BAND = ' hx-swap-oob="true"'

# A day without service: hatched and narrow. Its column header says why, so the square itself is silent.
NO_SERVICE_COLUMN = '<td class="h"></td>'
NO_SERVICE_CELL = '<td class="h"><span class="v">Pas de service</span></td>'


@cache
def _icon(state: str) -> str:
    return str(icon(name=ICONS[state]))


@cache
def _avatar(view: AvatarView) -> str:
    return str(avatar(animal=view.animal, chalk=view.chalk, size="small"))


def _cell(cell: Cell) -> str:
    state = cell.state
    word = escape(cell.word or WORDS[state])
    shown = f"{_icon(state)}<span>{word}</span>"
    is_button = cell.ticked is None and (cell.title or cell.explanation or cell.way_out or cell.action)
    if cell.ticked is None and not is_button:
        if state == "unbooked":
            # A past day that was not booked: a dash for the eye, the words for readers.
            return f'<td class="c unbooked"><p>{_icon(state)}<span class="v">{word}</span></p></td>'
        return f'<td class="c {state}"><p>{shown}</p></td>'
    key = escape(cell.key)
    name = escape(cell.full_name)
    bubble = f"<b>{escape(cell.title)}</b> {escape(cell.explanation)}"
    if cell.way_out:
        bubble += f' <a href="{escape(cell.way_out.url)}">{escape(cell.way_out.label)}</a>'
    if cell.action:
        action = cell.action
        bubble += (
            f' <button class="act" name="{escape(action.name)}" value="{escape(action.value)}">{escape(action.label)}'
            f'<span class="v"> : {name}</span></button>'
        )
    if is_button:
        control = (
            f'<button type="button" class="k" aria-label="{name} : {word}" aria-describedby="b.{key}">{shown}</button>'
        )
    else:
        checked = " checked" if cell.ticked else ""
        control = (
            f'<label class="k"><input type="checkbox" name="want" value="{key}"{checked} autocomplete="off" '
            f'aria-label="{name} : {word}" aria-describedby="b.{key}">{shown}</label>'
        )
    return f'<td class="c {state}">{control}<div class="b" id="b.{key}">{bubble}</div></td>'


def _line(line: Line, days: Sequence[Day], week_number: int, *, oob: bool = False) -> str:
    child, product = escape(line.child_name), escape(line.product_name)
    style = ("l g" if line.starts_child else "l") + (" f" if line.bookable else "")
    everything = (
        f'<button name="all" value="{escape(line.key)}">{ALL_LABEL}'
        f'<span class="v"> : {child}, {product}, semaine {week_number}</span></button>'
        if line.bookable
        else ""
    )
    cells = "".join(
        _cell(cell) if cell else (NO_SERVICE_CELL if day.served else NO_SERVICE_COLUMN)
        for cell, day in zip(line.cells, days, strict=True)
    )
    to_its_place = OUT_OF_BAND if oob else ""
    return (
        f'<tr id="l.{escape(line.key)}" class="{style}"{to_its_place}><th scope="row">{_avatar(line.child)}'
        f'<span class="n"><b>{child}</b> <span>{product}</span></span></th><td class="a">{everything}</td>{cells}</tr>'
    )


def _day(day: Day) -> str:
    after = " (aujourd’hui)" if day.is_today else ""
    if not day.served:
        after += ", pas de service"
    style = (
        (' class="h"' if not day.served else "")
        if not day.is_today
        else (' class="t h"' if not day.served else ' class="t"')
    )
    return (
        f'<th scope="col"{style}><span aria-hidden="true"><i>{escape(day.letter)}</i> '
        f"<b>{escape(day.number)}</b></span>"
        f'<span class="v">{escape(day.long_name)}{after}</span></th>'
    )


def render_line(line: Line, *, days: Sequence[Day], week_number: int, oob: bool = False) -> SafeString:
    """Write one row, for the answer to a change: the same bytes as in `render_week`.

    `oob` marks it as a piece of the answer that goes to its own place.
    """
    return SafeString(_line(line, days, week_number, oob=oob))


def render_week(week: Week) -> SafeString:
    """Write one week: a card with a table. It belongs inside the form that posts the ticks."""
    tags = '<span class="tag sun">Cette semaine</span>' if week.is_current else ""
    tags += "".join(f'<span class="tag quiet">{_icon("closed")}{escape(reason)}</span>' for reason in week.closed)
    head = "".join(_day(day) for day in week.days)
    lines = "".join(_line(line, week.days, week.number) for line in week.lines)
    foot = (
        f'<p class="update"><button class="btn btn-outlined" name="week" value="{escape(week.key)}">{UPDATE_LABEL}'
        f'<span class="v"> (semaine {week.number})</span></button></p>'
        if week.changeable
        else ""
    )
    # Enter in a square sends the form by its first button: this one, rather than the first « Tout réserver ».
    default = (
        f'<button class="v" name="week" value="{escape(week.key)}" tabindex="-1" aria-hidden="true">'
        f"{UPDATE_LABEL}</button>"
        if week.changeable
        else ""
    )
    wide = " wide" if sum(day.served for day in week.days) > SCHOOL_DAYS else ""
    return SafeString(
        f'<div class="card week{wide}">{default}<table><caption><h2 id="s.{escape(week.key)}">Semaine {week.number} '
        f"<small>{escape(week.caption)}</small></h2>{tags}</caption><thead><tr><td></td><td></td>{head}</tr></thead>"
        f"<tbody>{lines}</tbody></table>{foot}</div>"
    )


def render_band(band: Band) -> SafeString:
    """Write a blue band in the place of the weeks it stands for."""
    link = f' <a href="{escape(band.way_out.url)}">{escape(band.way_out.label)}</a>' if band.way_out else ""
    return SafeString(
        f'<div class="band">{icon(name=band.icon, size="large")}<div><h2>{escape(band.title)}</h2>'
        f"<p>{escape(band.text)}{link}</p></div></div>"
    )


def render_legend() -> SafeString:
    """Write what each square means, folded."""
    meanings: tuple[tuple[State, str, str], ...] = (
        ("bookable", "", "Libre : cochez pour réserver."),
        ("bookable", "Hors délai", "Le délai est passé, c’est encore possible : la case dit à quelles conditions."),
        ("bookable", "Changer", "Prend la place de ce qui est réservé ce jour-là."),
        ("in_basket", "", "Ajouté au panier, pas encore validé."),
        ("reserved", "", "Enregistré. Décochez pour annuler."),
        ("locked", "", "Enregistré, trop tard pour annuler : la case dit pourquoi, et que faire."),
        ("to_cancel", "", "Annulation au panier, pas encore validée."),
        ("awaiting_agent", "", "Annulation demandée : la mairie doit répondre."),
        ("held", "", "Place gardée en attendant son paiement."),
        ("full", "", "Plus de place : la case ouvre la liste d’attente."),
        ("waiting_list", "", "Votre rang dans la liste d’attente."),
        ("cancelled", "", "Annulation acceptée."),
        ("present", "", "Votre enfant était là."),
        ("absent", "", "Votre enfant n’était pas là."),
        ("absence_told", "", "Vous avez prévenu : la case dit quand."),
        ("too_late", "", "Le délai est passé : la case dit depuis quand."),
        ("not_open", "", "Les réservations ne sont pas encore ouvertes : la case dit quand."),
        ("unavailable", "", "Pas possible en l’état : la case dit pourquoi et que faire."),
        ("elsewhere", "", "Jour de l’autre foyer de l’enfant, qui seul le réserve."),
        ("not_enrolled", "", "Inscription à demander : la case dit à qui."),
        ("closed", "", "Fermé ce jour-là : la raison est près du titre de la semaine."),
    )
    rows = "".join(
        f'<div><dt class="c {state}"><p>{_icon(state)}<span>{escape(word or WORDS[state])}</span></p></dt>'
        f"<dd>{escape(meaning)}</dd></div>"
        for state, word, meaning in meanings
    )
    rows += (
        '<div><dt class="h"><span class="v">Colonne hachurée</span></dt>'
        "<dd>Pas de service ce jour de la semaine.</dd></div>"
    )
    return SafeString(
        f'<details class="fold legend" open><summary>{icon(name="info")}<span>Légende des cases</span></summary>'
        f"<dl>{rows}</dl></details>"
    )


@component
def week_grid(*, week: Week) -> SafeString:
    return render_week(week)


@component
def holiday_band(*, band: Band) -> SafeString:
    return render_band(band)


@component
def grid_legend() -> SafeString:
    return render_legend()
