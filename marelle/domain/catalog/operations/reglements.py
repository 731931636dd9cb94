"""A version of a règlement, recorded as it was voted, or withdrawn before it comes into force."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import touch_catalog
from marelle.domain.catalog.models import Activity, Reglement
from marelle.domain.catalog.queries import Ruled, all_ruled, offer_of
from marelle.domain.catalog.rules.contradictions import Contradiction, contradictions
from marelle.domain.catalog.rules.reglements import Reglement as ReglementRules
from marelle.domain.catalog.rules.simulation import open_days
from marelle.domain.catalog.rules.versions import Decided, Obstruction, against_saving, against_withdrawing
from marelle.domain.catalog.rules.written import read_reglement, write_reglement
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

LONGEST_RESOLUTION: Final = 120


class UnableToSaveReglementError(Exception):
    """Nothing was written: the règlement contradicts itself on its calendar, or something stands against the date."""

    def __init__(self, found: tuple[Contradiction, ...] = (), obstruction: Obstruction | None = None) -> None:
        """Will keep what is wrong, for a form to show it in its place."""
        super().__init__(obstruction.value if obstruction else f"{len(found)} contradictions")
        self.contradictions = found
        self.obstruction = obstruction


class UnableToWithdrawReglementError(Exception):
    """Nothing was written: the version is in force, or has decided something."""

    def __init__(self, obstruction: Obstruction) -> None:
        """Will keep why."""
        super().__init__(obstruction.value)
        self.obstruction = obstruction


@operation
def save_reglement(
    authority: Authority,
    *,
    activity: int,
    product: int | None,
    valid_from: date,
    resolution: str,
    data: Any,
    decided: Decided,
    is_confirmed: bool = False,
    by: Actor,
    at: datetime,
) -> Reglement:
    """Will record the version of `valid_from`, in its canonical form, new or in place of the one of that date.

    `decided` counts what the version of that date has decided: reservations are of a room above, whose query says it.
    A version by which days gone by were decided never changes; to change one by which days to come were, or to rule
    days gone by, takes `is_confirmed`. Raises InvalidReglementError, UnableToSaveReglementError.
    """
    Activity.objects.select_for_update().get(pk=activity)
    rules = read_reglement(data)
    written = write_reglement(rules)
    today = at.astimezone(authority.zone).date()
    present = Reglement.objects.filter(activity=activity, product=product, valid_from=valid_from).first()
    ruled = _ruled(authority, activity, product)
    obstruction = against_saving(
        valid_from=valid_from,
        today=today,
        decided=decided,
        has_other_rules=present is None or present.rules != written,
        is_first=not ruled.versions and not ruled.shared,
    )
    if obstruction is not None and not (is_confirmed and obstruction.may_be_confirmed):
        raise UnableToSaveReglementError(obstruction=obstruction)
    found = contradictions_of(authority, ruled, rules, valid_from=valid_from, today=today)
    if found:
        raise UnableToSaveReglementError(found)
    row = present or Reglement(authority=authority, activity_id=activity, product_id=product, valid_from=valid_from)
    row.resolution = resolution.strip()[:LONGEST_RESOLUTION]
    row.rules = written
    row.save()
    touch_catalog(authority, by=by, at=at)
    audit.record(
        "save_reglement",
        authority=authority.pk,
        of="reglement",
        key=row.pk,
        by=by,
        at=at,
        activity=activity,
        product=product,
        valid_from=valid_from.isoformat(),
        replaced=present is not None,
    )
    return row


@operation
def withdraw_reglement(reglement: Reglement, *, decided: Decided, by: Actor, at: datetime) -> None:
    """Will take back a version that is not in force yet and has decided nothing; the one before goes on.

    Raises UnableToWithdrawReglementError.
    """
    authority = reglement.authority
    Activity.objects.select_for_update().get(pk=reglement.activity_id)
    today = at.astimezone(authority.zone).date()
    obstruction = against_withdrawing(valid_from=reglement.valid_from, today=today, decided=decided)
    if obstruction is not None:
        raise UnableToWithdrawReglementError(obstruction)
    key = reglement.pk
    reglement.delete()
    touch_catalog(authority, by=by, at=at)
    audit.record(
        "withdraw_reglement",
        authority=authority.pk,
        of="reglement",
        key=key,
        by=by,
        at=at,
        activity=reglement.activity_id,
        product=reglement.product_id,
        valid_from=reglement.valid_from.isoformat(),
    )


def contradictions_of(
    authority: Authority, ruled: Ruled, rules: ReglementRules, *, valid_from: date, today: date
) -> tuple[Contradiction, ...]:
    """Will return what is wrong with `rules` on the open days, of the known calendar, that they would rule."""
    offer = offer_of(authority)
    activity = ruled.activity
    first = max(activity.opening.period.starts_on, valid_from, today)
    last = min(
        day for day in (activity.opening.period.ends_on, offer.calendar.known_until, date.max) if day is not None
    )
    nexts = [version.valid_from for version in ruled.versions if version.valid_from > valid_from]
    days = open_days(activity.opening, activity.closures, offer.calendar, first=first, last=last)
    return contradictions(
        rules,
        [day for day in days if not nexts or day < min(nexts)],
        calendar=offer.calendar,
        zone=authority.zone,
        ends_at=ruled.ends_at,
    )


def _ruled(authority: Authority, activity: int, product: int | None) -> Ruled:
    every = all_ruled(offer_of(authority))
    of_activity = next(one for one in every if one.activity.pk == activity and one.product is None)
    if product is None:
        return of_activity
    own = next((one for one in every if one.product is not None and one.product.pk == product), None)
    offered = offer_of(authority).product_by_pk[product]
    return own or Ruled(of_activity.activity, offered, (offered,), (), of_activity.versions)
