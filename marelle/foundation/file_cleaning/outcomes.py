"""What becomes of a file: cleaned, or why not. Shared by the two sides; standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MEGABYTE: Final = 1024 * 1024
HEAVIEST_RAW: Final = 20 * MEGABYTE  # a photo of a phone weighs up to 15 MB
HEAVIEST_CLEAN: Final = 5 * MEGABYTE
MOST_PIXELS: Final = 50_000_000
MOST_PAGES: Final = 60
LONGEST_SIDE: Final = 2400  # an A4 sheet at 200 dots an inch
MORE_MEMORY: Final = 200 * MEGABYTE
PDF, JPEG, PNG, WEBP, HEIF = "application/pdf", "image/jpeg", "image/png", "image/webp", "image/heif"
IMAGES: Final = frozenset({JPEG, PNG, WEBP, HEIF})
# A PDF may have a few bytes of its maker's before its mark.
HEAD_BYTES: Final = 1024
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


class Unclean(StrEnum):
    """Why a file is not cleaned."""

    UNKNOWN_KIND = "unknown_kind"
    BROKEN = "broken"  # truncated, or not what its first bytes say
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_HEAVY = "too_heavy"  # once cleaned
    LOCKED = "locked"  # opens with a password only
    ACTIVE = "active"  # shows nothing without what was taken out of it
    TOO_MUCH = "too_much"  # asked for more memory or time than a document needs
    UNAVAILABLE = "unavailable"  # no process could be started; nothing is known of the file


class RefusedError(Exception):
    """Said inside the process: the file is not cleaned."""

    def __init__(self, fault: Unclean) -> None:
        """Will keep why."""
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file written anew: a JPEG, a PNG or a PDF, and its number of pages (1 for an image)."""

    content_type: str
    content: bytes
    pages: int


def kind_of(content: bytes) -> str | None:
    """Will tell by its first bytes whether a file is one of those that can be cleaned, and which; None otherwise."""
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return WEBP
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return HEIF
    return PDF if b"%PDF-" in content[:HEAD_BYTES] else None
