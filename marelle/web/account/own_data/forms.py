"""The proof that it is really the person who erases their account."""

from __future__ import annotations

from django import forms

from marelle.web.account.own_data import wording


class EraseForm(forms.Form):
    """The password again, and a box that nobody ticks by mistake."""

    use_required_attribute = False

    password = forms.CharField(
        label=wording.TYPED_AGAIN,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": wording.NOTHING_WRITTEN, "max_length": wording.NOT_YOURS},
    )
    is_sure = forms.BooleanField(label=wording.SURE, error_messages={"required": wording.NOT_SURE})
