"""An answer to a family that asks to cancel."""

from __future__ import annotations

from typing import Any

from django import forms

from marelle.domain.reservations.operations.cancellations import AnswerToAll
from marelle.web.office.cancellations import wording

REFUND, KEEP, REFUSE = "refund", "keep", "refuse"


class AnswerForm(forms.Form):
    """Accepted and refunded, accepted without refund, or refused with a reason."""

    use_required_attribute = False

    answer = forms.ChoiceField(
        choices=[(REFUND, "Accepter"), (KEEP, "Accepter sans rembourser"), (REFUSE, "Refuser")],
        error_messages={"required": wording.NO_ANSWER, "invalid_choice": wording.NO_ANSWER},
    )
    # Required on screen, where it stands beside the refusal; an acceptance alone goes without.
    reason = forms.CharField(
        label="Votre réponse à la famille",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 300}),
        error_messages={"max_length": wording.REASON_TOO_LONG, "required": wording.REASON_NEEDED},
    )
    jour = forms.DateField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Will ask for a reason only from one who refuses."""
        asked = super().clean() or self.cleaned_data
        if asked.get("answer") != REFUSE and "reason" in self.errors and not self.data.get("reason", "").strip():
            del self.errors["reason"]
            asked["reason"] = ""
        return asked


class TogetherForm(forms.Form):
    """One answer to several requests; a refusal is explained."""

    use_required_attribute = False

    answer = forms.ChoiceField(
        choices=[(one.value, "") for one in AnswerToAll],
        error_messages={"required": wording.NO_ANSWER, "invalid_choice": wording.NO_ANSWER},
    )
    reason = forms.CharField(
        label="Votre réponse aux familles",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 300}),
        error_messages={"max_length": wording.REASON_TOO_LONG},
    )

    def clean(self) -> dict[str, Any]:
        """Will ask for a reason from one who refuses."""
        given = super().clean() or self.cleaned_data
        is_refusal = given.get("answer") == AnswerToAll.REFUSE
        if is_refusal and "reason" not in self.errors and not given.get("reason"):
            self.add_error("reason", wording.REASON_FOR_ALL)
        return given
