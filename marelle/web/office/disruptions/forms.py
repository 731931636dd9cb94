"""An event as it is typed: what happens, when, to whom; then what it does and what families are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django import forms

from marelle.domain.authorities.models import SchoolClass
from marelle.domain.news.rules.recipients import Channel
from marelle.domain.reservations.models import Disruption
from marelle.domain.reservations.rules.disruptions import LONGEST_TITLE, LONGEST_WORDS, Effect, Kind, Said
from marelle.web.office.billing.forms import DayField
from marelle.web.office.disruptions import wording
from marelle.web.office.setting_fields import choice, words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from marelle.domain.catalog.queries import ProductOffer

# Beyond a few, boxes are a wall.
FEW: Final = 8
SEVERAL: Final = ("facilities", "services", "names", "classes")


@dataclass(frozen=True, slots=True)
class Scope:
    """What an agent may choose from: the products within her reach, and the classes of their schools."""

    products: Sequence[ProductOffer]

    @property
    def choices(self) -> dict[str, list[tuple[str, str]]]:
        """Will return the choices of each field, as codes and names."""
        facilities = {one.activity.facility_code: one.activity.facility_name for one in self.products}
        rows = SchoolClass.objects.filter(facility__code__in=facilities).select_related("facility")
        return {
            "facilities": sorted(facilities.items(), key=lambda each: each[1]),
            "services": list({one.activity.service.code: one.activity.service.name for one in self.products}.items()),
            "names": [(name, name) for name in dict.fromkeys(one.name for one in self.products)],
            "classes": [
                (str(one.pk), f"{one.name}, {one.facility.name}" if len(facilities) > 1 else one.name)
                for one in rows.order_by("facility__name", "position", "name", "pk")
            ],
        }

    def products_of(self, said: Mapping[str, Any]) -> frozenset[int]:
        """Will return the products (keys) that what was ticked means: what is not ticked in a list asks nothing."""
        return frozenset(
            one.pk
            for one in self.products
            if (not said["facilities"] or one.activity.facility_code in said["facilities"])
            and (not said["services"] or one.activity.service.code in said["services"])
            and (not said["names"] or one.name in said["names"])
        )


class ScopeForm(forms.Form):
    """What happens, when, and to whom."""

    use_required_attribute = False

    kind = choice("Ce qui arrive", Disruption.KINDS)
    title = words("Ce que les familles lisent", longest=LONGEST_TITLE, required=False)
    starts_on = DayField("Premier jour")
    ends_on = DayField("Dernier jour", required=False)

    def __init__(self, *args: Any, scope: Scope, **more: Any) -> None:
        """Will offer what is within reach; a list of one thing is not asked."""
        super().__init__(*args, **more)
        self.scope = scope
        self.named: dict[str, dict[str, str]] = {}
        for name, rows in scope.choices.items():
            if len(rows) < 2:  # noqa: PLR2004  a choice is between two things
                continue
            self.named[name] = dict(rows)
            widget = forms.CheckboxSelectMultiple() if len(rows) <= FEW else forms.SelectMultiple(attrs={"size": 8})
            self.fields[name] = forms.MultipleChoiceField(
                label=wording.SEVERAL[name],
                required=False,
                choices=rows,
                widget=widget,
                error_messages={"invalid_choice": wording.GONE, "invalid_list": wording.GONE},
            )

    @property
    def several(self) -> list[forms.BoundField]:
        """Will return the lists from which several are ticked."""
        return [self[name] for name in SEVERAL if name in self.fields]

    @property
    def typed(self) -> list[tuple[str, str]]:
        """Will return what was typed, to be sent again with the next form."""
        said: Any = self.data  # a QueryDict: this form is bound to a request
        found = []
        for name in self.fields:
            values = said.getlist(name) if name in SEVERAL else [said.get(name, "")]
            found += [(name, value) for value in values]
        return found

    def clean(self) -> dict[str, Any]:
        """Will make one day of what has no end, and give its name to what has none."""
        given = self.cleaned_data
        if given.get("ends_on") is None and "ends_on" not in self.errors:
            given["ends_on"] = given.get("starts_on")
        if "kind" in given and not given.get("title", "").strip():
            given["title"] = dict(Disruption.KINDS)[given["kind"]]
        return given

    def said(self, effect: Effect, own: str = "") -> Said:
        """Will return the event, once valid."""
        given = {name: self.cleaned_data.get(name, []) for name in SEVERAL}
        return Said(
            kind=Kind(self.cleaned_data["kind"]),
            effect=effect,
            title=" ".join(self.cleaned_data["title"].split()),
            starts_on=self.cleaned_data["starts_on"],
            ends_on=self.cleaned_data["ends_on"],
            products=self.scope.products_of(given),
            classes=frozenset(int(key) for key in given["classes"]),
            words=own,
        )


class ActForm(forms.Form):
    """What is done of it, and what families are told."""

    use_required_attribute = False

    effect = choice("Réservations", wording.EFFECTS, tiles=True)
    channels = forms.MultipleChoiceField(
        label="Prévenir les familles",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": wording.GONE, "invalid_list": wording.GONE},
    )
    words = forms.CharField(
        label="Un mot de votre part",
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": f"{LONGEST_WORDS} caractères au plus."},
    )

    def __init__(self, *args: Any, channels: Collection[Channel], **more: Any) -> None:
        """Will offer the channels that the installation has."""
        super().__init__(*args, **more)
        self.fields["channels"].choices = [  # type: ignore[attr-defined]
            one for one in wording.CHANNELS if Channel(one[0]) in channels
        ]
