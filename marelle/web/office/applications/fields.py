"""The questions of a procedure as an agent fills them in: hers, and the family's when she accepts in part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from django import forms

from marelle.domain.procedures.rules.answers import LONGEST, is_asked
from marelle.domain.procedures.rules.definitions import NO, PIECES, YES, Field, FieldKind, Writer
from marelle.web.office.billing.forms import Form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.forms.boundfield import BoundField
    from django.http import QueryDict

    from marelle.domain.procedures.queries.offered import Offered
    from marelle.domain.procedures.rules.answers import Given
    from marelle.domain.procedures.rules.definitions import Definition

FEW: Final = 6
PIECE_LABELS: Final = {
    "name": "nom et prénom",
    "phone": "téléphone",
    "relation": "lien avec l’enfant",
    "street": "rue",
    "postcode": "code postal",
    "city": "ville",
}
_SEPARATORS: Final = re.compile(r"[\s,;]+")


class AnswersForm(Form):
    """The fields of a definition, named as answers are kept. It only draws: `rules.answers` is what reads.

    `given` is shown as it is, right or wrong; `faults` (by field code) are said above their fields.
    """

    def __init__(
        self, definition: Definition, given: Given, *, offered: Offered, faults: Mapping[str, str] | None = None
    ) -> None:
        """Will draw the fields that are asked for after what was given, those of the agent with them."""
        super().__init__(auto_id="reponse-%s")
        self.cleaned_data: dict[str, Any] = {}
        self.sides: dict[Writer, list[str]] = {one: [] for one in Writer}
        for one in definition.fields:
            if not is_asked(one.only_if, given):
                continue
            for name, field in _drawn(one, given, offered).items():
                self.fields[name] = field
                self.sides[one.writer].append(name)
            if faults and one.code in faults:
                first = next(iter(self.sides[one.writer][-len(_names(one)) :]))
                self.add_error(first, faults[one.code])

    @property
    def agents(self) -> list[BoundField]:
        """Will return what the agent fills in."""
        return [self[name] for name in self.sides[Writer.AGENT]]

    @property
    def families(self) -> list[BoundField]:
        """Will return what the family asked."""
        return [self[name] for name in self.sides[Writer.FAMILY]]

    @property
    def has_family_faults(self) -> bool:
        """Will tell whether something is wrong in what the family asked, as the agent leaves it."""
        return bool(set(self.errors) & set(self.sides[Writer.FAMILY]))


def given_by(definition: Definition, sent: QueryDict) -> dict[str, list[str]]:
    """Will return what a form sent, by the names that answers are kept under."""
    found: dict[str, list[str]] = {}
    for one in definition.fields:
        for name in _names(one):
            if name not in sent:
                continue
            values = sent.getlist(name)
            if one.kind is FieldKind.FAMILY:  # written in one line, as numbers of files
                values = [code for text in values for code in _SEPARATORS.split(text) if code]
            found[name] = values
    return found


def _names(one: Field) -> list[str]:
    return [f"{one.code}.{piece}" for piece in PIECES[one.kind]] if one.kind in PIECES else [one.code]


def _drawn(one: Field, given: Given, offered: Offered) -> dict[str, forms.Field]:
    if one.kind in PIECES:
        optional = {"phone", "relation"}
        return {
            f"{one.code}.{piece}": forms.CharField(
                label=f"{one.label} : {PIECE_LABELS[piece]}",
                required=one.is_required and piece not in optional,
                initial=_first(given, f"{one.code}.{piece}"),
            )
            for piece in PIECES[one.kind]
        }
    said = list(given.get(one.code, ()))
    usual: dict[str, Any] = {"label": one.label, "required": one.is_required, "help_text": one.help}
    choices = _choices(one, said, offered)
    if choices is None:
        text = ", ".join(said) if one.kind is FieldKind.FAMILY else _first(given, one.code)
        return {one.code: forms.CharField(**usual, initial=text, widget=_widget(one))}
    if one.is_plural:
        plural = forms.MultipleChoiceField(**usual, choices=choices, initial=said, widget=forms.CheckboxSelectMultiple)
        return {one.code: plural}
    if len(choices) > FEW:
        return {one.code: forms.ChoiceField(**usual, choices=[("", "—"), *choices], initial=_first(given, one.code))}
    single = forms.ChoiceField(**usual, choices=choices, initial=_first(given, one.code), widget=forms.RadioSelect)
    return {one.code: single}


def _choices(one: Field, said: list[str], offered: Offered) -> list[tuple[str, str]] | None:
    """Will return what may be chosen; what was chosen stays a choice, whatever was since. None for what is written."""
    if one.kind is FieldKind.YES_NO:
        return [(YES, "Oui"), (NO, "Non")]
    if one.kind is FieldKind.CHOICE:
        return [(choice.code, choice.label) for choice in one.choices]
    if one.kind not in {FieldKind.CHILD, FieldKind.ACTIVITY, FieldKind.INVOICE, FieldKind.REGIE}:
        return None
    found = offered.choices(one.code)
    known = {code for code, _words in found}
    return found + [(code, offered.names.get(code, code)) for code in said if code not in known]


def _widget(one: Field) -> forms.Widget:
    if one.kind is FieldKind.DATE:
        return forms.DateInput(attrs={"type": "date"})
    if one.kind is FieldKind.LONG_TEXT:
        return forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST[FieldKind.LONG_TEXT]})
    if one.kind is FieldKind.AMOUNT:
        return forms.TextInput(attrs={"inputmode": "decimal"})
    return forms.TextInput()


def _first(given: Given, name: str) -> str:
    return next(iter(given.get(name, ())), "")
