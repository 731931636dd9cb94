"""A procedure as it was typed, who answers, and words to answer with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django import forms

from marelle.domain.accounts.models import Grant
from marelle.domain.accounts.rules.roles import SENSITIVE
from marelle.domain.procedures.models import AnswerTemplate, Procedure, ServiceInCharge
from marelle.domain.procedures.operations.templates import TemplateWords
from marelle.domain.procedures.queries.ready import ready_content
from marelle.domain.procedures.rules.definitions import Definition, WrongDefinitionError, read_definition, written
from marelle.web.office.long_forms.drawing import Faults, draw, placed_faults
from marelle.web.office.long_forms.pieces import Sent
from marelle.web.office.procedures import wording
from marelle.web.office.procedures.described import (
    Choices,
    conditions_of,
    form_of,
    lacking_for_effect,
    with_codes,
)

if TYPE_CHECKING:
    from django.http import QueryDict
    from django.utils.safestring import SafeString

MOST_CONTENT: Final = 200_000


@dataclass(slots=True)
class Typed:
    """A procedure as it was typed: the data it gives, its values when it can be used, else what is wrong by place."""

    services: Choices
    typed: dict[str, Any]
    content: dict[str, Any]
    definition: Definition | None = None
    found: list[tuple[str, str]] = field(default_factory=list)
    says_faults: bool = False

    @property
    def faults(self) -> Faults:
        """Will return what is wrong, at the controls of the form; nothing as long as nobody asked to save."""
        if not self.says_faults:
            return Faults()
        return placed_faults(form_of(self.services), self.typed, self.found)

    def drawn(self, url: str) -> SafeString:
        """Will write the form."""
        form = form_of(self.services, conditions_of(self.content))
        return draw(form, self.typed, "", faults=self.faults, url=url)

    @property
    def as_text(self) -> str:
        """Will write the data as one line, to be sent back by the page that sums up the changes."""
        return json.dumps(self.content, ensure_ascii=False)


def typed_of(content: Mapping[str, Any], services: Choices) -> Typed:
    """Will return a procedure ready to be typed over."""
    form = form_of(services)
    typed = form.typed(dict(content))
    return _read(Typed(services, typed, with_codes(form.written(typed))))


def blank(services: Choices) -> Typed:
    """Will return what is typed before anything is: the delay and the remedies of the law."""
    said = {
        "service": services[0][0] if services else "",
        "delay": {"count": 2, "unit": "months"},
        "silence": "accepts",
        "remedies": ready_content("recuperation")["remedies"],
        "effect": "nothing",
        "fields": [],
        "documents": [],
    }
    return typed_of(said, services)


def sent_by(data: QueryDict, services: Choices) -> Typed:
    """Will read what was sent, with the rows asked for added, taken out and put before others."""
    sent = Sent(data)
    for name, act in (("ajouter", sent.add_row), ("retirer", sent.take_row), ("monter", sent.lift_row)):
        if data.get(name):
            act(str(data[name]))
    form = form_of(services)
    typed = form.collect(sent, "")
    content = with_codes(form.written(typed))
    if data.get("completer"):
        content["fields"] = [*content["fields"], *lacking_for_effect(content)]
        typed["fields"] = [
            *typed["fields"],
            *form_of(services).typed({"fields": content["fields"]})["fields"][len(typed["fields"]) :],
        ]
    _show_codes(typed, content)
    return _read(Typed(services, typed, content))


def _show_codes(typed: dict[str, Any], content: Mapping[str, Any]) -> None:
    """Will write the short names that were made in the controls that were left empty."""
    for name in ("fields", "documents"):
        for row, one in zip(typed[name], content[name], strict=True):
            more = row["+more"]
            more["code"] = one.get("code", more["code"])
            if name == "documents":
                more["kind"] = one.get("kind", more["kind"])
    for row, one in zip(typed["fields"], content["fields"], strict=True):
        choices = row["+kind"].get("choice", {}).get("choices", [])
        for each, choice in zip(choices, one.get("choices", ()), strict=False):
            each["code"] = choice.get("code", each["code"])


def from_text(text: str, services: Choices) -> Typed | None:
    """Will read what the page that sums up the changes sends back; None when it is no such thing."""
    try:
        content = json.loads(text[:MOST_CONTENT])
        return typed_of(content, services)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None


def _read(typed: Typed) -> Typed:
    try:
        typed.definition = read_definition(typed.content)
    except WrongDefinitionError as error:
        typed.found = list(error.faults.items())
    else:
        typed.content = written(typed.definition)
    return typed


# To know is not to answer: the rights to see the health of a child or a quotient open no work by themselves.
ANSWERING: Final = [(role.value, role.label) for role in Grant.Role if role.value not in SENSITIVE]


class ServiceForm(forms.Form):
    """A service that answers, how to reach it, and who is named."""

    use_required_attribute = False

    name = forms.CharField(label="Nom du service", max_length=120, error_messages={"required": "Donnez un nom."})
    role = forms.ChoiceField(label="Rôle des agents qui répondent", choices=ANSWERING)
    agent_name = forms.CharField(label="Prénom et nom de l’agent chargé des demandes", max_length=120, required=False)
    agent_quality = forms.CharField(label="Sa qualité", max_length=120, required=False)
    phone = forms.CharField(label="Téléphone", max_length=20, required=False)
    email = forms.EmailField(
        label="Adresse e-mail", max_length=254, required=False, error_messages={"invalid": "Vérifiez cette adresse."}
    )
    address = forms.CharField(label="Adresse", max_length=200, required=False)
    opening_hours = forms.CharField(label="Horaires d’ouverture", max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        """Will ask for one way at least to reach the service, which each acknowledgement gives (CRPA R112-5)."""
        said: dict[str, Any] = super().clean() or {}
        if not said.get("phone") and not said.get("email") and "email" not in self.errors:
            self.add_error("phone", "Donnez un téléphone ou une adresse e-mail : l’accusé de réception les écrit.")
        return said


def service_initial(service: ServiceInCharge) -> dict[str, str]:
    """Will return what the form of a service shows at first."""
    return {name: getattr(service, name) for name in ServiceForm.base_fields}


class TemplateForm(forms.Form):
    """Words to answer with."""

    use_required_attribute = False

    title = forms.CharField(label="Titre", max_length=120, error_messages={"required": "Donnez un titre."})
    purpose = forms.ChoiceField(label="Pour", choices=AnswerTemplate.Purpose.choices)
    procedure = forms.ChoiceField(label="Démarche", required=False)
    body = forms.CharField(
        label="Texte", widget=forms.Textarea(attrs={"rows": 8}), error_messages={"required": "Écrivez le texte."}
    )

    def __init__(self, *args: Any, procedures: Mapping[str, tuple[Procedure, str]], **more: Any) -> None:
        """Will offer the procedures, by code with their row and title."""
        super().__init__(*args, **more)
        self._procedures = procedures
        offered = [("", wording.EVERY_PROCEDURE), *((code, title) for code, (_row, title) in procedures.items())]
        self.fields["procedure"].choices = offered  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def words(self) -> TemplateWords:
        """Will return what was typed, once valid."""
        said = self.cleaned_data
        chosen = self._procedures.get(said["procedure"])
        return TemplateWords(said["purpose"], said["title"], said["body"], chosen[0] if chosen else None)
