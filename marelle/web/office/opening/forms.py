"""What is asked of a town that opens: little, and nothing that cannot be changed afterwards but its address."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.contrib.auth.password_validation import validate_password

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.rules.identifiers import siret_from
from marelle.domain.families.rules.departments import DEPARTMENTS
from marelle.domain.families.rules.phone_numbers import read_phone
from marelle.domain.onboarding.rules.opening_town import LONGEST_SLUG, is_slug, zone_of
from marelle.web.office.opening import wording

_INSEE: Final = re.compile(r"\d[0-9AB]\d{3}")
_LONGEST_PASSWORD: Final = 200


def _text(label: str, needed: str, longest: int, *, hint: str = "", **attributes: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=bool(needed),
        max_length=longest,
        help_text=hint,
        widget=forms.TextInput(attrs=attributes),
        error_messages={"required": needed, "max_length": wording.TOO_LONG},
    )


class OpeningForm(forms.Form):
    """A town, and who will set it up."""

    use_required_attribute = False

    name = _text("Nom de la collectivité", wording.NO_NAME, 100, hint="Comme les familles la nomment : Saint-Denis")
    kind = forms.ChoiceField(
        label="Nature",
        choices=Authority.Kind.choices,
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )
    department = forms.ChoiceField(
        label="Département",
        choices=[("", "Choisissez…"), *((code, f"{code} {name}") for code, name in DEPARTMENTS.items())]
        + [(code, f"{code} {name}") for code, name in wording.OVERSEAS],
        help_text="Il donne les jours fériés et les vacances scolaires.",
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )
    school_zone = forms.ChoiceField(
        label="Zone scolaire",
        choices=wording.ZONES,
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )
    phone = _text("Téléphone de la mairie", "", 30, type="tel", inputmode="tel")
    contact_email = forms.EmailField(
        label="Adresse e-mail de la mairie",
        required=False,
        max_length=254,
        help_text="Les familles y écrivent.",
        error_messages={"invalid": wording.NO_EMAIL},
    )
    insee_code = _text("Code INSEE", "", 5)
    siret = _text("SIRET", "", 20, inputmode="numeric")
    slug = _text(
        "Nom dans les adresses du site",
        "",
        LONGEST_SLUG,
        hint="Laissez vide : il est fait avec le nom de la collectivité.",
        autocapitalize="none",
        spellcheck="false",
    )
    agent_name = _text("Vos prénom et nom", wording.NO_WHO, 100, autocomplete="name")
    email = forms.EmailField(
        label="Votre adresse e-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={"required": wording.NO_EMAIL, "invalid": wording.NO_EMAIL},
    )
    password = forms.CharField(
        label="Votre mot de passe",
        help_text=wording.LONG_ENOUGH,
        strip=False,
        max_length=_LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": wording.CHOOSE_ONE, "max_length": wording.TOO_LONG},
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        """Will not ask for the address that the link was made for."""
        super().__init__(*args, **kwargs)
        self._email = email
        if email:
            del self.fields["email"]

    def clean_phone(self) -> str:
        """Will write it as people read it."""
        given = self.cleaned_data["phone"]
        read = read_phone(given)
        if given and not read:
            raise forms.ValidationError(wording.NO_PHONE)
        return read

    def clean_insee_code(self) -> str:
        """Will take five signs, the second of which may be a letter in Corsica."""
        given: str = self.cleaned_data["insee_code"].upper()
        if given and not _INSEE.fullmatch(given):
            raise forms.ValidationError(wording.NO_INSEE)
        return given

    def clean_siret(self) -> str:
        """Will hold it to its key."""
        given: str = self.cleaned_data["siret"]
        if not given:
            return ""
        try:
            return siret_from(given)
        except ValueError:
            raise forms.ValidationError(wording.NO_SIRET) from None

    def clean_slug(self) -> str:
        """Will take what may stand in an address."""
        given: str = self.cleaned_data["slug"].lower()
        if given and not is_slug(given):
            raise forms.ValidationError(wording.NO_SLUG)
        return given

    def clean(self) -> dict[str, Any]:
        """Will choose the zone of the département, and hold the password to the same rules as any other."""
        given = self.cleaned_data
        given["email"] = (self._email or given.get("email") or "").lower()
        if given.get("school_zone") == wording.BY_DEPARTMENT:
            given["school_zone"] = zone_of(given.get("department", ""))
        elif given.get("school_zone") == "propre":
            given["school_zone"] = ""
        if password := given.get("password"):
            try:
                validate_password(password, User(email=given["email"]))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return given
