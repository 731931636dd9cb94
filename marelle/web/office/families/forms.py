"""What an agent asks of the families: a name to look for, a booking or a cancellation past the deadline."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms

from marelle.domain.reservations.queries.french_names import folded
from marelle.web.office.families import wording

if TYPE_CHECKING:
    from collections.abc import Iterable

FIRST_YEAR, LAST_YEAR = 2000, 2099
SHORTEST = 2
CHOOSE = ("", "Choisissez…")


class SearchForm(forms.Form):
    """A name, or a family's number."""

    nom = forms.CharField(
        label="Nom, prénom ou numéro de dossier", max_length=80, required=True, widget=forms.TextInput()
    )

    def clean_nom(self) -> str:
        """Will refuse what would find everybody."""
        name: str = self.cleaned_data["nom"]
        if len(folded(name)) < SHORTEST:
            raise forms.ValidationError(wording.TOO_SHORT)
        return name


class DayOfFamilyForm(forms.Form):
    """A child of the family, a product within the agent's reach, a day, a reason."""

    use_required_attribute = False

    child = forms.ChoiceField(
        label="Enfant",
        error_messages={"required": wording.CHOOSE_CHILD, "invalid_choice": wording.CHOOSE_CHILD},
    )
    product = forms.ChoiceField(
        label="Prestation",
        error_messages={"required": wording.CHOOSE_PRODUCT, "invalid_choice": wording.CHOOSE_PRODUCT},
    )
    date = forms.DateField(
        label="Jour",
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": wording.NO_DAY, "invalid": wording.NO_DAY},
    )
    reason = forms.CharField(
        label="Motif",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 300}),
        error_messages={"required": wording.REASON_NEEDED, "max_length": wording.REASON_TOO_LONG},
    )

    def __init__(
        self, *args: Any, children: Iterable[tuple[str, str]], products: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        """Will offer these children and products (public id, words) and no others."""
        super().__init__(*args, **kwargs)
        self.fields["child"].choices = [CHOOSE, *children]  # type: ignore[attr-defined]
        self.fields["product"].choices = [CHOOSE, *products]  # type: ignore[attr-defined]

    def clean_date(self) -> dt.date:
        """Will refuse a year that no calendar of ours has."""
        day: dt.date = self.cleaned_data["date"]
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(wording.NO_DAY)
        return day


class ReserveForm(DayOfFamilyForm):
    """A booking past the deadline."""


class CancelForm(DayOfFamilyForm):
    """A cancellation past the deadline, refunded or not."""

    refund = forms.ChoiceField(
        label="Remboursement",
        choices=[("yes", "Rembourser"), ("no", "Ne pas rembourser")],
        widget=forms.RadioSelect,
        error_messages={"required": wording.CHOOSE_REFUND, "invalid_choice": wording.CHOOSE_REFUND},
    )
