"""What an agent writes about direct debits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms

from marelle.domain.payments.models import CreditorAccount
from marelle.domain.payments.rules.bank_accounts import AccountFault, WrongAccountError, bic_from, iban_from, ics_from
from marelle.web.office.billing.forms import AmountField, DayField, Form, words
from marelle.web.office.debits import wording

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.core.files.uploadedfile import UploadedFile

HEAVIEST: Final = 2_000_000
LONGEST_DELAY: Final = 60


class PrepareDebitsForm(Form):
    """Which régie debits, and when."""

    regie = forms.ChoiceField(
        label="Régie",
        widget=forms.RadioSelect,
        error_messages={"required": wording.NO_REGIE, "invalid_choice": wording.NO_REGIE},
    )
    due_on = DayField("Jour du prélèvement")

    def __init__(self, *args: Any, regies: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        """Will offer these régies (code, name) and no others."""
        super().__init__(*args, **kwargs)
        self.fields["regie"].choices = list(regies)  # type: ignore[attr-defined]


class CreditorForm(Form):
    """The creditor account of a régie. An IBAN that is known is not shown again: left empty, it stays."""

    ics = words("Identifiant créancier SEPA (ICS)", wording.NO_ICS, longest=35)
    name = words("Nom du créancier", wording.NO_NAME, longest=70)
    address = words("Adresse du créancier", wording.NO_ADDRESS, longest=140)
    iban = forms.CharField(
        label="IBAN du compte",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    bic = words("BIC du compte", wording.NO_BIC, longest=20)
    scheme = forms.ChoiceField(
        label="Version du fichier", choices=CreditorAccount.Scheme.choices, widget=forms.RadioSelect
    )
    settles_after_days = forms.IntegerField(
        label="Encaisser sans rejet après",
        min_value=0,
        max_value=LONGEST_DELAY,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wording.NO_DAYS),
    )
    fee = AmountField("Frais de rejet")
    is_open = forms.BooleanField(label="Les familles peuvent signer un mandat en ligne", required=False)

    def __init__(self, *args: Any, known_iban: str = "", **kwargs: Any) -> None:
        """Will keep `known_iban` when none is written."""
        super().__init__(*args, **kwargs)
        self.known_iban = known_iban
        # Said of the field, checked by `clean`: without one that is known, it must be written.
        self.fields["iban"].required = not known_iban
        self.fields["iban"].error_messages["required"] = AccountFault.NO_IBAN.value

    def clean(self) -> dict[str, Any]:
        """Will check the keys of the identifier and of the account."""
        given = super().clean() or self.cleaned_data
        self._read("ics", lambda: ics_from(given["ics"]))
        self._read("iban", lambda: iban_from(given["iban"] or self.known_iban))
        if "iban" in given and "iban" not in self.errors:
            self._read("bic", lambda: bic_from(given["bic"], iban=given["iban"]))
        return given

    def _read(self, name: str, read: Any) -> None:
        if name not in self.cleaned_data:
            return
        try:
            self.cleaned_data[name] = read()
        except WrongAccountError as error:
            self.add_error(name, error.fault.value)


class ReturnsForm(Form):
    """A file of what came back."""

    file = forms.FileField(
        label="Fichier des rejets",
        error_messages=dict.fromkeys(("required", "invalid", "missing", "empty"), wording.NO_FILE),
    )
    with_fee = forms.BooleanField(label="Facturer les frais de rejet", required=False)

    def clean_file(self) -> bytes:
        """Will return the bytes, unless there are too many."""
        uploaded: UploadedFile = self.cleaned_data["file"]
        if (uploaded.size or 0) > HEAVIEST:
            raise forms.ValidationError(wording.FILE_TOO_HEAVY)
        content: bytes = uploaded.read()
        return content
