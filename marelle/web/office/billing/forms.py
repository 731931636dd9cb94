"""What an agent writes to bill: a run, a line by hand, a correction, a payment, an aid, a régie."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final, cast

from django import forms

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import PayerAccount, Posting
from marelle.domain.billing.rules.numbers import InvalidPatternError, check_pattern
from marelle.domain.payments.rules.desk import Means
from marelle.foundation.money import cents_from
from marelle.web.office.billing import wording

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict

FIRST_YEAR, LAST_YEAR = 2000, 2099
HIGHEST_CARRY: Final = 100_00
HIGHEST_CENTS: Final = 10_000_000
SPACES: Final = re.compile(r"[\s\u00a0\u202f]")
NOBODY: Final = ("", "Toute la famille")


class DayField(forms.DateField):
    """A day of our calendars."""

    def __init__(self, label: str, *, required: bool = True) -> None:
        """Will take « 2026-11-30 » and « 30/11/2026 »."""
        super().__init__(
            label=label,
            required=required,
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            error_messages={"required": wording.NO_DAY, "invalid": wording.NO_DAY},
        )

    def clean(self, value: Any) -> dt.date | None:
        """Will refuse a year that no calendar of ours has."""
        day: dt.date | None = super().clean(value)
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(wording.NO_DAY)
        return day


class AmountField(forms.CharField):
    """An amount in euros, read as cents; `is_signed` lets one write it in favour of the family."""

    def __init__(self, label: str, *, required: bool = True, is_signed: bool = False) -> None:
        """Will say what is expected."""
        self.said = wording.NO_SIGNED_AMOUNT if is_signed else wording.NO_AMOUNT
        self.is_signed = is_signed
        super().__init__(
            label=label,
            required=required,
            max_length=20,
            widget=forms.TextInput(attrs={"inputmode": "text" if is_signed else "decimal"}),
            error_messages={"required": self.said, "max_length": self.said},
        )

    def clean(self, value: Any) -> int | None:  # type: ignore[override]  # cents, not the text
        """Will return cents, None when nothing is written."""
        text = SPACES.sub("", super().clean(value))
        if not text:
            return None
        digits = text.lstrip("-−+") if self.is_signed else text
        try:
            cents = cents_from(digits)
        except ValueError:
            raise forms.ValidationError(self.said) from None
        if cents > HIGHEST_CENTS:
            raise forms.ValidationError(self.said)
        return -cents if text[0] in "-−" else cents


def words(label: str, missing: str, *, longest: int, required: bool = True, rows: int = 0) -> forms.CharField:
    """Will make a field for a few words."""
    return forms.CharField(
        label=label,
        max_length=longest,
        required=required,
        widget=forms.Textarea(attrs={"rows": rows, "maxlength": longest}) if rows else forms.TextInput(),
        error_messages={"required": missing, "max_length": wording.TOO_LONG},
    )


class Form(forms.Form):
    """Ours: the browser does not answer before the server does."""

    use_required_attribute = False


class PrepareForm(Form):
    """What a run bills, and how its invoices are dated."""

    services = forms.MultipleChoiceField(
        label="Services",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": wording.CHOOSE_SERVICE,
            "invalid_choice": wording.CHOOSE_SERVICE,
            "invalid_list": wording.CHOOSE_SERVICE,
        },
    )
    starts_on = DayField("Du")
    ends_on = DayField("Au")
    name = words("Objet", wording.NO_NAME, longest=120)
    proposed = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)
    invoiced_on = DayField("Date des factures")
    due_on = DayField("À payer avant le")
    exercice = forms.IntegerField(
        label="Exercice",
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        error_messages={
            "required": wording.NO_YEAR,
            "invalid": wording.NO_YEAR,
            "min_value": wording.NO_YEAR,
            "max_value": wording.NO_YEAR,
        },
    )
    is_carrying = forms.BooleanField(label="Reporter les petites sommes sur une prochaine facture", required=False)
    carried_below = AmountField("En dessous de", required=False)

    def __init__(self, *args: Any, services: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        """Will offer these services (public id, name) and no others."""
        super().__init__(*args, **kwargs)
        self.fields["services"].choices = list(services)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Will compare the days, and ask for an amount when small debts are carried over."""
        given = self.cleaned_data
        first, last = given.get("starts_on"), given.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", "Le dernier jour vient avant le premier.")
        invoiced, due = given.get("invoiced_on"), given.get("due_on")
        if invoiced and due and due < invoiced:
            self.add_error("due_on", "Ce jour vient avant la date des factures.")
        carried = given.get("carried_below")
        if given.get("is_carrying") and "carried_below" in given:
            if carried is None:
                self.add_error("carried_below", wording.NO_AMOUNT)
            elif carried > HIGHEST_CARRY:
                self.add_error("carried_below", wording.CARRY_NOT_ABOVE)
        return given

    @property
    def is_name_proposed(self) -> bool:
        """Will say whether the name is the one that was proposed, untouched by the agent."""
        return self.cleaned_data["name"] == self.cleaned_data["proposed"]

    def rename(self, name: str) -> None:
        """Will propose another name, here and on the page."""
        self.cleaned_data |= {"name": name, "proposed": name}
        sent = cast("QueryDict", self.data).copy()
        sent["name"] = sent["proposed"] = name
        self.data = sent

    @property
    def threshold(self) -> int:
        """Will return under how many cents a debt is carried over; 0: none is."""
        return (self.cleaned_data["carried_below"] or 0) if self.cleaned_data["is_carrying"] else 0


