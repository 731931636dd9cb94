"""What an agent sends from the day: another day, an answer about a held place, a sheet of attendance."""

from __future__ import annotations

import re
from datetime import date, time
from typing import TYPE_CHECKING, NamedTuple

from django import forms

from marelle.domain.billing.models import Posting
from marelle.domain.payments.rules.desk import Means
from marelle.domain.reservations.models import Attendance
from marelle.domain.reservations.operations.attendance import Times
from marelle.domain.reservations.rules.attendance import late_minutes
from marelle.web.office.day import wording

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

DAY = re.compile(r"20\d\d-\d\d-\d\d")
ERASED = ""
ANSWERS = {Attendance.State.PRESENT.value, Attendance.State.ABSENT.value, ERASED}
PREFIX, STAYED, LATE, LEFT = "p.", "duree.", "retard.", "parti."
# What the page showed of a square, and its tick for « this is right » where two tablets disagreed.
SHOWN, RIGHT = "vu.", "juste."
MINUTES = re.compile(r"[0-9]{1,4}")
WALL_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
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


class Shown(NamedTuple):
    """What the page showed of a square when it was filled: its state, and the marks (uids) that made it."""

    state: str
    knew: frozenset[str]


def shown_value(state: str, knew: Collection[str]) -> str:
    """Will write what a page shows of a square, for the form to send it back."""
    return f"{state}|{','.join(sorted(knew))}"


def read_shown(posted: Mapping[str, str], squares: Mapping[str, tuple[int, int]]) -> dict[tuple[int, int], Shown]:
    """Will return what the page showed of the squares that the agent may fill. Raises UnreadableSheetError."""
    found = {}
    for name, key in squares.items():
        text = posted.get(SHOWN + name.removeprefix(PREFIX))
        if text is not None:
            state, _bar, uids = text.partition("|")
            knew = frozenset(filter(None, uids.split(",")))
            if state not in ANSWERS or not all(UID.fullmatch(one) for one in knew):
                raise UnreadableSheetError
            found[key] = Shown(state, knew)
    return found


def read_right(posted: Mapping[str, str], squares: Mapping[str, tuple[int, int]]) -> set[tuple[int, int]]:
    """Will return the squares of which the agent says that what stands is right."""
    return {key for name, key in squares.items() if RIGHT + name.removeprefix(PREFIX) in posted}


def read_sheet(
    posted: Mapping[str, str], squares: Mapping[str, tuple[int, int]]
) -> tuple[dict[tuple[int, int], str | None], int]:
    """Will return what was ticked for the squares that the agent may fill, and how many others were posted.

    Raises UnreadableSheetError.
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
    return answers, unknown


def read_times(
    posted: Mapping[str, str],
    squares: Mapping[str, tuple[int, int]],
    *,
    ends: Callable[[tuple[int, int]], time | None],
) -> dict[tuple[int, int], Times]:
    """Will return the minutes written beside the squares that the agent may fill; a blank field is « not written ».

    When a child left says how late it was, by when its part of the day `ends`. Raises UnreadableSheetError for what is
    neither a number of minutes of a day nor an hour.
    """
    found = {}
    for name, key in squares.items():
        rest = name.removeprefix(PREFIX)
        if STAYED + rest in posted or LATE + rest in posted:
            stayed, late = _minutes(posted.get(STAYED + rest, "")), _minutes(posted.get(LATE + rest, ""))
            found[key] = Times(stayed, late or 0)
        if LEFT + rest in posted:
            left = read_hour(posted[LEFT + rest])
            stayed = found[key].minutes if key in found else None
            found[key] = Times(stayed, late_minutes(left, ends(key)) if left else 0, left)
    return found


def read_hour(text: str) -> time | None:
    """Will read « 18:42 », None for nothing. Raises UnreadableSheetError."""
    text = text.strip()
    if not text:
        return None
    if not WALL_CLOCK.fullmatch(text):
        raise UnreadableSheetError
    return time.fromisoformat(text)


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
