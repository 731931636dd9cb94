"""Fields that several screens of the settings share: weekdays, hours, numbers of places, ways to be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms

from marelle.domain.authorities.rules.identifiers import PHONE
from marelle.web.office.places import wording

if TYPE_CHECKING:
    from collections.abc import Iterable

CONTACTS: Final = ("phone", "email", "address", "opening_hours")


class WeekdaysField(forms.MultipleChoiceField):
    """Days of the week, as the numbers that the calendar has."""

    def __init__(self, label: str, *, required: bool = True) -> None:
        """Will offer Monday to Sunday."""
        super().__init__(
            label=label,
            required=required,
            choices=wording.WEEKDAYS,
            widget=forms.CheckboxSelectMultiple,
            error_messages={
                "required": wording.NO_WEEKDAY,
                "invalid_choice": wording.CHOOSE,
                "invalid_list": wording.CHOOSE,
            },
        )

    def clean(self, value: Any) -> list[int]:  # type: ignore[override]  # numbers, not their texts
        """Will return the days in order."""
        return sorted({int(day) for day in super().clean(value)})


def words(label: str, *, longest: int, required: bool = True, missing: str = wording.NO_NAME) -> forms.CharField:
    """Will make a field of one line."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=longest,
        error_messages={"required": missing, "max_length": wording.TOO_LONG},
    )


def choice(
    label: str, choices: Iterable[tuple[Any, str]], *, required: bool = True, tiles: bool = False
) -> forms.ChoiceField:
    """Will make a list, or tiles when there are few to compare."""
    return forms.ChoiceField(
        label=label,
        required=required,
        choices=list(choices),
        widget=forms.RadioSelect if tiles else forms.Select,
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )


def number(label: str, *, least: int, most: int, required: bool = False) -> forms.IntegerField:
    """Will make a field for a whole number."""
    said = f"Donnez un nombre entier, de {least} à {most}."
    return forms.IntegerField(
        label=label,
        required=required,
        min_value=least,
        max_value=most,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), said),
    )


def hour(label: str) -> forms.TimeField:
    """Will make a field for an hour of the day."""
    said = "Donnez une heure, comme 11:45."
    return forms.TimeField(
        label=label,
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"required": said, "invalid": said},
    )


def phone() -> forms.RegexField:
    """Will make a field for a telephone number."""
    return forms.RegexField(
        PHONE,
        label="Téléphone",
        required=False,
        widget=forms.TextInput(attrs={"type": "tel"}),
        error_messages={"invalid": wording.NOT_A_PHONE},
    )


def email() -> forms.EmailField:
    """Will make a field for an e-mail address."""
    said = {"invalid": wording.NOT_AN_EMAIL, "max_length": wording.TOO_LONG}
    return forms.EmailField(label="Adresse e-mail", required=False, max_length=254, error_messages=said)


class ContactForm(forms.Form):
    """How to reach a service or the authority."""

    use_required_attribute = False
    phone = phone()
    email = email()
    address = words("Adresse", longest=200, required=False)
    opening_hours = words("Horaires d’ouverture", longest=300, required=False)


def initial_of(row: Any, names: Iterable[str]) -> dict[str, Any]:
    """Will return the fields of a row as a form shows them."""
    return {name: getattr(row, name) for name in names}
