"""A message as it was typed: how it leaves, for whom, what it says; and the words that are kept to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from marelle.domain.news.operations.messages import Written
from marelle.domain.news.rules.filters import OTHERS, RESIDENTS, read_filter
from marelle.domain.news.rules.messages import LONGEST_BODY, LONGEST_SUBJECT, LONGEST_TEXT, LONGEST_TITLE, Words
from marelle.domain.news.rules.recipients import Channel
from marelle.web.office.messages import wording

if TYPE_CHECKING:
    from collections.abc import Collection

    from marelle.domain.news.models import FamilyMessage, MessageTemplate
    from marelle.domain.news.queries.recipients import Choices

# The fields that hold codes, and what one that is gone is called.
SEVERAL = {
    "services": ("Services", "Ce service n’existe plus, ou n’est pas dans vos droits."),
    "activities": ("Activités", "Cette activité n’existe plus, ou n’est pas dans vos droits."),
    "facilities": ("Lieux", "Ce lieu n’existe plus, ou n’est pas dans vos droits."),
    "classes": ("Classes", "Cette classe n’existe plus, ou n’est pas dans vos droits."),
    "categories": ("Catégories de familles", "Plus aucune famille n’a cette catégorie."),
}
FEW = 8
TICKS = ("is_unpaid", "is_unconfirmed", "is_not_activated")


def _words(label: str, rows: int, longest: int, hint: str = "") -> forms.CharField:
    too_long = f"{longest} caractères au plus."
    return forms.CharField(
        label=label,
        max_length=longest,
        required=False,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"max_length": too_long},
    )


class WordsForm(forms.Form):
    """What is said, by e-mail and by text."""

    use_required_attribute = False

    subject = forms.CharField(
        label="Objet de l’e-mail",
        max_length=LONGEST_SUBJECT,
        required=False,
        error_messages={"max_length": f"{LONGEST_SUBJECT} caractères au plus."},
    )
    body = _words("Texte de l’e-mail", 9, LONGEST_BODY, wording.BODY_HINT)
    text = _words("Texte du SMS", 3, LONGEST_TEXT, wording.TEXT_HINT)

    @property
    def words(self) -> Words:
        """Will return what was typed, once valid."""
        said = self.cleaned_data
        return Words(said["subject"], said["body"], said.get("text", ""))

    @staticmethod
    def said_by(row: FamilyMessage | MessageTemplate) -> dict[str, Any]:
        """Will return what a row says, by field."""
        return {"subject": row.subject, "body": row.body, "text": row.text_body}


class TemplateForm(WordsForm):
    """Words to begin with, and their title."""

    title = forms.CharField(
        label="Titre du modèle",
        max_length=LONGEST_TITLE,
        error_messages={"required": "Donnez un titre.", "max_length": f"{LONGEST_TITLE} caractères au plus."},
    )


class MessageForm(WordsForm):
    """A message. What an agent may not filter by, or the installation cannot send by, has no field."""

    channels = forms.MultipleChoiceField(
        label="Comment écrire",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choisissez dans la liste."},
    )
    reserved_on = forms.DateField(
        label="Avec une réservation ce jour-là",
        required=False,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "Écrivez ce jour ainsi : 27/11/2026."},
    )
    residence = forms.ChoiceField(
        label="Commune",
        required=False,
        choices=(("", "Peu importe"), (RESIDENTS, "Habitent la commune"), (OTHERS, "N’habitent pas la commune")),
        error_messages={"invalid_choice": "Choisissez dans la liste."},
    )
    is_not_activated = forms.BooleanField(label="Personne n’y a activé de compte", required=False)
    is_unconfirmed = forms.BooleanField(label="Leur dossier n’est pas confirmé cette année", required=False)
    is_unpaid = forms.BooleanField(label="Elles ont des factures impayées", required=False)

    def __init__(
        self, *args: Any, choices: Choices, channels: Collection[Channel], sees_unpaid: bool, **more: Any
    ) -> None:
        """Will offer these choices and channels."""
        super().__init__(*args, **more)
        offered = [each for each in wording.CHANNELS if each[0] in channels]
        self.fields["channels"].choices = offered  # type: ignore[attr-defined]
        for name, (label, gone) in SEVERAL.items():
            rows = choices.by_kind[name]
            if rows:
                # Beyond a few, boxes are a wall: a list of several lines is read faster, and typed in.
                widget = forms.CheckboxSelectMultiple() if len(rows) <= FEW else forms.SelectMultiple(attrs={"size": 8})
                self.fields[name] = forms.MultipleChoiceField(
                    label=label, required=False, choices=rows, widget=widget, error_messages={"invalid_choice": gone}
                )
        if not sees_unpaid:
            del self.fields["is_unpaid"]
        if not choices.has_confirmation:
            del self.fields["is_unconfirmed"]
        if Channel.TEXT not in channels:
            del self.fields["text"]

    @property
    def several(self) -> list[forms.BoundField]:
        """Will return the fields that hold codes and are offered."""
        return [self[name] for name in SEVERAL if name in self.fields]

    @property
    def ticks(self) -> list[forms.BoundField]:
        """Will return what is ticked of the families themselves, as it is offered."""
        return [self[name] for name in reversed(TICKS) if name in self.fields]

    @property
    def written(self) -> Written:
        """Will return the message, once valid."""
        said = self.cleaned_data
        channels = frozenset(Channel(one) for one in said["channels"])
        return Written(self.words, channels, read_filter(said))

    @staticmethod
    def said_by_message(row: FamilyMessage) -> dict[str, Any]:
        """Will return what a draft says, by field."""
        wanted = read_filter(row.criteria)
        codes = {name: list(getattr(wanted, name)) for name in SEVERAL}
        ticked = {name: getattr(wanted, name) for name in TICKS}
        return {
            **WordsForm.said_by(row),
            **codes,
            **ticked,
            "channels": sorted(row.channels),
            "reserved_on": wanted.reserved_on,
            "residence": wanted.residence,
        }
