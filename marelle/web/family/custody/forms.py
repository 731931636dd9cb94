"""What a home writes to the other: a calendar, days, an answer."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from marelle.web.custody_terms import CustodyTermsForm
from marelle.web.family.custody import wording

LONGEST: Final = 300


def words_field(label: Any, hint: Any) -> forms.CharField:
    """Will make a field for a few words."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST}),
        error_messages={"max_length": wording.TOO_LONG},
    )


class CalendarForm(CustodyTermsForm):
    """The terms that a home proposes, and a few words."""

    words = words_field(wording.WORDS, wording.WORDS_HINT)


class DaysForm(forms.Form):
    """A few words with the days that are ticked beside."""

    use_required_attribute = False
    words = words_field(wording.WORDS, wording.WORDS_HINT)


class AnswerForm(forms.Form):
    """Yes or no, and a few words."""

    use_required_attribute = False
    reponse = forms.ChoiceField(
        choices=[("oui", ""), ("non", "")],
        error_messages=dict.fromkeys(("required", "invalid_choice"), wording.CHOOSE_ANSWER),
    )
    words = words_field(wording.ANSWER, wording.ANSWER_HINT)
