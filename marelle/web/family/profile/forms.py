"""The contact details that a family may change by itself."""

from __future__ import annotations

import re

from django import forms
from django.core.exceptions import ValidationError

from marelle.domain.billing.models import PayerAccount
from marelle.web.family.profile import wording

MOST_DIGITS = 15


class DeliveryForm(forms.Form):
    """How the invoices of a régie (its code) reach the family."""

    use_required_attribute = False

    regie = forms.CharField(widget=forms.HiddenInput, max_length=40)
    delivery = forms.ChoiceField(
        label=wording.DELIVERY,
        choices=PayerAccount.Delivery.choices,
        widget=forms.RadioSelect,
        error_messages={"required": wording.NO_DELIVERY, "invalid_choice": wording.NO_DELIVERY},
    )


class ContactForm(forms.Form):
    """An address and a phone number, both optional."""

    use_required_attribute = False

    email = forms.EmailField(
        label=wording.EMAIL,
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": wording.BAD_EMAIL},
    )
    phone = forms.CharField(
        label=wording.PHONE,
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )

    def clean_email(self) -> str:
        """Will compare addresses whatever their case."""
        return str(self.cleaned_data["email"]).lower()

    def clean_phone(self) -> str:
        """Will write a number as people read it: « 06 12 34 56 78 », or « +32 2 123 45 67 » as it was given."""
        given = " ".join(str(self.cleaned_data["phone"]).split())
        if not given:
            return ""
        digits = re.sub(r"[\s.\-()]", "", given)
        if re.fullmatch(r"(?:\+33|0033)[1-9][0-9]{8}", digits):
            digits = "0" + digits[-9:]
        if re.fullmatch(r"0[1-9][0-9]{8}", digits):
            return " ".join(digits[at : at + 2] for at in range(0, 10, 2))
        if re.fullmatch(r"\+[1-9][0-9]{6,14}", digits):
            return given if len(given) <= MOST_DIGITS + 5 else digits
        raise ValidationError(wording.BAD_PHONE)
