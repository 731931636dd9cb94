"""The hopscotch and the crest."""

from typing import Literal

from django.utils.html import format_html
from django.utils.safestring import SafeString

from marelle.web.components.registry import component

# Each square: number, left, top, chalk, a slight turn in degrees: drawn by hand on a playground.
SQUARES = (
    ("6", 6, 58, "#FFD875", -1.5),
    ("7", 61, 58, "#FF9C80", 1.5),
    ("5", 33, 113, "#D9CCF5", -1),
    ("3", 6, 168, "#A9DFC3", 1),
    ("4", 61, 168, "#B5D9F5", -1.5),
    ("2", 33, 223, "#FF9C80", 1),
    ("1", 33, 278, "#FFD875", -1.5),
)
STONES = {
    "none": "",
    "five": '<ellipse cx="84" cy="150" rx="12" ry="9" fill="#6B6478"/>'
    '<ellipse cx="80" cy="147" rx="4" ry="2.500" fill="#A7A0B4"/>',
    "sky": '<ellipse cx="100" cy="39" rx="11" ry="8" fill="#F6E7C1"/>'
    '<ellipse cx="97" cy="36" rx="4" ry="2.500" fill="#fff"/>',
}


@component
def hopscotch(
    *, size: Literal["small", "medium", "large"] = "medium", stone: Literal["none", "five", "sky"] = "five"
) -> SafeString:
    """Draw the hopscotch, 150, 220 or 330 px high, with the stone on the way or arrived in the sky."""
    return _HOPSCOTCHES[size, stone]


def _hopscotch(size: str, stone: str) -> SafeString:
    squares = "".join(
        f'<g transform="rotate({turn} {left + 25} {top + 25})">'
        f'<rect x="{left}" y="{top}" width="50" height="50" rx="12" fill="{chalk}"/>'
        f'<text x="{left + 25}" y="{top + 33}">{number}</text></g>'
        for number, left, top, chalk, turn in SQUARES
    )
    return SafeString(
        f'<svg class="hopscotch hopscotch-{size}" viewBox="0 0 117 330" aria-hidden="true">'
        '<path class="sky" d="M4 46C6 20 30 2 58.500 2S111 20 113 46q.5 6-5 6H9q-5.500 0-5-6z"/>'
        f'<text class="sky-word" x="58.500" y="38">ciel</text>{squares}{STONES[stone]}</svg>'
    )


_HOPSCOTCHES = {(size, stone): _hopscotch(size, stone) for size in ("small", "medium", "large") for stone in STONES}


@component
def crest(*, url: str = "") -> SafeString:
    """Draw the crest of an authority, in its true colors; a plain shield in its accent when it gave none."""
    if url:
        return format_html('<img class="crest" src="{}" alt="" width="36" height="40">', url)
    return _SHIELD


_SHIELD = SafeString(
    '<svg class="crest" viewBox="0 0 36 40" aria-hidden="true">'
    '<path class="sky" d="M2 3h32v18c0 9-7 14-16 18C9 35 2 30 2 21z"/>'
    '<path d="M2 3h32v8H2z" fill="#FFD875"/>'
    '<path class="wave" d="M8 18c3-3 6-3 9 0s6 3 11-1M8 26c3-3 6-3 9 0s6 3 11-1"/></svg>'
)
