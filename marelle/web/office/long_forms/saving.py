"""From when what the council voted is to be recorded, and by which vote."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from django import forms

if TYPE_CHECKING:
    from django.http import QueryDict

AS_FORM: Final = "formulaire"
AS_TEXT: Final = "texte"
FIRST_YEAR, LAST_YEAR = 2000, 2099
NO_DAY = "Indiquez un jour, par exemple 01/09/2027."
NO_RESOLUTION = "Indiquez la délibération, par exemple « 2026-31 du 12/06/2026 »."
RESOLUTION_TOO_LONG = "120 caractères au plus."


class SaveForm(forms.Form):
    """The first day, and the council's vote."""

    use_required_attribute = False

    valid_from = forms.DateField(
        label="À partir du",
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": NO_DAY, "invalid": NO_DAY},
    )
    resolution = forms.CharField(
        label="Délibération",
        max_length=120,
        error_messages={"required": NO_RESOLUTION, "max_length": RESOLUTION_TOO_LONG},
    )
    confirmed = forms.BooleanField(label="Je confirme", required=False)

    @classmethod
    def kept(cls, sent: QueryDict) -> SaveForm:
        """Will return the form with what was typed, which judges nothing."""
        return cls(initial={name: sent.get(name, "") for name in cls.base_fields})

    def clean_valid_from(self) -> dt.date:
        """Will refuse a year that no calendar of ours has."""
        day: dt.date = self.cleaned_data["valid_from"]
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(NO_DAY)
        return day
