"""What an agent asks of the families: a name to look for, a booking or a cancellation past the deadline."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms

from marelle.domain.families.models import Block
from marelle.domain.reservations.queries.french_names import folded
from marelle.foundation.money import cents_from
from marelle.web.office.families import wording

if TYPE_CHECKING:
    from collections.abc import Iterable

FIRST_YEAR, LAST_YEAR = 2000, 2099
SHORTEST = 2
HIGHEST_CENTS = 10_000_000
CHOOSE = ("", "Choisissez…")


class SearchForm(forms.Form):
    """What is known of a family: a name, a telephone, an e-mail address, a number of its own or of an invoice."""

    nom = forms.CharField(
        label="Nom, prénom, téléphone, e-mail ou numéro",
        max_length=80,
        required=True,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
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


class EnrollForm(forms.Form):
    """A child of the family, an activity within the agent's reach, the first day."""

    use_required_attribute = False

    child = forms.ChoiceField(
        label="Enfant",
        error_messages={"required": wording.CHOOSE_CHILD, "invalid_choice": wording.CHOOSE_CHILD},
    )
    activity = forms.ChoiceField(
        label="Activité",
        error_messages={"required": wording.CHOOSE_ACTIVITY, "invalid_choice": wording.CHOOSE_ACTIVITY},
    )
    starts_on = forms.DateField(
        label="À partir du",
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": wording.NO_DAY, "invalid": wording.NO_DAY},
    )

    def __init__(
        self, *args: Any, children: Iterable[tuple[str, str]], activities: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        """Will offer these children and activities (public id, words) and no others."""
        super().__init__(*args, **kwargs)
        self.fields["child"].choices = [CHOOSE, *children]  # type: ignore[attr-defined]
        self.fields["activity"].choices = [CHOOSE, *activities]  # type: ignore[attr-defined]

    def clean_starts_on(self) -> dt.date:
        """Will refuse a year that no calendar of ours has."""
        day: dt.date = self.cleaned_data["starts_on"]
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(wording.NO_DAY)
        return day


class BlockForm(forms.Form):
    """What stands against a family: unpaid invoices and their sum, an incomplete file, a document."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label="Motif",
        choices=[CHOOSE, *Block.Kind.choices],
        error_messages={"required": wording.CHOOSE_KIND, "invalid_choice": wording.CHOOSE_KIND},
    )
    amount = forms.CharField(label="Montant impayé", max_length=20, required=False)
    document = forms.CharField(
        label="Document manquant",
        max_length=80,
        required=False,
        error_messages={"max_length": wording.DOCUMENT_TOO_LONG},
    )

    def clean_amount(self) -> int:
        """Will return cents; 0 when nothing is written."""
        text: str = self.cleaned_data["amount"]
        if not text:
            return 0
        try:
            cents = cents_from(text)
        except ValueError:
            raise forms.ValidationError(wording.NO_AMOUNT) from None
        if cents > HIGHEST_CENTS:
            raise forms.ValidationError(wording.NO_AMOUNT)
        return cents

    def clean(self) -> dict[str, Any]:
        """Will ask for what the kind needs."""
        kind = self.cleaned_data.get("kind")
        if kind == Block.Kind.UNPAID and self.cleaned_data.get("amount") == 0:
            self.add_error("amount", wording.NO_AMOUNT)
        if kind == Block.Kind.MISSING_DOCUMENT and not self.cleaned_data.get("document"):
            self.add_error("document", wording.NO_DOCUMENT)
        return self.cleaned_data
