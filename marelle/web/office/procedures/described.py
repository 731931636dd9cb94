"""A procedure as pieces of a form, and what was typed in it as the data that its reader judges."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from marelle.domain.procedures.rules.clocks import DelayUnit, Silence
from marelle.domain.procedures.rules.definitions import (
    EFFECTS,
    KIND_WORDS,
    NO,
    PLURAL_KINDS,
    YES,
    EffectKind,
    FieldKind,
    Writer,
)
from marelle.web.office.long_forms.pieces import (
    OMIT,
    Checks,
    Flag,
    Fold,
    Group,
    Line,
    Number,
    Paragraphs,
    Rows,
    Select,
    Unless,
    Variant,
    tagged,
)
from marelle.web.office.procedures import wording

Choices = tuple[tuple[str, str], ...]
# Those whose choice shows more controls come among the first: the stylesheet knows nine (see reglements.css).
KINDS: Final = (
    FieldKind.TEXT,
    FieldKind.LONG_TEXT,
    FieldKind.CHOICE,
    FieldKind.CHILD,
    FieldKind.ACTIVITY,
    FieldKind.FAMILY,
    *(kind for kind in FieldKind if kind not in {FieldKind.TEXT, FieldKind.LONG_TEXT, *PLURAL_KINDS}),
)
LONGEST_CODE: Final = 40
_NOT_A_CODE: Final = re.compile(r"[^a-z0-9]+")


class Condition(Checks):
    """Answers that call a question or a document, as « question=answer »; those of one question only."""

    __slots__ = ()

    def written(self, typed: tuple[str, ...]) -> Any:
        if not typed:
            return OMIT
        pairs = [tuple(one.partition("=")[::2]) for one in typed]
        fields = {field for field, _value in pairs}
        # Of two questions: nothing to choose from silently, so that the reader must refuse it.
        return {"field": fields.pop() if len(fields) == 1 else None, "values": [value for _field, value in pairs]}

    def typed(self, written: Any) -> tuple[str, ...]:
        if not isinstance(written, Mapping):
            return ()
        return tuple(f"{written.get('field')}={value}" for value in written.get("values") or ())


class Formats(Select):
    """Photos, PDF or both: two words of a document that are yes as a rule."""

    __slots__ = ()
    _WRITTEN: Final = {"both": {}, "images": {"takes_pdf": False}, "pdf": {"takes_images": False}}

    def written(self, typed: str) -> Any:
        return dict(self._WRITTEN.get(typed, {}))

    def typed(self, written: Any) -> str:
        said = written if isinstance(written, Mapping) else {}
        return next((name for name, value in self._WRITTEN.items() if value and value.items() <= said.items()), "both")


class WordsApart(Line):
    """Several words, written with commas between them."""

    __slots__ = ()

    def written(self, typed: str) -> Any:
        return [word for part in typed.split(",") if (word := part.strip())] or OMIT

    def typed(self, written: Any) -> str:
        return "" if written is OMIT else ", ".join(str(word) for word in written)


def form_of(services: Choices, conditions: Choices = ()) -> Group:
    """Will describe the whole form; `conditions` are the answers that may call a question or a document."""
    return Group(
        "",
        (
            ("+what", Group("Ce que lit la famille", _what())),
            ("fields", _fields(conditions)),
            ("documents", _documents(conditions)),
            ("+answer", Group("Qui répond, et quand", _answer(services))),
            ("+after", Group("Ce que fait une acceptation", _after())),
        ),
    )


def _what() -> tuple[tuple[str, Any], ...]:
    return (
        ("title", Line("Titre (thématique)")),
        ("category", Line("Catégorie", hint="Les démarches d’une catégorie sont rangées ensemble.")),
        ("summary", Paragraphs("Résumé", hint="À quoi sert la démarche, en deux phrases.", is_optional=True)),
        ("text", Paragraphs("Texte de la demande", hint=wording.TEXT_HINT, is_optional=True)),
        ("is_for_residents", Flag("Réservée aux familles de la commune")),
        ("open_to", WordsApart("Réservée à des catégories de familles", hint=wording.OPEN_TO_HINT, is_optional=True)),
    )


def _fields(conditions: Choices) -> Rows:
    choices = Rows(
        "Réponses proposées",
        "Ajouter une réponse",
        Group(
            "",
            (
                ("label", Line("Réponse")),
                ("code", Line("Nom court", is_optional=True)),
            ),
        ),
        has_order=True,
    )
    plural = ("is_plural", Flag("Plusieurs réponses possibles"))
    more: dict[FieldKind, tuple[tuple[str, Any], ...]] = dict.fromkeys(PLURAL_KINDS, (plural,))
    more[FieldKind.CHOICE] = (("choices", choices), plural)
    kinds = tuple(tagged("kind", kind.value, KIND_WORDS[kind], *more.get(kind, ())) for kind in KINDS)
    more_of_it = Fold(
        "Nom court, aide, condition",
        (
            ("code", Line("Nom court", hint=wording.CODE_HINT, is_optional=True)),
            ("help", Line("Aide", hint="Une phrase, sous la question.", is_optional=True)),
            (
                "writer",
                Select("Qui répond", ((Writer.FAMILY.value, "La famille"), (Writer.AGENT.value, wording.AGENT))),
            ),
            ("is_health", Flag("Concerne la santé", hint=wording.HEALTH_HINT)),
            ("only_if", Condition("Posée seulement si la réponse est", conditions)),
        ),
    )
    return Rows(
        "Questions",
        "Ajouter une question",
        Group(
            "",
            (
                ("label", Line("Question")),
                ("+kind", Variant("Type de réponse", kinds, tag="kind")),
                ("is_required", Unless("Réponse facultative")),
                ("+more", more_of_it),
            ),
        ),
        hint="Dans l’ordre où la famille les lit.",
        has_order=True,
    )


def _documents(conditions: Choices) -> Rows:
    formats = (("both", "Photo ou PDF"), ("images", "Photo seulement"), ("pdf", "PDF seulement"))
    more_of_it = Fold(
        "Nom court, formats, condition",
        (
            ("code", Line("Nom court", is_optional=True)),
            ("kind", Line("Ce qu’elle prouve", hint=wording.KIND_HINT, is_optional=True)),
            ("+formats", Formats("Formats acceptés", formats)),
            ("most_files", Number("Fichiers au plus", "number", hint="3 si rien n’est dit.", is_optional=True)),
            ("most_mb", Number("Poids au plus d’un fichier", "number", is_optional=True, unit="Mo")),
            ("is_health", Flag("Document de santé", hint=wording.HEALTH_DOCUMENT_HINT)),
            ("only_if", Condition("Demandée seulement si la réponse est", conditions)),
        ),
    )
    return Rows(
        "Pièces demandées",
        "Ajouter une pièce",
        Group(
            "",
            (
                ("label", Line("Pièce")),
                ("help", Line("Aide", hint="Par exemple « Les deux côtés de la carte ».", is_optional=True)),
                (
                    "valid_months",
                    Number("Valable pendant", "number", hint=wording.VALID_HINT, is_optional=True, unit="mois"),
                ),
                ("is_required", Unless("Pièce facultative")),
                ("+more", more_of_it),
            ),
        ),
        has_order=True,
    )


def _answer(services: Choices) -> tuple[tuple[str, Any], ...]:
    return (
        ("service", Select("Service qui répond", services or (("", "—"),))),
        (
            "delay",
            Group(
                "Délai de réponse",
                (
                    ("count", Number("Combien", "number")),
                    ("unit", Select("De", tuple((unit.value, wording.UNITS[unit]) for unit in DelayUnit))),
                ),
                hint=wording.DELAY_HINT,
            ),
        ),
        (
            "silence",
            Select(
                "Sans réponse dans ce délai",
                tuple((silence.value, wording.SILENCES[silence]) for silence in Silence),
                hint=wording.SILENCE_HINT,
            ),
        ),
        ("remedies", Paragraphs("Voies et délais de recours", hint=wording.REMEDIES_HINT, is_optional=True)),
    )


def _after() -> tuple[tuple[str, Any], ...]:
    effects = tuple((kind.value, EFFECTS[kind].label) for kind in EffectKind)
    return (("effect", Select("Effet", effects, hint=wording.EFFECT_HINT)),)


def with_codes(written: Mapping[str, Any]) -> dict[str, Any]:
    """Will name what was left without a short name after its label, and say what a document proves when nobody did."""
    said = dict(written)
    said["delay"] = {"count": "", **said.get("delay", {})}
    for name in ("fields", "documents"):
        said[name] = _named(said.get(name, ()))
    for one in said["fields"]:
        if "choices" in one:
            one["choices"] = _named(one["choices"])
    for one in said["documents"]:
        one.setdefault("kind", str(one.get("code", ""))[:LONGEST_CODE])
    return said


def _named(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    taken = {str(row["code"]) for row in rows if "code" in row}
    named = []
    for row in rows:
        one = dict(row)
        if "code" not in one and one.get("label"):
            one["code"] = _free(code_from(str(one["label"])), taken)
            taken.add(one["code"])
        named.append(one)
    return named


def code_from(label: str, *, joint: str = "_") -> str:
    """Will make a short name from words: « Carte d’identité » gives « carte_d_identite »."""
    apart = unicodedata.normalize("NFKD", label.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", " "))
    words = _NOT_A_CODE.sub(joint, apart.encode("ascii", "ignore").decode()).strip(joint)
    return (words if words[:1].isalpha() else f"q{joint}{words}".strip(joint))[:LONGEST_CODE].strip(joint)


def _free(code: str, taken: set[str]) -> str:
    if code not in taken:
        return code
    number = 2
    while f"{code[: LONGEST_CODE - 3]}_{number}" in taken:
        number += 1
    return f"{code[: LONGEST_CODE - 3]}_{number}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question whose answers may call others: its code, its label, its answers."""

    code: str
    label: str
    answers: Choices


