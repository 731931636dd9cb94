"""The questions of a procedure as fields of a form, and what a browser sends of them as answers.

The form only shows: what is right and what is wrong is said by `procedures.rules.answers`, for the draft, for what is
sent and for what an agent accepts alike. Names of ours that are no question's have a dash, which no question's has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict

from marelle.domain.procedures.rules.answers import LONGEST, LONGEST_PIECE, AnswerFault, names_given
from marelle.domain.procedures.rules.definitions import NO, PIECES, YES, FieldKind, Writer
from marelle.foundation.french_dates import NO_BREAK
from marelle.web.family.applications import wording

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from django.forms.boundfield import BoundField
    from django.http import QueryDict

    from marelle.domain.procedures.queries.offered import Offered
    from marelle.domain.procedures.rules.answers import Given
    from marelle.domain.procedures.rules.definitions import Condition, Definition, Field, RequiredDocument

MOST_TILES: Final = 6
# Beyond so many letters, answers are one under the other rather than two abreast.
LONG_LABEL: Final = 16
IMAGES: Final = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif"
PDFS: Final = "application/pdf"
_AUTOCOMPLETE: Final = {
    "name": "name",
    "phone": "tel",
    "relation": "",
    "street": "address-line1",
    "postcode": "postal-code",
    "city": "address-level2",
}
_OF_A_BANK: Final = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
_AMONG: Final = frozenset({FieldKind.CHILD, FieldKind.ACTIVITY, FieldKind.INVOICE, FieldKind.REGIE})
_TYPED: Final[Mapping[FieldKind, dict[str, str]]] = {
    FieldKind.TEXT: {"maxlength": str(LONGEST[FieldKind.TEXT])},
    FieldKind.DATE: {"type": "date"},
    FieldKind.IBAN: {"maxlength": "60", **_OF_A_BANK},
    FieldKind.AMOUNT: {"maxlength": "20", "inputmode": "decimal"},
    FieldKind.FAMILY: {"maxlength": "40", "autocomplete": "off"},
}


def file_name(code: str) -> str:
    """Will return the name of the file input of a document."""
    return f"file-{code}"


def reuse_name(code: str) -> str:
    """Will return the name of the choice among documents already in the file."""
    return f"reuse-{code}"


def accepted_types(one: RequiredDocument) -> str:
    """Will return what a browser is told that a document may be; a phone then offers its camera too."""
    return ",".join(kinds for kinds, is_taken in ((PDFS, one.takes_pdf), (IMAGES, one.takes_images)) if is_taken)


def given_from(definition: Definition, post: QueryDict) -> dict[str, list[str]]:
    """Will return the answers that a browser sent, by the names under which they are kept.

    A question about other homes has a line for each: « homes.1 », « homes.2 ».
    """
    said = {name: list(values) for name, values in post.lists()}
    for one in definition.fields_for(Writer.FAMILY):
        lines = [said[name] for name in _lines(one) if name in said]
        if lines:
            said[one.code] = [text for values in lines for text in values if text.strip()]
    return names_given(definition, said)


def _lines(one: Field) -> tuple[str, ...]:
    if one.kind is not FieldKind.FAMILY or not one.is_plural:
        return ()
    return tuple(f"{one.code}.{rank}" for rank in range(1, len(wording.HOMES) + 1))


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the page shows it: one field, or several in a group (`parts`) that its label names."""

    code: str
    kind: str
    label: str
    hint: str
    is_required: bool
    is_group: bool
    parts: Sequence[BoundField]
    only_if: str
    depends_on: str
    values: str
    focused: str
    is_long: bool

    @property
    def bound(self) -> BoundField:
        """Will return the only field of a question that is not a group."""
        return self.parts[0]


