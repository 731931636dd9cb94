"""Icons: Lucide's, in one cached sprite. Always hidden from readers, always beside a word."""

from functools import cache
from typing import Annotated, Literal

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from marelle.web.components.draw_sprite import SPRITE, names_in
from marelle.web.components.registry import OneOf, component

ICONS = names_in(SPRITE.read_text(encoding="utf-8"))

IconName = Annotated[str, OneOf(ICONS)]
OptionalIconName = Annotated[str, OneOf(ICONS | {""})]


@cache
def sprite_url() -> str:
    """Return the address of the sprite; its name holds a fingerprint in production, hence the single lookup."""
    return static("marelle/icons.svg")


@component
def icon(*, name: IconName, size: Literal["small", "medium", "large"] = "medium") -> SafeString:
    """Draw an icon of 16, 20 or 24 px in the color of the words around it. Raises ValueError for an unknown name."""
    if name not in ICONS:
        raise ValueError(f"there is no icon {name!r}")
    return _draw(name, size)


@cache
def _draw(name: str, size: str) -> SafeString:
    style = {"small": "icon icon-s", "medium": "icon", "large": "icon icon-l"}[size]
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', style, sprite_url(), name)


def icon_or_nothing(name: str, size: Literal["small", "medium", "large"] = "medium") -> SafeString:
    """Draw an icon, or nothing for an empty name."""
    return icon(name=name, size=size) if name else SafeString()
