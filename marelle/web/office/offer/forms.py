"""What an agent writes of a service and of an activity."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from marelle.domain.authorities.models import Facility, Regie
from marelle.domain.catalog.models import Service
from marelle.domain.catalog.rules.offer_said import ProductSaid, SlotSaid
from marelle.domain.reservations.queries.opening_day import Habit
from marelle.web.office.billing.forms import DayField
from marelle.web.office.offer import wording
from marelle.web.office.setting_fields import ContactForm, WeekdaysField, choice, hour, number, words
from marelle.web.office.setting_rows import Row

MOST_PLACES: Final = 100_000
HIGHEST_AGE: Final = 25
MOST_HOURS: Final = 24 * 60


class ServiceForm(ContactForm):
    """A service."""

    name = words("Nom", longest=100)
    icon = choice("Dessin", wording.ICONS)
    payment_mode = choice("Les familles paient", Service.PaymentMode.choices, tiles=True)
    hold_hours = number("Heures pendant lesquelles une place attend son paiement", least=1, most=MOST_HOURS)
    regie = choice("Régie qui encaisse", (), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        """Will offer the régies of the authority, and the icon that the service has."""
        super().__init__(*args, **more)
        self.regies = {row.code: row for row in Regie.objects.order_by("name")}
        named = [(code, row.name) for code, row in self.regies.items()]
        self.fields["regie"].choices = [("", "Aucune pour le moment"), *named]  # type: ignore[attr-defined]
        icon = self.initial.get("icon")
        if icon and icon not in dict(wording.ICONS):
            self.fields["icon"].choices = [*wording.ICONS, (icon, "Celui d’aujourd’hui")]  # type: ignore[attr-defined]

    def clean_regie(self) -> Regie | None:
        """Will return the régie itself."""
        return self.regies.get(self.cleaned_data["regie"])

    def clean_hold_hours(self) -> int:
        """Will keep the usual time when nothing is written."""
        hours: int | None = self.cleaned_data["hold_hours"]
        return hours if hours is not None else Service._meta.get_field("hold_hours").default


class ActivityForm(forms.Form):
    """An activity, without its rows."""

    use_required_attribute = False
    name = words("Nom", longest=100)
    service = choice("Service", ())
    facility = choice("Lieu", ())
    starts_on = DayField("Premier jour")
    ends_on = DayField("Dernier jour")
    term_weekdays = WeekdaysField("Jours ouverts en période scolaire", required=False)
    holiday_weekdays = WeekdaysField("Jours ouverts pendant les vacances", required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        """Will offer the services and the places of the authority."""
        super().__init__(*args, **more)
        self.services = {row.public_id: row for row in Service.objects.order_by("position", "name", "pk")}
        self.facilities = {row.code: row for row in Facility.objects.order_by("name", "pk")}
        for name, rows in (("service", self.services), ("facility", self.facilities)):
            self.fields[name].choices = [(key, row.name) for key, row in rows.items()]  # type: ignore[attr-defined]


class SlotRow(Row):
    """A part of the day."""

    name = words("Séance", longest=60)
    starts_at = hour("De")
    ends_at = hour("À")
    capacity = number("Places", least=0, most=MOST_PLACES)
    min_age = number("Âge min.", least=0, most=HIGHEST_AGE)
    max_age = number("Âge max.", least=0, most=HIGHEST_AGE)

    def said(self, key: int | None) -> SlotSaid:
        """Will return what was written of it."""
        given = self.cleaned_data
        return SlotSaid(
            key,
            given["name"],
            given["starts_at"],
            given["ends_at"],
            given["capacity"],
            given["min_age"],
            given["max_age"],
        )


class ProductRow(Row):
    """What families reserve. `takes` names slots by their row; nothing ticked is every slot when there is one."""

    name = words("Prestation", longest=60)
    noun = words("Au singulier", longest=60, required=False)
    plural = words("Au pluriel", longest=60, required=False)
    rank = number("Ordre", least=1, most=99)
    takes = forms.MultipleChoiceField(
        label=wording.TAKES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choisissez dans la liste.", "invalid_list": "Choisissez dans la liste."},
    )

    def __init__(self, *args: Any, slots: list[tuple[str, str]], **more: Any) -> None:
        """Will offer the slots: (prefix of their row, name)."""
        super().__init__(*args, **more)
        self.fields["takes"].choices = slots  # type: ignore[attr-defined]

    def said(self, key: int | None, places: dict[str, int]) -> ProductSaid:
        """Will return what was written of it; `places` are those of the slots by the prefix of their row."""
        given = self.cleaned_data
        takes = tuple(sorted(places[one] for one in given["takes"] if one in places))
        if not given["takes"] and len(places) == 1:
            takes = (0,)
        noun = given["noun"] or given["name"][:1].lower() + given["name"][1:]
        return ProductSaid(key, given["name"], noun, given["plural"] or noun, takes)


class OpeningForm(forms.Form):
    """What an opening day is tried on."""

    use_required_attribute = False
    starts_on = DayField("Du")
    ends_on = DayField("Au")
    habit = choice("Chaque enfant demande", wording.HABITS, tiles=True)

    def clean(self) -> dict[str, Any]:
        """Will refuse days the wrong way round."""
        given = self.cleaned_data
        if "starts_on" in given and "ends_on" in given and given["ends_on"] < given["starts_on"]:
            self.add_error("ends_on", "Le dernier jour est avant le premier.")
        if "habit" in given:
            given["habit"] = Habit(given["habit"])
        return given
