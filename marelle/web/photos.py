"""The photos of children on the street: given by a form with the agreement, handed over to who may see them."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from marelle.domain.families.receiving import CleanPhoto, UnableToTakePhotoError, receive_photo
from marelle.domain.families.rules.documents import fault_before_cleaning
from marelle.domain.families.rules.photos import ACCEPTED
from marelle.foundation import files
from marelle.web.documents import SAVED_ONLY

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.domain.families.models import ChildPhoto

log = logging.getLogger("marelle.files")
CHOOSE: Final = _("Choisissez une photo.")
CHOOSE_AGAIN: Final = _("Choisissez de nouveau la photo : elle n’a pas été gardée.")
NOT_AGREED: Final = _("Sans accord, aucune photo n’est gardée : cochez la case, ou laissez l’enfant sans photo.")


class PhotoForm(forms.Form):
    """A photo, and the agreement without which it is not even looked at."""

    use_required_attribute = False

    agreed = forms.BooleanField(error_messages={"required": NOT_AGREED})
    photo = forms.FileField(
        label=_("Photo du visage de l’enfant"),
        allow_empty_file=True,
        max_length=1000,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        error_messages={"required": CHOOSE, "invalid": CHOOSE, "missing": CHOOSE},
    )

    def __init__(self, *args: Any, words: str, **kwargs: Any) -> None:
        """Will say in these words what is agreed to."""
        super().__init__(*args, **kwargs)
        self.fields["agreed"].label = words

    def clean_photo(self) -> CleanPhoto:
        """Will receive the photo, once the agreement is there."""
        upload = self.cleaned_data["photo"]
        if not self.cleaned_data.get("agreed"):
            raise ValidationError(CHOOSE_AGAIN)
        fault = fault_before_cleaning(upload.size or 0)
        if fault is not None:
            raise ValidationError(fault.value)
        try:
            return receive_photo(upload.read())
        except UnableToTakePhotoError as error:
            raise ValidationError(error.words) from None


def shown_photo(request: HttpRequest, photo: ChildPhoto) -> HttpResponse:
    """Will return a photo to be drawn in a page of ours, or that files cannot be read now. Raises Http404 for none."""
    try:
        content = photo.content
    except files.NoSuchFileError:
        log.error("the photo %s has no file", photo.pk)  # noqa: TRY400  the key is all that is to be said
        raise Http404 from None
    except files.FilesUnavailableError:
        return render(request, "errors/503.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
    response = HttpResponse(content, content_type=photo.content_type)
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = SAVED_ONLY
    response["X-Frame-Options"] = "DENY"
    response["X-Content-Type-Options"] = "nosniff"
    return response