class ReasonForm(Form):
    """Why something is done."""

    reason = words("Raison", wording.NO_REASON, longest=300, rows=2)


class ChargeForm(Form):
    """A line by hand."""

    label = words("Libellé", wording.NO_LABEL, longest=120)
    amount = AmountField("Montant", is_signed=True)
    child = forms.ChoiceField(label="Enfant", required=False, error_messages={"invalid_choice": wording.CHOOSE})
    code = words("Code comptable", "", longest=20, required=False)
    is_childcare = forms.BooleanField(label="C’est de la garde d’enfant (crédit d’impôt)", required=False)
    reason = words("Raison", wording.NO_REASON, longest=300, rows=2)

    def __init__(self, *args: Any, children: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        """Will offer these children (public id, name)."""
        super().__init__(*args, **kwargs)
        self.fields["child"].choices = [NOBODY, *children]  # type: ignore[attr-defined]


class DatedChargeForm(ChargeForm):
    """A line by hand, for the next invoice from a day on."""

    regie = forms.ChoiceField(
        label="Régie", error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE}
    )
    date = DayField("Jour")
    field_order = ("regie", "label", "amount", "date", "child", "code", "is_childcare", "reason")

    def __init__(self, *args: Any, regies: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        """Will offer these régies (code, name)."""
        super().__init__(*args, **kwargs)
        self.fields["regie"].choices = list(regies)  # type: ignore[attr-defined]


class PaymentForm(Form):
    """Money that came."""

    amount = AmountField("Montant reçu")
    means = forms.ChoiceField(
        label="Moyen de paiement",
        choices=[("", "Choisissez…"), *((one.value, Posting.Means(one.value).label) for one in Means)],
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )
    date = DayField("Reçu le")
    reference = words("Référence", "", longest=60, required=False)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        """Will know that money comes before tomorrow."""
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_amount(self) -> int:
        """Will refuse nothing at all."""
        cents: int = self.cleaned_data["amount"]
        if cents <= 0:
            raise forms.ValidationError(wording.NO_AMOUNT)
        return cents

    def clean_date(self) -> dt.date:
        """Will refuse a day to come."""
        day: dt.date = self.cleaned_data["date"]
        if day > self.today:
            raise forms.ValidationError("Ce jour n’est pas encore venu.")
        return day


class RecoveryForm(Form):
    """The number under which the Trésor recovers an invoice."""

    number = words("Numéro de titre", wording.NO_NUMBER, longest=40)


class CorrectionForm(ReasonForm):
    """Why an invoice is corrected, and the difference that was shown (cents)."""

    expected = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=-(10**9), max_value=10**9)


