"""What agents answer to changes, and the rules that they set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import slugify

from marelle.domain.families.models import ConsentText
from marelle.domain.families.operations.consents import NewText
from marelle.domain.families.rules.consents import LONGEST_BODY, LONGEST_TITLE
from marelle.domain.families.rules.photos import PHOTO_CODE
from marelle.domain.families.rules.profile import FIELDS, WAY_WORDS
from marelle.foundation.french_dates import MONTHS
from marelle.web.office.profile_changes import wording

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_CODE = 40


class AnswerForm(forms.Form):
    """Approve, or refuse and say why."""

    use_required_attribute = False

    answer = forms.ChoiceField(choices=[("approve", ""), ("refuse", "")])
    reason = forms.CharField(
        label="Motif du refus",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
        error_messages={"max_length": wording.REASON_TOO_LONG},
    )

    def clean(self) -> dict[str, Any]:
        """Will ask for the reason of a refusal."""
        is_refused = self.cleaned_data.get("answer") == "refuse"
        if is_refused and not self.cleaned_data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", wording.NO_REASON)
        return self.cleaned_data


class TogetherForm(AnswerForm):
    """One answer to several changes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Will say that every family reads the reason."""
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = "Motif du refus, pour toutes"


class RulesForm(forms.Form):
    """How each field is changed, and the month of the yearly confirmation."""

    use_required_attribute = False

    def __init__(self, data: Any, *, ways: Mapping[str, str], month: int | None) -> None:
        """Will offer for each field the ways that it allows."""
        super().__init__(data)
        for code, field in FIELDS.items():
            self.fields[code] = forms.ChoiceField(
                label=field.label,
                choices=[(way.value, WAY_WORDS[way]) for way in field.ways],
                initial=ways[code],
                error_messages={"required": wording.CHOOSE_WAY, "invalid_choice": wording.CHOOSE_WAY},
            )
        months = [(str(number), name) for number, name in enumerate(MONTHS, start=1)]
        self.fields["month"] = forms.ChoiceField(
            label=wording.MONTH, choices=[("", wording.NO_MONTH), *months], required=False, initial=str(month or "")
        )

    @property
    def ways(self) -> dict[str, str]:
        """Will return the way chosen for each field."""
        return {code: self.cleaned_data[code] for code in FIELDS}

    @property
    def month(self) -> int | None:
        """Will return the month chosen, None without."""
        return int(self.cleaned_data["month"]) if self.cleaned_data["month"] else None


class TextForm(forms.Form):
    """A text to consent to, new or the next version of one."""

    use_required_attribute = False

    code = forms.SlugField(max_length=LONGEST_CODE, required=False, widget=forms.HiddenInput)
    title = forms.CharField(
        label="Titre",
        max_length=LONGEST_TITLE,
        error_messages={"required": wording.NO_TITLE, "max_length": wording.TEXT_TOO_LONG},
    )
    body = forms.CharField(
        label="Texte",
        max_length=LONGEST_BODY,
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": LONGEST_BODY}),
        error_messages={"required": wording.NO_BODY, "max_length": wording.TEXT_TOO_LONG},
    )
    about = forms.ChoiceField(
        label="La réponse vaut",
        choices=ConsentText.About.choices,
        widget=forms.RadioSelect,
        error_messages={"required": wording.CHOOSE_ABOUT, "invalid_choice": wording.CHOOSE_ABOUT},
    )

    def clean(self) -> dict[str, Any]:
        """Will have the photo asked for each child: it is a child's."""
        told = self.cleaned_data
        if told.get("code") == PHOTO_CODE and told.get("about") == ConsentText.About.FAMILY:
            self.add_error("about", wording.PHOTO_OF_A_CHILD)
        return told

    @property
    def text(self) -> NewText:
        """Will return the text; one without a code is named after its title, and never the one that lets photos be."""
        told = self.cleaned_data
        code = told["code"] or slugify(told["title"])[:LONGEST_CODE].strip("-") or "autorisation"
        if not told["code"] and code == PHOTO_CODE:
            code = f"autre-{code}"
        body = "\n".join(line.rstrip() for line in told["body"].splitlines())
        return NewText(code=code, title=told["title"], body=body, about=told["about"])
