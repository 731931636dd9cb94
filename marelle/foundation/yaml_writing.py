"""YAML written for people to read and change: short groups on one line, quotes where a doubt is possible."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any, Final

LONGEST_LINE: Final = 110
_STEP: Final = 2
# Starts with a letter, holds nothing that YAML reads: what is not plain is quoted, as every figure that is a text.
_PLAIN: Final = re.compile(r"[^\W\d_][^,\[\]{}#:\"\\]*", re.UNICODE)
_READ_OTHERWISE: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def written_yaml(values: Mapping[str, Any], *, indent: int = 0) -> str:
    """Will return the text of a group of fields, which `yaml_files.parsed` reads as the same values, in their order.

    A value is a text, a whole or decimal number, a yes or no, nothing, a day, an hour, a list or a group of them. Hours
    come back as texts, as days do. `indent` counts spaces before each line.
    """
    return "".join(_field(name, value, indent) for name, value in values.items())


def _field(name: str, value: Any, indent: int) -> str:
    return f"{' ' * indent}{_scalar(name)}:{_after_key(value, indent, len(_scalar(name)) + 1)}"


def _after_key(value: Any, indent: int, used: int) -> str:
    if isinstance(value, str) and _is_block(value):
        lines = (f"{' ' * (indent + _STEP)}{line}" if line else "" for line in value.split("\n"))
        return " |-\n" + "".join(f"{line}\n" for line in lines)
    if not isinstance(value, Mapping | list | tuple):
        return f" {_scalar(value)}\n"
    flow = _flow(value)
    if not value or (_may_be_flow(value) and indent + used + 1 + len(flow) <= LONGEST_LINE):
        return f" {flow}\n"
    if isinstance(value, Mapping):
        return "\n" + written_yaml(value, indent=indent + _STEP)
    return "\n" + "".join(_item(each, indent + _STEP) for each in value)


def _item(value: Any, indent: int) -> str:
    flow = _flow(value)
    is_short = indent + _STEP + len(flow) <= LONGEST_LINE
    if not isinstance(value, Mapping) or not value or (is_short and not _holds_groups(value)):
        return f"{' ' * indent}- {flow}\n"
    return f"{' ' * indent}- {written_yaml(value, indent=indent + _STEP)[indent + _STEP :]}"


def _may_be_flow(value: Any) -> bool:
    """Will tell whether a reader is at ease with it on one line: no list of groups."""
    return not (isinstance(value, Sequence) and any(isinstance(each, Mapping) for each in value))


def _holds_groups(value: Mapping[str, Any]) -> bool:
    return any(isinstance(each, Mapping) or not _may_be_flow(each) for each in value.values() if _is_group(each))


def _is_group(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(name)}: {_flow(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(each) for each in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f'"{value.isoformat("seconds" if value.second else "minutes")}"'
    return value if _is_plain(value) else _quoted(value)


def _is_plain(text: str) -> bool:
    return (
        _PLAIN.fullmatch(text) is not None
        and text.isprintable()
        and not text.endswith(" ")
        and text.lower() not in _READ_OTHERWISE
    )


def _quoted(text: str) -> str:
    return "".join(each if _is_shown(each) else _escaped(each) for each in json.dumps(text, ensure_ascii=False))


def _is_shown(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def _escaped(character: str) -> str:
    return f"\\U{ord(character):08x}"


def _is_block(text: str) -> bool:
    """Will tell whether a text of several lines may stand as it is: the first line sets the margin of the others."""
    lines = text.split("\n")
    return (
        len(lines) > 1
        and all(_is_shown(each) for each in text.replace("\n", ""))
        and not lines[0].startswith(" ")
        and lines[0] != ""
        and lines[-1] != ""
        and all(not line or line.strip(" ") for line in lines)
    )
