"""The words by which families are found, tidied: triggers keep those of the families, this forgets old names."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from marelle.domain.authorities.models import Authority
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

# Forgotten: the variants of a word that nobody bears, and those that two transactions wrote at once.
_FORGET = """
DELETE FROM families_searchvariant AS variant
WHERE variant.authority_id = %(authority)s AND (
    NOT EXISTS (
        SELECT 1 FROM families_searchentry AS entry
        WHERE entry.authority_id = variant.authority_id AND entry.word = variant.word
    ) OR EXISTS (
        SELECT 1 FROM families_searchvariant AS twin
        WHERE twin.authority_id = variant.authority_id AND twin.variant = variant.variant
        AND twin.word = variant.word AND twin.id < variant.id
    )
)
"""

# Learnt: what somebody began to bear while it was being forgotten.
_LEARN = """
SELECT families_search_learn(array_agg(entry.id)) FROM families_searchentry AS entry
WHERE entry.authority_id = %(authority)s AND entry.word ~ '^[a-z]{3,24}$' AND NOT EXISTS (
    SELECT 1 FROM families_searchvariant AS known
    WHERE known.authority_id = entry.authority_id AND known.variant = entry.word AND known.word = entry.word
)
"""


@operation
def tidy_search(authority: Authority, *, by: Actor, at: datetime) -> int:
    """Will forget the names that nobody bears any more at an authority; returns how many variants of them."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"authority": authority.pk})
        forgotten: int = cursor.rowcount
        cursor.execute(_LEARN, {"authority": authority.pk})
    return forgotten
