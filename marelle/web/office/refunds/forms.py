"""What an agent writes about refunds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django import forms

from marelle.domain.payments.models import RefundRequest
from marelle.domain.payments.rules.mandates import is_bank_day
from marelle.web.office.billing.forms import DayField, Form
from marelle.web.office.refunds import wording

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

REFUSE: Final = "refuse"
LATEST: Final = timedelta(days=60)


class AnswerForm(Form):
    """Yes, in one of three ways, or no; a reference for the Trésor, words for the family."""

    decision = forms.ChoiceField(
        label="Réponse",
        choices=[*RefundRequest.Way.choices, (REFUSE, "Refuser")],
        widget=forms.RadioSelect,
        error_messages={"required": wording.NO_DECISION, "invalid_choice": wording.NO_DECISION},
    )
    reference = forms.CharField(label="Référence du Trésor", required=False, max_length=60)
    answer = forms.CharField(
        label="Un mot pour la famille",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
    )


class TransfersForm(Form):
    """Which régie transfers, and when."""

    regie = forms.ChoiceField(
        label="Régie",
        widget=forms.RadioSelect,
        error_messages={"required": wording.NO_REGIE, "invalid_choice": wording.NO_REGIE},
    )
    paid_on = DayField("Jour du virement")

    def __init__(self, *args: Any, regies: Iterable[tuple[str, str]], today: date, **kwargs: Any) -> None:
        """Will offer these régies (code, name) and no others, from today on."""
        super().__init__(*args, **kwargs)
        self.fields["regie"].choices = list(regies)  # type: ignore[attr-defined]
        self.today = today

    def clean_paid_on(self) -> date:
        """Will refuse a day when banks do not pay."""
        day: date = self.cleaned_data["paid_on"]
        if day < self.today:
            raise forms.ValidationError(wording.PAST_DAY)
        if day > self.today + LATEST:
            raise forms.ValidationError(wording.TOO_FAR)
        if not is_bank_day(day):
            raise forms.ValidationError(wording.CLOSED_DAY)
        return day
