"""What a family may change of its file, whom it trusts, what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from marelle.domain.billing.models import PayerAccount
from marelle.domain.families.rules.departments import DEPARTMENTS
from marelle.domain.families.rules.pickups import LONGEST_NAME, LONGEST_RELATION, Pickup, PickupFault, faults_of
from marelle.domain.families.rules.profile import Fault, Kind, Way, in_words, read_value
from marelle.web.family.profile import wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from marelle.domain.families.models import Child, ConsentText, ProposedChange
    from marelle.domain.families.rules.profile import ProfileField

WIDGETS = {
    Kind.EMAIL: ("email", "email", ""),
    Kind.PHONE: ("tel", "tel", "tel"),
    Kind.TEXT: ("text", "", ""),
    Kind.DAY: ("date", "", ""),
}
MOST_TYPED = 500
# Before the name of a field: what the file said of it.
SAID = "avant-"


class FileForm(forms.Form):
    """The fields of the file that this family may change, alone or with the town hall's approval.

    A field that waits for an answer shows what was asked, so that saving the others does not take it back.
    """

    use_required_attribute = False

    def __init__(
        self,
        data: Any,
        *,
        fields: Mapping[str, ProfileField],
        ways: Mapping[str, Way],
        current: Mapping[str, str],
        waiting: Mapping[str, ProposedChange],
        today: date,
        **kwargs: Any,
    ) -> None:
        """Will offer those of `fields` (by code) that are not changed by a request."""
        super().__init__(data, **kwargs)
        self.today = today
        self.is_of_two = False
        self.codes = {field.column: code for code, field in fields.items() if ways[code] is not Way.REQUEST}
        # What the file says as the page is drawn: it comes back with the form.
        self.said = [(f"{SAID}{column}", current[code]) for column, code in self.codes.items()]
        self.read = fields
        for column, code in self.codes.items():
            field, change = fields[code], waiting.get(code)
            hints = [str(wording.HINTS.get(code, ""))]
            if change is not None:
                hints.append(wording.STILL_WAITING.format(old=in_words(field, current[code])))
            elif ways[code] is Way.APPROVAL:
                hints.append(str(wording.READ_FIRST))
            self.fields[column] = forms.CharField(
                label=field.label,
                required=field.is_required,
                max_length=MOST_TYPED,
                widget=_widget(field),
                help_text=" ".join(hint for hint in hints if hint),
                error_messages={"required": Fault.MISSING.value, "max_length": Fault.TOO_LONG.value},
                initial=change.new if change is not None else current[code],
            )

    def clean(self) -> dict[str, Any]:
        """Will say beside each field why its value is not taken."""
        for column, code in self.codes.items():
            if column not in self.data:
                # Only what was sent is wanted: a shorter form empties nothing.
                self.errors.pop(column, None)
                self.cleaned_data.pop(column, None)
            elif column in self.cleaned_data:
                read = read_value(self.read[code], self.cleaned_data[column], on=self.today)
                if isinstance(read, Fault):
                    self.add_error(column, read.value)
        return self.cleaned_data

    @property
    def wanted(self) -> dict[str, str]:
        """Will return what was sent, by field code."""
        return {code: self.cleaned_data[column] for column, code in self.codes.items() if column in self.cleaned_data}

    @property
    def seen(self) -> dict[str, str]:
        """Will return what the file said when the page was opened, by field code, as far as the page told it."""
        # A browser ends lines in its own way.
        return {
            code: "\n".join(self.data[f"{SAID}{column}"].splitlines())
            for column, code in self.codes.items()
            if f"{SAID}{column}" in self.data
        }

    def say(self, faults: Mapping[str, Fault]) -> None:
        """Will write what the operation found wrong beside its fields."""
        self.is_of_two = Fault.CHANGED in faults.values()
        for code, fault in faults.items():
            self.add_error(self.read[code].column, fault.value)


def _widget(field: ProfileField) -> forms.Widget:
    if field.kind is Kind.DEPARTMENT:
        known = [(code, f"{code} {name}") for code, name in DEPARTMENTS.items()]
        return forms.Select(choices=[("", wording.CHOOSE_DEPARTMENT), *known])
    if field.kind is Kind.LONG_TEXT:
        return forms.Textarea(attrs={"rows": 3, "maxlength": field.longest})
    kind, autocomplete, mode = WIDGETS[field.kind]
    attributes: dict[str, Any] = {"type": kind}
    if autocomplete:
        attributes["autocomplete"] = autocomplete
    if mode:
        attributes["inputmode"] = mode
    return forms.TextInput(attrs=attributes)


class DeliveryForm(forms.Form):
    """How the invoices of a régie (its code) reach the family."""

    use_required_attribute = False

    regie = forms.CharField(widget=forms.HiddenInput, max_length=40)
    delivery = forms.ChoiceField(
        label=wording.DELIVERY,
        choices=PayerAccount.Delivery.choices,
        widget=forms.RadioSelect,
        error_messages={"required": wording.NO_DELIVERY, "invalid_choice": wording.NO_DELIVERY},
    )


class PickupForm(forms.Form):
    """Somebody who may fetch children."""

    use_required_attribute = False

    name = forms.CharField(
        label=wording.PICKUP_NAME,
        max_length=LONGEST_NAME,
        error_messages={"required": PickupFault.NO_NAME.value, "max_length": wording.TOO_LONG},
    )
    relation = forms.CharField(
        label=wording.PICKUP_RELATION,
        max_length=LONGEST_RELATION,
        required=False,
        error_messages={"max_length": wording.TOO_LONG},
    )
    phone = forms.CharField(
        label=wording.PICKUP_PHONE,
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel"}),
        error_messages={"max_length": PickupFault.BAD_PHONE.value},
    )
    children = forms.MultipleChoiceField(
        label=wording.PICKUP_CHILDREN,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": PickupFault.NO_CHILD.value, "invalid_choice": PickupFault.NO_CHILD.value},
    )
    starts_on = forms.DateField(
        label=wording.PICKUP_FROM,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": wording.BAD_DAY, "invalid": wording.BAD_DAY},
    )
    ends_on = forms.DateField(
        label=wording.PICKUP_UNTIL,
        required=False,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": wording.BAD_DAY},
    )
    PLACES = {
        PickupFault.NO_NAME: "name",
        PickupFault.NO_CHILD: "children",
        PickupFault.BAD_PHONE: "phone",
        PickupFault.PAST: "ends_on",
        PickupFault.REVERSED: "ends_on",
    }

    def __init__(self, data: Any, *, children: Sequence[Child], today: date) -> None:
        """Will offer these children and no others; today unless another day is said."""
        super().__init__(data, initial={"starts_on": today, "children": [child.public_id for child in children]})
        self.today = today
        self.known = {child.public_id: child for child in children}
        self.fields["children"].choices = [(key, one.first_name) for key, one in self.known.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Will say what the rule says of the whole."""
        if not self.errors:
            self.say(faults_of(self.wanted, on=self.today))
        return self.cleaned_data

    def say(self, faults: Sequence[PickupFault]) -> None:
        """Will write each fault beside its field."""
        for fault in faults:
            is_start = fault is PickupFault.PAST and not self.cleaned_data.get("ends_on")
            self.add_error("starts_on" if is_start else self.PLACES[fault], fault.value)

    @property
    def wanted(self) -> Pickup:
        """Will return the person."""
        told = self.cleaned_data
        return Pickup(
            name=told["name"],
            phone=told["phone"],
            relation=told["relation"],
            children=frozenset(self.known[key].pk for key in told["children"]),
            starts_on=told["starts_on"],
            ends_on=told["ends_on"],
        )