def answers_that_call(content: Mapping[str, Any]) -> tuple[Asked, ...]:
    """Will return the questions whose answers may call another question or a document."""
    found = []
    for one in content.get("fields", ()):
        answers: Choices = ()
        if one.get("kind") == FieldKind.YES_NO.value:
            answers = ((YES, "oui"), (NO, "non"))
        elif one.get("kind") == FieldKind.CHOICE.value:
            answers = tuple(
                (choice["code"], choice.get("label", "")) for choice in one.get("choices", ()) if choice.get("code")
            )
        if one.get("code") and answers:
            found.append(Asked(one["code"], one.get("label", ""), answers))
    return tuple(found)


def conditions_of(content: Mapping[str, Any]) -> Choices:
    """Will return the answers that may call a question or a document, with their words."""
    return tuple(
        (f"{one.code}={value}", f"« {one.label} » : {words}")
        for one in answers_that_call(content)
        for value, words in one.answers
    )


def lacking_for_effect(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Will return the questions that the chosen effect needs and that are not there, ready to be added."""
    try:
        shape = EFFECTS[EffectKind(content.get("effect", EffectKind.NOTHING))]
    except ValueError:
        return []
    known = {one.get("code") for one in content.get("fields", ())}
    return [
        {"code": code, "label": wording.EFFECT_LABELS.get(code, KIND_WORDS[kind]), "kind": kind.value}
        for code, kind in shape.needs.items()
        if code not in known
    ]
