"""What an agent decides of the copy of an activity: whether, its days, and the prices that change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from marelle.domain.catalog.operations.years import Again
from marelle.foundation.money import in_amount
from marelle.web.office.billing.forms import AmountField, DayField, Form

if TYPE_CHECKING:
    from django.http import QueryDict

    from marelle.domain.onboarding.queries.next_year import OfferedActivity


class CopyForm(Form):
    """The copy of one activity; what is written of one that is not ticked is not read."""

    chosen = forms.BooleanField(label="Copier cette activité", required=False)
    first = DayField("Premier jour")
    last = DayField("Dernier jour")

    def __init__(self, activity: OfferedActivity, data: QueryDict | None = None) -> None:
        """Will propose the days of the next calendar, and ask for the prices that are one amount."""
        assert activity.first is not None  # noqa: S101  only what may be copied has a form
        assert activity.last is not None  # noqa: S101
        initial = {"chosen": True, "first": activity.first.day, "last": activity.last.day}
        super().__init__(data, prefix=activity.public_id, initial=initial)
        self.activity = activity
        self.priced = {f"price_{one.public_id}": one for one in activity.products if one.price is not None}
        for name, one in self.priced.items():
            self.fields[name] = AmountField(f"Nouveau prix : {one.name}", required=False)
            self.fields[name].help_text = f"{one.price} € cette année. Vide : il ne change pas."

    @property
    def is_chosen(self) -> bool:
        """Will tell whether the activity is ticked."""
        return bool(self["chosen"].value())

    @property
    def price_fields(self) -> list[Any]:
        """Will return the fields of prices, as a template shows them."""
        return [self[name] for name in self.priced]

    def again(self) -> Again:
        """Will return what was asked for, once the form is valid."""
        said = self.cleaned_data
        prices = {one.pk: in_amount(said[name]) for name, one in self.priced.items() if said.get(name) is not None}
        return Again(self.activity.pk, said["first"], said["last"], prices)


class YearForm(Form):
    """The vote that the new prices come from."""

    resolution = forms.CharField(
        label="Délibération des nouveaux prix",
        required=False,
        max_length=120,
        help_text="Si vous changez un prix. Par exemple : Délibération 2027-20 du 14 juin 2027",
    )
