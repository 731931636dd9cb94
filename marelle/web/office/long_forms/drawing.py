"""The form, drawn from its description: native controls, the shapes not chosen hidden by the stylesheet alone.

Everything is in the page, so that it works without a script: choosing a shape shows its fields, and the server reads
only those of the shape chosen. A row is added or taken out by a button that sends the form and comes back to its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marelle.web.components.icons import icon
from marelle.web.office.long_forms.pieces import (
    ITSELF,
    ByMonth,
    Checks,
    Flag,
    Fold,
    Group,
    Line,
    Paragraphs,
    Piece,
    Rows,
    Select,
    Variant,
    WeekdayAndHour,
    keys,
)

NO_CHOICE = ("", "—")
_NATIVE = {"number", "time", "date", "datetime-local", "month"}
_HTML: dict[str, dict[str, str]] = {
    "number": {"inputmode": "numeric", "min": "0", "step": "1"},
    "month": {"placeholder": "2026-11"},
    "money": {"inputmode": "decimal", "placeholder": "3,10"},
    "audience": {"list": "audiences"},
}


@dataclass(frozen=True, slots=True)
class Placed:
    """A fault in its place: the control to go to, and what to say there."""

    anchor: str
    reason: str


@dataclass(frozen=True)
class Faults:
    """What is wrong, by the name of the control it is shown at."""

    by_name: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def at(self, name: str) -> tuple[str, ...]:
        """Will return what is wrong at a control."""
        return self.by_name.get(name, ())

    @property
    def placed(self) -> tuple[Placed, ...]:
        """Will return every fault, in the order in which it was found, with the control to go to."""
        return tuple(Placed(anchor(name), reason) for name, reasons in self.by_name.items() for reason in reasons)


def placed_faults(piece: Piece, typed: Any, found: list[tuple[str, str]]) -> Faults:
    """Will put each fault (key of what is written, reason) at the control of that key, or of the nearest around it."""
    names: dict[str, str] = {}
    for key, name in keys(piece, typed, "", ""):
        names[key] = name if key not in names or name.endswith((".is", ITSELF)) else names[key]
    by_name: dict[str, tuple[str, ...]] = {}
    for key, reason in found:
        where = key
        while where and where not in names:
            where = where.rpartition(".")[0]
        name = names.get(where, "")
        by_name[name] = (*by_name.get(name, ()), reason)
    return Faults(by_name)


def anchor(name: str) -> str:
    """Will return the id of the control of that name."""
    return f"r.{name}"


def draw(  # noqa: C901, PLR0911  one return a piece
    piece: Piece, typed: Any, name: str, *, faults: Faults, url: str
) -> SafeString:
    """Will write a piece as it was typed; `url` is where its buttons send the form."""
    match piece:
        case Paragraphs():
            return _paragraphs(piece, typed, name, faults)
        case Line():
            return _line(piece, typed, name, faults)
        case Select():
            return _select(piece.label, piece.options, typed, name, faults, hint=piece.hint)
        case Flag():
            return _flag(piece, typed, name, faults)
        case Checks():
            return _checks(piece, typed, name, faults)
        case WeekdayAndHour():
            return _weekday_and_hour(piece, typed, name, faults)
        case Fold():
            return _fold(piece, typed, name, faults, url)
        case Group():
            return _group(piece, typed, name, faults, url)
        case Variant():
            return _variant(piece, typed, name, faults, url)
        case Rows():
            return _rows(piece, typed, name, faults, url)
    message = f"no drawing for {type(piece).__name__}"
    raise TypeError(message)


def _line(piece: Line, typed: str, name: str, faults: Faults) -> SafeString:
    kind = piece.kind if piece.kind in _NATIVE else "text"
    # A browser empties a native control given what it cannot show: what was typed must stay to be seen.
    if kind == "number" and not typed.isdecimal() and typed:
        kind = "text"
    control = format_html(
        '<input class="control" type="{}" id="{}" name="{}" value="{}" autocomplete="off"{}{}>{}',
        kind,
        anchor(name),
        name,
        typed,
        _attributes(_HTML.get(piece.kind, {}) if kind != "text" or piece.kind not in _NATIVE else {}),
        _described(name, piece.hint, faults),
        format_html(' <span class="unit">{}</span>', piece.unit) if piece.unit else "",
    )
    return _field(piece.label, name, control, faults, hint=piece.hint, is_optional=piece.is_optional)


def _paragraphs(piece: Paragraphs, typed: str, name: str, faults: Faults) -> SafeString:
    control = format_html(
        '<textarea class="control" id="{}" name="{}" rows="{}"{}>\n{}</textarea>',
        anchor(name),
        name,
        min(max(3, typed.count("\n") + len(typed) // 60 + 2), 14),
        _described(name, piece.hint, faults),
        typed,
    )
    return _field(piece.label, name, control, faults, hint=piece.hint, is_optional=piece.is_optional)


def _select(
    label: str, options: tuple[tuple[str, str], ...], typed: str, name: str, faults: Faults, *, hint: str = ""
) -> SafeString:
    return _field(label, name, _list(options, typed, name, _described(name, hint, faults)), faults, hint=hint)


def _list(options: tuple[tuple[str, str], ...], typed: str, name: str, more: SafeString) -> SafeString:
    known = {value for value, _label in options}
    offered = options if typed in known else (*options, (typed, typed))
    return format_html(
        '<select class="control" id="{}" name="{}"{}>{}</select>',
        anchor(name),
        name,
        more,
        format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((value, SafeString(" selected") if value == typed else "", words) for value, words in offered),
        ),
    )


def _flag(piece: Flag, typed: str, name: str, faults: Faults) -> SafeString:
    return format_html(
        '<div class="field">{}<label class="tile" for="{}"><input class="box" type="checkbox" id="{}" name="{}" '
        'value="on"{}{}><span><b>{}</b></span></label></div>',
        _notes(name, piece.hint, faults),
        anchor(name),
        anchor(name),
        name,
        SafeString(" checked") if typed else "",
        _described(name, piece.hint, faults),
        piece.label,
    )


def _checks(piece: Checks, typed: tuple[str, ...], name: str, faults: Faults) -> SafeString:
    boxes = format_html_join(
        "",
        '<label class="tile"><input class="box" type="checkbox" name="{}" value="{}"{}><span>{}</span></label>',
        (
            (name, value, SafeString(" checked") if value in typed else "", words)
            for value, words in piece.offered(typed)
        ),
    )
    return format_html(
        '<fieldset class="field" id="{}"{}><legend>{}</legend>{}<div class="tiles">{}</div></fieldset>',
        anchor(name),
        _described(name, piece.hint, faults),
        piece.label,
        _notes(name, piece.hint, faults),
        boxes,
    )


def _weekday_and_hour(piece: WeekdayAndHour, typed: dict[str, str], name: str, faults: Faults) -> SafeString:
    days = (NO_CHOICE, *piece.days) if piece.is_optional else piece.days
    described = _described(name, "", faults)
    return format_html(
        '<fieldset class="field day-and-hour" id="{}"><legend>{}</legend>{}<div>'
        '<span><label class="v" for="{}">Jour</label>{}</span>'
        '<span><label class="v" for="{}">Heure</label>'
        '<input class="control" type="time" id="{}" name="{}" value="{}"{}></span></div></fieldset>',
        anchor(name),
        piece.label,
        _notes(name, "", faults),
        anchor(f"{name}.day"),
        _list(days, typed["day"], f"{name}.day", described),
        anchor(f"{name}.time"),
        anchor(f"{name}.time"),
        f"{name}.time",
        typed["time"],
        described,
    )


def _group(piece: Group, typed: dict[str, Any], name: str, faults: Faults, url: str) -> SafeString:
    inside = format_html_join(
        "",
        "{}",
        (
            (draw(inner, typed[each], f"{name}.{each}" if name else each, faults=faults, url=url),)
            for each, inner in piece.pieces
        ),
    )
    hint = format_html('<p class="hint">{}</p>', piece.hint) if piece.hint else ""
    if not piece.label:
        return format_html("{}{}{}", hint, _errors(name, faults), inside)
    return format_html(
        '<fieldset class="pieces" id="{}"><legend>{}</legend>{}{}{}</fieldset>',
        anchor(name),
        piece.label,
        hint,
        _errors(name, faults),
        inside,
    )


def _fold(piece: Fold, typed: dict[str, Any], name: str, faults: Faults, url: str) -> SafeString:
    is_wrong = any(each == name or each.startswith(f"{name}.") for each in faults.by_name)
    return format_html(
        '<details class="fold" id="{}"{}><summary>{}</summary>{}</details>',
        anchor(name),
        SafeString(" open") if is_wrong else "",
        piece.label,
        _group(Group("", piece.pieces, piece.hint), typed, name, faults, url),
    )


def _variant(piece: Variant, typed: dict[str, Any], name: str, faults: Faults, url: str) -> SafeString:
    options = tuple((option.value, option.label) for option in piece.options)
    return format_html(
        '<div class="variant">{}{}{}</div>',
        _errors(name, faults),
        _select(piece.label, options, typed[""], f"{name}.is", faults, hint=piece.hint),
        format_html_join(
            "",
            '<div class="when when-{}">{}</div>',
            (
                (
                    place,
                    draw(option.group, typed[option.value or "-"], f"{name}.{option.value}", faults=faults, url=url),
                )
                for place, option in enumerate(piece.options, start=1)
                if option.group.pieces
            ),
        ),
    )


def _rows(piece: Rows, typed: list[Any], name: str, faults: Faults, url: str) -> SafeString:
    rows = format_html_join(
        "",
        '<li id="{}"><input type="hidden" name="{}" value="1">{}{}{}'
        '<button class="btn btn-text" type="submit" name="retirer" value="{}" formaction="{}" formnovalidate>{}'
        '<span>Retirer<span class="v"> la ligne {}</span></span></button></li>',
        (
            (
                anchor(f"{name}.{place}"),
                f"{name}.{place}.row",
                "" if isinstance(piece.piece, Group | Variant | Line) else _errors(f"{name}.{place}", faults),
                draw(piece.piece, each, f"{name}.{place}", faults=faults, url=url),
                _lift(f"{name}.{place}", place, f"{url}#{anchor(name)}") if piece.has_order and place else "",
                f"{name}.{place}",
                f"{url}#{anchor(name)}",
                icon(name="trash-2"),
                place + 1,
            )
            for place, each in enumerate(piece.shown(typed))
        ),
    )
    return format_html(
        '<fieldset class="pieces rows" id="{}"><legend>{}</legend>{}{}<ol class="plain{}">{}</ol>'
        '<button class="btn btn-outlined" type="submit" name="ajouter" value="{}" formaction="{}" formnovalidate>'
        "{}<span>{}</span></button></fieldset>",
        anchor(name),
        piece.label,
        format_html('<p class="hint">{}</p>', piece.hint) if piece.hint else "",
        _errors(name, faults),
        " in-line" if isinstance(piece, ByMonth) else "",
        rows,
        name,
        f"{url}#{anchor(name)}",
        icon(name="plus"),
        piece.add,
    )


def _lift(name: str, place: int, url: str) -> SafeString:
    return format_html(
        '<button class="btn btn-text" type="submit" name="monter" value="{}" formaction="{}" formnovalidate>{}'
        '<span>Monter<span class="v"> la ligne {}</span></span></button>',
        name,
        url,
        icon(name="chevron-up"),
        place + 1,
    )


def _field(
    label: str, name: str, control: SafeString, faults: Faults, *, hint: str = "", is_optional: bool = False
) -> SafeString:
    return format_html(
        '<div class="field"><label for="{}">{}{}</label>{}{}</div>',
        anchor(name),
        label,
        SafeString(' <span class="optional">(facultatif)</span>') if is_optional else "",
        _notes(name, hint, faults),
        control,
    )


def _notes(name: str, hint: str, faults: Faults) -> SafeString:
    return format_html(
        "{}{}",
        format_html('<p class="hint" id="{}-hint">{}</p>', anchor(name), hint) if hint else "",
        _errors(name, faults),
    )


def _errors(name: str, faults: Faults) -> SafeString:
    if not faults.at(name):
        return SafeString()
    return format_html(
        '<p class="error" id="{}-error">{}<span>{}</span></p>',
        anchor(name),
        icon(name="triangle-alert"),
        format_html_join(" ", "{}", ((reason,) for reason in faults.at(name))),
    )


def _described(name: str, hint: str, faults: Faults) -> SafeString:
    notes = [f"{anchor(name)}-{kind}" for kind, text in (("hint", hint), ("error", faults.at(name))) if text]
    return format_html(
        "{}{}",
        format_html(' aria-describedby="{}"', " ".join(notes)) if notes else "",
        SafeString(' aria-invalid="true"') if faults.at(name) else "",
    )


def _attributes(values: dict[str, str]) -> SafeString:
    return format_html_join("", ' {}="{}"', values.items())
