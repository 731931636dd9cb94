"""What is asked of who gets an account, and no more."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from marelle.domain.accounts.models import User
from marelle.domain.families.rules.phone_numbers import read_phone
from marelle.web.account.forms import LONG_ENOUGH
from marelle.web.account.joining import wording

if TYPE_CHECKING:
    from collections.abc import Iterable

OLDEST_YEARS = 25
LONGEST_PASSWORD = 200


class AddressForm(forms.Form):
    """An e-mail address."""

    use_required_attribute = False

    email = forms.EmailField(
        label=wording.EMAIL,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": wording.BAD_EMAIL, "invalid": wording.BAD_EMAIL},
    )

    def clean_email(self) -> str:
        """Will compare addresses whatever their case."""
        return str(self.cleaned_data["email"]).lower()


class PasswordForm(forms.Form):
    """A password for a new account. Typed once: a button shows it."""

    use_required_attribute = False

    password = forms.CharField(
        label=wording.PASSWORD,
        help_text=LONG_ENOUGH,
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        """Will judge the password of the account of this address."""
        super().__init__(*args, **kwargs)
        self._user = User(email=email)

    def clean_password(self) -> str:
        """Will hold it to the same rules as any other password."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self._user)
        return password


class PhoneForm(forms.Form):
    """The number at which the town hall may call."""

    use_required_attribute = False

    phone = forms.CharField(
        label=wording.PHONE,
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )

    def clean_phone(self) -> str:
        """Will write it as people read it."""
        given = self.cleaned_data["phone"].strip()
        read = read_phone(given)
        if given and not read:
            raise forms.ValidationError(wording.BAD_PHONE)
        return read


class ActivationForm(PasswordForm, PhoneForm):
    """What a new account is asked by the link of a letter."""

    field_order = ("phone", "password")


class CodeForm(forms.Form):
    """A membership code, as it is typed."""

    use_required_attribute = False

    code = forms.CharField(
        label=wording.CODE,
        help_text=wording.CODE_HINT,
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "autocorrect": "off"}
        ),
        error_messages={"required": wording.NO_CODE, "max_length": wording.BAD_CODE},
    )


class JoinRequestForm(PhoneForm):
    """Who asks, where, and by which child the family is found."""

    authority = forms.ChoiceField(
        label=wording.AUTHORITY,
        error_messages={"required": wording.CHOOSE_AUTHORITY, "invalid_choice": wording.CHOOSE_AUTHORITY},
    )
    first_name = forms.CharField(
        label=wording.FIRST_NAME, max_length=60, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=wording.LAST_NAME, max_length=80, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    child_first_name = forms.CharField(label=wording.CHILD_FIRST_NAME, max_length=60)
    child_last_name = forms.CharField(label=wording.CHILD_LAST_NAME, max_length=80)
    birth_date = forms.DateField(
        label=wording.BIRTH_DATE,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": wording.BAD_BIRTH_DATE, "invalid": wording.BAD_BIRTH_DATE},
    )
    words = forms.CharField(
        label=wording.WORDS,
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
        error_messages={"max_length": wording.TOO_LONG},
    )
    field_order = (
        "authority",
        "child_first_name",
        "child_last_name",
        "birth_date",
        "first_name",
        "last_name",
        "phone",
        "words",
    )

    def __init__(self, *args: Any, authorities: Iterable[tuple[str, str]], today: dt.date, **kwargs: Any) -> None:
        """Will offer these authorities (name in the address, words), and take children born before `today`."""
        super().__init__(*args, **kwargs)
        self.fields["authority"].choices = [("", "Choisissez…"), *authorities]  # type: ignore[attr-defined]
        self._today = today

    def clean_birth_date(self) -> dt.date:
        """Will refuse a day to come, and one of somebody who is no child any more."""
        day: dt.date = self.cleaned_data["birth_date"]
        if not self._today.year - OLDEST_YEARS <= day.year or day > self._today:
            raise forms.ValidationError(wording.BAD_BIRTH_DATE)
        return day
