"""The classes of a day, written without the template engine: an authority's sheet has 1,200 rows and more squares.

What can be written once is: icons, faces, the words of a column. All that comes from people is escaped here.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from django.utils.safestring import SafeString, mark_safe

from marelle.domain.catalog.rules.tariffs import has_duration
from marelle.foundation.french_dates import hour
from marelle.web.components.avatars import avatar, avatar_of, portrait
from marelle.web.components.icons import icon
from marelle.web.components.messages import tag
from marelle.web.office.day import wording
from marelle.web.office.day.exchange import conflict_words
from marelle.web.office.day.forms import LATE, LEFT, PREFIX, RIGHT, SHOWN, STAYED, shown_value
from marelle.web.office.health_words import health_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import time
    from zoneinfo import ZoneInfo

    from marelle.domain.catalog.queries import ProductOffer
    from marelle.domain.families.queries.profile import Pickup
    from marelle.domain.reservations.queries.days import Day, DayChild, Mark
    from marelle.domain.reservations.rules.attendance import Standing
    from marelle.web.long_pages import WrittenApart
    from marelle.web.office.day.roll import ClassRoll, FacilityRoll
    from marelle.web.office.homes_of_day import HomeOfDay


class Around(NamedTuple):
    """What is known beside the day itself.

    `pickups` says who may fetch each child (key), `homes` which home answers for one who has two, `photos` where its
    photo is, `stands` what tablets said of each square; `family_url` is where a family (public id) opens, empty for who
    may not; `title` names the day.
    """

    pickups: Mapping[int, Sequence[Pickup]]
    photos: Mapping[int, str]
    stands: Mapping[tuple[int, int], Standing]
    zone: ZoneInfo
    family_url: tuple[str, str] | None
    authority: str
    title: str
    homes: Mapping[int, HomeOfDay]


class _Column(NamedTuple):
    """A product of a facility: its name as written, what its squares ask for besides."""

    product: ProductOffer
    name: str
    in_label: str
    asks_stay: bool
    asks_late: bool
    has_ages: bool
    starts: dict[object, str]


class ClassWriter:
    """Writes the classes of a facility: as a list, or as squares to tick (`is_sheet`)."""

    def __init__(self, day: Day, facility: FacilityRoll, around: Around, *, is_sheet: bool) -> None:
        self.day, self.around, self.is_sheet = day, around, is_sheet
        self.facility = escape(facility.name)
        self.title = escape(around.title)
        self.columns = [self._column(product) for product in facility.products]
        self.products = [product.pk for product in facility.products]
        self.draws = {name: icon(name=name) for name in ("check", "user-check", "user-x", "hourglass", "minus")}
        self.write_mark = self._square if is_sheet else self._said
        # The sheet ticks by its squares; the list, on paper, by a box at each name.
        self.box = "" if is_sheet else '<i class="paper-box" aria-hidden="true"></i>'
        self.cell_ends = _ends_of_square(self.draws)

    def written(self, group: ClassRoll) -> SafeString:
        """Will return a class: one table, one printed page."""
        shows_health = group.shows_health and not self.is_sheet
        name, teacher = escape(group.name), escape(group.teacher)
        health = '<th role="columnheader" scope="col" class="health">Régime et santé</th>' if shows_health else ""
        products = "".join(f'<th role="columnheader" scope="col">{column.name}</th>' for column in self.columns)
        parts = [
            (
                '<section class="class-roll">\n<div class="paper-head" aria-hidden="true"><p>'
                f"<b>{self.title}</b> · {escape(self.around.authority)} · {self.facility}</p></div>\n"
            ),
            _paper_alerts(group),
            (
                '\n<table class="roll" role="table">\n<caption><span class="roll-caption">'
                f"<b>{name}</b>{' · ' + teacher if teacher else ''} · {group.count}"
                f'<span class="v">, {self.facility}, {self.title}</span></span></caption>\n'
                '<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="who">Enfant</th>'
                f'{health}{products}</tr></thead>\n<tbody role="rowgroup">\n'
            ),
        ]
        parts += [self._row(child, shows_health=shows_health) for child in group.children]
        parts.append("</tbody>\n</table>\n</section>")
        return mark_safe("".join(parts))  # noqa: S308  each part is escaped

    def _row(self, child: DayChild, *, shows_health: bool) -> str:
        around, pk = self.around, child.pk
        name = escape(child.full_name)
        of_day = self.day.marks
        marks = [of_day.get((pk, product)) for product in self.products]
        said = []
        if child.health.is_watched:
            tags = health_tags(child.health, on=self.day.date)
            said = [tag(text=one.text, tone=one.tone, icon=one.icon) for one in tags]  # type: ignore[arg-type]
        face = ""
        if pk in around.photos:
            face = portrait(url=around.photos[pk])
        elif self.is_sheet:
            view = avatar_of(child.public_id)
            face = avatar(animal=view.animal, chalk=view.chalk)
        named = name
        if around.family_url:
            family = self._family(pk, marks)
            if family:
                named = f'<a href="{around.family_url[0]}{escape(family)}{around.family_url[1]}">{name}</a>'
        fetched_by = ""
        if pk in around.homes:
            fetched_by = f'<small class="pickups"><span class="v">, </span>{escape(around.homes[pk].words)}</small>'
        if pk in around.pickups:
            people = escape(" ; ".join(wording.pickup(person) for person in around.pickups[pk]))
            fetched_by += f'<small class="pickups"><span class="v">, </span>Peut venir : {people}</small>'
        beside = "".join([f" {one}" for one in said]) if said and self.is_sheet else ""
        health = ""
        if shows_health:
            nothing = "rien à signaler" if child.is_health_known else "non affiché"
            words = "".join(f"{one} " for one in said) or f'<span class="quiet">{nothing}</span>'
            health = f'<td role="cell" class="health">{words}</td>'
        write, columns = self.write_mark, self.columns
        cells = "".join(
            [
                write(child, name, column, mark) if mark else _NOTHING
                for column, mark in zip(columns, marks, strict=True)
            ]
        )
        return (
            f'<tr role="row"><th role="rowheader" scope="row">{self.box}{face}{named}{fetched_by}{beside}</th>\n'
            f"{health}{cells}</tr>\n"
        )

    def _family(self, pk: int, marks: list[Mark | None]) -> str:
        """Will return the file that a child's name leads to: of the home of the day, else of who reserved."""
        if pk in self.around.homes:
            return self.around.homes[pk].public_id
        for mark in marks:
            if mark and mark.family:
                return mark.family
        return ""

    def _said(self, child: DayChild, _name: str, column: _Column, mark: Mark) -> str:
        """Will write what is known of a child for a product."""
        state, words = self._state(child, column, mark)
        start = (
            f'<td role="cell" class="mark {state}"><span class="mark-name" aria-hidden="true">{column.name}</span>\n'
        )
        if state == "told":
            return f"{start}{tag(text=words, tone='blue', icon='user-x')}\n</td>\n"
        style, drawn = _STYLES[state]
        return f'{start}<span class="{style}">{self.draws[drawn]}<span>{words}</span></span>\n</td>\n'

    def _square(self, child: DayChild, name: str, column: _Column, mark: Mark) -> str:
        """Will write what is to be ticked: the state that stands is chosen, what tablets said goes with it."""
        product, ends = column.product, self.cell_ends
        square = f"{child.public_id}.{product.public_id}"
        label = f"{name}, {column.in_label}"
        stands = self.around.stands.get((child.pk, product.pk))
        knew, conflict, heads = "", "", frozenset[str]()
        if stands:
            heads = stands.heads
            knew = f' data-knew="{" ".join(sorted(heads))}"'
            words = escape(conflict_words(stands, zone=self.around.zone))
            conflict = _conflict(words, square) if words else ""
        field, shown = PREFIX + square, shown_value(mark.seen, heads)
        state = mark.seen or "reserved"
        after = ""
        if not mark.seen and (mark.is_told or mark.is_asked or mark.is_held):
            state, words = self._state(child, column, mark)
            after = f"<small>{words}</small>" if state != "reserved" else ""
        times = self._times(child, column, mark, square, label) if column.asks_stay or column.asks_late else ""
        present, absent, nothing = _CHECKED[mark.seen]
        return (
            f'<td role="cell" class="mark {state}" data-square="{square}"{knew}>'
            f'<span class="mark-name" aria-hidden="true">{column.name}</span>\n'
            f'<fieldset class="tick"><legend class="v">{label}</legend>\n'
            f'<label class="yes"><input type="radio" name="{field}" value="present"{present}{ends[0]}'
            f'<label class="no"><input type="radio" name="{field}" value="absent"{absent}{ends[1]}'
            f'<label class="none"><input type="radio" name="{field}" value=""{nothing}{ends[2]}'
            f'</fieldset><input type="hidden" name="{SHOWN}{square}" value="{shown}">{times}{conflict}{after}\n</td>\n'
        )

    def _state(self, child: DayChild, column: _Column, mark: Mark) -> tuple[str, str]:
        """Will return what to say of a mark: reserved, held, asked, told, present or absent, and in words."""
        if mark.seen:
            words = "Présence" if mark.seen == "present" else "Absence"
            return mark.seen, words if mark.state else f"{words} sans réservation"
        if mark.is_told:
            return "told", "Absence signalée"
        if mark.is_asked:
            return "asked", "Annulation demandée"
        if mark.is_held and mark.held_until:
            return "held", wording.held_shortly(mark.held_until.astimezone(self.around.zone))
        # Children of the same age come at the same hour: it is sought once for each.
        born = child.birth_date if column.has_ages else None
        words = column.starts.get(born, "")
        if not words:
            starts_at = self.day.starts_at(child, column.product)
            words = column.starts[born] = hour(starts_at) if starts_at else "attendu"
        return "reserved", words

    def _column(self, product: ProductOffer) -> _Column:
        tariff = product.tariff_on(self.day.date)
        rules = tariff.rules if tariff else None
        return _Column(
            product,
            escape(product.name),
            escape(product.name.lower()),
            asks_stay=rules is not None and has_duration(rules.amount),
            asks_late=rules is not None and rules.late_pickup is not None,
            has_ages=product.has_ages,
            starts={},
        )

    def _times(self, child: DayChild, column: _Column, mark: Mark, square: str, label: str) -> str:
        """Will write the minutes that the tariff of the day asks for: how long the child stayed, how late it left."""
        written = ""
        if column.asks_stay:
            minutes = "" if mark.minutes is None else str(mark.minutes)
            written = _minutes(STAYED + square, "Durée", label, minutes)
        if not column.asks_late:
            return written
        if self.day.ends_at(child, column.product) is None:
            return written + _minutes(LATE + square, "Retard", label, str(mark.late_minutes or ""))
        return written + _hour(LEFT + square, label, mark.fetched_at)


