"""What figures are asked for: a period, a service, a facility, and by what they are counted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from django import forms

from marelle.domain.reservations.rules.figures import Step
from marelle.web.office.billing.forms import DayField, Form
from marelle.web.office.figures import wording

if TYPE_CHECKING:
    from collections.abc import Sequence

# Three school years and what is begun of the fourth.
LONGEST: Final = timedelta(days=4 * 366)
USUAL_WEEKS: Final = 4


class PlaceForm(Form):
    """A service and a facility; everything unless it is said."""

    service = forms.ChoiceField(label="Service", required=False)
    etablissement = forms.ChoiceField(label="Lieu", required=False)

    def __init__(
        self,
        data: Any,
        *,
        services: Sequence[tuple[str, str]],
        facilities: Sequence[tuple[str, str]],
        initial: dict[str, Any],
    ) -> None:
        """Will offer these services and facilities (code, name)."""
        super().__init__(data, initial=initial, auto_id="chiffres-%s")
        self.fields["service"].choices = [("", "Tous"), *services]  # type: ignore[attr-defined]
        self.fields["etablissement"].choices = [("", "Tous"), *facilities]  # type: ignore[attr-defined]
        for name in ("service", "etablissement"):
            self.fields[name].error_messages["invalid_choice"] = wording.NOT_YOURS

    def told(self, name: str) -> Any:
        """Will return what was chosen, or what is usual."""
        found = getattr(self, "cleaned_data", {}).get(name)
        return self.initial.get(name, "") if found in {None, ""} else found


class PeriodForm(PlaceForm):
    """From a day to another, at a place."""

    du = DayField("Du", required=False)
    au = DayField("Au", required=False)
    field_order: tuple[str, ...] = ("du", "au", "service", "etablissement")

    def clean(self) -> dict[str, Any]:
        """Will refuse an end before its beginning, and a period longer than what is kept in sight."""
        told = super().clean() or self.cleaned_data
        first: date | None = told.get("du") or self.initial.get("du")
        last: date | None = told.get("au") or self.initial.get("au")
        if first and last and first > last:
            self.add_error("au", wording.BAD_PERIOD)
        elif first and last and last - first > LONGEST:
            self.add_error("au", wording.TOO_LONG)
        return told


class StepForm(PeriodForm):
    """The same, counted by days, weeks or months."""

    pas = forms.ChoiceField(
        label="Compter par",
        required=False,
        choices=[("", "Selon la durée"), *((one.value, one.value.capitalize()) for one in Step)],
        error_messages={"invalid_choice": wording.NO_STEP},
    )
    field_order = ("du", "au", "pas", "service", "etablissement")


class HorizonForm(PlaceForm):
    """How many weeks ahead, at a place."""

    semaines = forms.ChoiceField(
        label="Prévoir",
        required=False,
        choices=[(str(count), f"{count} semaines") for count in (2, USUAL_WEEKS, 6, 8)],
        error_messages={"invalid_choice": wording.NO_HORIZON},
    )
    field_order = ("semaines", "service", "etablissement")
