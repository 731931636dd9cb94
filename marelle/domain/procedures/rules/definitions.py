"""What a procedure (thématique) says: questions, documents, who answers and when, and what an acceptance does.

A definition is data that an agent edits: `read_definition` turns it into values or says each fault in words,
`written` turns it back. Codes are what answers, documents and effects are known by; they never reach the screen.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeVar

from marelle.domain.procedures.rules.clocks import Delay, DelayUnit, Silence

E = TypeVar("E", bound=StrEnum)

CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
BLANK: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
MOST_FIELDS: Final = 40
MOST_DOCUMENTS: Final = 12
MOST_MB: Final = 20
LONGEST_TITLE: Final = 120
LONGEST_TEXT: Final = 4000


class FieldKind(StrEnum):
    """What may be written in a field."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    DATE = "date"
    CHOICE = "choice"
    CHILD = "child"
    PERSON = "person"
    ADDRESS = "address"
    IBAN = "iban"
    AMOUNT = "amount"
    YES_NO = "yes_no"
    # What the house knows, chosen among what is there: an activity, an invoice of the family, a till, another file.
    ACTIVITY = "activity"
    INVOICE = "invoice"
    REGIE = "regie"
    FAMILY = "family"


KIND_WORDS: Final = {
    FieldKind.TEXT: "Texte court",
    FieldKind.LONG_TEXT: "Texte",
    FieldKind.DATE: "Date",
    FieldKind.CHOICE: "Choix dans une liste",
    FieldKind.CHILD: "Enfant",
    FieldKind.PERSON: "Personne (nom, téléphone, lien)",
    FieldKind.ADDRESS: "Adresse postale",
    FieldKind.IBAN: "IBAN",
    FieldKind.AMOUNT: "Montant en euros",
    FieldKind.YES_NO: "Oui ou non",
    FieldKind.ACTIVITY: "Activité",
    FieldKind.INVOICE: "Facture de la famille",
    FieldKind.REGIE: "Régie",
    FieldKind.FAMILY: "Autre dossier famille",
}
# Several of them may be chosen at once.
PLURAL_KINDS: Final = frozenset({FieldKind.CHOICE, FieldKind.CHILD, FieldKind.ACTIVITY, FieldKind.FAMILY})
# The pieces of a value that has several, as « person.name » in a form.
PIECES: Final[dict[FieldKind, tuple[str, ...]]] = {
    FieldKind.PERSON: ("name", "phone", "relation"),
    FieldKind.ADDRESS: ("street", "postcode", "city"),
}
YES, NO = "yes", "no"


class Writer(StrEnum):
    """Who fills a field in: the family that asks, or the agent who accepts."""

    FAMILY = "family"
    AGENT = "agent"


class EffectKind(StrEnum):
    """What an acceptance does."""

    NOTHING = "nothing"
    ALLOW_PICKUP = "allow_pickup"
    CHANGE_ADDRESS = "change_address"
    RECORD_HEALTH = "record_health"
    ENROLL = "enroll"
    RECORD_QUOTIENT = "record_quotient"
    SIGN_MANDATE = "sign_mandate"
    CORRECT_INVOICE = "correct_invoice"
    REFUND_WALLET = "refund_wallet"
    CERTIFY_ILLNESS = "certify_illness"
    CHANGE_CUSTODY = "change_custody"
    LEAVE_AUTHORITY = "leave_authority"


@dataclass(frozen=True, slots=True)
class EffectShape:
    """What an effect is called, and the fields it reads, by code: those it must have, and those it may."""

    label: str
    needs: Mapping[str, FieldKind]
    may_have: Mapping[str, FieldKind] = field(default_factory=dict)