class Written(NamedTuple):
    """A facility of the page: what its heading says, and where its classes go."""

    name: str
    expected: str
    told: str
    classes: tuple[SafeString, ...]


def written(
    day: Day, rolls: Iterable[FacilityRoll], around: Around, apart: WrittenApart, *, is_sheet: bool
) -> tuple[Written, ...]:
    """Will write the classes of each facility: squares to tick on a sheet, what is known otherwise."""
    found = []
    for facility in rolls:
        writer = ClassWriter(day, facility, around, is_sheet=is_sheet)
        classes = tuple(apart.put(writer.written(group)) for group in facility.classes)
        found.append(Written(facility.name, facility.count, facility.told, classes))
    return tuple(found)


_NOTHING = '<td role="cell" class="mark none quiet">non</td>\n'
_STYLES = {
    "reserved": ("is", "check"),
    "present": ("is seen", "user-check"),
    "absent": ("is gone", "user-x"),
    "asked": ("is waits", "hourglass"),
    "held": ("is waits", "hourglass"),
}
_CHECKED = {"present": (" checked", "", ""), "absent": ("", " checked", ""), "": ("", "", " checked")}


def _ends_of_square(draws: Mapping[str, str]) -> tuple[str, str, str]:
    """Will return what follows each answer of a square: an icon and its word."""
    return (
        f">{draws['user-check']}<span>Présence</span></label>\n",
        f">{draws['user-x']}<span>Absence</span></label>\n",
        f'>{draws["minus"]}<span class="v">Non pointé</span></label>\n',
    )