class ConsentForm(forms.Form):
    """Yes or no to a text, for each child or for the home."""

    use_required_attribute = False

    def __init__(
        self, data: Any, text: ConsentText, *, children: Sequence[Child], answers: Mapping[int | None, bool]
    ) -> None:
        """Will ask for the home, or for each of these children; `answers` are the last ones, by the child's key."""
        super().__init__(data, auto_id=f"{text.public_id}-%s")
        asked = [(None, "home", str(wording.FOR_THE_HOME))]
        if text.about == text.About.CHILD:
            asked = [(child.pk, child.public_id, child.first_name) for child in children]  # type: ignore[misc]
        self.whose = {name: key for key, name, _label in asked}
        for key, name, label in asked:
            known = answers.get(key)
            self.fields[name] = forms.ChoiceField(
                label=label,
                choices=[("yes", wording.YES), ("no", wording.NO)],
                widget=forms.RadioSelect,
                initial=None if known is None else "yes" if known else "no",
                required=len(asked) == 1,
                error_messages={"required": wording.ANSWER_EACH, "invalid_choice": wording.ANSWER_EACH},
            )

    def clean(self) -> dict[str, Any]:
        """Will ask for one answer at least."""
        if not self.errors and not any(self.cleaned_data.values()):
            raise ValidationError(wording.ANSWER_EACH)
        return self.cleaned_data

    @property
    def answers(self) -> dict[int | None, bool]:
        """Will return what was answered, by the child's key (None: the home)."""
        return {self.whose[name]: said == "yes" for name, said in self.cleaned_data.items() if said}


class ConfirmForm(forms.Form):
    """« Je confirme que mon dossier est à jour », and the mark of what was read."""

    use_required_attribute = False

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    is_right = forms.BooleanField(label=wording.CONFIRM, error_messages={"required": wording.CONFIRM_FIRST})
