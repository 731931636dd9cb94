"""What an agent writes about unpaid invoices."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms

from marelle.domain.billing.models import CollectionSettings, Debtor
from marelle.domain.billing.operations.reminders import StageSaid
from marelle.domain.billing.rules.dockets import LINE
from marelle.web.office.billing.forms import AmountField, DayField, Form, words
from marelle.web.office.unpaid import wording

STAGES: Final = 3
LONGEST_WORDS, LONGEST_NAME = 2000, 80
MOST_DAYS: Final = 180
HIGHEST_LOWEST: Final = 500_00
FIRST_YEAR, LAST_YEAR = 2000, 2099
HEAVIEST: Final = 5 * 1024 * 1024
CODES: Final = {
    "codique": (r"(02[AB][0-9]{3,4}|[0-9]{6,7})?", wording.NO_CODIQUE),
    "town_code": (r"([0-9]{3})?", wording.NO_CODE),
    "budget_code": (r"([0-9A-Z][0-9])?", wording.NO_CODE),
    "regie_code": (r"[0-9A-Za-z]{0,10}", wording.NO_CODE),
    "product_code": (r"[0-9A-Za-z]{0,4}", wording.NO_CODE),
    "nature": (r"[0-9]{0,12}", wording.NO_CODE),
    "function": (r"[0-9]{0,10}", wording.NO_CODE),
}


class HoldForm(Form):
    """Why a family is not reminded, and until when."""

    reason = words("Raison", wording.NO_REASON, longest=300)
    until = DayField("Jusqu’au", required=False)


class StagesForm(Form):
    """Three reminders at most; one without days is not sent."""

    has_reminders = forms.BooleanField(label="Envoyer ces relances chaque matin", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Will make the fields of each reminder."""
        super().__init__(*args, **options)
        for place in range(1, STAGES + 1):
            self.fields[f"days_{place}"] = forms.IntegerField(
                label="Jours après l’échéance",
                required=False,
                min_value=1,
                max_value=MOST_DAYS,
                error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wording.NO_DAYS),
            )
            self.fields[f"name_{place}"] = words("Intitulé", "", longest=LONGEST_NAME, required=False)
            self.fields[f"words_{place}"] = words("Texte", "", longest=LONGEST_WORDS, required=False, rows=4)
            self.fields[f"is_letter_{place}"] = forms.BooleanField(label="Toujours par courrier", required=False)

    def clean(self) -> dict[str, Any]:
        """Will want words for each reminder that has days, and days that differ."""
        said = super().clean() or {}
        days = [said.get(f"days_{place}") for place in range(1, STAGES + 1)]
        for place, day in enumerate(days, start=1):
            if day and not (said.get(f"name_{place}") and said.get(f"words_{place}")):
                self.add_error(f"name_{place}", wording.NO_STAGE_WORDS)
            if day and days.count(day) > 1:
                self.add_error(f"days_{place}", wording.SAME_DAYS)
        return said

    @property
    def stages(self) -> list[StageSaid]:
        """Will return the reminders, the first days first."""
        said = self.cleaned_data
        found = [
            StageSaid(said[f"days_{place}"], said[f"name_{place}"], said[f"words_{place}"], said[f"is_letter_{place}"])
            for place in range(1, STAGES + 1)
            if said.get(f"days_{place}")
        ]
        return sorted(found, key=lambda one: one.days)


class CollectionForm(Form):
    """What the Trésor knows a régie by."""

    kind = forms.ChoiceField(
        label="Ce qui est remis",
        choices=CollectionSettings.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )
    codique = words("Codique du poste comptable", "", longest=7, required=False)
    town_code = words("Code collectivité", "", longest=3, required=False)
    budget_code = words("Code budget", "", longest=2, required=False)
    budget_name = words("Libellé du budget", "", longest=38, required=False)
    regie_code = words("Numéro de la régie", "", longest=10, required=False)
    product_code = words("Code produit local", "", longest=4, required=False)
    nature = words("Nature", "", longest=12, required=False)
    function = words("Fonction", "", longest=10, required=False)
    has_keys = forms.BooleanField(label="Écrire les clés de contrôle des rôles", required=False)
    lowest_cents = AmountField("Ne pas remettre une dette au-dessous de")
    first_docket = forms.IntegerField(
        label="Premier numéro de bordereau",
        min_value=1,
        max_value=9_999_999,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wording.NO_NUMBER),
    )
    first_title = forms.IntegerField(
        label="Premier numéro de titre",
        min_value=1,
        max_value=9_999_999,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wording.NO_NUMBER),
    )

    def clean(self) -> dict[str, Any]:
        """Will refuse codes that the Trésor does not have, and a debt too large to be a small one."""
        said = super().clean() or {}
        for name, (pattern, fault) in CODES.items():
            if name in said and not re.fullmatch(pattern, said[name]):
                self.add_error(name, fault)
        if (said.get("lowest_cents") or 0) > HIGHEST_LOWEST:
            self.add_error("lowest_cents", "Au plus 500 €.")
        return said


class PrepareDocketForm(Form):
    """Of which régie, in which exercice."""

    regie = forms.ChoiceField(
        label="Régie", error_messages=dict.fromkeys(("required", "invalid_choice"), wording.CHOOSE)
    )
    exercice = forms.IntegerField(
        label="Exercice",
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wording.NO_YEAR),
    )

    def __init__(self, *args: Any, regies: list[tuple[str, str]], **options: Any) -> None:
        """Will offer these régies."""
        super().__init__(*args, **options)
        self.fields["regie"].choices = regies  # type: ignore[attr-defined]


class AnswerForm(Form):
    """A file of the Trésor."""

    file = forms.FileField(
        label="Fichier du Trésor (acquit ou retour)",
        error_messages=dict.fromkeys(("required", "invalid", "missing", "empty"), wording.NO_FILE),
    )

    def clean_file(self) -> Any:
        """Will refuse what is too heavy to be one."""
        file = self.cleaned_data["file"]
        if file.size > HEAVIEST:
            raise forms.ValidationError(wording.LONG_FILE)
        return file


class DebtorForm(Form):
    """Who a payer is to the Trésor."""

    civility = forms.ChoiceField(
        label="Civilité",
        choices=Debtor.Civility.choices,
        widget=forms.RadioSelect,
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )
    last_name = words("Nom", "Écrivez le nom.", longest=LINE)
    first_name = words("Prénom", "Écrivez le prénom.", longest=LINE)
    address_extra = words("Complément (bâtiment, étage)", "", longest=LINE, required=False)
    address = words("Numéro et voie", "Écrivez le numéro et la voie.", longest=LINE)
    place = words("Lieu-dit", "", longest=LINE, required=False)
    postcode = forms.RegexField(
        r"^[0-9]{5}$",
        label="Code postal",
        error_messages=dict.fromkeys(("required", "invalid"), "Le code postal a cinq chiffres."),
    )
    town = words("Ville", "Écrivez la ville.", longest=LINE)