def _conflict(words: str, square: str) -> str:
    """Will write that two tablets disagree, and the tick for « this is right »."""
    return (
        f'<p class="conflict small amber-words"><span class="conflict-words">{words}</span> '
        f'<label class="no-script"><input type="checkbox" name="{RIGHT}{square}"> C’est bien cela</label></p>'
    )


def _hour(name: str, label: str, left_at: time | None) -> str:
    written = f"{left_at:%H:%M}" if left_at else ""
    return (
        f'<label class="minutes left-at"><span>Parti à<span class="v">, {label}</span></span> '
        f'<input class="control" type="time" name="{name}" value="{written}"></label>'
    )


def _minutes(name: str, word: str, label: str, written: str) -> str:
    return (
        f'<label class="minutes"><span>{word}<span class="v"> de {label}, en minutes</span></span> '
        f'<input class="control" type="text" inputmode="numeric" name="{name}" value="{written}" '
        'maxlength="4" size="4"><span aria-hidden="true">min</span></label>'
    )


def _paper_alerts(group: ClassRoll) -> str:
    """Will write whom to mind, for the printed page."""
    if not group.alerts:
        return ""
    lines: Iterable[str] = (
        f"<p><b>{escape(alert.name)}</b>"
        f"{f' : {escape(alert.allergies)}.' if alert.allergies else ''}"
        f"{f' {escape(alert.care_plan_title)} : {escape(alert.care_plan)}' if alert.care_plan else ''}</p>"
        for alert in group.alerts
    )
    return f'<div class="paper-alerts" aria-hidden="true"><p><b>Allergies et PAI</b></p>{"".join(lines)}</div>'
