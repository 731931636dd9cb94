"""Who is known: the State's fictional cases when their folder is there, and a few people of our own everywhere."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FOLDER = "api_particulier_v3_cnav_quotient_familial_with_civility"
BY_TOKEN_FOLDER = "api_particulier_v3_cnav_quotient_familial_with_france_connect"  # noqa: S105  a folder
OWN = Path(__file__).with_name("own_cases.yaml")
Params = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Case:
    """What is asked, word for word but for accents and capitals, and what is answered."""

    name: str
    params: Params
    status: int
    payload: str

    def matches(self, asked: Params) -> bool:
        """Return whether these are the same parameters, none missing and none more."""
        return asked.keys() == self.params.keys() and all(
            [plain(value) for value in asked[key]] == [plain(value) for value in wanted]
            for key, wanted in self.params.items()
        )

    def is_about(self, identity: Params) -> bool:
        """Return whether this identity says all that the case says of a person."""
        return all(
            [plain(value) for value in identity.get(key, ())] == [plain(value) for value in wanted]
            for key, wanted in self.params.items()
        )


def plain(text: str) -> str:
    """Return the same letters without accents, in capitals."""
    split = unicodedata.normalize("NFD", text)
    return "".join(sign for sign in split if not unicodedata.combining(sign)).upper()


def known_cases(folder: Path | None) -> tuple[Case, ...]:
    """Return the cases of the State's folder, or those of one of its endpoints, then our own."""
    read: list[Case] = []
    if folder is not None:
        inside = folder / FOLDER
        read = _read(inside if inside.is_dir() else folder)
    own = YAML(typ="safe").load(OWN)
    return (*read, *(_case(name, said) for name, said in own.items()))


def cases_by_token(folder: Path | None) -> tuple[Case, ...]:
    """Return the cases that the State gives for FranceConnect's tokens, if its folder is there."""
    inside = folder / BY_TOKEN_FOLDER if folder is not None else None
    return tuple(_read(inside)) if inside is not None and inside.is_dir() else ()


def _read(folder: Path) -> list[Case]:
    return [_case(path.name, YAML(typ="safe").load(path)) for path in sorted(folder.glob("*.y*ml"))]


def _case(name: str, said: Mapping[str, Any]) -> Case:
    payload = said["payload"]
    return Case(
        name=name,
        params={key: tuple(map(str, _listed(value))) for key, value in said["params"].items()},
        status=said["status"],
        payload=payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False),
    )


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]
