"""The pieces a long form is made of: what was typed, what it writes, and back.

A piece turns the fields that a browser sends into *what was typed* (texts, groups, lists), which is drawn again as it
is, and what was typed into *what is written*, the data that the reader of règlements, or of tariffs, judges. It judges
nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from django.http import QueryDict

OMIT: Final = object()  # nothing is written
ITSELF: Final = "+itself"  # the piece that writes the whole value, not a field of it
LONGEST_TEXT: Final = 2_000
LONGEST_PARAGRAPHS: Final = 10_000
LONGEST_NUMBER: Final = 9
MOST_ROWS: Final = 60
_ROW = re.compile(r"(?P<name>.+)\.(?P<place>[0-9]{1,3})\.row")
_SECONDS = re.compile(r"([0-9]{2}:[0-9]{2}):00(?:\.0+)?")


class Sent:
    """The fields of a form as they came, with a row added or taken out when a button asked for it."""

    def __init__(self, data: QueryDict) -> None:
        """Will read which rows there are, once."""
        self._data = data
        self._rows: dict[str, list[int]] = {}
        for name in data:
            if found := _ROW.fullmatch(name):
                self._rows.setdefault(found["name"], []).append(int(found["place"]))
        self._rows = {name: sorted(set(places)) for name, places in self._rows.items()}

    def text(self, name: str, longest: int = LONGEST_TEXT) -> str:
        """Will return a text, cut to what no règlement exceeds."""
        return str(self._data.get(name, ""))[:longest]

    def texts(self, name: str) -> tuple[str, ...]:
        """Will return all the values of a name."""
        return tuple(str(value)[:LONGEST_TEXT] for value in self._data.getlist(name)[:MOST_ROWS])

    def rows(self, name: str) -> list[int]:
        """Will return the places of the rows of a list, in order."""
        return self._rows.get(name, [])[:MOST_ROWS]

    def add_row(self, name: str) -> None:
        """Will add an empty row at the end of a list."""
        self._rows.setdefault(name, []).append(max(self.rows(name), default=-1) + 1)

    def take_row(self, name: str) -> None:
        """Will take out a row, named « list.place »; nothing when there is none."""
        rows, _, place = name.rpartition(".")
        if place.isdecimal() and len(place) < LONGEST_NUMBER and int(place) in self._rows.get(rows, ()):
            self._rows[rows] = [each for each in self._rows[rows] if each != int(place)]

    def lift_row(self, name: str) -> None:
        """Will put a row, named « list.place », before the one above; nothing when there is none."""
        rows, _, place = name.rpartition(".")
        places = self._rows.get(rows, [])
        if place.isdecimal() and len(place) < LONGEST_NUMBER and int(place) in places[1:]:
            here = places.index(int(place))
            places[here - 1], places[here] = places[here], places[here - 1]


class Piece(Protocol):
    """A part of the form."""

    def collect(self, sent: Sent, name: str) -> Any:
        """Will return what was typed under `name`."""

    def written(self, typed: Any) -> Any:
        """Will return what it writes, OMIT when nothing."""

    def typed(self, written: Any) -> Any:
        """Will return what is to be typed to write this; OMIT gives the empty piece."""


@dataclass(frozen=True, slots=True)
class Line:
    """One text: `kind` is that of the control."""

    label: str
    kind: str = "text"
    hint: str = ""
    is_optional: bool = False
    unit: str = ""

    def collect(self, sent: Sent, name: str) -> str:
        return sent.text(name)

    def written(self, typed: str) -> Any:
        text = typed.strip()
        return text or OMIT

    def typed(self, written: Any) -> str:
        return "" if written is OMIT else str(written)


class Paragraphs(Line):
    """A text of several lines."""

    __slots__ = ()

    def collect(self, sent: Sent, name: str) -> str:
        return sent.text(name, LONGEST_PARAGRAPHS).replace("\r\n", "\n")


class Number(Line):
    """A whole number; what is none is left to the reader to refuse."""

    __slots__ = ()

    def written(self, typed: str) -> Any:
        text = typed.strip()
        if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER:
            return int(text)
        return text or OMIT


class Hour(Line):
    """An hour and a minute; some browsers add seconds."""

    __slots__ = ()

    def written(self, typed: str) -> Any:
        text = typed.strip()
        found = _SECONDS.fullmatch(text)
        return found[1] if found else text or OMIT


class Moment(Line):
    """A day and an hour, which browsers join with a T."""

    __slots__ = ()

    def written(self, typed: str) -> Any:
        text = typed.strip().replace("T", " ")
        found = _SECONDS.fullmatch(text[11:])
        return f"{text[:11]}{found[1]}" if found else text or OMIT

    def typed(self, written: Any) -> str:
        return "" if written is OMIT else str(written).replace(" ", "T")


@dataclass(frozen=True, slots=True)
class Select:
    """One of some values; the first one when nothing is written."""

    label: str
    options: tuple[tuple[str, str], ...]
    hint: str = ""

    def collect(self, sent: Sent, name: str) -> str:
        return sent.text(name) or self.options[0][0]

    def written(self, typed: str) -> Any:
        return typed or OMIT

    def typed(self, written: Any) -> str:
        return self.options[0][0] if written is OMIT else str(written)


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes when ticked."""

    label: str
    hint: str = ""

    def collect(self, sent: Sent, name: str) -> str:
        return "on" if sent.text(name) else ""

    def written(self, typed: str) -> Any:
        return True if typed else OMIT

    def typed(self, written: Any) -> str:
        return "on" if written is True else ""


