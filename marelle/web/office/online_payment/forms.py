"""What an agent chooses for the payment of a régie. Secrets go in, and never come back."""

from __future__ import annotations

from typing import Any

from django import forms

from marelle.domain.payments.models import PaymentSettings
from marelle.web.office.billing.forms import AmountField, Form, words
from marelle.web.office.online_payment import wording


def secret(label: str) -> forms.CharField:
    """Will make a field whose value is never written in a page; left empty, what is known is kept."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=200,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
        error_messages={"max_length": wording.TOO_LONG},
    )


class ChoicesForm(Form):
    """How a régie is paid."""

    gateway = forms.ChoiceField(
        label="Qui encaisse en ligne",
        choices=PaymentSettings.Gateway.choices,
        widget=forms.RadioSelect,
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )
    number = words("Numéro chez le prestataire", "", longest=20, required=False)
    key = secret("Clé de signature")
    password = secret("Mot de passe de l’API")
    takes_part_payments = forms.BooleanField(label="Une facture se paie en plusieurs fois", required=False)
    has_top_up = forms.BooleanField(label="Le porte-monnaie se recharge en ligne", required=False)
    lowest_top_up = AmountField("Recharge minimale", required=False)
    low_balance = AmountField("Prévenir la famille quand il reste moins de", required=False)

    def clean(self) -> dict[str, Any]:
        """Will keep what is not written at its least."""
        given = self.cleaned_data
        if given.get("lowest_top_up") is None and "lowest_top_up" in given:
            given["lowest_top_up"] = PaymentSettings._meta.get_field("lowest_top_up_cents").default
        if given.get("low_balance") is None and "low_balance" in given:
            given["low_balance"] = 0
        return given


class StepForm(Form):
    """The next step, and the production key when one signs for the payments."""

    step = forms.ChoiceField(choices=[(one, one) for one in ("activation", "open", "close")])
    key = secret("Clé de production")
