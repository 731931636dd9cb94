"""What is still to be invoiced: charges, less what was issued under the same names. In cents.

Billing twice adds nothing, and billing late facts adds their difference.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from marelle.domain.billing.rules.charges import EVERY_CHILD, Charge, Kind, last_day
from marelle.domain.catalog.rules.price_steps import PriceStep
from marelle.domain.catalog.rules.spans import Per, span_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from marelle.domain.billing.rules.charges import Good, Name
    from marelle.foundation.periods import Period
    from marelle.foundation.school_days import Calendar

ALREADY_BILLED: Final = "Déjà facturé"


def differences(
    charges: Iterable[Charge],
    billed: Mapping[Name, Mapping[date, int]],
    *,
    period: Period,
    goods: Mapping[int, Good],
    calendar: Calendar,
    third_payers: Mapping[str, int] | None = None,
    beyond: Iterable[Charge] = (),
) -> list[Charge]:
    """Will return what is still to be invoiced: what was under the same name, day by day, is taken off.

    `billed` holds, for each name, the cents already invoiced a day. What was invoiced for `period` and is no longer due
    comes back; `third_payers` (by key of an aid) give theirs back too. `beyond` (see `Account`) counts where the day
    was invoiced.
    """
    found: list[Charge] = []
    due: set[tuple[Name, date]] = set()
    for charge in (*charges, *_invoiced_beyond(beyond, billed)):
        before = billed.get(charge.name)
        if before is None:
            found.append(charge)
            continue
        due.update((charge.name, day) for day in charge.days)
        fresh = tuple(day for day in charge.days if day not in before)
        if fresh:
            found.append(replace(charge, days=fresh))
        others: dict[int, list[date]] = defaultdict(list)
        for day in charge.days:
            if day in before and before[day] != charge.cents:
                others[before[day]].append(day)
        found += [_corrected(charge, cents, tuple(days)) for cents, days in others.items()]
    for name, days in billed.items():
        gone: dict[tuple[int, date | None], list[date]] = defaultdict(list)
        good = goods.get(name.product)
        for day, cents in days.items():
            if cents and (name, day) not in due and _concerns(name, day, period, goods, calendar):
                # Days of two tariffs may be shared between codes in two ways: a line for each.
                voted = good.tariff_on(day) if good is not None else None
                gone[cents, voted.valid_from if voted is not None else None].append(day)
        found += [
            Charge(
                name,
                tuple(sorted(each)),
                -cents,
                "",
                (PriceStep(ALREADY_BILLED, -cents),),
                before=cents,
                is_correction=True,
                third_payer=(third_payers or {}).get(name.key) if name.kind is Kind.AID else None,
            )
            for (cents, _since), each in gone.items()
        ]
    return found


def _invoiced_beyond(beyond: Iterable[Charge], billed: Mapping[Name, Mapping[date, int]]) -> Iterable[Charge]:
    """Will keep the days that were invoiced: those of later periods are theirs to bill."""
    for charge in beyond:
        of = charge.name
        invoiced = {
            day
            for name, days in billed.items()
            if name.kind is Kind.DAY and name.product == of.product and of.child in {EVERY_CHILD, name.child}
            for day in days
        }
        kept = tuple(day for day in charge.days if day in invoiced)
        if kept:
            yield replace(charge, days=kept)


def _concerns(name: Name, day: date, period: Period, goods: Mapping[int, Good], calendar: Calendar) -> bool:
    """Will tell whether what was invoiced under that name for that day is judged again with `period`."""
    if name.kind is Kind.MANUAL:
        return False
    if day in period:
        return True
    if name.kind is Kind.CAP:
        return day > last_day(period) and span_of(day, Per(name.key), calendar).starts_on <= last_day(period)
    # Packages are named by the first day on which they are due in their span, which may come before the period.
    per = _span_per(name, day, goods)
    return per is not None and day <= last_day(period) and last_day(span_of(day, per, calendar)) >= period.starts_on


def _span_per(name: Name, day: date, goods: Mapping[int, Good]) -> Per | None:
    voted = goods[name.product].tariff_on(day) if name.kind is Kind.PACKAGE and name.product in goods else None
    for package in voted.rules.packages if voted is not None and voted.rules is not None else ():
        if package.code == name.key and not package.sessions and not package.installments:
            return package.per or Per.MONTH
    return None


def _corrected(charge: Charge, before: int, days: tuple[date, ...]) -> Charge:
    return replace(
        charge,
        days=days,
        cents=charge.cents - before,
        steps=(*charge.steps, PriceStep(ALREADY_BILLED, -before)),
        before=before,
        is_correction=True,
    )