class Unless(Flag):
    """No when ticked: for what is yes as a rule."""

    __slots__ = ()

    def written(self, typed: str) -> Any:
        return False if typed else OMIT

    def typed(self, written: Any) -> str:
        return "on" if written is False else ""


@dataclass(frozen=True, slots=True)
class Checks:
    """Several of some values. Those that are written and not offered are offered too."""

    label: str
    options: tuple[tuple[str, str], ...]
    hint: str = ""

    def collect(self, sent: Sent, name: str) -> tuple[str, ...]:
        return sent.texts(name)

    def written(self, typed: tuple[str, ...]) -> Any:
        return list(typed) or OMIT

    def typed(self, written: Any) -> tuple[str, ...]:
        return () if written is OMIT else tuple(str(value) for value in written)

    def offered(self, typed: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """Will return what is offered, with what stands there already."""
        known = {value for value, _label in self.options}
        return (*self.options, *((value, value) for value in typed if value not in known))


@dataclass(frozen=True, slots=True)
class WeekdayAndHour:
    """« thu 09:00 » as two controls."""

    label: str
    days: tuple[tuple[str, str], ...]
    is_optional: bool = False

    def collect(self, sent: Sent, name: str) -> dict[str, str]:
        return {"day": sent.text(f"{name}.day"), "time": sent.text(f"{name}.time")}

    def written(self, typed: dict[str, str]) -> Any:
        if self.is_optional and not typed["day"]:
            return OMIT
        hour = _SECONDS.sub(r"\1", typed["time"].strip())
        return f"{typed['day']} {hour}".strip()

    def typed(self, written: Any) -> dict[str, str]:
        if written is OMIT:
            return {"day": "" if self.is_optional else self.days[0][0], "time": ""}
        day, _, hour = str(written).partition(" ")
        return {"day": day, "time": hour}


@dataclass(frozen=True, slots=True)
class Group:
    """Several pieces by name. Those whose name begins with « + » write in the group itself, not under their name."""

    label: str
    pieces: tuple[tuple[str, Piece], ...]
    hint: str = ""

    def collect(self, sent: Sent, name: str) -> dict[str, Any]:
        return {each: piece.collect(sent, f"{name}.{each}" if name else each) for each, piece in self.pieces}

    def written(self, typed: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, piece in self.pieces:
            value = piece.written(typed[name])
            if value is OMIT:
                continue
            if name.startswith("+") and isinstance(value, Mapping):
                found.update(value)
            else:
                found[name] = value
        return found

    def typed(self, written: Any) -> dict[str, Any]:
        values = {} if written is OMIT else dict(written)
        named = {
            name: piece.typed(values.pop(name, OMIT))
            for name, piece in self.pieces
            if name[:1] != "+" or name in values
        }
        # What no piece is named after belongs to the inner ones.
        rest = values or OMIT
        return {name: named[name] if name in named else piece.typed(rest) for name, piece in self.pieces}


class Fold(Group):
    """A group that is drawn folded, for what is seldom changed; open when something in it is wrong."""

    __slots__ = ()


def _itself(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Option:
    """One of several shapes: `build` writes its group, `parse` gives the group back, None when it is not this one."""

    value: str
    label: str
    parse: Callable[[Any], Any]
    build: Callable[[dict[str, Any]], Any] = _itself
    group: Group = field(default_factory=lambda: Group("", ()))


def nothing(label: str, value: str = "") -> Option:
    """Will make the option that writes nothing."""
    return Option(value, label, lambda written: {} if written is OMIT else None, lambda _group: OMIT)


def plain(value: str, label: str, piece: Piece) -> Option:
    """Will make the option that writes the one value of `piece`, not a group."""

    def parse(written: Any) -> Any:
        return None if written is OMIT or isinstance(written, Mapping) else {ITSELF: written}

    return Option(value, label, parse, lambda group: group.get(ITSELF, ""), Group("", ((ITSELF, piece),)))


def word(value: str, label: str) -> Option:
    """Will make the option that writes a word."""
    return Option(value, label, lambda written: {} if written == value else None, lambda _group: value)


def tagged(tag: str, value: str, label: str, *pieces: tuple[str, Piece], hint: str = "") -> Option:
    """Will make the option that writes a group in which `tag` is `value`."""

    def parse(written: Any) -> Any:
        if not isinstance(written, Mapping) or written.get(tag) != value:
            return None
        return {name: each for name, each in written.items() if name != tag} or OMIT

    return Option(value, label, parse, lambda group: {tag: value, **group}, Group("", pieces, hint))


def keyed(name: str, label: str, *pieces: tuple[str, Piece], hint: str = "") -> Option:
    """Will make the option whose group is known by holding `name`."""

    def parse(written: Any) -> Any:
        return written if isinstance(written, Mapping) and name in written else None

    # Chosen and left empty, the field itself is what is wrong, not the choice.
    return Option(name, label, parse, lambda group: {name: "", **group}, Group("", pieces, hint))


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several shapes, chosen in a list; what was typed in the others is kept on screen and not written.

    `tag` is the name under which the choice itself is written, if it is.
    """

    label: str
    options: tuple[Option, ...]
    tag: str = ""
    hint: str = ""

    def collect(self, sent: Sent, name: str) -> dict[str, Any]:
        chosen = sent.text(f"{name}.is")
        known = {option.value for option in self.options}
        typed: dict[str, Any] = {"": chosen if chosen in known else self.options[0].value}
        for option in self.options:
            typed[option.value or "-"] = option.group.collect(sent, f"{name}.{option.value}")
        return typed

    def chosen(self, typed: dict[str, Any]) -> Option:
        """Will return the option that is chosen."""
        return next(option for option in self.options if option.value == typed[""])

    def written(self, typed: dict[str, Any]) -> Any:
        option = self.chosen(typed)
        return option.build(option.group.written(typed[option.value or "-"]))

    def typed(self, written: Any) -> dict[str, Any]:
        found = next(
            ((option, group) for option in self.options if (group := option.parse(written)) is not None),
            (self.options[0], OMIT),
        )
        typed: dict[str, Any] = {"": found[0].value}
        for option in self.options:
            typed[option.value or "-"] = option.group.typed(found[1] if option is found[0] else OMIT)
        return typed


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of like pieces. Rows left empty are dropped when `spare` empty ones are offered beforehand.

    `has_order`: a row may be put before the one above.
    """

    label: str
    add: str
    piece: Piece
    spare: int = 0
    hint: str = ""
    has_order: bool = False

    def collect(self, sent: Sent, name: str) -> list[Any]:
        typed = [self.piece.collect(sent, f"{name}.{place}") for place in sent.rows(name)]
        return [each for each in typed if not (self.spare and _is_blank(each))]

    def written(self, typed: list[Any]) -> Any:
        return [self.piece.written(each) for each in typed] or OMIT

    def typed(self, written: Any) -> list[Any]:
        return [] if written is OMIT else [self.piece.typed(each) for each in written]

    def shown(self, typed: list[Any]) -> list[Any]:
        """Will return the rows to draw: those that are there, and the empty ones."""
        return [*typed, *(self.piece.typed(OMIT) for _ in range(self.spare))]


class ByMonth(Rows):
    """Rows of a month and a value, written as a mapping from the one to the other."""

    __slots__ = ()

    def written(self, typed: list[Any]) -> Any:
        found: dict[str, Any] = {}
        for each in typed:
            row = self.piece.written(each)
            month = str(row.get("month", ""))
            # Two limits for one month: nothing to choose from silently, so that the reader must refuse it.
            found[f"{month}, écrit deux fois" if month in found else month] = row.get("date", "")
        return found or OMIT

    def typed(self, written: Any) -> list[Any]:
        if written is OMIT:
            return []
        return [self.piece.typed({"month": month, "date": limit}) for month, limit in written.items()]


def _is_blank(typed: Any) -> bool:
    if isinstance(typed, Mapping):
        return all(_is_blank(each) for each in typed.values())
    return not typed


def keys(piece: Piece, typed: Any, name: str, key: str) -> Iterator[tuple[str, str]]:
    """Will yield (key of what is written, name of the control) for every part that is written, outermost first."""
    yield key, name
    match piece:
        case Group():
            for each, inner in piece.pieces:
                inside = key if each.startswith("+") else _join(key, each)
                yield from keys(inner, typed[each], _join(name, each), inside)
        case Variant():
            option = piece.chosen(typed)
            yield _join(key, piece.tag) if piece.tag else key, f"{name}.is"
            yield from keys(option.group, typed[option.value or "-"], f"{name}.{option.value}", key)
        case ByMonth():
            for place, each in enumerate(typed):
                month = each["month"]
                yield _join(key, month), f"{name}.{place}.month"
        case Rows():
            for place, each in enumerate(typed):
                yield from keys(piece.piece, each, f"{name}.{place}", f"{key}.{place}")
        case _:
            pass


def _join(name: str, each: str) -> str:
    return f"{name}.{each}" if name else each
