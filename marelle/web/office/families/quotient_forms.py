"""What an agent writes of a family's quotient: a value and its proof, or the identity with which it is asked."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

from django import forms

from marelle.domain.families.models import FamilyQuotient
from marelle.domain.families.quotient_source import FRANCE, Identity
from marelle.domain.families.receiving import CleanDocument
from marelle.domain.families.rules.documents import ACCEPTED
from marelle.domain.families.rules.quotients import doubt_sentence
from marelle.foundation.money import cents_from
from marelle.web.documents import received
from marelle.web.office.families import quotient_wording as wording
from marelle.web.office.families.forms import CHOOSE, FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marelle.domain.families.rules.quotients import Doubt

FIRST_BIRTH_YEAR: Final = 1900
SPACES: Final = re.compile(r"[\s\u00a0\u202f]")
_BIRTH: Final = re.compile(r"(?:(?:(\d{1,2})/)?(\d{1,2})/)?(\d{4})")
_DEPARTMENT: Final = re.compile(r"\d[0-9AB]\d?", re.IGNORECASE)
_TOWN_CODE: Final = re.compile(r"\d[0-9AB]\d{3}", re.IGNORECASE)


class FromDayForm(forms.Form):
    """The day from which a quotient counts, and the box that confirms what is doubted."""

    use_required_attribute = False

    valid_from = forms.DateField(
        label="À partir du",
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": wording.NO_DAY, "invalid": wording.NO_DAY},
    )
    is_confirmed = forms.BooleanField(label="J’ai vérifié, c’est bien cela", required=False)

    asks_to_confirm = False

    def clean_valid_from(self) -> dt.date:
        """Will refuse a year that no calendar of ours has."""
        day: dt.date = self.cleaned_data["valid_from"]
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(wording.NO_DAY)
        return day

    def explain(self, doubts: Iterable[Doubt], value_cents: int) -> None:
        """Will put each doubt beside a field, and show the box when all of them can be confirmed."""
        doubts = tuple(doubts)
        self.asks_to_confirm = all(doubt.can_be_confirmed for doubt in doubts)
        for doubt in doubts:
            name = "is_confirmed" if self.asks_to_confirm else "value" if "value" in self.fields else "valid_from"
            self.add_error(name, doubt_sentence(doubt, value_cents))


class RecordForm(FromDayForm):
    """A quotient as an agent knows it, with the file that proves it if there is one."""

    SOURCES = (
        (FamilyQuotient.Source.DOCUMENT.value, "Justificatif, joint ou vu sur papier"),
        (FamilyQuotient.Source.DECLARED.value, "Déclaré au guichet"),
    )

    value = forms.CharField(label="Quotient familial", max_length=20, error_messages={"required": wording.NO_VALUE})
    source = forms.ChoiceField(
        label="Comment le connaissez-vous ?",
        choices=SOURCES,
        widget=forms.RadioSelect,
        error_messages={"required": wording.CHOOSE_SOURCE, "invalid_choice": wording.CHOOSE_SOURCE},
    )
    document = forms.FileField(
        label="Justificatif",
        required=False,
        allow_empty_file=True,
        max_length=1000,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
    field_order = ("value", "valid_from", "source", "document", "is_confirmed")

    def clean_value(self) -> int:
        """Will return cents; a negative value too, which the rules refuse in words."""
        text = SPACES.sub("", self.cleaned_data["value"])
        digits = text.lstrip("-−")
        try:
            cents = cents_from(digits)
        except ValueError:
            raise forms.ValidationError(wording.NO_VALUE) from None
        return cents if digits == text else -cents

    def clean_document(self) -> CleanDocument | None:
        """Will receive the file, and refuse what is none of those that are taken."""
        upload = self.cleaned_data["document"]
        if upload is None:
            return None
        return received(upload)

    def clean(self) -> dict[str, Any]:
        """Will say that a file must be chosen again when the form comes back; a file that is joined is the source."""
        if self.errors and self.cleaned_data.get("document"):
            self.add_error("document", wording.CHOOSE_FILE_AGAIN)
        elif self.cleaned_data.get("document"):
            self.cleaned_data["source"] = FamilyQuotient.Source.DOCUMENT.value
        return self.cleaned_data


class AnswerForm(FromDayForm):
    """What API Particulier answered, to be recorded from a day on; `answer` is ours, signed."""

    answer = forms.CharField(widget=forms.HiddenInput, max_length=2000)
    field_order = ("answer", "valid_from", "is_confirmed")


class AskForm(forms.Form):
    """Who a guardian is on her birth certificate. It serves one question and is not kept."""

    use_required_attribute = False

    guardian = forms.ChoiceField(
        label="Responsable",
        error_messages={"required": wording.CHOOSE_GUARDIAN, "invalid_choice": wording.CHOOSE_GUARDIAN},
    )
    birth_name = forms.CharField(
        label="Nom de naissance",
        max_length=80,
        error_messages={"required": wording.NO_BIRTH_NAME, "max_length": wording.TOO_LONG},
    )
    used_name = forms.CharField(
        label="Nom d’usage", max_length=80, required=False, error_messages={"max_length": wording.TOO_LONG}
    )
    first_names = forms.CharField(
        label="Prénoms",
        max_length=80,
        error_messages={"required": wording.NO_FIRST_NAME, "max_length": wording.TOO_LONG},
    )
    birth = forms.CharField(
        label="Date de naissance",
        max_length=10,
        error_messages={"required": wording.NO_BIRTH, "max_length": wording.NO_BIRTH},
    )
    sex = forms.ChoiceField(
        label="Sexe à l’état civil",
        choices=[("F", "Féminin"), ("M", "Masculin")],
        widget=forms.RadioSelect,
        error_messages={"required": wording.CHOOSE_SEX, "invalid_choice": wording.CHOOSE_SEX},
    )
    place = forms.ChoiceField(
        label="Lieu de naissance",
        choices=[("france", "En France"), ("abroad", "À l’étranger")],
        widget=forms.RadioSelect,
        error_messages={"required": wording.CHOOSE_PLACE, "invalid_choice": wording.CHOOSE_PLACE},
    )
    town = forms.CharField(
        label="Commune de naissance", max_length=80, required=False, error_messages={"max_length": wording.TOO_LONG}
    )
    department = forms.CharField(
        label="Département de naissance",
        max_length=3,
        required=False,
        error_messages={"max_length": wording.NO_DEPARTMENT},
    )
    country = forms.CharField(
        label="Pays de naissance", max_length=5, required=False, error_messages={"max_length": wording.NO_COUNTRY}
    )

    def __init__(self, *args: Any, guardians: Iterable[tuple[str, str]], last_year: int, **kwargs: Any) -> None:
        """Will offer these guardians (public id, name) and no others; nobody is born after `last_year`."""
        super().__init__(*args, **kwargs)
        self.fields["guardian"].choices = [CHOOSE, *guardians]  # type: ignore[attr-defined]
        self.last_year = last_year

    def clean_first_names(self) -> tuple[str, ...]:
        """Will return the names between commas."""
        names = tuple(name.strip() for name in self.cleaned_data["first_names"].split(",") if name.strip())
        if not names:
            raise forms.ValidationError(wording.NO_FIRST_NAME)
        return names

    def clean_birth(self) -> tuple[int, int | None, int | None]:
        """Will return year, month and day; the last two may be unknown."""
        match = _BIRTH.fullmatch(self.cleaned_data["birth"].replace(" ", ""))
        if match is None:
            raise forms.ValidationError(wording.NO_BIRTH)
        day, month, year = (int(part) if part else None for part in match.groups())
        try:
            dt.date(year or 0, month or 1, day or 1)
        except ValueError:
            raise forms.ValidationError(wording.NO_BIRTH) from None
        if year is None or not FIRST_BIRTH_YEAR <= year <= self.last_year:
            raise forms.ValidationError(wording.NO_BIRTH)
        return year, month, day

    def clean(self) -> dict[str, Any]:
        """Will ask for what says the place: a code or a name with its department, or the country's code."""
        said = self.cleaned_data
        town, department, country = (said.get(name, "") for name in ("town", "department", "country"))
        if said.get("place") == "abroad":
            if not re.fullmatch(r"99\d{3}", country) or country == FRANCE:
                self.add_error("country", wording.NO_COUNTRY)
        elif said.get("place") == "france" and not town:
            self.add_error("town", wording.NO_TOWN)
        elif said.get("place") == "france" and not _TOWN_CODE.fullmatch(town) and not _DEPARTMENT.fullmatch(department):
            self.add_error("department", wording.NO_DEPARTMENT)
        return said

    @property
    def identity(self) -> Identity:
        """Will return who is asked about, once the form is valid."""
        said = self.cleaned_data
        year, month, day = said["birth"]
        is_french = said["place"] == "france"
        town = said["town"] if is_french else ""
        is_code = bool(_TOWN_CODE.fullmatch(town))
        return Identity(
            birth_name=said["birth_name"],
            used_name=said["used_name"],
            first_names=said["first_names"],
            sex=said["sex"],
            birth_year=year,
            birth_month=month,
            birth_day=day,
            birth_country=FRANCE if is_french else said["country"],
            birth_town_code=town.upper() if is_code else "",
            birth_town="" if is_code else town,
            birth_department="" if is_code or not is_french else said["department"].upper(),
        )
