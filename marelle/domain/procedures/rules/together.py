"""Several applications of one procedure answered at once: what may be accepted so, what is looked at one by one."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from marelle.domain.procedures.rules.clocks import Silence
from marelle.domain.procedures.rules.definitions import EffectKind, Writer
from marelle.domain.procedures.rules.secrecy import secret_fields

if TYPE_CHECKING:
    from marelle.domain.procedures.rules.definitions import Definition

# Effects that write what the family said and nothing else. Money, health, homes, departures: each is looked at alone.
PLAIN_EFFECTS: Final = frozenset(
    {EffectKind.NOTHING, EffectKind.ALLOW_PICKUP, EffectKind.CHANGE_ADDRESS, EffectKind.ENROLL}
)


class OneByOne(StrEnum):
    """Why an application is accepted on its own page alone."""

    CHOICE = "Elle attend une réponse de la mairie."
    SECRET = "Elle contient des réponses à lire une par une."  # noqa: S105  a sentence
    EFFECT = "Ce que fait son acceptation se vérifie une par une."


def is_decided(definition: Definition) -> bool:
    """Will tell whether such an application is accepted or refused at all; a free message is answered."""
    return definition.silence is not Silence.DECIDES_NOTHING


def against_accepting_together(definition: Definition) -> OneByOne | None:
    """Will say why an application of this procedure is not accepted among several; None when nothing stands against.

    Even an optional field of the agent is a choice: to leave it empty is one.
    """
    if definition.fields_for(Writer.AGENT):
        return OneByOne.CHOICE
    if secret_fields(definition):
        return OneByOne.SECRET
    return None if definition.effect in PLAIN_EFFECTS else OneByOne.EFFECT
