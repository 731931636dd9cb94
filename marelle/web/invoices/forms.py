"""What opens an invoice to anybody: its reference and its amount. And where its receipt is sent."""

from __future__ import annotations

from django import forms

from marelle.domain.billing.rules.references import LONGEST
from marelle.foundation.money import cents_from
from marelle.web.invoices import wording

_SPACES = str.maketrans(dict.fromkeys(" \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"))


class PairForm(forms.Form):
    """The reference and the amount, as they are on paper. `cents` is the amount read."""

    use_required_attribute = False

    reference = forms.CharField(
        label=wording.REFERENCE,
        help_text=wording.REFERENCE_HINT,
        max_length=LONGEST,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "autocorrect": "off"}
        ),
        error_messages={"required": wording.NO_REFERENCE, "max_length": wording.NO_REFERENCE},
    )
    amount = forms.CharField(
        label=wording.AMOUNT,
        help_text=wording.AMOUNT_HINT,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "decimal"}),
        error_messages={"required": wording.BAD_AMOUNT, "max_length": wording.BAD_AMOUNT},
    )

    def clean_amount(self) -> int:
        """Will read the amount, in cents."""
        try:
            return cents_from(str(self.cleaned_data["amount"]).translate(_SPACES))
        except ValueError as error:
            raise forms.ValidationError(wording.BAD_AMOUNT) from error


class ReceiptForm(forms.Form):
    """Where the receipt is sent, if anywhere."""

    use_required_attribute = False

    email = forms.EmailField(
        label=wording.EMAIL,
        help_text=wording.EMAIL_HINT,
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": wording.BAD_EMAIL, "max_length": wording.BAD_EMAIL},
    )
