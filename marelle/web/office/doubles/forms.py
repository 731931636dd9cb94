"""What an agent chooses before two files are one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms

from marelle.domain.families.rules.merging import Side
from marelle.web.office.doubles import wording


class TwoFilesForm(forms.Form):
    """Two numbers of files, when nothing is alike enough to be proposed."""

    use_required_attribute = False

    dossier = forms.CharField(label="Dossier gardé", max_length=40, error_messages={"required": wording.NO_NUMBER})
    autre = forms.CharField(label="Dossier à y réunir", max_length=40, error_messages={"required": wording.NO_NUMBER})


@dataclass(frozen=True, slots=True)
class Question:
    """A choice about one thing: the name of its field, its words, what each side says."""

    name: str
    label: str
    kept: str
    ended: str
    is_health: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the file that ends: the name of the field, her words, who she may be, who she surely is."""

    name: str
    label: str
    choices: Sequence[tuple[str, Any]]
    first: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form asks: who is whom, what is kept of what both say, and which of the two acts there may be."""

    people: Sequence[Person] = ()
    questions: Sequence[Question] = field(default_factory=tuple)
    has_families: bool = True
    has_children: bool = True


class UniteForm(forms.Form):
    """Who is the same, what is kept of both, and that the agent looked."""

    use_required_attribute = False

    def __init__(self, data: Any = None, *, asked: Asked, first_act: str = "families", **more: Any) -> None:
        """Will ask what `asked` says."""
        super().__init__(data, auto_id="reunir-%s", **more)
        acts = [
            one
            for one, is_there in zip(wording.ACTS, (asked.has_families, asked.has_children), strict=True)
            if is_there
        ]
        self.fields["act"] = _radios("Que réunir", acts, initial=first_act)
        for who in asked.people:
            self.fields[who.name] = forms.ChoiceField(
                label=who.label,
                choices=who.choices,
                initial=who.first,
                required=False,
                error_messages={"invalid_choice": wording.CHOOSE},
            )
        for one in asked.questions:
            self.fields[one.name] = _radios(one.label, _sides(one), initial="" if one.is_health else Side.KEPT.value)
        self.fields["is_sure"] = forms.BooleanField(
            label="J’ai vérifié : cette réunion ne se défait pas", error_messages={"required": wording.TO_CHECK}
        )


def _sides(one: Question) -> list[tuple[str, str]]:
    sides = [(Side.KEPT.value, one.kept), (Side.ENDED.value, one.ended)]
    return [*sides, (Side.BOTH.value, "Garder les deux")] if one.is_health else sides


def _radios(label: str, choices: Iterable[tuple[str, Any]], *, initial: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=list(choices),
        initial=initial,
        widget=forms.RadioSelect,
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )


def taken_in(said: Mapping[str, str], names: Mapping[str, str]) -> frozenset[str]:
    """Will return which fields, by their names of the operation, the form gives to the file that ends."""
    return frozenset(name for field_name, name in names.items() if said.get(field_name) == Side.ENDED.value)
