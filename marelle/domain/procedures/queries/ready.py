"""The procedures that ship with Marelle, ready to be offered: whole ones, that an authority then makes its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from marelle.domain.procedures.rules.definitions import Definition, read_definition
from marelle.foundation.yaml_files import parsed, text_of

_FOLDER: Final = Path(__file__).parent.parent / "ready"
_BIGGEST: Final = 64 * 1024
# In the order in which families read them: what is asked most comes first.
CODES: Final = (
    "recuperation",
    "inscription",
    "sante",
    "certificat",
    "adresse",
    "garde",
    "depart",
    "quotient",
    "prelevement",
    "contestation",
    "remboursement",
    "message",
)


@dataclass(frozen=True, slots=True)
class ReadyService:
    """A service in charge before an authority names its own; `role` is what its agents are granted."""

    code: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class ReadyTemplate:
    """Words to answer with, for every procedure; `purpose` is one of AnswerTemplate.Purpose."""

    purpose: str
    title: str
    body: str


def ready_content(code: str) -> dict[str, Any]:
    """Will return a ready procedure as plain data; raises KeyError when there is none of this code."""
    if code not in CODES:
        raise KeyError(code)
    content: dict[str, Any] = _plain(_read(code))
    return content


def ready_definition(code: str) -> Definition:
    """Will return a ready procedure as values; raises KeyError when there is none of this code."""
    return read_definition(ready_content(code))


def ready_services() -> tuple[ReadyService, ...]:
    """Will return the services in charge that the ready procedures name."""
    return tuple(ReadyService(**_plain(one)) for one in _read("services"))


def ready_templates() -> tuple[ReadyTemplate, ...]:
    """Will return the words that agents begin with."""
    return tuple(ReadyTemplate(**_plain(one)) for one in _read("templates"))


@cache
def _read(name: str) -> Any:
    return parsed(text_of(_FOLDER / f"{name}.yaml", biggest=_BIGGEST))


def _plain(said: Any) -> Any:
    """Will copy what the parser gave into plain values: what is written is kept as JSON, and the copy may be changed."""
    if isinstance(said, Mapping):
        return {str(key): _plain(value) for key, value in said.items()}
    if isinstance(said, list):
        return [_plain(one) for one in said]
    if isinstance(said, bool | int) or said is None:
        return bool(said) if isinstance(said, bool) else said if said is None else int(said)
    return str(said).strip()