_KIND = FieldKind
EFFECTS: Final[dict[EffectKind, EffectShape]] = {
    EffectKind.NOTHING: EffectShape("Rien : la réponse suffit", {}),
    EffectKind.ALLOW_PICKUP: EffectShape(
        "Autorise une personne à venir chercher les enfants",
        {"children": _KIND.CHILD, "person": _KIND.PERSON, "starts_on": _KIND.DATE},
        {"ends_on": _KIND.DATE},
    ),
    EffectKind.CHANGE_ADDRESS: EffectShape(
        "Change l’adresse du foyer à partir d’un jour",
        {"address": _KIND.ADDRESS, "starts_on": _KIND.DATE},
        {"is_resident": _KIND.YES_NO},
    ),
    EffectKind.RECORD_HEALTH: EffectShape(
        "Met à jour la fiche sanitaire de l’enfant",
        {"child": _KIND.CHILD, "allergies": _KIND.LONG_TEXT},
        {"diet": _KIND.TEXT, "care_plan": _KIND.LONG_TEXT, "care_plan_until": _KIND.DATE},
    ),
    EffectKind.ENROLL: EffectShape(
        "Inscrit les enfants à des activités",
        {"children": _KIND.CHILD, "activities": _KIND.ACTIVITY, "starts_on": _KIND.DATE},
        {"ends_on": _KIND.DATE},
    ),
    EffectKind.RECORD_QUOTIENT: EffectShape(
        "Enregistre un quotient à partir d’un jour", {"quotient": _KIND.AMOUNT, "starts_on": _KIND.DATE}
    ),
    EffectKind.SIGN_MANDATE: EffectShape(
        "Enregistre un mandat de prélèvement",
        {
            "regie": _KIND.REGIE,
            "holder": _KIND.TEXT,
            "holder_address": _KIND.ADDRESS,
            "iban": _KIND.IBAN,
            "place": _KIND.TEXT,
        },
        {"bic": _KIND.TEXT},
    ),
    EffectKind.CORRECT_INVOICE: EffectShape(
        "Corrige une facture d’après les présences et le règlement",
        {"invoice": _KIND.INVOICE},
        {"credit": _KIND.AMOUNT},
    ),
    EffectKind.REFUND_WALLET: EffectShape(
        "Rembourse le porte-monnaie de la famille",
        {"regie": _KIND.REGIE, "amount": _KIND.AMOUNT, "holder": _KIND.TEXT, "iban": _KIND.IBAN},
        {"bic": _KIND.TEXT},
    ),
    EffectKind.CERTIFY_ILLNESS: EffectShape(
        "Enregistre le certificat et revoit le prix des jours d’après le règlement",
        {"child": _KIND.CHILD, "first_day": _KIND.DATE, "last_day": _KIND.DATE},
    ),
    EffectKind.CHANGE_CUSTODY: EffectShape(
        "Change les foyers où vivent les enfants à partir d’un jour",
        {"children": _KIND.CHILD, "starts_on": _KIND.DATE, "homes": _KIND.FAMILY},
    ),
    EffectKind.LEAVE_AUTHORITY: EffectShape(
        "Arrête les inscriptions et les réservations après un jour", {"last_day": _KIND.DATE}
    ),
}

# Fields of effects that act on one thing at a time.
ONE_ONLY: Final = frozenset({"child"})


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers of a list."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Condition:
    """Asked for only when the answer to `field` is one of `values`: codes, « yes » or « no »."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A question. `longest` is a number of characters; a field with `is_health` is never written in an e-mail."""

    code: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    is_required: bool = True
    is_plural: bool = False
    help: str = ""
    choices: tuple[Choice, ...] = ()
    only_if: Condition | None = None
    writer: Writer = Writer.FAMILY
    is_health: bool = False


@dataclass(frozen=True, slots=True)
class RequiredDocument:
    """A document asked for (pièce demandée).

    `kind` is what it proves, as families' documents are known by: one already in the file is offered. `most_mb` is the
    weight of the file as it comes; `valid_months` counts from the day it is given, None when it does not expire.
    """

    code: str
    label: str
    kind: str
    is_required: bool = True
    takes_images: bool = True
    takes_pdf: bool = True
    most_mb: int = MOST_MB
    most_files: int = 3
    valid_months: int | None = None
    is_health: bool = False
    help: str = ""
    only_if: Condition | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """A whole procedure, as a family and an agent meet it.

    `text` is what the family says, with blanks named after fields: « Je souhaite autoriser {person} … ». `service` is
    the code of the service in charge. `open_to` holds the categories of families who may use it, nobody excluded when
    empty. `remedies` is said when silence or a decision refuses.
    """

    title: str
    category: str
    summary: str
    text: str
    fields: tuple[Field, ...]
    documents: tuple[RequiredDocument, ...]
    service: str
    delay: Delay
    silence: Silence
    remedies: str
    effect: EffectKind
    open_to: tuple[str, ...] = ()
    is_for_residents: bool = False

    def fields_for(self, writer: Writer) -> tuple[Field, ...]:
        """Will return the fields that one side fills in, in their order."""
        return tuple(one for one in self.fields if one.writer is writer)

    def is_for(self, *, is_resident: bool, categories: Collection[str]) -> bool:
        """Will tell whether a family may use it: any, or those of the commune, or those of its categories."""
        if self.is_for_residents and not is_resident:
            return False
        return not self.open_to or bool(set(self.open_to) & set(categories))

    def field_of(self, code: str) -> Field | None:
        """Will return the field of a code."""
        return next((one for one in self.fields if one.code == code), None)

    def document_of(self, code: str) -> RequiredDocument | None:
        """Will return the document asked for under a code."""
        return next((one for one in self.documents if one.code == code), None)


