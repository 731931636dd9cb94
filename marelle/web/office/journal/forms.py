"""What an agent chooses to read of the journal."""

from __future__ import annotations

from typing import Any

from django import forms

from marelle.web.office.journal import wording


class JournalForm(forms.Form):
    """Until which day, of whom, about what."""

    jusqu_au = forms.DateField(
        label="Jusqu’au", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    agent = forms.ChoiceField(label="Agent", required=False)
    sujet = forms.ChoiceField(
        label="Sujet",
        required=False,
        choices=[("", "Tous"), *((code, label) for code, label, _kinds in wording.GROUPS)],
    )

    def __init__(self, *args: Any, agents: list[tuple[str, str]], **kwargs: Any) -> None:
        """Will offer these agents: (public name of the account, name)."""
        super().__init__(*args, **kwargs)
        self.fields["agent"].choices = [("", "Tous"), *agents]  # type: ignore[attr-defined]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Will return what the journal calls the subject that was chosen; empty for all of them."""
        return next((kinds for code, _label, kinds in wording.GROUPS if code == self.cleaned_data.get("sujet")), ())
