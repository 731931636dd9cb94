"""The port through which texts (SMS) leave: what is asked of a provider, what comes back, what may go wrong.

A connector fulfils `TextSender`; `config` plugs it in. Nothing here keeps a number or words.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Trouble(Enum):
    """Why a text did not leave, and whether it is worth trying again later: (code, words for agents, again)."""

    WRONG_NUMBER = ("wrong_number", "L’opérateur refuse ce numéro.", False)
    REFUSED = ("refused", "L’opérateur refuse ce message.", False)
    NO_CREDIT = ("no_credit", "Il n’y a plus de crédit SMS chez l’opérateur.", False)
    NOT_ALLOWED = ("not_allowed", "L’opérateur refuse l’accès de cette installation.", False)
    UNAVAILABLE = ("unavailable", "L’opérateur ne répond pas.", True)
    # Asked, and no answer came: it may have left. It is looked for by its reference, and never sent blindly again.
    UNSURE = ("unsure", "On ne sait pas si ce SMS est parti.", False)

    def __init__(self, code: str, words: str, again: bool) -> None:  # noqa: FBT001  a table above
        """Will keep the three."""
        self.code, self.words, self.again = code, words, again


class TextNotSentError(Exception):
    """A text did not leave, or nobody knows: `trouble` says why. It holds neither number nor words."""

    def __init__(self, trouble: Trouble) -> None:
        """Will keep why."""
        super().__init__(trouble.name)
        self.trouble = trouble


class Delivery(Enum):
    """What a provider says became of a text."""

    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Taken:
    """A text that the provider took: its number there."""

    provider_id: str


class TextSender(Protocol):
    """Who takes texts."""

    def send(self, number: str, words: str, *, reference: str) -> Taken:
        """Will hand over a text to `number` (« +33612345678 »), under our `reference` (at most 20 signs).

        Raises TextNotSentError; may take some seconds: never inside a transaction.
        """

    def taken_as(self, reference: str) -> Taken | None:
        """Will return the text that was taken under a reference, None if there is none. Raises TextNotSentError."""

    def deliveries(self, provider_ids: Collection[str]) -> dict[str, Delivery]:
        """Will return what became of these texts. Raises TextNotSentError."""
