"""What an agent writes of the authority and of a place."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms

from marelle.domain.authorities.models import Authority, Facility
from marelle.domain.authorities.rules.identifiers import DEPARTMENT, INSEE_CODE, siret_from
from marelle.web.office.places import wording
from marelle.web.office.setting_fields import ContactForm, WeekdaysField, choice, number, words
from marelle.web.office.setting_rows import Row

COLOR: Final = re.compile(r"\A#[0-9a-fA-F]{6}\Z")
NOT_A_SCHOOL_ZONE: Final = (Authority.Zone.OWN, "Aucune : Corse ou outre-mer, calendrier propre")


def coded(label: str, pattern: re.Pattern[str], wrong: str, *, required: bool) -> forms.RegexField:
    """Will make a field for a code that INSEE gives; small letters are read as capitals."""
    return forms.RegexField(
        re.compile(pattern.pattern, re.IGNORECASE),
        label=label,
        required=required,
        error_messages={"required": wrong, "invalid": wrong},
    )


class IdentityForm(ContactForm):
    """Who the authority is."""

    name = words("Nom", longest=100)
    kind = choice("Nature", Authority.Kind.choices)
    department = coded("Département", DEPARTMENT, wording.NOT_A_DEPARTMENT, required=True)
    insee_code = coded("Code INSEE", INSEE_CODE, wording.NOT_AN_INSEE_CODE, required=False)
    siret = words("SIRET", longest=20, required=False)
    school_zone = choice(
        "Zone scolaire",
        [*((zone, label) for zone, label in Authority.Zone.choices if zone), NOT_A_SCHOOL_ZONE],
        required=False,
    )
    taught_weekdays = WeekdaysField("Jours de classe")
    town_hall_weekdays = WeekdaysField("Jours d’ouverture de la mairie")
    announcement = words("Annonce", longest=200, required=False)
    accent = forms.RegexField(
        COLOR,
        label="Couleur",
        widget=forms.TextInput(attrs={"type": "color"}),
        error_messages={"required": wording.NOT_A_COLOR, "invalid": wording.NOT_A_COLOR},
    )
    is_open = forms.BooleanField(label="Ouverte aux familles", required=False)

    def clean_siret(self) -> str:
        """Will refuse a SIRET whose key is wrong."""
        text: str = self.cleaned_data["siret"]
        try:
            return siret_from(text) if text else ""
        except ValueError as error:
            reason = str(error)
            raise forms.ValidationError(f"{reason[:1].upper()}{reason[1:]}.") from None

    def clean_department(self) -> str:
        """Will write 2A with a capital."""
        return str(self.cleaned_data["department"]).upper()

    def clean_insee_code(self) -> str:
        """Will write 2A004 with a capital."""
        return str(self.cleaned_data["insee_code"]).upper()

    def clean_accent(self) -> str:
        """Will write a color as everywhere else."""
        return str(self.cleaned_data["accent"]).upper()


class LogoForm(forms.Form):
    """The logo, or that there is none."""

    use_required_attribute = False
    logo = forms.FileField(
        label="Image",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".svg,.png,.jpg,.jpeg,.webp"}),
    )


class PlaceForm(forms.Form):
    """A place."""

    use_required_attribute = False
    name = words("Nom", longest=100)
    kind = choice("Nature", Facility.Kind.choices, tiles=True)
    address = words("Adresse", longest=200, required=False)


class ClassRow(Row):
    """A class of a school."""

    name = words("Classe", longest=40)
    level = words("Niveau", longest=20, required=False)
    teacher = words("Enseignant ou enseignante", longest=80, required=False)
    rank = number("Ordre", least=1, most=99)

    def said(self) -> dict[str, Any]:
        """Will return what was written."""
        return self.cleaned_data
