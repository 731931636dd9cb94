"""The files that families give: which ones are taken, told by their first bytes and never by their name."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

BIGGEST_BYTES: Final = 5 * 1024 * 1024
LONGEST_NAME: Final = 120
# Enough to know what a file is; a PDF may have a few bytes of its maker's before its mark.
HEAD_BYTES: Final = 1024
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
EXTENSIONS: Final = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png"}
_FORBIDDEN_IN_NAMES: Final = frozenset('"<>:|?*\\/')


class DocumentFault(StrEnum):
    """Why a file is not taken, in the words that are said."""

    EMPTY = "Ce fichier est vide. Choisissez-en un autre."
    TOO_BIG = "Ce fichier pèse plus de 5 Mo. Choisissez une photo plus légère ou un PDF."
    UNKNOWN_KIND = "Ce fichier n’est ni un PDF, ni une image JPEG ou PNG. Choisissez-en un autre."


def content_type_of(content: bytes) -> str | None:
    """Will tell what a file is by its first bytes: a PDF, a JPEG or a PNG; None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if b"%PDF-" in content[:HEAD_BYTES]:
        return PDF
    return None


def fault_of(content: bytes) -> DocumentFault | None:
    """Will say why this file is not taken; None when it is."""
    if not content:
        return DocumentFault.EMPTY
    if len(content) > BIGGEST_BYTES:
        return DocumentFault.TOO_BIG
    return DocumentFault.UNKNOWN_KIND if content_type_of(content) is None else None


def tidy_name(name: str, content_type: str) -> str:
    """Will return a name that every system can save: no folder, nothing unprintable, the content's own ending."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(sign for sign in last if sign.isprintable() and sign not in _FORBIDDEN_IN_NAMES)
    stem = kept.rpartition(".")[0] or kept
    ending = EXTENSIONS[content_type]
    return (stem.strip(" .")[: LONGEST_NAME - len(ending)].strip(" .") or "document") + ending
