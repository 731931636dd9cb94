"""Families by what somebody types, as it is typed: the time it takes does not grow with the families of the authority.

Each statement walks an index, and stops: at most `WALKED` words are followed, of the rarest of what was typed, and for
each the words of its family are read. What is common on both sides (« ma du ») is found long before; what would need
more than that is said to be incomplete, and one more letter finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from marelle.domain.families.rules.searching import (
    MOST_WORDS,
    is_a_slip_apart,
    may_be_slipped,
    read_typed,
    without_a_letter,
)
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from collections.abc import Sequence

WALKED: Final = 2_000
KEPT: Final = 200
MOST_NEIGHBOURS: Final = 60
# No text that begins with a word comes after it and this sign, byte by byte.
LAST_SIGN: Final = "\U0010ffff"
# Nothing comes between a word and itself followed by this one.
FIRST_SIGN: Final = "\x01"


@dataclass(frozen=True, slots=True)
class Found:
    """Families (keys), the best first, each with how good it is: the words that it bears whole, less for a slip.

    `is_whole` is False when there may be others.
    """

    scores: dict[int, int]
    is_whole: bool

    @property
    def families(self) -> tuple[int, ...]:
        """Will return the families alone."""
        return tuple(self.scores)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word that was typed, and the words of names that are a slip apart from it."""

    typed: str
    near: tuple[str, ...] = ()

    @property
    def ranges(self) -> tuple[list[str], list[str]]:
        """Will return where the words that it leads to begin and end, itself first."""
        lows = [self.typed, *self.near]
        return lows, [self.typed + LAST_SIGN, *(word + FIRST_SIGN for word in self.near)]


def families_found(typed: str, *, authority: int) -> Found:
    """Will return the families of `authority` (key) that bear each word of `typed`, or a word that begins so.

    Those that bear a word whole come first. When they are few, those where one name was slipped come after. Three to
    six statements.
    """
    if not tenancy.is_in_scope(authority):
        message = "families were looked for outside the scope of their authority"
        raise tenancy.UnscopedQueryError(message)
    whole, names = read_typed(typed)
    words = [_Word(word) for word in dict.fromkeys((*whole, *_cut(names)))][:MOST_WORDS]
    if not words:
        return Found({}, is_whole=True)
    scores, is_whole = _bearing(words, authority=authority)
    if len(scores) < KEPT and is_whole:
        slipped = _with_neighbours(words, authority=authority)
        if slipped != words:
            more, is_whole = _bearing(slipped, authority=authority)
            scores |= {family: score - len(words) for family, score in more.items() if family not in scores}
    ranked = sorted(scores.items(), key=lambda each: (-each[1], each[0]))
    return Found(dict(ranked), is_whole=is_whole and len(scores) < KEPT)


def _cut(names: str) -> list[str]:
    """Will return the words of names, by the function that cut those of the files."""
    if not names:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT families_search_words(%s)", [names])
        found: list[str] = cursor.fetchone()[0]
    return found


def _with_neighbours(words: Sequence[_Word], *, authority: int) -> list[_Word]:
    """Will return the same words with those of names that are a slip apart; one statement for all of them."""
    asked = {variant: None for word in words if may_be_slipped(word.typed) for variant in without_a_letter(word.typed)}
    if not asked:
        return list(words)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT word FROM families_searchvariant WHERE authority_id = %s AND variant = ANY (%s)",
            [authority, list(asked)],
        )
        known = sorted(word for (word,) in cursor.fetchall())
    return [
        _Word(word.typed, tuple(one for one in known if is_a_slip_apart(word.typed, one))[:MOST_NEIGHBOURS])
        if may_be_slipped(word.typed)
        else word
        for word in words
    ]


# How many entries each word leads to, counted no further than what is walked.
_COUNT = """
(SELECT count(*) FROM (
    SELECT 1 FROM unnest(%s::text[], %s::text[]) AS among (low, high)
    CROSS JOIN LATERAL (
        SELECT 1 FROM families_searchentry AS entry
        WHERE entry.authority_id = %s AND entry.word >= among.low AND entry.word < among.high LIMIT {most}
    ) AS one LIMIT {most}
) AS counted)
"""

# The rarest word leads; a word borne whole is the first of its range. LATERAL with LIMIT: never a join of all families.
_WALK = """
WITH led AS MATERIALIZED (
    SELECT found.family_id, found.word FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS among (low, high, rank)
    CROSS JOIN LATERAL (
        SELECT entry.family_id, entry.word FROM families_searchentry AS entry
        WHERE entry.authority_id = %s AND entry.word >= among.low AND entry.word < among.high
        ORDER BY entry.word LIMIT {most}
    ) AS found
    ORDER BY among.rank, found.word LIMIT {most}
)
SELECT led.family_id, (led.word = %s)::int {scores} FROM led {others} LIMIT %s
"""

_OTHER = """
CROSS JOIN LATERAL (
    SELECT entry.word FROM families_searchentry AS entry
    WHERE entry.authority_id = %s AND entry.family_id = led.family_id
    AND ((entry.word >= %s AND entry.word < %s) OR entry.word = ANY (%s))
    ORDER BY (entry.word = %s) DESC LIMIT 1
) AS {name}
"""


def _bearing(words: Sequence[_Word], *, authority: int) -> tuple[dict[int, int], bool]:
    """Will return the families (keys) that bear every word, with how many of them whole; and whether that is all."""
    counts = _counts(words, authority=authority) if len(words) > 1 else [WALKED]
    if 0 in counts:
        return {}, True
    # Of two that are as common, the longer is the rarer.
    leading = min(range(len(words)), key=lambda at: (counts[at], -len(words[at].typed)))
    lead = words[leading]
    scores, others, params = "", "", []
    for at, word in enumerate(words):
        if at == leading:
            continue
        name = f"other_{at}"
        others += _OTHER.format(name=name)
        scores += f"+ ({name}.word = %s)::int "
        params.append(word)
    most = WALKED if len(words) > 1 else KEPT * 2
    values: list[Any] = [*lead.ranges, authority, lead.typed, *(word.typed for word in params)]
    for word in params:
        values += [authority, word.typed, word.typed + LAST_SIGN, list(word.near), word.typed]
    # A family comes once a word that it bears: a margin, then each is kept once.
    with connection.cursor() as cursor:
        cursor.execute(_WALK.format(most=most, scores=scores, others=others), [*values, KEPT * 2])
        rows = cursor.fetchall()
    found: dict[int, int] = {}
    for family, score in rows:
        found[family] = max(score, found.get(family, 0))
    is_whole = len(rows) < KEPT * 2 and (counts[leading] < WALKED or len(words) == 1)
    return dict(list(found.items())[:KEPT]), is_whole


def _counts(words: Sequence[_Word], *, authority: int) -> list[int]:
    asked = ", ".join(_COUNT.format(most=WALKED) for _word in words)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}", [value for word in words for value in (*word.ranges, authority)])
        return list(cursor.fetchone())
