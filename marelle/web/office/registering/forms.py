"""What an agent writes of a family at the counter: its home, one or two guardians, its children, how it comes in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from django import forms

from marelle.domain.families.rules.registering import (
    MOST_CHILDREN,
    MOST_GUARDIANS,
    Faults,
    Given,
    NewHome,
    RegisterFault,
    read_home,
)
from marelle.domain.reservations.operations.registering import WayIn
from marelle.foundation.public_ids import new_public_id
from marelle.web.office.registering import wording

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from marelle.domain.reservations.queries.enrolling import Enrollable, Place

NEW: Final = "new"
_KEY: Final = re.compile(r"[0-9A-Za-z_-]{6,12}")
GUARDIAN: Final = {
    "first_name": ("Prénom", 60, forms.TextInput()),
    "last_name": ("Nom", 80, forms.TextInput()),
    "relation": ("Lien avec les enfants", 40, forms.TextInput(attrs={"list": "liens"})),
    "phone": ("Téléphone", 30, forms.TextInput(attrs={"type": "tel"})),
    "email": ("Adresse e-mail", 254, forms.TextInput(attrs={"type": "email"})),
}
CHILD: Final = {
    "first_name": ("Prénom", 60, forms.TextInput()),
    "last_name": ("Nom, s’il diffère", 80, forms.TextInput()),
    "birth_date": ("Date de naissance", 20, forms.TextInput(attrs={"type": "date"})),
}


class RegisterForm(forms.Form):
    """One screen. Names are those of a person and a column: `g1_first_name`, `c2_birth_date`."""

    use_required_attribute = False

    def __init__(
        self,
        data: Any = None,
        *,
        rows: int,
        classes: Sequence[Place],
        offered: Sequence[Enrollable],
        doubles: Sequence[tuple[str, str]] | None = None,
        on: date,
        **kwargs: Any,
    ) -> None:
        """Will ask for `rows` children, who may be in these classes and do what is offered; `on` is today.

        With `doubles` (public id, words), even none, it also asks whether the family is one of them.
        """
        super().__init__(data, **kwargs)
        self.rows, self.classes, self.offered, self.on = rows, classes, offered, on
        self.home: NewHome | None = None
        # The rows of the children who are somebody, from 1: those of `home.children`, in their order.
        self.children: list[int] = []
        self._people("g", MOST_GUARDIANS, GUARDIAN)
        self.fields["address"] = _text("Adresse du domicile", 300, forms.Textarea(attrs={"rows": 2}))
        self.fields["is_resident"] = forms.BooleanField(label="Habite la commune", required=False)
        self.fields["name"] = _text("Nom de la famille", 130, forms.TextInput())
        self._people("c", rows, CHILD)
        for rank in range(rows):
            self.fields[f"c{rank + 1}_class"] = forms.ChoiceField(
                label="Classe",
                required=False,
                choices=[("", "Pas encore de classe"), *((one.value, one.label) for one in classes)],
                error_messages={"invalid_choice": wording.CHOOSE_CLASS},
            )
            self.fields[f"c{rank + 1}_activities"] = forms.MultipleChoiceField(
                label="Inscriptions",
                required=False,
                choices=[(one.value, one.label) for one in offered],
                widget=forms.CheckboxSelectMultiple,
                error_messages={"invalid_choice": wording.CHOOSE_ACTIVITY},
            )
        self.fields["way_in"] = forms.ChoiceField(
            label="Comment la famille ouvre son compte",
            choices=[(way.value, words) for way, words in wording.WAYS_IN.items()],
            widget=forms.RadioSelect,
            error_messages={"required": wording.CHOOSE_WAY, "invalid_choice": wording.CHOOSE_WAY},
        )
        self.fields["key"] = forms.RegexField(_KEY, widget=forms.HiddenInput)
        if doubles is not None:
            self.fields["double"] = forms.ChoiceField(
                label="Est-ce l’une d’elles ?",
                choices=[*doubles, (NEW, wording.NEW_FILE)],
                widget=forms.RadioSelect,
                error_messages={"required": wording.CHOOSE_DOUBLE, "invalid_choice": wording.CHOOSE_DOUBLE},
            )

    def _people(self, letter: str, count: int, columns: dict[str, tuple[str, int, Any]]) -> None:
        for rank in range(count):
            for column, (label, longest, widget) in columns.items():
                self.fields[f"{letter}{rank + 1}_{column}"] = _text(label, longest, widget)

    def _of(self, letter: str, rank: int, columns: dict[str, Any]) -> dict[str, str]:
        return {column: self.cleaned_data.get(f"{letter}{rank + 1}_{column}", "") for column in columns}

    def clean(self) -> dict[str, Any]:
        """Will read the family as the rule does, and put what is wrong beside each field."""
        said = self.cleaned_data
        places = [self._place(rank) for rank in range(self.rows)]
        given = Given(
            home={"name": said.get("name", ""), "address": said.get("address", "")},
            guardians=[self._of("g", rank, GUARDIAN) for rank in range(MOST_GUARDIANS)],
            children=[self._of("c", rank, CHILD) for rank in range(self.rows)],
            is_resident=said.get("is_resident", False),
            places=places,
        )
        read = read_home(given, on=self.on)
        if isinstance(read, Faults):
            self._explain(read)
            return said
        if said.get("way_in") in {WayIn.LINK, WayIn.CODE_BY_MAIL} and not any(one.email for one in read.guardians):
            self.add_error("g1_email", wording.NO_ADDRESS)
        self.home = read
        self.children = [rank + 1 for rank, one in enumerate(given.children) if any(map(str.strip, one.values()))]
        return said

    def _place(self, rank: int) -> tuple[int | None, frozenset[int]]:
        """Will return the class and the activities (keys) of a child: those of its school, where they depend on it."""
        said, chosen = self.cleaned_data, f"c{rank + 1}_activities"
        place = next((one for one in self.classes if one.value == said.get(f"c{rank + 1}_class")), None)
        wanted = [one for one in self.offered if one.value in said.get(chosen, ())]
        if place is None and any(one.is_of_school for one in wanted):
            self.add_error(f"c{rank + 1}_class", wording.CLASS_NEEDED)
            return None, frozenset()
        facility = place.facility if place else None
        missing = [one.label for one in wanted if one.at(facility) is None]
        if missing:
            self.add_error(chosen, wording.NOT_AT_SCHOOL.format(names=", ".join(missing)))
        return place.key if place else None, frozenset(key for one in wanted if (key := one.at(facility)) is not None)

    def _explain(self, faults: Faults) -> None:
        for name, words in faults.home.items():
            self._add(name, words)
        for (rank, column), words in faults.guardians.items():
            self._add(f"g{rank + 1}_{column}", words)
        for (rank, column), words in faults.children.items():
            self._add(f"c{rank + 1}_{column}", words)

    def _add(self, name: str, words: str) -> None:
        if name not in self.errors or words in tuple(RegisterFault):
            self.add_error(name, str(words))


def _text(label: str, longest: int, widget: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=longest, widget=widget)


def rows_asked(data: Any) -> int:
    """Will return how many children the form shows: what it says, one more when that was asked; one at least."""
    try:
        rows = int(data.get("rows", 1))
    except ValueError:
        rows = 1
    return max(1, min(MOST_CHILDREN, rows + ("more" in data)))


def empty() -> dict[str, Any]:
    """Will return what a new form begins with: its own key, so that it opens one file however often it is sent."""
    return {"key": new_public_id(), "is_resident": True, "way_in": WayIn.LINK.value}
