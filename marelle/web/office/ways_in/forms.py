"""What an agent asks of the list, and what she answers a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from marelle.domain.families.queries.joining import WAYS
from marelle.web.office.ways_in import wording

if TYPE_CHECKING:
    from collections.abc import Iterable

NEW_FAMILY = "new"


class FilterForm(forms.Form):
    """Where guardians stand, and in which class their children are."""

    use_required_attribute = False

    etat = forms.ChoiceField(label="État", choices=list(WAYS.items()))
    classe = forms.ChoiceField(label="Classe")

    def __init__(self, *args: Any, classes: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        """Will offer these classes (key, words)."""
        super().__init__(*args, **kwargs)
        self.fields["classe"].choices = [("", "Toutes les classes"), *classes]  # type: ignore[attr-defined]


class AddressForm(forms.Form):
    """Where a guardian is written; empty for nowhere."""

    use_required_attribute = False

    email = forms.EmailField(
        label="Adresse e-mail",
        required=False,
        max_length=254,
        error_messages={"invalid": wording.BAD_ADDRESS, "max_length": wording.BAD_ADDRESS},
    )

    def clean_email(self) -> str:
        """Will compare addresses whatever their case."""
        return str(self.cleaned_data["email"]).lower()


class AcceptForm(forms.Form):
    """To whom the account is attached: a guardian, a family, or a new one that is none of those proposed."""

    use_required_attribute = False

    chosen = forms.ChoiceField(
        label="Rattacher à",
        widget=forms.RadioSelect,
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )
    none_of_these = forms.BooleanField(label="Ce n’est aucune de ces familles", required=False)

    def __init__(self, *args: Any, choices: Iterable[tuple[str, str]], has_proposals: bool, **kwargs: Any) -> None:
        """Will offer these choices, and ask for one more tick before a new family beside those proposed."""
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = list(choices)  # type: ignore[attr-defined]
        self._has_proposals = has_proposals

    def clean(self) -> dict[str, Any]:
        """Will hold a new family until the agent says that none of those proposed is the one."""
        said = self.cleaned_data
        if said.get("chosen") == NEW_FAMILY and self._has_proposals and not said.get("none_of_these"):
            self.add_error("none_of_these", wording.NOT_THESE)
        return said


class RefuseForm(forms.Form):
    """Why a request is refused."""

    use_required_attribute = False

    reason = forms.CharField(
        label="Motif",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
        error_messages={"required": wording.NO_REASON, "max_length": wording.REASON_TOO_LONG},
    )


class TogetherForm(forms.Form):
    """One answer to several requests; a refusal says why."""

    use_required_attribute = False

    answer = forms.ChoiceField(
        choices=[("accept", ""), ("refuse", "")],
        error_messages={"required": wording.NO_ANSWER, "invalid_choice": wording.NO_ANSWER},
    )
    reason = forms.CharField(
        label="Motif, pour toutes",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
        error_messages={"max_length": wording.REASON_TOO_LONG},
    )

    def clean(self) -> dict[str, Any]:
        """Will ask for the reason of a refusal."""
        said = self.cleaned_data
        if said.get("answer") == "refuse" and not said.get("reason") and "reason" not in self.errors:
            self.add_error("reason", wording.NO_REASON)
        return said
