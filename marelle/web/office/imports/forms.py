"""A file, what it is, and the school that it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from marelle.domain.onboarding.operations.imports.kinds import HANDLERS
from marelle.foundation.table_files import LARGEST_FILE, TOO_LARGE
from marelle.web.office.imports import wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.files.uploadedfile import UploadedFile

    from marelle.domain.authorities.models import Facility


class FileForm(forms.Form):
    """A file, and what it is."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label="Ce fichier",
        choices=[(code, one.kind.title) for code, one in HANDLERS.items() if one.kind.columns],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), wording.CHOOSE_KIND),
    )
    school = forms.ChoiceField(
        label="École",
        required=False,
        error_messages=dict.fromkeys(("required", "invalid_choice"), wording.CHOOSE_SCHOOL),
    )
    file = forms.FileField(
        label="Fichier",
        allow_empty_file=True,
        max_length=1000,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        error_messages=dict.fromkeys(("required", "invalid", "missing", "empty", "max_length"), wording.CHOOSE_FILE),
    )

    def __init__(self, *args: Any, schools: Sequence[Facility], **kwargs: Any) -> None:
        """Will offer these schools."""
        super().__init__(*args, **kwargs)
        field = self.fields["school"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
        field.choices = [("", "Choisissez une école"), *((one.code, one.name) for one in schools)]
        if len(schools) == 1:
            self.initial.setdefault("school", schools[0].code)

    def clean_file(self) -> UploadedFile:
        """Will refuse a file by its weight: of a far too heavy one, the weight alone was kept."""
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(TOO_LARGE)
        return file

    def clean(self) -> dict[str, Any]:
        """Will ask for the school of a file that is one school's."""
        said: dict[str, Any] = super().clean() or {}
        handler = HANDLERS.get(said.get("kind", ""))
        if handler is not None and handler.kind.is_of_a_school and "school" in said and not said["school"]:
            self.add_error("school", wording.CHOOSE_SCHOOL)
        return said
