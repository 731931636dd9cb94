"""What may be the logo of an authority: an image that pages, letters and invoices can show."""

from __future__ import annotations

from typing import Final

BIGGEST_LOGO: Final = 200_000
LOGO_TYPES: Final = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"RIFF": "image/webp",
    b"<svg": "image/svg+xml",
    b"<?xml": "image/svg+xml",
}


class WrongLogoError(ValueError):
    """The file cannot be a logo; the message says why, in French."""


def type_of_logo(content: bytes) -> str:
    """Will return the type of an image; raises WrongLogoError for a file that is not one, too heavy or active."""
    kind = next((kind for start, kind in LOGO_TYPES.items() if content.lstrip().startswith(start)), None)
    lower = content.lower()
    if kind is None or (kind == "image/svg+xml" and b"<svg" not in lower):
        raise WrongLogoError("un logo est un fichier SVG, PNG, JPEG ou WebP")
    if len(content) > BIGGEST_LOGO:
        raise WrongLogoError(f"un logo pèse {BIGGEST_LOGO // 1000} ko au plus")
    if kind == "image/svg+xml" and (b"<script" in lower or b"<!entity" in lower):
        raise WrongLogoError("un logo ne contient ni script ni entité")
    return kind