class BalanceForm(Form):
    """The day at the end of which balances are asked for."""

    au = DayField("Solde au")


class DeliveryForm(Form):
    """How the invoices of a payer go."""

    regie = forms.CharField(widget=forms.HiddenInput, max_length=40)
    delivery = forms.ChoiceField(
        label="Envoi des factures",
        choices=PayerAccount.Delivery.choices,
        widget=forms.RadioSelect,
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )


class AidForm(Form):
    """An aid, and who pays it."""

    regie = forms.ChoiceField(
        label="Régie", error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE}
    )
    label = words("Nom de l’aide", "Écrivez le nom de l’aide, par exemple « Bons CAF ».", longest=80)
    payer = words("Payée par", wording.NO_PAYER, longest=160)
    amount = AmountField("Montant par unité", required=False)
    percent = forms.IntegerField(
        label="Ou pourcentage",
        required=False,
        min_value=1,
        max_value=100,
        error_messages={
            "invalid": "De 1 à 100.",
            "min_value": "De 1 à 100.",
            "max_value": "De 1 à 100.",
        },
    )
    child = forms.ChoiceField(label="Enfant", required=False, error_messages={"invalid_choice": wording.CHOOSE})
    service = forms.ChoiceField(label="Service", required=False, error_messages={"invalid_choice": wording.CHOOSE})
    starts_on = DayField("Du")
    ends_on = DayField("Au")

    def __init__(
        self,
        *args: Any,
        regies: Iterable[tuple[str, str]],
        children: Iterable[tuple[str, str]],
        services: Iterable[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        """Will offer these régies (code), children and services (public id), each with its name."""
        super().__init__(*args, **kwargs)
        self.fields["regie"].choices = list(regies)  # type: ignore[attr-defined]
        self.fields["child"].choices = [NOBODY, *children]  # type: ignore[attr-defined]
        self.fields["service"].choices = [("", "Tous les services de la régie"), *services]  # type: ignore[attr-defined]


class RegieForm(Form):
    """How a régie invoices."""

    has_billing = forms.BooleanField(label="Facturer avec Marelle", required=False)
    number_pattern = words("Référence des factures", "Écrivez la référence.", longest=40)
    invoice_title = forms.ChoiceField(
        label="Comment les familles voient une facture",
        choices=Regie.Title.choices,
        widget=forms.RadioSelect,
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )
    payment_days = forms.IntegerField(
        label="Jours pour payer",
        min_value=1,
        max_value=180,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), "Indiquez de 1 à 180 jours."),
    )
    small_debt = AmountField("Reporter les sommes en dessous de")
    payments_known_until = DayField("Paiements connus jusqu’au", required=False)
    payfip_id = words("Identifiant PayFiP", "", longest=6, required=False)
    how_to_pay = words("Comment payer", "", longest=2000, required=False, rows=5)
    vat_words = words("Mention de TVA", "Écrivez la mention, par exemple « TVA non applicable ».", longest=200)
    issuer_name = words("Nom de qui émet les factures", "", longest=100, required=False)
    issuer_quality = words("Sa qualité", "", longest=100, required=False)

    def clean_number_pattern(self) -> str:
        """Will refuse what cannot tell two invoices apart."""
        try:
            return check_pattern(self.cleaned_data["number_pattern"])
        except InvalidPatternError as error:
            text = str(error)
            raise forms.ValidationError(f"{text[:1].upper()}{text[1:]}.") from None

    def clean_small_debt(self) -> int:
        """Will keep it small."""
        cents: int = self.cleaned_data["small_debt"]
        if not 0 <= cents <= HIGHEST_CARRY:
            raise forms.ValidationError(wording.CARRY_NOT_ABOVE)
        return cents

    def clean_payfip_id(self) -> str:
        """Will take six digits, or nothing."""
        text: str = self.cleaned_data["payfip_id"]
        if text and not re.fullmatch(r"[0-9]{6}", text):
            raise forms.ValidationError("L’identifiant PayFiP a six chiffres.")
        return text
