"""What an authority writes to its families: an agent's own words, in the form of every letter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marelle.letters.about_reservations import contact_lines
from marelle.letters.writing import Draft, words

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority
    from marelle.domain.news.rules.messages import Words


def family_message(said: Words, authority: Authority, *, reply_to: str) -> Draft:
    """Will put filled words in the form of a letter, a paragraph for each; answers go to `reply_to`."""
    paragraphs = [each.strip() for each in re.split(r"\n\s*\n", said.body) if each.strip()]
    return Draft(
        said.subject,
        tuple(words(each) for each in paragraphs),
        f"{authority.name}, espace famille",
        contact_lines(authority),
        reply_to,
    )
