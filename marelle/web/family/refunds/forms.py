"""What a family writes to be paid back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from marelle.domain.payments.operations.refunds import Asked
from marelle.foundation.money import cents_from
from marelle.web.family.direct_debit.forms import BankForm, bic_field, iban_field
from marelle.web.family.refunds import wording

if TYPE_CHECKING:
    from collections.abc import Iterable


class RefundForm(BankForm):
    """A wallet, an amount, an account."""

    payer = forms.ChoiceField(
        label=wording.PAYER,
        widget=forms.RadioSelect,
        error_messages={"required": wording.NO_PAYER, "invalid_choice": wording.NO_PAYER},
    )
    amount = forms.CharField(
        label=wording.AMOUNT,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"required": wording.NO_AMOUNT, "max_length": wording.NO_AMOUNT},
    )
    holder = forms.CharField(
        label=wording.HOLDER,
        max_length=140,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": wording.NO_HOLDER, "max_length": wording.TOO_LONG},
    )
    iban = iban_field()
    bic = bic_field()
    words = forms.CharField(
        label=wording.WORDS,
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
        error_messages={"max_length": wording.TOO_LONG},
    )

    def __init__(self, *args: Any, wallets: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        """Will offer these wallets (public id of the payer, words) and no others."""
        super().__init__(*args, **kwargs)
        self.fields["payer"].choices = list(wallets)  # type: ignore[attr-defined]

    def clean_amount(self) -> int:
        """Will return cents."""
        text = "".join(str(self.cleaned_data["amount"]).split())
        try:
            cents = cents_from(text)
        except ValueError as error:
            raise forms.ValidationError(wording.NO_AMOUNT) from error
        if not cents:
            raise forms.ValidationError(wording.NO_AMOUNT)
        return cents

    def asked(self) -> Asked:
        """Will return what was written, once it is valid."""
        said = self.cleaned_data
        return Asked(said["amount"], said["holder"], said["iban"], said["bic"], said["words"])
