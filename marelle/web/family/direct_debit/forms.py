"""The account that a family gives, and its signature."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from marelle.domain.payments.operations.mandates import SignedAccount
from marelle.domain.payments.rules.bank_accounts import AccountFault, WrongAccountError, bic_from, iban_from
from marelle.web.family.direct_debit import wording

LONGEST_IBAN: Final = 60
LONGEST_BIC: Final = 20


def iban_field() -> forms.CharField:
    """Will ask for an IBAN, whose key is checked by the form."""
    return forms.CharField(
        label=wording.IBAN,
        max_length=LONGEST_IBAN,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": AccountFault.NO_IBAN.value, "max_length": AccountFault.NOT_AN_IBAN.value},
    )


def bic_field() -> forms.CharField:
    """Will ask for a BIC, which most accounts do without."""
    return forms.CharField(
        label=wording.BIC,
        required=False,
        max_length=LONGEST_BIC,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"max_length": AccountFault.NOT_A_BIC.value},
    )


class BankForm(forms.Form):
    """A form with an IBAN and a BIC: each fault is said under the one that is wrong."""

    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        """Will check the keys."""
        given = super().clean() or self.cleaned_data
        if "iban" not in given or "bic" not in given:
            return given
        try:
            given["iban"] = iban_from(given["iban"])
            given["bic"] = bic_from(given["bic"], iban=given["iban"])
        except WrongAccountError as error:
            self.add_error("bic" if error.fault.is_of_bic else "iban", error.fault.value)
        return given


class AccountForm(BankForm):
    """Whose account is debited."""

    holder = forms.CharField(
        label=wording.HOLDER,
        max_length=140,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": wording.NO_HOLDER, "max_length": wording.TOO_LONG},
    )
    address = forms.CharField(
        label=wording.ADDRESS,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
        error_messages={"required": wording.NO_ADDRESS, "max_length": wording.TOO_LONG},
    )
    iban = iban_field()
    bic = bic_field()

    def account(self) -> SignedAccount:
        """Will return what was written, once it is valid."""
        said = self.cleaned_data
        return SignedAccount(said["holder"], said["address"], said["iban"], said["bic"])


class SignForm(AccountForm):
    """An account, a place and a signature."""

    place = forms.CharField(
        label=wording.PLACE,
        max_length=80,
        error_messages={"required": wording.NO_PLACE, "max_length": wording.TOO_LONG},
    )
    consent = forms.BooleanField(label=wording.CONSENT, error_messages={"required": wording.NO_CONSENT})
