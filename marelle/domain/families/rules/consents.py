"""What homes answered to a text: a child who lives in two homes is consented for when none of them says no."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

LONGEST_TITLE = 120
LONGEST_BODY = 4000


class ConsentStanding(StrEnum):
    """What an authority may go by."""

    GIVEN = "given"
    REFUSED = "refused"
    PARTIAL = "partial"
    ASKED = "asked"


STANDING_WORDS = {
    ConsentStanding.GIVEN: "Oui",
    ConsentStanding.REFUSED: "Non",
    ConsentStanding.PARTIAL: "Oui d’un foyer, l’autre n’a pas répondu",
    ConsentStanding.ASKED: "Pas de réponse",
}


def consent_standing(answers: Collection[bool | None]) -> ConsentStanding:
    """Will say what holds, given the last answer of each home (None: no answer). One « no » is no.

    « Les parents protègent en commun le droit à l’image de leur enfant mineur » (article 372-1 of the Code civil, loi
    2024-120): the silence of a second home is said, not taken for a yes.
    """
    if any(answer is False for answer in answers):
        return ConsentStanding.REFUSED
    given = sum(1 for answer in answers if answer)
    if not given:
        return ConsentStanding.ASKED
    return ConsentStanding.GIVEN if given == len(answers) else ConsentStanding.PARTIAL
