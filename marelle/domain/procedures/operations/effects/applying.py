"""One door to all the effects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from marelle.domain.procedures.models import Application, AppliedEffect
from marelle.domain.procedures.operations.effects import days, money, people
from marelle.domain.procedures.operations.effects.done import Done
from marelle.domain.procedures.rules.answers import Value
from marelle.domain.procedures.rules.definitions import EffectKind
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

Effect = Callable[..., Done]


def _nothing(application: Application, values: Mapping[str, Value], *, by: Actor, at: datetime) -> Done:
    return Done(())


EFFECTS: Final[dict[EffectKind, Effect]] = {
    EffectKind.NOTHING: _nothing,
    EffectKind.ALLOW_PICKUP: people.allow,
    EffectKind.CHANGE_ADDRESS: people.move,
    EffectKind.RECORD_HEALTH: people.note_health,
    EffectKind.CHANGE_CUSTODY: people.rehome,
    EffectKind.ENROLL: days.enroll_children,
    EffectKind.CERTIFY_ILLNESS: days.certify,
    EffectKind.LEAVE_AUTHORITY: days.leave,
    EffectKind.RECORD_QUOTIENT: money.note_quotient,
    EffectKind.SIGN_MANDATE: money.sign,
    EffectKind.CORRECT_INVOICE: money.correct_contested,
    EffectKind.REFUND_WALLET: money.pay_back,
}


@operation
def apply_effect(application: Application, values: Mapping[str, Value], *, by: Actor, at: datetime) -> AppliedEffect:
    """Will do what the procedure says that an acceptance does, with the values accepted, once.

    The application is locked by whoever calls; asked again, it returns what was done. Raises UnableToApplyError.
    """
    known = AppliedEffect.objects.filter(application=application).first()
    if known is not None:
        return known
    kind = application.version.definition.effect
    done = EFFECTS[kind](application, values, by=by, at=at)
    effect = AppliedEffect.objects.create(
        authority_id=application.authority_id,
        application=application,
        kind=kind.value,
        done="\n".join(done.sentences),
        rows=[list(row) for row in done.rows],
        applied_at=at,
    )
    audit.record(
        "apply_effect",
        authority=application.authority_id,
        of="application",
        key=application.pk,
        by=by,
        at=at,
        kind=kind.value,
        family=application.family_id,
    )
    return effect
