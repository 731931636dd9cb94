"""What a town types in few clicks: how it is reached, its places, what it offers, a règlement, a price, a régie."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

from django import forms

from marelle.domain.authorities.rules.identifiers import siret_from
from marelle.domain.onboarding.rules.pasted_places import PastedPlace, read_places
from marelle.domain.onboarding.rules.presets import ChosenPreset, PresetPlace, WrongChoice
from marelle.domain.onboarding.rules.tariff_presets import Band, Shape, by_effort, by_quotient, flat, tariff
from marelle.web.office.billing.forms import AmountField, DayField, Form
from marelle.web.office.guide import wording
from marelle.web.office.long_forms.saving import NO_RESOLUTION, RESOLUTION_TOO_LONG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marelle.domain.authorities.models import Facility
    from marelle.domain.onboarding.rules.presets import Preset

LONGEST_PASTED: Final = 20_000
MOST_BANDS: Final = 6
MOST_PLACES: Final = 9_999
LONGEST_OFFER: Final = dt.timedelta(days=731)
HIGHEST_QUOTIENT: Final = 99_999
_RATE: Final = re.compile(r"\d{1,2}([,.]\d{1,4})?")


class ContactForm(Form):
    """How families reach the town, and the number that invoices bear."""

    phone = forms.CharField(label="Téléphone", max_length=20, required=False)
    email = forms.EmailField(
        label="Adresse e-mail", max_length=254, required=False, error_messages={"invalid": wording.WRONG_EMAIL}
    )
    address = forms.CharField(label="Adresse", max_length=200, required=False)
    opening_hours = forms.CharField(label="Horaires d’ouverture", max_length=300, required=False)
    siret = forms.CharField(label="SIRET", max_length=20, required=False)

    def clean_siret(self) -> str:
        """Will hold it to its key."""
        given: str = self.cleaned_data["siret"]
        try:
            return siret_from(given) if given.strip() else ""
        except ValueError:
            raise forms.ValidationError(wording.WRONG_SIRET) from None

    def clean(self) -> dict[str, Any]:
        """Will ask for one way at least."""
        said: dict[str, Any] = super().clean() or {}
        if not said.get("phone") and not said.get("email") and "email" not in self.errors:
            self.add_error("phone", wording.NO_WAY)
        return said


class PlacesForm(Form):
    """Names pasted, one a line."""

    names = forms.CharField(
        label="Vos écoles et vos centres de loisirs",
        max_length=LONGEST_PASTED,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": wording.NO_PLACES, "max_length": wording.TOO_LONG},
    )
    places: tuple[PastedPlace, ...] = ()

    def clean_names(self) -> str:
        """Will read the lines, and say those that cannot be kept."""
        text: str = self.cleaned_data["names"]
        pasted = read_places(text)
        if pasted.faults:
            raise forms.ValidationError(list(pasted.faults))
        if not pasted.places:
            raise forms.ValidationError(wording.NO_PLACES)
        self.places = pasted.places
        return text


class YearForm(Form):
    """From when to when what is ticked is offered."""

    first = DayField("Du")
    last = DayField("Au")

    def clean(self) -> dict[str, Any]:
        """Will refuse an end before the beginning, and more years than any calendar says."""
        said: dict[str, Any] = super().clean() or {}
        first, last = said.get("first"), said.get("last")
        if first and last and not first <= last <= first + LONGEST_OFFER:
            self.add_error("last", wording.WRONG_YEARS)
        return said


class PresetForm(Form):
    """A preset: ticked or not, where, at which hours, for how many."""

    ticked = forms.BooleanField(required=False)

    def __init__(self, data: Any, *, preset: Preset, places: Sequence[Facility]) -> None:
        """Will offer the places that do not have it; those of its kind are ticked at first."""
        super().__init__(data, prefix=preset.code)
        self.preset = preset
        self.rows = {one.code: PresetPlace(one.pk, one.code) for one in places}
        self.fields["ticked"].label = preset.name
        of_kind = [one.code for one in places if one.kind == preset.at]
        self.fields["places"] = forms.MultipleChoiceField(
            label="Où ?",
            required=False,
            choices=[(one.code, one.name) for one in places],
            widget=forms.CheckboxSelectMultiple,
            initial=of_kind or [one.code for one in places],
            error_messages=dict.fromkeys(("invalid_choice", "invalid_list"), wording.CHOICES[WrongChoice.NO_PLACE]),
        )
        for part in preset.parts:
            for end, label, at in (("from", "de", part.starts_at), ("to", "à", part.ends_at)):
                self.fields[f"{part.code}-{end}"] = forms.TimeField(
                    label=f"{part.name}, {label}",
                    initial=at,
                    required=False,
                    input_formats=["%H:%M", "%Hh%M", "%H:%M:%S"],
                    widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
                    error_messages={"invalid": wording.WRONG_HOUR},
                )
        if not preset.is_canteen:
            self.fields["capacity"] = forms.IntegerField(
                label="Places en même temps",
                required=False,
                min_value=1,
                max_value=MOST_PLACES,
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
                error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wording.WRONG_PLACES),
            )

    @property
    def is_chosen(self) -> bool:
        """Will tell whether it was ticked, and may be made somewhere."""
        return bool(self.rows and self.cleaned_data.get("ticked"))

    @property
    def hours(self) -> list[Any]:
        """Will return the fields of the hours, in the order of the parts."""
        return [self[f"{part.code}-{end}"] for part in self.preset.parts for end in ("from", "to")]

    @property
    def chosen(self) -> ChosenPreset:
        """Will return what was chosen, once valid; an hour left empty is the one that was proposed."""
        said = self.cleaned_data
        hours = {
            part.code: (said[f"{part.code}-from"] or part.starts_at, said[f"{part.code}-to"] or part.ends_at)
            for part in self.preset.parts
        }
        places = tuple(self.rows[code] for code in said["places"])
        return ChosenPreset(self.preset, places, hours, said.get("capacity"))

    def refuse(self, reason: WrongChoice) -> None:
        """Will say at the right field why it cannot be made."""
        at = "places" if reason is WrongChoice.NO_PLACE else f"{self.preset.parts[0].code}-to"
        self.add_error(at, wording.CHOICES[reason])


class VotedForm(Form):
    """From when, and by which vote."""

    valid_from = DayField("À partir du")
    resolution = forms.CharField(
        label="Délibération",
        max_length=120,
        error_messages={"required": NO_RESOLUTION, "max_length": RESOLUTION_TOO_LONG},
    )


class ReglementForm(VotedForm):
    """Which règlement, and for which activities."""

    reglement = forms.ChoiceField(
        label="Règlement",
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), wording.CHOOSE_REGLEMENT),
    )
    activities = forms.MultipleChoiceField(
        label="Pour quelles activités ?",
        widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("required", "invalid_choice", "invalid_list"), wording.CHOOSE_ACTIVITY),
    )

    def __init__(
        self,
        data: Any,
        *,
        reglements: Sequence[tuple[str, str]],
        activities: Sequence[tuple[str, str]],
        initial: dict[str, Any],
    ) -> None:
        """Will offer these, by code and by public id."""
        super().__init__(data, initial=initial)
        self.fields["reglement"].choices = reglements  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["activities"].choices = activities  # type: ignore[attr-defined]  # a ChoiceField


class TariffForm(VotedForm):
    """A price of a common shape, for products named."""

    shape = forms.ChoiceField(
        label="Comment le prix se calcule-t-il ?",
        widget=forms.RadioSelect,
        initial=Shape.FLAT.value,
        choices=[
            (Shape.FLAT.value, "Le même pour tous"),
            (Shape.QUOTIENT.value, "Par tranches de quotient familial"),
            (Shape.EFFORT.value, "Un taux d’effort"),
        ],
        error_messages=dict.fromkeys(("required", "invalid_choice"), wording.CHOOSE_SHAPE),
    )
    products = forms.MultipleChoiceField(
        label="Pour quelles prestations ?",
        widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("required", "invalid_choice", "invalid_list"), wording.CHOOSE_PRODUCT),
    )
    price = AmountField("Prix", required=False)
    percent = forms.CharField(label="Taux, en pourcentage du quotient", max_length=8, required=False)
    floor = AmountField("Prix plancher", required=False)
    ceiling = AmountField("Prix plafond", required=False)
    non_resident = AmountField("Prix pour les familles d’une autre commune", required=False)
    is_childcare = forms.BooleanField(
        label="C’est de la garde d’enfants : l’attestation fiscale la compte", required=False
    )

    def __init__(self, data: Any, *, products: Sequence[tuple[str, str, str]], initial: dict[str, Any]) -> None:
        """Will offer products by name, with at how many places each is sold."""
        super().__init__(data, initial=initial)
        choices = [(name, f"{label} ({where})") for name, label, where in products]
        self.fields["products"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        for rank in range(MOST_BANDS):
            self.fields[f"below-{rank}"] = forms.CharField(
                label=f"Tranche {rank + 1} : quotient inférieur à",
                max_length=8,
                required=False,
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            )
            self.fields[f"band-{rank}"] = AmountField(f"Tranche {rank + 1} : prix", required=False)

    @property
    def band_rows(self) -> list[tuple[Any, Any]]:
        """Will return the fields of the bands, two by two."""
        return [(self[f"below-{rank}"], self[f"band-{rank}"]) for rank in range(MOST_BANDS)]

    def clean(self) -> dict[str, Any]:
        """Will look at what the shape chosen needs, and at that alone."""
        said: dict[str, Any] = super().clean() or {}
        match said.get("shape"):
            case Shape.FLAT:
                if said.get("price") is None and "price" not in self.errors:
                    self.add_error("price", wording.NO_PRICE)
            case Shape.QUOTIENT:
                said["bands"] = self._bands(said)
            case Shape.EFFORT:
                self._check_effort(said)
        return said

    @property
    def written(self) -> dict[str, Any]:
        """Will return the tariff in its written form, once valid."""
        said = self.cleaned_data
        match Shape(said["shape"]):
            case Shape.FLAT:
                price = flat(said["price"])
            case Shape.QUOTIENT:
                price = by_quotient(said["bands"])
            case Shape.EFFORT:
                price = by_effort(said["percent"].replace(".", ","), said["floor"], said["ceiling"])
        return tariff(price, non_resident=said.get("non_resident"), is_childcare=said["is_childcare"])

    def _bands(self, said: dict[str, Any]) -> list[Band]:
        bands: list[Band] = []
        rows = [(str(said.get(f"below-{rank}") or "").strip(), said.get(f"band-{rank}")) for rank in range(MOST_BANDS)]
        filled = [rank for rank, (below, cents) in enumerate(rows) if below or cents is not None]
        for rank in filled:
            below, cents = rows[rank]
            if f"band-{rank}" in self.errors:
                continue
            is_last = rank == filled[-1]
            if rank >= len(filled):
                self.add_error(f"band-{rank}", wording.HOLE)
            elif cents is None:
                self.add_error(f"band-{rank}", wording.NO_PRICE)
            elif is_last and below:
                self.add_error(f"below-{rank}", wording.NO_BANDS)
            elif not is_last and not (below.isascii() and below.isdigit() and 0 < int(below) <= HIGHEST_QUOTIENT):
                self.add_error(f"below-{rank}", wording.WRONG_LIMIT)
            elif not is_last and bands and int(below) <= (bands[-1].below or 0):
                self.add_error(f"below-{rank}", wording.NOT_GROWING)
            else:
                bands.append(Band(None if is_last else int(below), cents))
        if len(filled) <= 1:
            self.add_error("band-0", wording.NO_BANDS)
        return bands

    def _check_effort(self, said: dict[str, Any]) -> None:
        percent = str(said.get("percent") or "").strip().rstrip("%").strip()
        said["percent"] = percent
        if not _RATE.fullmatch(percent) or not float(percent.replace(",", ".")):
            self.add_error("percent", wording.NO_RATE)
        floor, ceiling = said.get("floor"), said.get("ceiling")
        is_wrong = floor is None or ceiling is None or floor > ceiling
        if is_wrong and not {"floor", "ceiling"} & set(self.errors):
            self.add_error("floor", wording.NO_BOUNDS)


class CostsForm(Form):
    """What each meal costs the town."""

    def __init__(self, data: Any, *, names: Sequence[str], initial: dict[str, Any]) -> None:
        """Will ask for a cost by name."""
        super().__init__(data, initial=initial)
        for place, name in enumerate(names):
            self.fields[f"cost-{place}"] = AmountField(name, required=False)


class RegieForm(Form):
    """The régie that cashes."""

    name = forms.CharField(
        label="Nom de la régie",
        max_length=100,
        error_messages={"required": wording.NO_REGIE_NAME, "max_length": wording.TOO_LONG},
    )
    payfip_id = forms.RegexField(
        r"^[0-9]{6}\Z",
        label="Numéro de client PayFiP",
        required=False,
        error_messages={"invalid": wording.WRONG_PAYFIP},
    )
