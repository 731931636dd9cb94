"""What an agent sends from the day: another day, an answer about a held place, a sheet of attendance."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from django import forms

from marelle.domain.billing.models import Posting
from marelle.domain.payments.rules.desk import Means
from marelle.domain.reservations.models import Attendance
from marelle.domain.reservations.operations.by_agents import Times
from marelle.web.office.day import wording

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

DAY = re.compile(r"20\d\d-\d\d-\d\d")
ERASED = ""
ANSWERS = {Attendance.State.PRESENT.value, Attendance.State.ABSENT.value, ERASED}
PREFIX, STAYED, LATE = "p.", "duree.", "retard."
MINUTES = re.compile(r"[0-9]{1,4}")
MOST_MINUTES = 24 * 60
# What is paid by a means of this list is paid at the desk: a debit is not.
MEANS = [(one.value, Posting.Means(one.value).label) for one in Means]


class UnreadableSheetError(ValueError):
    """A square holds something else than a presence, an absence or nothing."""


class DayForm(forms.Form):
    """Another day, chosen in a calendar."""

    jour = forms.DateField(
        label="Un autre jour",
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": wording.NO_DAY, "required": wording.NO_DAY},
    )

    def clean_jour(self) -> date:
        """Will refuse a year that no calendar of ours has."""
        day: date = self.cleaned_data["jour"]
        if not DAY.fullmatch(day.isoformat()):
            raise forms.ValidationError(wording.NO_DAY)
        return day


class HeldPlaceForm(forms.Form):
    """What becomes of a held place."""

    child = forms.CharField(max_length=12)
    product = forms.CharField(max_length=12)
    answer = forms.ChoiceField(choices=[("confirm", "Confirmer"), ("release", "Libérer")])
    reason = forms.CharField(max_length=300, required=False)
    means = forms.ChoiceField(choices=[("", ""), *MEANS], required=False)

    def clean_means(self) -> str:
        """Will take « another means » for a page that did not ask."""
        return self.cleaned_data["means"] or Posting.Means.OTHER.value


def read_day(text: str) -> date | None:
    """Will read the day of an address, None when there is no such day."""
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


def square_name(child: str, product: str) -> str:
    """Will name a square of the sheet, from public ids."""
    return f"{PREFIX}{child}.{product}"


def read_sheet(
    posted: Mapping[str, str], squares: Mapping[str, tuple[int, int]], *, others_present: bool
) -> tuple[dict[tuple[int, int], str | None], int]:
    """Will return what was ticked for the squares that the agent may fill, and how many others were posted.

    `others_present`: a square left blank is a presence. Raises UnreadableSheetError.
    """
    answers: dict[tuple[int, int], str | None] = {}
    unknown = 0
    for name, value in posted.items():
        if not name.startswith(PREFIX):
            continue
        if value not in ANSWERS:
            raise UnreadableSheetError
        if name not in squares:
            unknown += 1
            continue
        answers[squares[name]] = value or None
    if others_present:
        for key in squares.values():
            answers[key] = answers.get(key) or Attendance.State.PRESENT.value
    return answers, unknown


def read_times(posted: Mapping[str, str], squares: Mapping[str, tuple[int, int]]) -> dict[tuple[int, int], Times]:
    """Will return the minutes written beside the squares that the agent may fill; a blank field is « not written ».

    Raises UnreadableSheetError for what is not a number of minutes of a day.
    """
    found = {}
    for name, key in squares.items():
        rest = name.removeprefix(PREFIX)
        if STAYED + rest in posted or LATE + rest in posted:
            stayed, late = _minutes(posted.get(STAYED + rest, "")), _minutes(posted.get(LATE + rest, ""))
            found[key] = Times(stayed, late or 0)
    return found


def _minutes(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not MINUTES.fullmatch(text) or int(text) > MOST_MINUTES:
        raise UnreadableSheetError
    return int(text)


def ticked(sheet: Collection[str | None], state: str) -> int:
    """Will count the squares in this state."""
    return sum(1 for value in sheet if value == state)
