"""A procedure as a family will read it, drawn from what is typed so far, right or wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marelle.domain.procedures.rules.definitions import BLANK, MOST_MB, PIECES, FieldKind, Writer
from marelle.web.office.procedures import wording
from marelle.web.office.procedures.described import answers_that_call

PIECE_WORDS = {
    "name": "Nom et prénom",
    "phone": "Téléphone",
    "relation": "Lien avec l’enfant",
    "street": "Rue",
    "postcode": "Code postal",
    "city": "Commune",
}
_EXAMPLES = {
    FieldKind.CHILD: ("Lucia", "Mateo"),
    FieldKind.ACTIVITY: ("Cantine", "Étude surveillée"),
    FieldKind.INVOICE: ("Facture 12 du 5 octobre, 45,30 €",),
    FieldKind.REGIE: ("Régie",),
    FieldKind.YES_NO: ("Oui", "Non"),
}
_SINGLE = {FieldKind.DATE: "date", FieldKind.TEXT: "text", FieldKind.IBAN: "text", FieldKind.AMOUNT: "text"}


@dataclass(frozen=True, slots=True)
class Question:
    """A question: `shape` says which control, `options` are its choices, `parts` its pieces."""

    label: str
    help: str
    shape: str
    kind: str
    options: tuple[str, ...]
    parts: tuple[str, ...]
    is_plural: bool
    is_optional: bool
    only_if: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A document that is asked for."""

    label: str
    help: str
    takes: str
    is_optional: bool
    only_if: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The form of a family, and below it what the agent fills in."""

    title: str
    summary: str
    text: tuple[tuple[bool, str], ...]
    questions: tuple[Question, ...]
    pieces: tuple[Piece, ...]
    agents: tuple[Question, ...]
    delay: str
    silence: str
    remedies: str


def preview_of(content: Mapping[str, Any]) -> Preview:
    """Will draw what stands in plain data, faults included: a question without a label shows as such."""
    calls = {one.code: (one.label, dict(one.answers)) for one in answers_that_call(content)}
    fields = [one for one in content.get("fields", ()) if isinstance(one, Mapping)]
    labels = {one.get("code"): one.get("label", "") for one in fields}
    is_agents = [one.get("writer") == Writer.AGENT.value for one in fields]
    delay = content.get("delay", {})
    return Preview(
        title=content.get("title", "") or "Sans titre",
        summary=content.get("summary", ""),
        text=_text(content.get("text", ""), labels),
        questions=tuple(_question(one, calls) for one, agents in zip(fields, is_agents, strict=True) if not agents),
        agents=tuple(_question(one, calls) for one, agents in zip(fields, is_agents, strict=True) if agents),
        pieces=tuple(_piece(one, calls) for one in content.get("documents", ())),
        delay=f"{delay.get('count', '…')} {wording.UNITS.get(delay.get('unit'), 'mois')}",
        silence=wording.SILENCES.get(content.get("silence", ""), ""),
        remedies=content.get("remedies", ""),
    )


def _text(text: str, labels: Mapping[Any, str]) -> tuple[tuple[bool, str], ...]:
    found: list[tuple[bool, str]] = []
    end = 0
    for blank in BLANK.finditer(text):
        found += [(False, text[end : blank.start()]), (True, labels.get(blank[1]) or blank[0])]
        end = blank.end()
    return tuple((is_blank, words) for is_blank, words in (*found, (False, text[end:])) if words)


def _question(one: Mapping[str, Any], calls: Mapping[str, Any]) -> Question:
    try:
        kind = FieldKind(one.get("kind", "text"))
    except ValueError:
        kind = FieldKind.TEXT
    options = tuple(choice.get("label", "") for choice in one.get("choices", ())) or _EXAMPLES.get(kind, ())
    if kind in PIECES:
        shape = "parts"
    elif kind is FieldKind.LONG_TEXT:
        shape = "long"
    elif kind in {FieldKind.INVOICE, FieldKind.REGIE}:
        shape = "list"
    elif options:
        shape = "tiles"
    else:
        shape = "line"
    return Question(
        label=one.get("label", "") or "Question sans titre",
        help=one.get("help", ""),
        shape=shape,
        kind=_SINGLE.get(kind, "text"),
        options=options,
        parts=tuple(PIECE_WORDS[part] for part in PIECES.get(kind, ())),
        is_plural=one.get("is_plural") is True,
        is_optional=one.get("is_required") is False,
        only_if=_only_if(one.get("only_if"), calls),
    )


def _piece(one: Mapping[str, Any], calls: Mapping[str, Any]) -> Piece:
    kinds = "Photo ou PDF"
    if one.get("takes_pdf") is False:
        kinds = "Photo"
    elif one.get("takes_images") is False:
        kinds = "PDF"
    return Piece(
        label=one.get("label", "") or "Pièce sans titre",
        help=one.get("help", ""),
        takes=f"{kinds}, {one.get('most_mb', MOST_MB)} Mo au plus",
        is_optional=one.get("is_required") is False,
        only_if=_only_if(one.get("only_if"), calls),
    )


def _only_if(condition: Any, calls: Mapping[str, Any]) -> str:
    if not isinstance(condition, Mapping) or condition.get("field") not in calls:
        return ""
    label, answers = calls[condition["field"]]
    said = " ou ".join(answers.get(value, value) for value in condition.get("values", ()))
    return f"Si « {label} » : {said}"
