"""What an agent publishes, as it was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from marelle.domain.families.rules.documents import ACCEPTED
from marelle.domain.news.operations.articles import LONGEST_BODY, Publication
from marelle.domain.news.rules.audience import Audience
from marelle.web.documents import received
from marelle.web.office.publication import wording
from marelle.web.office.publication.surroundings import facilities_offered, services_offered, within

if TYPE_CHECKING:
    from marelle.domain.families.receiving import CleanDocument
    from marelle.domain.news.models import Published
    from marelle.domain.news.rules.audience import PublishingReach


def day_field(label: str, *, required: bool = True, hint: str = "") -> forms.DateField:
    """Will return a field that holds a day."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=hint,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": "Donnez ce jour.", "invalid": "Écrivez ce jour ainsi : 27/11/2026."},
    )


class PublicationForm(forms.Form):
    """What every published thing has."""

    title = forms.CharField(label="Titre", max_length=140, error_messages={"required": "Donnez un titre."})
    published_on = day_field("Publié le")
    withdrawn_on = day_field("Retiré le", required=False, hint=wording.WITHDRAWN_HINT)
    whom = forms.ChoiceField(
        label="Qui le lit",
        choices=wording.WHOM,
        help_text=wording.WHOM_HINT,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites qui le lit.", "invalid_choice": "Choisissez dans la liste."},
    )
    services = forms.MultipleChoiceField(
        label="Services",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Ce service n’existe plus, ou n’est pas dans vos droits."},
    )
    facilities = forms.MultipleChoiceField(
        label="Lieux",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Ce lieu n’existe plus, ou n’est pas dans vos droits."},
    )

    def __init__(self, *args: Any, reach: PublishingReach, row: Published | None = None, **more: Any) -> None:
        """Will offer what the agent may publish for, and begin with what `row` says."""
        if row is not None:
            more["initial"] = self.said_by(row)
        super().__init__(*args, **more)
        self.fields["services"].choices = within(services_offered(), reach.services, reach)  # type: ignore[attr-defined]
        self.fields["facilities"].choices = within(facilities_offered(), reach.facilities, reach)  # type: ignore[attr-defined]
        if not reach.is_whole:
            self.fields["whom"].choices = wording.WHOM_NARROW  # type: ignore[attr-defined]
            self.fields["whom"].initial = wording.SOME

    @staticmethod
    def said_by(row: Published) -> dict[str, Any]:
        """Will return what a row says, by field."""
        if row.audience.is_narrow:
            whom = wording.SOME
        else:
            whom = wording.EVERYBODY if row.is_public else wording.FAMILIES
        return {
            "title": row.title,
            "published_on": row.published_on,
            "withdrawn_on": row.withdrawn_on,
            "whom": whom,
            "services": row.for_services,
            "facilities": row.for_facilities,
        }

    def clean(self) -> dict[str, Any]:
        """Will ask for one service or one place when it is for some."""
        said = super().clean() or {}
        if said.get("whom") == wording.SOME and not (
            said.get("services") or said.get("facilities") or {"services", "facilities"} & self.errors.keys()
        ):
            self.add_error("services", wording.CHOOSE_SOME)
        return said

    @property
    def publication(self) -> Publication:
        """Will return what the form says; what was ticked counts only when it is for some."""
        said = self.cleaned_data
        audience = Audience()
        if said["whom"] == wording.SOME:
            audience = Audience(frozenset(said["services"]), frozenset(said["facilities"]))
        return Publication(
            title=said["title"],
            published_on=said["published_on"],
            withdrawn_on=said["withdrawn_on"],
            audience=audience,
            is_public=said["whom"] == wording.EVERYBODY,
        )


class ArticleForm(PublicationForm):
    """An article."""

    body = forms.CharField(
        label="Texte",
        max_length=LONGEST_BODY,
        help_text=wording.BODY_HINT,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={
            "required": "Écrivez le texte.",
            "max_length": "Le texte dépasse 10 000 caractères. Raccourcissez-le, ou joignez un document.",
        },
    )

    @staticmethod
    def said_by(row: Published) -> dict[str, Any]:
        """Will return what an article says."""
        return {**PublicationForm.said_by(row), "body": row.body}  # type: ignore[attr-defined]  # an Article


class DownloadForm(PublicationForm):
    """A document to download; its file is asked for once, then only to be replaced."""

    about = forms.CharField(label="En une phrase", max_length=200, required=False)
    file = forms.FileField(
        label="Fichier",
        required=False,
        allow_empty_file=True,
        help_text="Un PDF ou une image, de 5 Mo au plus.",
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )

    @staticmethod
    def said_by(row: Published) -> dict[str, Any]:
        """Will return what a document says."""
        return {**PublicationForm.said_by(row), "about": row.about}  # type: ignore[attr-defined]  # a Download

    def clean_file(self) -> CleanDocument | None:
        """Will look the file over and write it anew."""
        upload = self.cleaned_data.get("file")
        return received(upload) if upload else None
