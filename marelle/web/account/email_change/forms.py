"""The new address."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError

BAD = "Vérifiez cette adresse : il manque peut-être l’arobase (@) ou la fin."
SAME = "C’est déjà l’adresse de votre compte."


class NewAddressForm(forms.Form):
    """The address to which the account goes. Whether it is somebody else's is told to whoever reads it, not here."""

    use_required_attribute = False

    email = forms.EmailField(
        label="Nouvelle adresse e-mail",
        max_length=254,
        help_text="Nous y envoyons un lien de confirmation, et un autre à votre adresse actuelle.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": BAD, "required": "Indiquez votre nouvelle adresse."},
    )

    def __init__(self, *args: object, present: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.present = present

    def clean_email(self) -> str:
        """Will return the address in small letters; raises ValidationError for the present one."""
        email = str(self.cleaned_data["email"]).lower()
        if email == self.present:
            raise ValidationError(SAME)
        return email
