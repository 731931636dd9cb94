"""A file that somebody gives, from what a browser sent to what may be kept. It takes seconds: outside any operation."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from marelle.domain.families.antivirus import AntivirusUnavailableError
from marelle.domain.families.rules.documents import JPEG, DocumentFault, fault_before_cleaning, tidy_name
from marelle.domain.families.rules.photos import PHOTO_SIDE, PhotoFault
from marelle.foundation.file_cleaning.cleaning import clean
from marelle.foundation.file_cleaning.outcomes import Unclean
from marelle.foundation.writes import require_no_operation

if TYPE_CHECKING:
    from marelle.domain.families.antivirus import Antivirus

log = logging.getLogger("marelle.files")


class UnableToKeepDocumentError(Exception):
    """The file is not one that is taken: `fault` says why, in words. Nothing was kept."""

    def __init__(self, fault: DocumentFault) -> None:
        """Will keep why."""
        super().__init__(fault.name)
        self.fault = fault


@dataclass(frozen=True, slots=True, repr=False)
class CleanDocument:
    """A file that was looked at and written anew: only `receive` makes one, and only one of these is attached."""

    name: str
    content_type: str
    content: bytes
    pages: int


def receive(name: str, content: bytes) -> CleanDocument:
    """Will look a file over for viruses, where an antivirus is plugged in, and write it anew in a process of its own.

    `name` is what a browser says, path and traps included. Raises UnableToKeepDocumentError, whose words are for
    whoever gave the file; RuntimeError inside an operation, which must not hold its locks meanwhile.
    """
    require_no_operation("a file is received")
    fault = fault_before_cleaning(len(content))
    if fault is not None:
        raise UnableToKeepDocumentError(fault)
    _look_for_viruses(content)
    outcome = clean(content)
    if isinstance(outcome, Unclean):
        raise UnableToKeepDocumentError(DocumentFault[outcome.name])
    return CleanDocument(tidy_name(name, outcome.content_type), outcome.content_type, outcome.content, outcome.pages)


@dataclass(frozen=True, slots=True, repr=False)
class CleanPhoto:
    """The face of a child, drawn anew as a square: only `receive_photo` makes one, and only one of these is kept."""

    content: bytes
    content_type: str = JPEG


class UnableToTakePhotoError(Exception):
    """The photo cannot be kept: `words` says why. Nothing was kept."""

    def __init__(self, words: str) -> None:
        """Will keep why."""
        super().__init__(words)
        self.words = words


def receive_photo(content: bytes) -> CleanPhoto:
    """Will do as `receive` with the photo of a child, and return its middle, 400 pixels a side.

    Raises UnableToTakePhotoError, whose words are for whoever gave it; RuntimeError inside an operation.
    """
    require_no_operation("a photo is received")
    fault = fault_before_cleaning(len(content))
    if fault is not None:
        raise UnableToTakePhotoError(fault.value)
    try:
        _look_for_viruses(content)
    except UnableToKeepDocumentError as error:
        raise UnableToTakePhotoError(error.fault.value) from None
    outcome = clean(content, square=PHOTO_SIDE)
    if outcome is Unclean.UNKNOWN_KIND:
        raise UnableToTakePhotoError(PhotoFault.NOT_A_PHOTO.value)
    if isinstance(outcome, Unclean):
        raise UnableToTakePhotoError(DocumentFault[outcome.name].value)
    return CleanPhoto(outcome.content, outcome.content_type)


def _look_for_viruses(content: bytes) -> None:
    plugged: Antivirus | None = settings.ANTIVIRUS
    if plugged is None:
        return
    try:
        found = plugged.virus_in(content)
    except AntivirusUnavailableError:
        # Never let through: somebody who asks for an antivirus counts on it.
        log.error("a file was refused: the antivirus does not answer")  # noqa: TRY400  the connector has said why
        raise UnableToKeepDocumentError(DocumentFault.NOT_NOW) from None
    if found is not None:
        log.warning("a file was refused: the antivirus found %s", found)
        raise UnableToKeepDocumentError(DocumentFault.INFECTED)
