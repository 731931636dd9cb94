"""When a certificate came."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django import forms

from marelle.domain.catalog.rules.cutoffs import local_moment
from marelle.web.office.absences import wording

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class CertificateForm(forms.Form):
    """A day, and the hour when it is known; `undo` says that there was none."""

    use_required_attribute = False

    received_on = forms.DateField(
        label=wording.RECEIVED_ON,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": wording.NO_DAY, "invalid": wording.NO_DAY},
    )
    received_time = forms.TimeField(
        label=wording.RECEIVED_TIME,
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": wording.NO_TIME},
    )

    def __init__(self, *args: Any, at: datetime, zone: ZoneInfo, **kwargs: Any) -> None:
        """Will know the moment of the request and where the town is: a certificate comes before now."""
        super().__init__(*args, **kwargs)
        self.at, self.zone = at, zone

    def clean(self) -> dict[str, Any]:
        """Will add `received_at`. Without an hour, the doubt is the family’s: now if it came today, else midnight."""
        given = super().clean() or self.cleaned_data
        day, hour = given.get("received_on"), given.get("received_time")
        if day is None or self.errors:
            return given
        if hour is None and day == self.at.astimezone(self.zone).date():
            given["received_at"] = self.at
            return given
        try:
            received_at = local_moment(datetime.combine(day, hour or time(0)), self.zone)
        except OverflowError:
            self.add_error("received_on", wording.NO_DAY)
            return given
        if received_at > self.at:
            self.add_error("received_on", wording.NOT_YET)
        given["received_at"] = received_at
        return given
