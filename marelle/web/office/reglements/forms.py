"""The règlement as it was typed, in the form or as a text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.http import QueryDict

from marelle.domain.catalog.rules.written import InvalidReglementError, read_reglement, write_reglement
from marelle.web.office.long_forms.drawing import Faults, draw, placed_faults
from marelle.web.office.long_forms.pieces import Sent
from marelle.web.office.long_forms.saving import AS_FORM, AS_TEXT
from marelle.web.office.long_forms.yaml_text import LONGEST, UnreadableTextError, read_text, write_text
from marelle.web.office.reglements import wording
from marelle.web.office.reglements.described import reglement as described_reglement
from marelle.web.office.reglements.described import typed_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.safestring import SafeString

    from marelle.domain.catalog.rules.contradictions import Contradiction
    from marelle.domain.catalog.rules.reglements import Reglement


@dataclass(slots=True)
class Typed:
    """The règlement as it was typed, in the form or as a text, what it writes, and what is wrong with it.

    `rules` None: it cannot be read, and `found` says why (key of what is written, reason).
    """

    way: str
    typed: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    rules: Reglement | None = None
    found: list[tuple[str, str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    products: Mapping[str, str] = field(default_factory=dict)

    @property
    def faults(self) -> Faults:
        """Will return what is wrong, at the controls of the form; the text has only one."""
        if self.way == AS_TEXT:
            return Faults({AS_TEXT: tuple(self.sentences)} if self.found else {})
        found = [(key, wording.fault(wording.without_quotes(reason))) for key, reason in self.found]
        return placed_faults(described_reglement(self.products), self.typed, found)

    @property
    def sentences(self) -> list[str]:
        """Will return what is wrong with the text, each with its line and key."""
        lines = [*self.lines, *([0] * len(self.found))]
        return [
            f"{f'Ligne {line}, ' if line else ''}{key or 'règlement'} : {reason}."
            for (key, reason), line in zip(self.found, lines, strict=False)
        ]

    def drawn(self, url: str) -> SafeString:
        """Will write the form."""
        return draw(described_reglement(self.products), self.typed, "", faults=self.faults, url=url)

    def add(self, found: tuple[Contradiction, ...]) -> None:
        """Will add what the calendar says against it."""
        self.found += [(_spelled(one.key, self.way), wording.contradiction(one).removesuffix(".")) for one in found]


def typed_of(written: dict[str, Any], *, way: str, products: Mapping[str, str]) -> Typed:
    """Will return a règlement in its canonical form, ready to be typed over."""
    return Typed(
        way,
        typed=typed_from(described_reglement(products), written),
        text=write_text(written),
        rules=read_reglement(written),
        products=products,
    )


def blank(*, way: str, products: Mapping[str, str]) -> Typed:
    """Will return what is typed before anything is."""
    described = described_reglement(products)
    return Typed(way, typed=described.collect(Sent(QueryDict()), ""), text="", products=products)


def unreadable(data: Any, *, products: Mapping[str, str]) -> Typed:
    """Will return what is stored and cannot be read, as a text: nobody has to type again what is only half wrong."""
    return _sent_as_text(write_text(data), products)


def sent_by(data: QueryDict, *, products: Mapping[str, str]) -> Typed:
    """Will read what was sent, the rows asked for added and taken out."""
    if data.get("vue") == AS_TEXT:
        return _sent_as_text(str(data.get("texte", "")), products)
    sent = Sent(data)
    if data.get("ajouter"):
        sent.add_row(str(data["ajouter"]))
    if data.get("retirer"):
        sent.take_row(str(data["retirer"]))
    described = described_reglement(products)
    typed = Typed(AS_FORM, typed=described.collect(sent, ""), products=products)
    return _read(typed, described.written(typed.typed))


def _sent_as_text(text: str, products: Mapping[str, str]) -> Typed:
    typed = Typed(AS_TEXT, text=text[: LONGEST + 1], products=products)
    try:
        read = read_text(text)
    except UnreadableTextError as error:
        typed.found, typed.lines = [("", error.reason)], [error.line]
        return typed
    _read(typed, read.values)
    typed.lines = [read.line_of(key) for key, _reason in typed.found]
    return typed


def _read(typed: Typed, written: Any) -> Typed:
    try:
        typed.rules = read_reglement(written)
    except InvalidReglementError as error:
        typed.found = [(error.key if error.key != "règlement" else "", error.reason[:300])]
    if typed.way == AS_FORM:
        typed.text = write_text(write_reglement(typed.rules) if typed.rules else written)
    return typed


def as_other(typed: Typed, way: str) -> Typed:
    """Will return the same règlement to be typed the other way; a text that cannot be read stays a text."""
    if way == typed.way or (typed.rules is None and way == AS_FORM):
        return typed
    if typed.rules is None:
        return Typed(AS_TEXT, text=typed.text, products=typed.products)
    return typed_of(write_reglement(typed.rules), way=way, products=typed.products)


def _spelled(key: str, way: str) -> str:
    """Will return the key of a contradiction as the form names it: there, an act always has its closing apart."""
    return f"{key}.closes" if way == AS_FORM and key in {"book", "cancel", "change"} else key