class WrongDefinitionError(Exception):
    """Data that is no procedure; `faults` says why, in French, by place: « fields.2.label », « text »."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        """Will keep why."""
        super().__init__(sorted(faults))
        self.faults = dict(faults)


@dataclass
class _Reading:
    """What is read, and what is wrong in it, by place."""

    faults: dict[str, str] = field(default_factory=dict)

    def text(self, data: Mapping[str, Any], key: str, place: str, *, longest: int, is_required: bool = True) -> str:
        value = data.get(key, "")
        said = value.strip() if isinstance(value, str) else ""
        if not said and is_required:
            self.faults[place + key] = "Écrivez quelque chose ici."
        elif len(said) > longest:
            self.faults[place + key] = f"C’est trop long : {longest} caractères au plus."
        return said

    def code(self, data: Mapping[str, Any], place: str) -> str:
        said = data.get("code", "")
        if not (isinstance(said, str) and CODE.fullmatch(said)):
            self.faults[place + "code"] = "Un nom court : des lettres minuscules, des chiffres et « _ »."
            return ""
        return str(said)

    def one_of(self, kind: type[E], data: Mapping[str, Any], key: str, place: str, default: E) -> E:
        try:
            return kind(data.get(key, default))
        except ValueError:
            self.faults[place + key] = "Choisissez dans la liste."
            return default

    def number(self, data: Mapping[str, Any], key: str, place: str, default: int, most: int) -> int:
        said = data.get(key, default)
        if not isinstance(said, int) or isinstance(said, bool) or not 1 <= said <= most:
            self.faults[place + key] = f"Un nombre de 1 à {most}."
            return default
        return said

    def condition(self, data: Mapping[str, Any], place: str) -> Condition | None:
        said = data.get("only_if")
        if said is None:
            return None
        values = _list(_map(said).get("values"))
        name = _map(said).get("field")
        if not isinstance(name, str) or not values or not all(isinstance(one, str) for one in values):
            self.faults[place + "only_if"] = "Dites quelle réponse à quelle question."
            return None
        return Condition(name, tuple(values))


def read_definition(data: Mapping[str, Any]) -> Definition:
    """Will return the procedure that plain data says (as `written` gives it); raises WrongDefinitionError."""
    reading = _Reading()
    delay = _map(data.get("delay"))
    definition = Definition(
        title=reading.text(data, "title", "", longest=LONGEST_TITLE),
        category=reading.text(data, "category", "", longest=60),
        summary=reading.text(data, "summary", "", longest=600, is_required=False),
        text=reading.text(data, "text", "", longest=LONGEST_TEXT, is_required=False),
        fields=_fields(data, reading),
        documents=_documents(data, reading),
        service=reading.text(data, "service", "", longest=40),
        delay=Delay(
            reading.number(delay, "count", "delay.", 2, 366),
            reading.one_of(DelayUnit, delay, "unit", "delay.", DelayUnit.MONTHS),
        ),
        silence=reading.one_of(Silence, data, "silence", "", Silence.REFUSES),
        remedies=reading.text(data, "remedies", "", longest=LONGEST_TEXT, is_required=False),
        effect=reading.one_of(EffectKind, data, "effect", "", EffectKind.NOTHING),
        open_to=tuple(one for one in _list(data.get("open_to")) if isinstance(one, str)),
        is_for_residents=data.get("is_for_residents") is True,
    )
    reading.faults.update(_contradictions(definition))
    if reading.faults:
        raise WrongDefinitionError(reading.faults)
    return definition


def written(definition: Definition) -> dict[str, Any]:
    """Will return a procedure as plain data, which `read_definition` reads back; what is as usual is left out."""
    said: dict[str, Any] = {
        "title": definition.title,
        "category": definition.category,
        "summary": definition.summary,
        "text": definition.text,
        "fields": [_written_field(one) for one in definition.fields],
        "documents": [_written_document(one) for one in definition.documents],
        "service": definition.service,
        "delay": {"count": definition.delay.count, "unit": definition.delay.unit.value},
        "silence": definition.silence.value,
        "remedies": definition.remedies,
        "effect": definition.effect.value,
    }
    if definition.open_to:
        said["open_to"] = list(definition.open_to)
    if definition.is_for_residents:
        said["is_for_residents"] = True
    return said


def _map(said: Any) -> Mapping[str, Any]:
    return said if isinstance(said, Mapping) else {}


def _list(said: Any) -> Sequence[Any]:
    return said if isinstance(said, Sequence) and not isinstance(said, str) else ()


def _fields(data: Mapping[str, Any], reading: _Reading) -> tuple[Field, ...]:
    found = []
    for rank, one in enumerate(_list(data.get("fields"))):
        said, place = _map(one), f"fields.{rank}."
        found.append(
            Field(
                code=reading.code(said, place),
                label=reading.text(said, "label", place, longest=LONGEST_TITLE),
                kind=reading.one_of(FieldKind, said, "kind", place, FieldKind.TEXT),
                is_required=said.get("is_required", True) is True,
                is_plural=said.get("is_plural", False) is True,
                help=reading.text(said, "help", place, longest=300, is_required=False),
                choices=tuple(
                    Choice(
                        reading.code(_map(choice), f"{place}choices.{number}."),
                        reading.text(_map(choice), "label", f"{place}choices.{number}.", longest=LONGEST_TITLE),
                    )
                    for number, choice in enumerate(_list(said.get("choices")))
                ),
                only_if=reading.condition(said, place),
                writer=reading.one_of(Writer, said, "writer", place, Writer.FAMILY),
                is_health=said.get("is_health", False) is True,
            )
        )
    return tuple(found)


def _documents(data: Mapping[str, Any], reading: _Reading) -> tuple[RequiredDocument, ...]:
    found = []
    for rank, one in enumerate(_list(data.get("documents"))):
        said, place = _map(one), f"documents.{rank}."
        months = said.get("valid_months")
        found.append(
            RequiredDocument(
                code=reading.code(said, place),
                label=reading.text(said, "label", place, longest=LONGEST_TITLE),
                kind=reading.text(said, "kind", place, longest=40),
                is_required=said.get("is_required", True) is True,
                takes_images=said.get("takes_images", True) is True,
                takes_pdf=said.get("takes_pdf", True) is True,
                most_mb=reading.number(said, "most_mb", place, MOST_MB, MOST_MB),
                most_files=reading.number(said, "most_files", place, 3, 10),
                valid_months=None if months is None else reading.number(said, "valid_months", place, 12, 120),
                is_health=said.get("is_health", False) is True,
                help=reading.text(said, "help", place, longest=300, is_required=False),
                only_if=reading.condition(said, place),
            )
        )
    return tuple(found)


def _contradictions(definition: Definition) -> dict[str, str]:
    """Will say what is wrong between the parts: names twice, conditions on nothing, blanks, what an effect needs."""
    faults: dict[str, str] = {}
    if len(definition.fields) > MOST_FIELDS:
        faults["fields"] = f"{MOST_FIELDS} questions au plus."
    if len(definition.documents) > MOST_DOCUMENTS:
        faults["documents"] = f"{MOST_DOCUMENTS} pièces au plus."
    faults.update(_names_twice("fields", [one.code for one in definition.fields]))
    faults.update(_names_twice("documents", [one.code for one in definition.documents]))
    before: dict[str, Field] = {}
    for rank, one in enumerate(definition.fields):
        faults.update(_field_faults(one, before, f"fields.{rank}."))
        before[one.code] = one
    for rank, document in enumerate(definition.documents):
        faults.update(_document_faults(document, before, f"documents.{rank}."))
    for name in BLANK.findall(definition.text):
        if name not in before:
            faults["text"] = f"Le texte a un blanc {{{name}}} qui ne correspond à aucune question."
        elif before[name].writer is Writer.AGENT:
            faults["text"] = f"Le texte a un blanc {{{name}}} que seul un agent remplit : la famille le verrait vide."
    faults.update(_missing_for_effect(definition, before))
    if definition.silence is Silence.REFUSES and not definition.remedies:
        faults["remedies"] = "Dites comment contester un refus : le délai de recours ne court pas sans cela."
    return faults


def _names_twice(place: str, codes: Sequence[str]) -> dict[str, str]:
    return {
        f"{place}.{rank}.code": "Ce nom court sert déjà plus haut."
        for rank, code in enumerate(codes)
        if code in codes[:rank]
    }


def _condition_fault(condition: Condition, before: Mapping[str, Field], writer: Writer) -> str:
    """Will say why a condition can never be met by what `writer` sees, or nothing."""
    on = before.get(condition.field)
    if on is None:
        return "La condition nomme une question qui n’est pas posée avant."
    if on.writer is Writer.AGENT and writer is Writer.FAMILY:
        return "La condition nomme une question que seul un agent remplit."
    if on.kind is FieldKind.YES_NO:
        among = {YES, NO}
    elif on.kind is FieldKind.CHOICE:
        among = {choice.code for choice in on.choices}
    else:
        return "La condition porte sur un choix dans une liste, ou sur oui ou non."
    return "" if set(condition.values) <= among else "La condition attend une réponse qui n’est pas proposée."


def _document_faults(one: RequiredDocument, fields: Mapping[str, Field], place: str) -> dict[str, str]:
    faults = {}
    if one.only_if is not None and (fault := _condition_fault(one.only_if, fields, Writer.FAMILY)):
        faults[place + "only_if"] = fault
    if not (one.takes_images or one.takes_pdf):
        faults[place + "takes_pdf"] = "Acceptez au moins les photos ou les PDF."
    return faults


def _field_faults(one: Field, before: Mapping[str, Field], place: str) -> dict[str, str]:
    faults = {}
    if one.only_if is not None and (fault := _condition_fault(one.only_if, before, one.writer)):
        faults[place + "only_if"] = fault
    if one.kind is FieldKind.CHOICE and len(one.choices) < 2:  # noqa: PLR2004  a choice is between two
        faults[place + "choices"] = "Donnez au moins deux réponses."
    if one.is_plural and one.kind not in PLURAL_KINDS:
        faults[place + "is_plural"] = "Une seule réponse est possible pour ce type de question."
    return faults


def _missing_for_effect(definition: Definition, fields: Mapping[str, Field]) -> dict[str, str]:
    shape = EFFECTS[definition.effect]
    for code, kind in shape.needs.items():
        if code not in fields:
            words = f"« {shape.label} » a besoin d’une question « {code} » ({KIND_WORDS[kind].lower()})."
            return {"effect": words}
        if not fields[code].is_required or fields[code].only_if is not None:
            return {"effect": f"Pour cet effet, la question « {code} » doit être obligatoire et sans condition."}
        if code in ONE_ONLY and fields[code].is_plural:
            return {"effect": f"Pour cet effet, la question « {code} » n’a qu’une réponse."}
    for code, kind in (*shape.needs.items(), *shape.may_have.items()):
        if code in fields and fields[code].kind is not kind:
            return {"effect": f"Pour cet effet, la question « {code} » doit être : {KIND_WORDS[kind].lower()}."}
    return {}


def _written_condition(condition: Condition | None) -> dict[str, Any]:
    return {} if condition is None else {"only_if": {"field": condition.field, "values": list(condition.values)}}


def _written_field(one: Field) -> dict[str, Any]:
    said: dict[str, Any] = {"code": one.code, "label": one.label, "kind": one.kind.value}
    if not one.is_required:
        said["is_required"] = False
    if one.is_plural:
        said["is_plural"] = True
    if one.help:
        said["help"] = one.help
    if one.choices:
        said["choices"] = [{"code": choice.code, "label": choice.label} for choice in one.choices]
    if one.writer is not Writer.FAMILY:
        said["writer"] = one.writer.value
    if one.is_health:
        said["is_health"] = True
    return said | _written_condition(one.only_if)


def _written_document(one: RequiredDocument) -> dict[str, Any]:
    said: dict[str, Any] = {"code": one.code, "label": one.label, "kind": one.kind}
    usual = RequiredDocument("", "", "")
    for name in (
        "is_required",
        "takes_images",
        "takes_pdf",
        "most_mb",
        "most_files",
        "valid_months",
        "is_health",
        "help",
    ):
        if getattr(one, name) != getattr(usual, name):
            said[name] = getattr(one, name)
    return said | _written_condition(one.only_if)
