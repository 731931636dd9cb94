"""What in an application is read on a need-to-know basis, and by which right: health, and the quotient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.accounts.rules.roles import SEE_HEALTH, SEE_QUOTIENT
from marelle.domain.procedures.rules.definitions import EffectKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marelle.domain.procedures.rules.definitions import Definition

# What an effect writes in the file of health, or prices by: secret whatever the authority wrote of the question.
_BY_EFFECT: Final[Mapping[EffectKind, Mapping[str, str]]] = {
    EffectKind.RECORD_HEALTH: dict.fromkeys(("allergies", "diet", "care_plan", "care_plan_until"), SEE_HEALTH),
    EffectKind.RECORD_QUOTIENT: {"quotient": SEE_QUOTIENT},
}
# The natures of documents that prove an income.
_OF_INCOME: Final = frozenset({"quotient", "tax_notice"})


def secret_fields(definition: Definition) -> dict[str, str]:
    """Will return the fields (codes) that a right is needed to read, each with that right."""
    by_effect = _BY_EFFECT.get(definition.effect, {})
    return {
        one.code: SEE_HEALTH if one.is_health else by_effect[one.code]
        for one in definition.fields
        if one.is_health or one.code in by_effect
    }


def right_to_read_document(kind: str, *, is_health: bool) -> str:
    """Will return the right that a document of this nature is read by, empty when it asks for none of its own."""
    if is_health:
        return SEE_HEALTH
    return SEE_QUOTIENT if kind in _OF_INCOME else ""


def does_secretly(definition: Definition) -> str:
    """Will return the right by which the sentences of what an acceptance did are read, empty when it asks for none."""
    return SEE_QUOTIENT if definition.effect is EffectKind.RECORD_QUOTIENT else ""
