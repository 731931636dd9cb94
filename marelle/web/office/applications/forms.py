"""What agents choose and write about applications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms

from marelle.domain.procedures.operations.refusals import WhyNot
from marelle.domain.procedures.queries.inbox import Show, Whose, Wish
from marelle.web.office.applications import wording
from marelle.web.office.billing.forms import DayField, Form

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

LONGEST: Final = 4000
NOBODY: Final = "personne"


def words(label: str, missing: str = "", *, rows: int = 5, required: bool = True) -> forms.CharField:
    """Will make a field for the words of an agent."""
    return forms.CharField(
        label=label,
        max_length=LONGEST,
        required=required,
        widget=forms.Textarea(attrs={"rows": rows, "maxlength": LONGEST}),
        error_messages={"required": missing, "max_length": wording.TOO_LONG},
    )


class FilterForm(Form):
    """What the inbox shows. An address that says something else shows what is usual."""

    nom = forms.CharField(label="Nom d’un enfant, d’une famille, ou numéro", max_length=80, required=False)
    service = forms.ChoiceField(label="Service", required=False)
    demarche = forms.ChoiceField(label="Démarche", required=False)
    confiee = forms.ChoiceField(
        label="Confiée à", choices=[(one.value, words) for one, words in wording.WHOSE.items()], required=False
    )
    etat = forms.ChoiceField(choices=[(one.value, "") for one in Show], required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any, *, services: Iterable[tuple[str, str]], procedures: Iterable[tuple[str, str]]
    ) -> None:
        """Will offer these services and procedures (code, name)."""
        super().__init__(data, auto_id="filtre-%s")
        self.fields["service"].choices = [("", "Tous"), *services]  # type: ignore[attr-defined]
        self.fields["demarche"].choices = [("", "Toutes"), *procedures]  # type: ignore[attr-defined]
        self.full_clean()

    @property
    def kept(self) -> dict[str, str]:
        """Will return what was chosen, by the names of the form."""
        return {name: self.cleaned_data.get(name, "") for name in self.fields}

    @property
    def wish(self) -> Wish:
        """Will return what is looked for."""
        told = self.kept
        return Wish(
            show=Show(told["etat"] or Show.TO_HANDLE),
            service=told["service"],
            procedure=told["demarche"],
            whose=Whose(told["confiee"]),
            words=told["nom"],
        )


class SeenForm(Form):
    """What the page showed when the agent began: its revision, and the last line of its history."""

    expected = forms.IntegerField(
        min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput, error_messages={"required": wording.UNREADABLE}
    )
    seen = forms.IntegerField(min_value=0, max_value=2**62, required=False, widget=forms.HiddenInput)


class AssignForm(SeenForm):
    """To whom."""

    agent = forms.ChoiceField(
        label="Confier à", error_messages={"required": wording.NO_AGENT, "invalid_choice": wording.NO_AGENT}
    )

    def __init__(self, data: Any = None, *, agents: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        """Will offer these agents (key, name), and nobody."""
        super().__init__(data, auto_id="confier-%s", **kwargs)
        self.fields["agent"].choices = [*agents, (NOBODY, "Personne")]  # type: ignore[attr-defined]


class TransferForm(SeenForm):
    """To which service."""

    service = forms.ChoiceField(
        label="Transmettre à", error_messages={"required": wording.NO_SERVICE, "invalid_choice": wording.NO_SERVICE}
    )

    def __init__(self, data: Any = None, *, services: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        """Will offer these services (code, name)."""
        super().__init__(data, auto_id="transmettre-%s", **kwargs)
        self.fields["service"].choices = list(services)  # type: ignore[attr-defined]


class MessageForm(Form):
    """Words for the family."""

    words = words("Votre message à la famille", wording.NO_WORDS)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        """Will be named apart from the other forms of the page."""
        super().__init__(data, auto_id="message-%s", **kwargs)


class NoteForm(Form):
    """Words between agents."""

    words = words("Note entre agents", wording.NO_NOTE, rows=3)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        """Will be named apart from the other forms of the page."""
        super().__init__(data, auto_id="note-%s", **kwargs)


class ChangesForm(SeenForm):
    """What is missing, in which documents and questions, until when."""

    codes = forms.MultipleChoiceField(
        label="Ce qui manque",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": wording.UNREADABLE, "invalid_list": wording.UNREADABLE},
    )
    words = words("Vos mots à la famille", required=False)
    due_on = DayField("À fournir avant la fin du")

    def __init__(self, data: Any = None, *, choices: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        """Will offer these documents and questions (code, label)."""
        super().__init__(data, auto_id="complement-%s", **kwargs)
        self.fields["codes"].choices = list(choices)  # type: ignore[attr-defined]


class ReasonsForm(SeenForm):
    """Why; what is accepted is read apart (see `fields`)."""

    reasons = words("Motifs", required=False)


class TogetherForm(Form):
    """One answer to several applications; a refusal says why."""

    answer = forms.ChoiceField(
        choices=[("approve", ""), ("reject", "")],
        error_messages={"required": wording.NO_DECISION, "invalid_choice": wording.NO_DECISION},
    )
    reasons = words("Motifs du refus, pour toutes", required=False)

    def clean(self) -> dict[str, Any]:
        """Will ask for the reasons of a refusal."""
        told = super().clean() or self.cleaned_data
        if told.get("answer") == "reject" and not told.get("reasons") and "reasons" not in self.errors:
            self.add_error("reasons", WhyNot.NO_REASON.value)
        return told


class PeriodForm(Form):
    """From a day to another."""

    du = DayField("Du")
    au = DayField("Au")

    def clean(self) -> dict[str, Any]:
        """Will refuse an end before its beginning."""
        told = super().clean() or self.cleaned_data
        first: date | None = told.get("du")
        last: date | None = told.get("au")
        if first and last and first > last:
            self.add_error("au", wording.BAD_PERIOD)
        return told
