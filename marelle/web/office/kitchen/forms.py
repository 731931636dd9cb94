"""What an agent says of a kitchen: for which service and place, whom to tell, when."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from marelle.domain.reservations.rules.kitchen import MOST_DAYS_BEFORE, MOST_EMAILS
from marelle.web.office.kitchen import wording
from marelle.web.office.setting_fields import choice, hour, number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marelle.domain.reservations.models import KitchenSettings


class KitchenForm(forms.Form):
    """A kitchen. `service` and `facility` are public ids and codes among those offered."""

    use_required_attribute = False
    emails = forms.CharField(
        label="Adresses e-mail de la cuisine",
        required=False,
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": wording.NOT_AN_EMAIL},
    )
    moment = choice("Quand la commande est figée", wording.MOMENTS, tiles=True)
    days_before = number("Jours ouvrés avant", least=0, most=MOST_DAYS_BEFORE)
    at_time = hour("Heure")
    attaches_csv = forms.BooleanField(label="Joindre un tableau (CSV)", required=False)
    attaches_pdf = forms.BooleanField(label="Joindre un document à imprimer (PDF)", required=False)

    def __init__(
        self, *args: Any, services: Iterable[tuple[str, str]], facilities: Iterable[tuple[str, str]], **more: Any
    ) -> None:
        """Will offer these services (public id, name) and places (code, name)."""
        super().__init__(*args, **more)
        self.fields["at_time"].required = False
        self.fields["service"] = choice("Service", services)
        self.fields["facility"] = choice("Lieu", [("", "Tous les lieux"), *facilities], required=False)
        self.order_fields(["service", "facility"])

    def clean_emails(self) -> list[str]:
        """Will return the addresses, one a line or between commas, each once."""
        found = [one.strip() for one in self.cleaned_data["emails"].replace(",", "\n").replace(";", "\n").splitlines()]
        found = list(dict.fromkeys(one for one in found if one))
        if len(found) > MOST_EMAILS:
            raise ValidationError(wording.NOT_AN_EMAIL)
        for one in found:
            try:
                validate_email(one)
            except ValidationError:
                raise ValidationError(wording.NOT_AN_EMAIL) from None
        return found

    def clean(self) -> dict[str, Any]:
        """Will ask for the days and the hour where they decide."""
        said = super().clean() or {}
        if said.get("moment") == wording.BEFORE:
            for name, missing in (("days_before", wording.NO_DAYS), ("at_time", "Donnez une heure, comme 9:00.")):
                if said.get(name) is None and name not in self.errors:
                    self.add_error(name, missing)
        return said

    def settings(self) -> dict[str, Any]:
        """Will return what the operation takes, but the service and the place."""
        said = self.cleaned_data
        is_before = said["moment"] == wording.BEFORE
        return {
            "emails": said["emails"],
            "days_before": said["days_before"] if is_before else None,
            "at_time": said["at_time"] if is_before else time(9),
            "attaches_csv": said["attaches_csv"],
            "attaches_pdf": said["attaches_pdf"],
        }


def initial_of(row: KitchenSettings | None) -> dict[str, Any]:
    """Will return a kitchen as the form shows it; for a new one, what most towns choose."""
    if row is None:
        return {
            "moment": wording.AT_LIMIT,
            "days_before": 1,
            "at_time": time(9),
            "attaches_csv": True,
            "attaches_pdf": True,
        }
    return {
        "service": row.service.public_id,
        "facility": row.facility.code if row.facility else "",
        "emails": "\n".join(row.emails),
        "moment": wording.AT_LIMIT if row.days_before is None else wording.BEFORE,
        "days_before": 1 if row.days_before is None else row.days_before,
        "at_time": row.at_time,
        "attaches_csv": row.attaches_csv,
        "attaches_pdf": row.attaches_pdf,
    }
