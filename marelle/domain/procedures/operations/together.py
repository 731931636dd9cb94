"""One answer to several applications: each decided as alone, or left as it was with why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from marelle.domain.families.models import Child, Family
from marelle.domain.procedures.models import Application
from marelle.domain.procedures.operations.effects import UnableToApplyError
from marelle.domain.procedures.operations.refusals import UnableToSubmitError, UnableToWriteError, WhyNot
from marelle.domain.procedures.operations.reviewing import decide
from marelle.domain.procedures.rules.states import DECIDED, Decision
from marelle.domain.procedures.rules.together import against_accepting_together
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@dataclass(frozen=True, slots=True)
class DecidedTogether:
    """What became of each application (keys): decided now, decided so before; or left, and why, in words, by key."""

    done: tuple[int, ...] = ()
    already: tuple[int, ...] = ()
    left: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@operation
def decide_together(
    seen: Mapping[int, int], *, is_accepted: bool, reasons: str = "", by: Actor, at: datetime
) -> DecidedTogether:
    """Will accept or refuse several applications, each as `reviewing.decide`, and say what became of each.

    `seen` is the revision that the agent saw, by key. One that needs a choice, that changed since or whose effect
    cannot be done stays as it is: the others are decided all the same. Raises UnableToWriteError when a refusal has no
    reason: nothing is written then.
    """
    if not is_accepted and not reasons.strip():
        raise UnableToWriteError(WhyNot.NO_REASON)
    decision = Decision.APPROVE if is_accepted else Decision.REJECT
    rows = list(
        Application.objects.select_for_update(of=("self",)).select_related("version").filter(pk__in=seen).order_by("pk")
    )
    if is_accepted:
        # Then what the effects would hold one after the other, in one order whoever accepts what at the same moment.
        families = {row.family_id for row in rows}
        list(Family.objects.select_for_update(no_key=True).filter(pk__in=families).order_by("pk").values_list("pk"))
        children = Child.objects.select_for_update(no_key=True).filter(
            pk__in=Child.objects.filter(applications__application__in=rows).values("pk")
        )
        list(children.order_by("pk").values_list("pk"))
    done: list[int] = []
    already: list[int] = []
    left: dict[int, tuple[str, ...]] = {}
    for row in rows:
        if row.state == DECIDED[decision]:
            already.append(row.pk)
            continue
        why = against_accepting_together(row.version.definition) if is_accepted else None
        if why is not None:
            left[row.pk] = (why.value,)
            continue
        try:
            with transaction.atomic():  # what an effect began before it failed is undone, and nothing of the others
                decide(row, decision, reasons=reasons, expected=seen[row.pk], by=by, at=at)
        except UnableToWriteError as error:
            left[row.pk] = (error.why.value,)
        except UnableToSubmitError as error:
            left[row.pk] = tuple(fault.value for fault in error.faults.values())
        except UnableToApplyError as error:
            left[row.pk] = error.reasons
        else:
            done.append(row.pk)
    return DecidedTogether(tuple(done), tuple(already), left)
