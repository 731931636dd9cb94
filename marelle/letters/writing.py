"""The form of a letter: a few blocks that read well as plain text and as simple HTML. No drawing, no tracking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from django.conf import settings
from django.template.loader import render_to_string


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a letter: a sentence, a titled list, or a link on its own line."""

    kind: Literal["words", "list", "link"]
    text: str
    lines: tuple[str, ...] = ()
    url: str = ""


def words(text: str) -> Block:
    """Will make a paragraph."""
    return Block("words", text)


def listing(title: str, lines: list[str]) -> Block:
    """Will make a titled list."""
    return Block("list", title, tuple(lines))


def link(label: str, url: str) -> Block:
    """Will make a link, whose address can also be read and copied."""
    return Block("link", label, url=url)


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter before it leaves. `contact` is how to reach the authority, one piece a line.

    `reply_to` is where an answer goes; empty for a letter that waits for none.
    """

    subject: str
    blocks: tuple[Block, ...]
    signature: str
    contact: tuple[str, ...]
    reply_to: str = ""

    def naming(self, family: str) -> Draft:
        """Will return the letter with its links to the families' site naming a family (public id): decision 18."""
        here = f"{settings.FAMILY_URL}/"
        blocks = (
            replace(one, url=f"{here}f-{family}/{one.url.removeprefix(here)}") if one.url.startswith(here) else one
            for one in self.blocks
        )
        return replace(self, blocks=tuple(blocks))

    @property
    def text(self) -> str:
        """Will return the letter as plain text."""
        return render_to_string("letters/letter.txt", {"draft": self}).strip() + "\n"

    @property
    def html(self) -> str:
        """Will return the letter as simple HTML."""
        return render_to_string("letters/letter.html", {"draft": self})
