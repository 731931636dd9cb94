"""Why a child does not come."""

from __future__ import annotations

from django import forms

from marelle.domain.catalog.rules.absences import Cause
from marelle.web.family.absences import wording

MOST_WORDS = 300
# The other causes are the school's or the town's: it knows them before the family does.
CAUSES = (
    (Cause.ILLNESS.value, "Maladie"),
    (Cause.EXCEPTIONAL.value, "Événement exceptionnel"),
    (Cause.OTHER.value, "Autre"),
)


class AbsenceForm(forms.Form):
    """A cause, and a word if the family wishes."""

    use_required_attribute = False

    cause = forms.ChoiceField(
        label=wording.CAUSE,
        choices=CAUSES,
        widget=forms.RadioSelect,
        error_messages={"required": wording.NO_CAUSE, "invalid_choice": wording.NO_CAUSE},
    )
    words = forms.CharField(
        label=wording.WORDS,
        required=False,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": MOST_WORDS}),
        error_messages={"max_length": wording.WORDS_TOO_LONG},
    )

    def clean_cause(self) -> Cause:
        """Will return the cause itself."""
        return Cause(self.cleaned_data["cause"])