class AnswersForm(forms.Form):
    """The questions of a procedure that a family answers, and the documents it is asked for.

    `faults` and `document_faults` are sentences by code of question and of document.
    """

    use_required_attribute = False

    def __init__(
        self,
        definition: Definition,
        given: Given,
        *,
        offered: Offered,
        only: Collection[str] | None = None,
        faults: Mapping[str, AnswerFault] | None = None,
        document_faults: Mapping[str, str] | None = None,
        own_code: str = "",
    ) -> None:
        """Will show these answers; `only` keeps to the questions of these codes. `own_code` is the family's file."""
        self.definition = definition
        self.shown = [one for one in definition.fields_for(Writer.FAMILY) if only is None or one.code in only]
        self.own_code = own_code
        self.said: dict[str, str] = {}
        data: MultiValueDict[str, str] = MultiValueDict()
        for one in self.shown:
            for name, values in _as_sent(one, given, offered).items():
                data.setlist(name, values)
        super().__init__(data)
        for one in self.shown:
            self.fields |= _form_fields(one, offered)
            if faults and one.code in faults:
                self.said[_faulty(one, faults[one.code], given)] = faults[one.code].value
        for document in definition.documents:
            words = (document_faults or {}).get(document.code)
            if words is not None:
                name = file_name(document.code)
                self.fields[name] = forms.FileField(label=document.label, required=document.is_required)
                self.said[name] = words

    def full_clean(self) -> None:
        """Will say what the rules found wrong, and nothing else."""
        self._errors = ErrorDict(renderer=self.renderer)
        self.cleaned_data: dict[str, Any] = {}
        for name, words in self.said.items():
            self._errors[name] = self.error_class([words], renderer=self.renderer)

    def questions(self) -> list[Question]:
        """Will return the questions in their order."""
        first = next(iter(self.said), "")
        labels = {one.code: one for one in self.definition.fields}
        told = []
        for one in self.shown:
            names = [*_form_field_names(one)]
            told.append(
                Question(
                    code=one.code,
                    kind=one.kind.value,
                    label=one.label,
                    hint=self._hint(one),
                    is_required=one.is_required,
                    is_group=len(names) > 1,
                    parts=[self[name] for name in names],
                    only_if=condition_words(one.only_if, labels),
                    depends_on=one.only_if.field if one.only_if else "",
                    values=" ".join(one.only_if.values) if one.only_if else "",
                    focused=first if first in names else "",
                    is_long=any(len(label) > LONG_LABEL for label in _labels(self[names[0]])),
                )
            )
        return told

    def _hint(self, one: Field) -> str:
        kinds = {FieldKind.IBAN: str(wording.IBAN_HINT), FieldKind.AMOUNT: str(wording.AMOUNT_HINT)}
        own = f"Le numéro de dossier de chaque foyer. Le vôtre est {self.own_code}."
        usual = own if one.kind is FieldKind.FAMILY and self.own_code else kinds.get(one.kind, "")
        return " ".join(filter(None, (one.help, usual)))


def condition_words(condition: Condition | None, fields: Mapping[str, Field]) -> str:
    """Will say when a question or a document is needed: « Seulement si vous répondez « Oui » à « … » »."""
    if condition is None or condition.field not in fields:
        return ""
    of = fields[condition.field]
    labels = {YES: "Oui", NO: "Non", **{choice.code: choice.label for choice in of.choices}}
    values = " ou ".join(f"«{NO_BREAK}{labels.get(value, value)}{NO_BREAK}»" for value in condition.values)
    return f"Seulement si vous répondez {values} à «{NO_BREAK}{of.label}{NO_BREAK}»"


def _labels(bound: BoundField) -> list[str]:
    return [str(label) for _value, label in getattr(bound.field, "choices", ())]


def _form_field_names(one: Field) -> Iterable[str]:
    if one.kind in PIECES:
        return [f"{one.code}.{piece}" for piece in PIECES[one.kind]]
    return _lines(one) or (one.code,)


def _as_sent(one: Field, given: Given, offered: Offered) -> dict[str, list[str]]:
    """Will return what was given by the names of the form's own fields."""
    if one.kind in PIECES:
        return {name: list(given[name]) for name in _form_field_names(one) if name in given}
    said = list(given.get(one.code, ()))
    if lines := _lines(one):
        return {name: [text] for name, text in zip(lines, said, strict=False)}
    if one.kind is FieldKind.DATE:
        said = [_iso(text) for text in said]
    only = offered.choices(one.code)
    if one.code not in given and one.is_required and one.kind is FieldKind.CHILD and len(only) == 1:
        said = [only[0][0]]  # a family of one child has nothing to choose
    return {one.code: said} if said else {}


