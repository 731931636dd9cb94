"""A version of a tariff, recorded as it was voted, or withdrawn before it comes into force."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import touch_catalog
from marelle.domain.catalog.models import Product, Tariff
from marelle.domain.catalog.rules.versions import Decided, Obstruction, against_pricing, against_withdrawing
from marelle.domain.catalog.rules.written import read_tariff, write_tariff
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

LONGEST_RESOLUTION: Final = 120


class UnableToSaveTariffError(Exception):
    """Nothing was written: something stands against the date."""

    def __init__(self, obstruction: Obstruction) -> None:
        """Will keep what."""
        super().__init__(obstruction.value)
        self.obstruction = obstruction


class UnableToWithdrawTariffError(Exception):
    """Nothing was written: the version is in force."""

    def __init__(self, obstruction: Obstruction) -> None:
        """Will keep why."""
        super().__init__(obstruction.value)
        self.obstruction = obstruction


@operation
def save_tariff(
    authority: Authority,
    *,
    product: int,
    valid_from: date,
    resolution: str,
    data: Any,
    decided: Decided,
    is_confirmed: bool = False,
    by: Actor,
    at: datetime,
) -> Tariff:
    """Will record the version of `valid_from`, in its canonical form, new or in place of the one of that date.

    `decided` counts the days from then on, until the next version, that have a price by another text: reservations
    and invoices are of rooms above, whose queries say it. To price days gone by, or days with a price, another way
    takes `is_confirmed`. Raises InvalidTariffError, UnableToSaveTariffError.
    """
    Product.objects.select_for_update().get(pk=product)
    written = write_tariff(read_tariff(data))
    versions = Tariff.objects.filter(product=product)
    present = versions.filter(valid_from=valid_from).first()
    obstruction = against_pricing(
        valid_from=valid_from,
        today=at.astimezone(authority.zone).date(),
        priced=decided,
        has_other_rules=present is None or present.rules != written,
        is_first=not versions.exists(),
    )
    if obstruction is not None and not (is_confirmed and obstruction.may_be_confirmed):
        raise UnableToSaveTariffError(obstruction)
    row = present or Tariff(authority=authority, product_id=product, valid_from=valid_from)
    row.resolution = resolution.strip()[:LONGEST_RESOLUTION]
    row.rules = written
    row.save()
    touch_catalog(authority, by=by, at=at)
    audit.record(
        "save_tariff",
        authority=authority.pk,
        of="tariff",
        key=row.pk,
        by=by,
        at=at,
        product=product,
        valid_from=valid_from.isoformat(),
        replaced=present is not None,
        confirmed=obstruction.value if obstruction else "",
    )
    return row


@operation
def withdraw_tariff(tariff: Tariff, *, by: Actor, at: datetime) -> None:
    """Will take back a version that is not in force yet; the one before goes on. Prices already shown stay as they are.

    Raises UnableToWithdrawTariffError.
    """
    authority = tariff.authority
    Product.objects.select_for_update().get(pk=tariff.product_id)
    today = at.astimezone(authority.zone).date()
    obstruction = against_withdrawing(valid_from=tariff.valid_from, today=today, decided=Decided())
    if obstruction is not None:
        raise UnableToWithdrawTariffError(obstruction)
    key = tariff.pk
    tariff.delete()
    touch_catalog(authority, by=by, at=at)
    audit.record(
        "withdraw_tariff",
        authority=authority.pk,
        of="tariff",
        key=key,
        by=by,
        at=at,
        product=tariff.product_id,
        valid_from=tariff.valid_from.isoformat(),
    )
