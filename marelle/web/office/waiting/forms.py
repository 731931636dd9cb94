"""What an agent sends from the waiting lists: a child to whom a place is offered, and why."""

from __future__ import annotations

from django import forms

from marelle.web.office.waiting import wording

MOST_WORDS = 300


class OfferForm(forms.Form):
    """Who, in the words of a square (child, product, day), and why."""

    use_required_attribute = False

    square = forms.CharField(widget=forms.HiddenInput, max_length=60)
    reason = forms.CharField(
        label=wording.REASON,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": MOST_WORDS}),
        error_messages={"required": wording.NO_REASON, "max_length": wording.REASON_TOO_LONG},
    )
