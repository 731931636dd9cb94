"""What proves the other account, and the choice of the one that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from marelle.web.account.merging import wording

if TYPE_CHECKING:
    from collections.abc import Sequence


class OtherAccountForm(forms.Form):
    """The address and the password of the other account. Whether it exists is not said by what is refused."""

    use_required_attribute = False

    email = forms.EmailField(
        label=wording.OTHER_ADDRESS,
        help_text=wording.OTHER_ADDRESS_HINT,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={"required": wording.BAD_ADDRESS, "invalid": wording.BAD_ADDRESS},
    )
    password = forms.CharField(
        label=wording.OTHER_PASSWORD,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": wording.NO_PASSWORD, "max_length": wording.UNKNOWN},
    )

    def __init__(self, *args: Any, present: str, **kwargs: Any) -> None:
        """Will refuse `present`, the address of the account that is signed in."""
        super().__init__(*args, **kwargs)
        self._present = present

    def clean_email(self) -> str:
        """Will return the address in small letters; raises ValidationError for the present one."""
        email = str(self.cleaned_data["email"]).lower()
        if email == self._present:
            raise ValidationError(wording.SAME)
        return email


class MergeForm(forms.Form):
    """Which of the two addresses stays, and a box that nobody ticks by mistake."""

    use_required_attribute = False

    keep = forms.ChoiceField(
        label=wording.KEEP,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), wording.CHOOSE),
    )
    is_sure = forms.BooleanField(label=wording.SURE, error_messages={"required": wording.NOT_SURE})

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """Will offer `choices`, the accounts that may be kept."""
        super().__init__(*args, **kwargs)
        self.fields["keep"].choices = choices  # type: ignore[attr-defined]
