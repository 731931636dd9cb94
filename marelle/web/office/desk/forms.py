"""What a régisseur writes: filters, money, a cancellation, a count, a deposit, an act, a name."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django import forms

from marelle.domain.payments.models import RegisseurTerm
from marelle.domain.payments.rules.desk import PIECES
from marelle.foundation.money import in_euros
from marelle.web.office.billing.forms import AmountField, DayField, Form, words
from marelle.web.office.billing.wording import CHOOSE
from marelle.web.office.desk import wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_PIECES: Final = 9999
NOTE: Final = 500
CHOICE_ERRORS: Final = {"required": CHOOSE, "invalid_choice": CHOOSE, "invalid_list": CHOOSE}


class JournalForm(Form):
    """Which receipts to show."""

    du = DayField("Du", required=False)
    au = DayField("Au", required=False)
    regie = forms.ChoiceField(label="Régie", required=False, error_messages=CHOICE_ERRORS)
    moyen = forms.ChoiceField(
        label="Moyen", required=False, choices=[("", "Tous"), *wording.MEANS.items()], error_messages=CHOICE_ERRORS
    )
    q = words("Nom ou numéro", "", longest=80, required=False)

    def __init__(self, *args: Any, regies: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        """Will offer these régies (code, name)."""
        super().__init__(*args, **kwargs)
        self.fields["regie"].choices = [("", "Toutes"), *regies]  # type: ignore[attr-defined]


class FindForm(Form):
    """Who comes to pay."""

    q = words("Nom de la famille ou numéro de facture", "", longest=80, required=False)


class TakeForm(Form):
    """Money over the desk."""

    invoices = forms.MultipleChoiceField(
        label="Factures", required=False, widget=forms.CheckboxSelectMultiple, error_messages=CHOICE_ERRORS
    )
    means = forms.ChoiceField(
        label="Moyen de paiement", choices=[("", "Choisissez…"), *wording.MEANS.items()], error_messages=CHOICE_ERRORS
    )
    amount = AmountField("Montant reçu")
    date = DayField("Reçu le")
    reference = words("Référence", "", longest=60, required=False)
    exercice = forms.TypedChoiceField(
        label="Exercice", coerce=int, empty_value=None, required=False, error_messages=CHOICE_ERRORS
    )

    def __init__(
        self, *args: Any, invoices: Iterable[tuple[str, str]], exercices: Sequence[int], **kwargs: Any
    ) -> None:
        """Will offer these invoices (public id, words), and a choice of exercice when several are open."""
        super().__init__(*args, **kwargs)
        self.fields["invoices"].choices = list(invoices)  # type: ignore[attr-defined]
        if len(exercices) > 1:
            names = [(str(exercices[0]), f"{exercices[0]}, en cours")]
            names += [(str(year), f"{year}, journée complémentaire") for year in exercices[1:]]
            self.fields["exercice"].choices = names  # type: ignore[attr-defined]
        else:
            del self.fields["exercice"]


class CancelForm(Form):
    """Why a receipt is cancelled, and when."""

    cause = forms.ChoiceField(label="Motif", choices=wording.CAUSES, error_messages=CHOICE_ERRORS)
    words = words("Précision", "", longest=200, required=False)
    date = DayField("Le")

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        """Will know that nothing is cancelled tomorrow."""
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_date(self) -> dt.date:
        """Will refuse a day to come."""
        day: dt.date = self.cleaned_data["date"]
        if day > self.today:
            raise forms.ValidationError("Ce jour n’est pas encore venu.")
        return day

    @property
    def reason(self) -> str:
        """Will return the cause and what was added."""
        return " : ".join(filter(None, (self.cleaned_data["cause"], self.cleaned_data["words"].strip())))


class CountForm(Form):
    """How many of each note and coin."""

    words = words("Remarque", "", longest=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Will ask for each piece."""
        super().__init__(*args, **kwargs)
        for value in PIECES:
            self.fields[f"p{value}"] = forms.IntegerField(
                label=f"{'Billets' if value >= NOTE else 'Pièces'} de {in_euros(value)}",
                required=False,
                min_value=0,
                max_value=MOST_PIECES,
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
                error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wording.NO_PIECES),
            )

    @property
    def asked(self) -> list[Any]:
        """Will return the fields of the pieces."""
        return [self[f"p{value}"] for value in PIECES]

    @property
    def pieces(self) -> dict[int, int]:
        """Will return how many, by value in cents."""
        return {value: self.cleaned_data[f"p{value}"] or 0 for value in PIECES}


class ActForm(Form):
    """What the act of a régie allows."""

    reference = words("Acte constitutif", "", longest=120, required=False)
    ceiling = AmountField("Montant maximum de l’encaisse")
    coins = AmountField("Fonds de caisse")
    deposit_days = forms.IntegerField(
        label="Jours entre deux versements, au plus",
        min_value=1,
        max_value=366,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wording.NO_DAYS),
    )


class PrepareForm(Form):
    """What a deposit is made of."""

    means = forms.ChoiceField(choices=wording.MEANS.items(), error_messages=CHOICE_ERRORS)
    exercice = forms.IntegerField(min_value=2000, max_value=2099)
    until = DayField("Jusqu’au")


class HandForm(Form):
    """When a deposit was handed over."""

    date = DayField("Versé le")
    reference = words("Référence", "", longest=60, required=False)


class NameForm(Form):
    """Who holds a régie."""

    agent = forms.ChoiceField(label="Agent", error_messages=dict.fromkeys(CHOICE_ERRORS, wording.CHOOSE_AGENT))
    kind = forms.ChoiceField(label="Qualité", choices=RegisseurTerm.Kind.choices, error_messages=CHOICE_ERRORS)
    starts_on = DayField("À partir du")

    def __init__(self, *args: Any, agents: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        """Will offer these agents (key, name)."""
        super().__init__(*args, **kwargs)
        self.fields["agent"].choices = list(agents)  # type: ignore[attr-defined]


class HandoverForm(Form):
    """To whom a régie goes."""

    to = forms.ChoiceField(label="Nouveau régisseur", error_messages=dict.fromkeys(CHOICE_ERRORS, wording.CHOOSE_AGENT))
    words = words("Réserves", "", longest=500, required=False, rows=3)

    def __init__(self, *args: Any, agents: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        """Will offer these agents (key, name)."""
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = list(agents)  # type: ignore[attr-defined]


class RestForm(Form):
    """What is left on which day."""

    au = DayField("Au", required=False)
