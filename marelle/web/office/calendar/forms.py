"""What an agent writes of the calendar."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from marelle.domain.authorities.models import Facility
from marelle.domain.catalog.models import Holiday, Service
from marelle.web.office.billing.forms import DayField
from marelle.web.office.calendar import wording
from marelle.web.office.setting_fields import choice, words

MOST_DAYS: Final = 366


class DaysForm(forms.Form):
    """A day, or several that follow one another."""

    use_required_attribute = False
    starts_on = DayField("Premier jour")
    ends_on = DayField("Dernier jour", required=False)

    def clean(self) -> dict[str, Any]:
        """Will make one day of what has no end, and refuse days the wrong way round."""
        given = self.cleaned_data
        first, last = given.get("starts_on"), given.get("ends_on")
        if first is not None and last is None and "ends_on" in given:
            given["ends_on"] = first
        elif first is not None and last is not None:
            if last < first:
                self.add_error("ends_on", wording.ENDS_BEFORE)
            elif (last - first).days > MOST_DAYS:
                self.add_error("ends_on", wording.TOO_MANY_DAYS)
        return given


class HolidayForm(DaysForm):
    """Days of one of the calendars."""

    kind = choice("Nature", Holiday.Kind.choices, tiles=True)
    name = words("Nom", longest=80)


class ClosureForm(DaysForm):
    """Days on which something is closed, and why."""

    reason = words("Motif", longest=120, missing=wording.NO_REASON)
    service = choice("Service", (), required=False)
    facility = choice("Lieu", (), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        """Will offer the services and the places of the authority."""
        super().__init__(*args, **more)
        self.services = {row.code: row for row in Service.objects.order_by("position", "name", "pk")}
        self.facilities = {row.code: row for row in Facility.objects.order_by("name", "pk")}
        for name, nothing, rows in (
            ("service", "Tous les services", self.services),
            ("facility", "Tous les lieux", self.facilities),
        ):
            named = [(code, row.name) for code, row in rows.items()]
            self.fields[name].choices = [("", nothing), *named]  # type: ignore[attr-defined]
