"""What was written in the fields of a procedure: read, found wrong in words, and written as people read it.

What is given comes and is kept flat, as a form sends it: « person.name » → [« Pauline »], « children » → [two names].
It is read with the same rule when it is a draft, when it is submitted, and when an acceptance acts on it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from marelle.domain.families.rules.phone_numbers import read_phone
from marelle.domain.payments.rules.bank_accounts import WrongAccountError, iban_from
from marelle.domain.procedures.rules.definitions import (
    BLANK,
    NO,
    PIECES,
    YES,
    Condition,
    Definition,
    Field,
    FieldKind,
    RequiredDocument,
    Writer,
)
from marelle.foundation.french_dates import in_full, listed
from marelle.foundation.money import cents_from, in_amount, in_euros

Given = Mapping[str, Sequence[str]]
LONGEST: Final = {FieldKind.TEXT: 200, FieldKind.LONG_TEXT: 4000}
LONGEST_PIECE: Final = 120
MOST_CENTS: Final = 10_000_000
_DAY: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_POSTCODE: Final = re.compile(r"\d{5}")
FIRST_YEAR, LAST_YEAR = 1990, 2100


class Person(NamedTuple):
    """Somebody whom a family names."""

    name: str
    phone: str
    relation: str


class Address(NamedTuple):
    """Where somebody lives: « 12 rue des Lilas », « 77163 », « Dammartin »."""

    street: str
    postcode: str
    city: str

    @property
    def in_one_line(self) -> str:
        """Will write it as an envelope does, on one line."""
        return f"{self.street}, {self.postcode} {self.city}"


# A text, a code or a public name; several of them; a date; cents; yes or no; a person; an address.
Value = str | tuple[str, ...] | date | int | bool | Person | Address


class AnswerFault(StrEnum):
    """Why an answer is not taken, in words."""

    MISSING = "Répondez à cette question."
    TOO_LONG = "C’est trop long : raccourcissez."
    NOT_A_DAY = "Indiquez une date, par exemple 09/04/2027."
    NOT_OFFERED = "Choisissez une des réponses proposées."
    ONE_ONLY = "Choisissez une seule réponse."
    NO_NAME = "Écrivez le nom et le prénom de cette personne."
    BAD_PHONE = "Vérifiez ce numéro : dix chiffres, ou un numéro étranger qui commence par +."
    HALF_AN_ADDRESS = "Écrivez la rue, le code postal et la ville."
    BAD_POSTCODE = "Le code postal compte cinq chiffres."
    BAD_IBAN = "Cet IBAN est faux : relisez-le sur votre relevé d’identité bancaire."
    NOT_AN_AMOUNT = "Écrivez un montant, par exemple 12,50."
    TOO_MUCH = "Ce montant est trop grand."


@dataclass(frozen=True, slots=True)
class Answers:
    """What was read: values and faults by field code. A field that was not asked for is in neither."""

    values: Mapping[str, Value]
    faults: Mapping[str, AnswerFault]
    asked: tuple[str, ...]


def read_answers(
    definition: Definition, given: Given, *, writer: Writer, offered: Mapping[str, Collection[str]] | None = None
) -> Answers:
    """Will read what one side gave.

    `offered` holds, by field code, the public names among which children, activities, invoices, régies and families are
    chosen; None reads what was accepted once already, without asking whether it is still offered.
    """
    values: dict[str, Value] = {}
    faults: dict[str, AnswerFault] = {}
    asked = []
    seen = _given_to_what_is_asked(definition, given)
    for one in definition.fields:
        if one.writer is not writer or one.code not in seen:
            continue
        asked.append(one.code)
        value = _read(one, given, None if offered is None else offered.get(one.code, ()))
        if isinstance(value, AnswerFault):
            faults[one.code] = value
        elif value is not None:
            values[one.code] = value
        elif one.is_required:
            faults[one.code] = AnswerFault.MISSING
    return Answers(values, faults, tuple(asked))


def is_asked(condition: Condition | None, given: Given) -> bool:
    """Will tell whether a field or a document with this condition is asked for, after what was given so far."""
    return condition is None or any(one in condition.values for one in given.get(condition.field, ()))


def documents_asked(definition: Definition, given: Given) -> tuple[RequiredDocument, ...]:
    """Will return the documents asked for, after what was given."""
    seen = _given_to_what_is_asked(definition, given)
    return tuple(one for one in definition.documents if is_asked(one.only_if, seen))


def _given_to_what_is_asked(definition: Definition, given: Given) -> dict[str, Sequence[str]]:
    """Will return what was given to each question that is asked, by its code.

    An answer left to a question that another answer took away asks for nothing more.
    """
    seen: dict[str, Sequence[str]] = {}
    for one in definition.fields:
        if is_asked(one.only_if, seen):
            seen[one.code] = given.get(one.code, ())
    return seen


def names_given(definition: Definition, given: Given) -> dict[str, list[str]]:
    """Will return only what belongs to the fields of the procedure, by the names of a form: the rest is dropped."""
    names = []
    for one in definition.fields:
        names += [f"{one.code}.{piece}" for piece in PIECES[one.kind]] if one.kind in PIECES else [one.code]
    return {name: [str(value) for value in given[name]] for name in names if name in given}


def _read(one: Field, given: Given, offered: Collection[str] | None) -> Value | AnswerFault | None:
    """Will return a value, a fault, or None when nothing was given."""
    if one.kind in PIECES:
        pieces = [_tidy(_first(given, f"{one.code}.{piece}")) for piece in PIECES[one.kind]]
        if not any(pieces):
            return None
        if any(len(piece) > LONGEST_PIECE for piece in pieces):
            return AnswerFault.TOO_LONG
        return _person(*pieces) if one.kind is FieldKind.PERSON else _address(*pieces)
    said = [text for text in given.get(one.code, ()) if text.strip()]
    if not said:
        return None
    if one.kind in _CHOSEN:
        return _chosen(one, said, offered)
    return _one_value(one, said[0])


_CHOSEN: Final = frozenset(
    {
        FieldKind.CHOICE,
        FieldKind.CHILD,
        FieldKind.ACTIVITY,
        FieldKind.INVOICE,
        FieldKind.REGIE,
        FieldKind.FAMILY,
    }
)


def _first(given: Given, name: str) -> str:
    return next(iter(given.get(name, ())), "")


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _chosen(one: Field, said: Sequence[str], offered: Collection[str] | None) -> Value | AnswerFault:
    among = {choice.code for choice in one.choices} if one.kind is FieldKind.CHOICE else offered
    if among is not None and not set(said) <= set(among):
        return AnswerFault.NOT_OFFERED
    if one.is_plural:
        return tuple(dict.fromkeys(said))
    return AnswerFault.ONE_ONLY if len(said) > 1 else said[0]


def _one_value(one: Field, text: str) -> Value | AnswerFault:
    if one.kind is FieldKind.DATE:
        return _day(text.strip())
    if one.kind is FieldKind.YES_NO:
        return AnswerFault.NOT_OFFERED if text not in {YES, NO} else text == YES
    if one.kind is FieldKind.IBAN:
        try:
            return iban_from(text)
        except WrongAccountError:
            return AnswerFault.BAD_IBAN
    if one.kind is FieldKind.AMOUNT:
        return _amount(text)
    if one.kind is FieldKind.LONG_TEXT:
        kept = "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
    else:
        kept = _tidy(text)
    return AnswerFault.TOO_LONG if len(kept) > LONGEST[one.kind] else kept


def _day(text: str) -> date | AnswerFault:
    french = _DAY.fullmatch(text)
    try:
        day = date(int(french[3]), int(french[2]), int(french[1])) if french else date.fromisoformat(text)
    except ValueError:
        return AnswerFault.NOT_A_DAY
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else AnswerFault.NOT_A_DAY


def _amount(text: str) -> int | AnswerFault:
    try:
        cents = cents_from(_tidy(text).replace("\N{NO-BREAK SPACE}", " "))
    except ValueError:
        return AnswerFault.NOT_AN_AMOUNT
    return AnswerFault.TOO_MUCH if cents > MOST_CENTS else cents


def _person(name: str, phone: str, relation: str) -> Person | AnswerFault:
    if not name:
        return AnswerFault.NO_NAME
    number = read_phone(phone)
    return AnswerFault.BAD_PHONE if phone and not number else Person(name, number, relation)


def _address(street: str, postcode: str, city: str) -> Address | AnswerFault:
    if not (street and postcode and city):
        return AnswerFault.HALF_AN_ADDRESS
    return Address(street, postcode, city) if _POSTCODE.fullmatch(postcode) else AnswerFault.BAD_POSTCODE


def in_words(one: Field, value: Value, names: Mapping[str, str]) -> str:
    """Will write a value as people read it; `names` gives what public names stand for: « Luca », « Cantine »."""
    if one.kind is FieldKind.CHOICE:
        names = {choice.code: choice.label for choice in one.choices}
    match value:
        case Person():
            told = ", ".join(part for part in (value.relation, value.phone) if part)
            words = f"{value.name} ({told})" if told else value.name
        case Address():
            words = value.in_one_line
        case bool():
            words = "Oui" if value else "Non"
        case int():
            words = in_euros(value)
        case date():
            words = in_full(value, year=True)
        case tuple():
            words = listed([names.get(code, code) for code in value])
        case _:
            words = names.get(value, value) if one.kind in _CHOSEN else value
    return words


def as_given(one: Field, value: Value) -> dict[str, list[str]]:
    """Will write a value as a form would send it, which `read_answers` reads back."""
    match value:
        case Person() | Address():
            return {f"{one.code}.{piece}": [part] for piece, part in zip(PIECES[one.kind], value, strict=True)}
        case bool():
            return {one.code: [YES if value else NO]}
        case int():
            return {one.code: [in_amount(value)]}
        case date():
            return {one.code: [value.isoformat()]}
        case tuple():
            return {one.code: list(value)}
    return {one.code: [value]}


# A blank and the full stop after it: one that ends with its own mark needs no other.
BLANK_AND_STOP: Final = re.compile(BLANK.pattern + r"(\.?)")
ENDS: Final = (".", "?", "!", "…")


def filled_text(definition: Definition, values: Mapping[str, Value], names: Mapping[str, str]) -> str:
    """Will return the pre-written text with its blanks filled; « … » where nothing is known yet."""

    def word(blank: re.Match[str]) -> str:
        one = definition.field_of(blank[1])
        said = "…" if one is None or blank[1] not in values else in_words(one, values[blank[1]], names)
        return said if said.endswith(ENDS) else said + blank[2]

    return BLANK_AND_STOP.sub(word, definition.text)