def _iso(text: str) -> str:
    """Will write a day as the input of a browser takes it; whatever is no day stays."""
    try:
        day, month, year = (int(part) for part in text.strip().split("/"))
        return date(year, month, day).isoformat()
    except ValueError:
        return text


def _faulty(one: Field, fault: AnswerFault, given: Given) -> str:
    """Will return the field of the form that a fault is about."""
    if one.kind is FieldKind.PERSON:
        return f"{one.code}.phone" if fault is AnswerFault.BAD_PHONE else f"{one.code}.name"
    if one.kind is FieldKind.ADDRESS:
        if fault is AnswerFault.BAD_POSTCODE:
            return f"{one.code}.postcode"
        names = [f"{one.code}.{piece}" for piece in PIECES[one.kind]]
        return next((name for name in names if not "".join(given.get(name, ())).strip()), names[0])
    return next(iter(_form_field_names(one)))


def _form_fields(one: Field, offered: Offered) -> Mapping[str, forms.Field]:
    if one.kind is FieldKind.PERSON:
        return _pieces(one, wording.PERSON, needed={"name"})
    if one.kind is FieldKind.ADDRESS:
        return _pieces(one, wording.ADDRESS, needed=set(wording.ADDRESS))
    if lines := _lines(one):
        return {
            name: _text(str(label), is_required=one.is_required and not rank, **_TYPED[one.kind])
            for rank, (name, label) in enumerate(zip(lines, wording.HOMES, strict=True))
        }
    return {one.code: _one_field(one, offered)}


def _pieces(one: Field, labels: Mapping[str, Any], *, needed: Collection[str]) -> dict[str, forms.Field]:
    found: dict[str, forms.Field] = {}
    for piece, label in labels.items():
        attributes = {"maxlength": str(LONGEST_PIECE)}
        if completed := _AUTOCOMPLETE[piece]:
            # Each group is a person or a place of its own: a browser does not mix them.
            attributes["autocomplete"] = f"section-{one.code} {completed}"
        if piece == "phone":
            attributes["type"] = "tel"
        if piece == "postcode":
            attributes["inputmode"] = "numeric"
        found[f"{one.code}.{piece}"] = _text(str(label), is_required=one.is_required and piece in needed, **attributes)
    return found


def _text(label: str, *, is_required: bool, **attributes: str) -> forms.CharField:
    return forms.CharField(label=label, required=is_required, widget=forms.TextInput(attrs=attributes))


def _one_field(one: Field, offered: Offered) -> forms.Field:
    if one.kind is FieldKind.YES_NO:
        return _chosen(one, [(YES, "Oui"), (NO, "Non")])
    if one.kind is FieldKind.CHOICE:
        return _chosen(one, [(choice.code, choice.label) for choice in one.choices])
    if one.kind in _AMONG:
        return _chosen(one, offered.choices(one.code))
    if one.kind is FieldKind.LONG_TEXT:
        widget = forms.Textarea(attrs={"rows": "4", "maxlength": str(LONGEST[one.kind])})
        return forms.CharField(label=one.label, required=one.is_required, widget=widget)
    return _text(one.label, is_required=one.is_required, **_TYPED[one.kind])


def _chosen(one: Field, choices: Sequence[tuple[str, str]]) -> forms.Field:
    """Will make tiles of a few answers, a list of many; several at once are always tiles."""
    said: dict[str, Any] = {"label": one.label, "required": one.is_required}
    if one.is_plural:
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **said)
    if len(choices) <= MOST_TILES:
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **said)
    return forms.ChoiceField(choices=[("", str(wording.NOTHING_CHOSEN)), *choices], **said)


class MessageForm(forms.Form):
    """Words for the town hall."""

    use_required_attribute = False

    words = forms.CharField(
        label="Votre message",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": "4", "maxlength": "4000"}),
        error_messages={"required": wording.NO_MESSAGE, "max_length": wording.LONG_MESSAGE},
    )
