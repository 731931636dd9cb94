"""What an agent says of where a child lives, of whose days are whose, and of what two homes dispute."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django import forms

from marelle.web.custody_terms import CustodyTermsForm
from marelle.web.office.custody import wording

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

FIRST_YEAR, LAST_YEAR = 2000, 2099
MOVES_LABEL: Final = "Ce qui est réservé suit les jours qui changent de foyer"
ACCEPT, OTHER, DISMISS = wording.ANSWERS


def _day(label: str, hint: str = "", *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        required=required,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": wording.NO_DAY, "invalid": wording.NO_DAY},
    )


def _is_known(day: dt.date) -> dt.date:
    """Will refuse a year that no calendar of ours has; raises ValidationError."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise forms.ValidationError(wording.NO_DAY)
    return day


class FromToday(forms.Form):
    """A day from which something counts, which is not past."""

    use_required_attribute = False
    today = dt.date.min

    def clean_starts_on(self) -> dt.date:
        """Will refuse a day that is past."""
        day = _is_known(self.cleaned_data["starts_on"])
        if day < self.today:
            raise forms.ValidationError(wording.PAST_DAY)
        return day


class SettleForm(FromToday, CustodyTermsForm):
    """The terms, from today or later, and whether what is reserved follows."""

    moves = forms.BooleanField(
        label=MOVES_LABEL,
        help_text="Sauf ce qui est payé d’avance, qui reste à qui l’a payé.",
        required=False,
        initial=True,
    )

    def __init__(self, data: Any = None, *, today: dt.date, **more: Any) -> None:
        """Will refuse a day before `today`."""
        super().__init__(data, **more)
        self.today = today


class EndForm(FromToday):
    """The day from which there is no calendar any more."""

    starts_on = _day("À partir du")

    def __init__(self, data: Any = None, *, today: dt.date, **more: Any) -> None:
        """Will refuse a day before `today`."""
        super().__init__(data, **more)
        self.today = today


class HomesForm(forms.Form):
    """With whom a child lives, from a day on: public ids of one or two families, with a comma between them."""

    use_required_attribute = False

    starts_on = _day("À partir du")
    homes = forms.ChoiceField(
        label="Où l’enfant vit",
        widget=forms.RadioSelect,
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )

    def __init__(
        self, data: Any = None, *, homes: Iterable[tuple[str, str]], shut: Collection[str] = (), **more: Any
    ) -> None:
        """Will offer these homes (public ids, words) and no others; one of `shut` (public ids) once more is ticked."""
        super().__init__(data, **more)
        self.fields["homes"].choices = list(homes)  # type: ignore[attr-defined]
        self._shut = frozenset(shut)
        if self._shut:
            self.fields["is_checked"] = forms.BooleanField(label=wording.CHECKED, required=False)

    def clean_starts_on(self) -> dt.date:
        """Will refuse a year that no calendar of ours has."""
        return _is_known(self.cleaned_data["starts_on"])

    def clean(self) -> dict[str, Any]:
        """Will hold a home of who is kept out of another one until the agent says that she looked."""
        said = self.cleaned_data
        if self._shut.intersection(said.get("homes", "").split(",")) and not said.get("is_checked"):
            self.add_error("is_checked", wording.TO_CHECK)
        return said


class DayForm(forms.Form):
    """A day, and whose it is; empty: as the terms say."""

    use_required_attribute = False

    date = _day("Jour")
    home = forms.ChoiceField(
        label="Chez qui",
        widget=forms.RadioSelect,
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )
    seen = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, homes: Iterable[tuple[str, str]], **more: Any) -> None:
        """Will offer these homes (public id, words), and to follow the terms again."""
        super().__init__(data, **more)
        self.fields["home"].choices = [*homes, ("calendar", wording.AS_CALENDAR)]  # type: ignore[attr-defined]

    def clean_date(self) -> dt.date:
        """Will refuse a year that no calendar of ours has."""
        return _is_known(self.cleaned_data["date"])


class DecideForm(forms.Form):
    """What the town hall decides of a proposal, and what both homes will read. `is_calendar`: terms, not days."""

    use_required_attribute = False

    answer = forms.ChoiceField(
        label="Votre décision",
        widget=forms.RadioSelect,
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )
    from_day = _day("À partir d’un autre jour", "Vide : le jour qui est demandé.", required=False)
    words = forms.CharField(
        label="Ce que vous dites aux deux foyers",
        help_text=wording.BOTH_READ,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 1000}),
        error_messages={"required": wording.WORDS_NEEDED, "max_length": wording.WORDS_TOO_LONG},
    )

    def __init__(
        self, data: Any = None, *, is_calendar: bool, today: dt.date, asked: dt.date | None, **more: Any
    ) -> None:
        """Will ask for a day of terms only, which is to come; `asked` is the one of the proposal."""
        super().__init__(data, **more)
        self.today, self.asked = today, asked
        self.fields["answer"].choices = [  # type: ignore[attr-defined]
            (code, words) for code, words in wording.ANSWERS.items() if is_calendar or code != OTHER
        ]
        if not is_calendar:
            del self.fields["from_day"]

    def clean(self) -> dict[str, Any]:
        """Will refuse terms that would begin on a day that has come."""
        said = self.cleaned_data
        if said.get("answer") == ACCEPT and "from_day" in self.fields and "from_day" not in self.errors:
            begins = said.get("from_day") or self.asked
            if begins is None or begins <= self.today:
                self.add_error("from_day", wording.TOO_LATE)
        return said
