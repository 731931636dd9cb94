"""Where an application stands, and what may be done with it then."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    INCOMPLETE = "incomplete"
    APPROVED = "approved"
    PARTLY_APPROVED = "partly_approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    IMPLICITLY_APPROVED = "implicitly_approved"
    IMPLICITLY_REJECTED = "implicitly_rejected"
    ANSWERED = "answered"


STATE_WORDS: Final = {
    State.DRAFT: "Brouillon",
    State.SUBMITTED: "En cours d’examen",
    State.INCOMPLETE: "À compléter",
    State.APPROVED: "Acceptée",
    State.PARTLY_APPROVED: "Acceptée en partie",
    State.REJECTED: "Refusée",
    State.WITHDRAWN: "Retirée",
    State.IMPLICITLY_APPROVED: "Acceptée sans réponse",
    State.IMPLICITLY_REJECTED: "Refusée sans réponse",
    State.ANSWERED: "Répondue",
}
# The authority has it in hand; the family may still withdraw it.
OPEN: Final = frozenset({State.SUBMITTED, State.INCOMPLETE})
# Nothing more happens but by a new application, or, where silence refused, an express decision (late, but lawful).
CLOSED: Final = frozenset(State) - OPEN - {State.DRAFT}
ACCEPTED: Final = frozenset({State.APPROVED, State.PARTLY_APPROVED, State.IMPLICITLY_APPROVED})
# An implied refusal does not stop the authority from saying yes.
DECIDABLE: Final = OPEN | {State.IMPLICITLY_REJECTED}


class Decision(StrEnum):
    """What an agent decides. ANSWERED closes what asks for no decision, as a free message."""

    APPROVE = "approve"
    APPROVE_PARTLY = "approve_partly"
    REJECT = "reject"
    ANSWER = "answer"


DECIDED: Final = {
    Decision.APPROVE: State.APPROVED,
    Decision.APPROVE_PARTLY: State.PARTLY_APPROVED,
    Decision.REJECT: State.REJECTED,
    Decision.ANSWER: State.ANSWERED,
}
# A refusal, whole or in part, says why (CRPA L211-2, L211-5).
NEEDS_REASONS: Final = frozenset({Decision.APPROVE_PARTLY, Decision.REJECT})
