"""What was lived, as billing reads it: days that are alike, and what the règlement makes of their price."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from marelle.domain.catalog.rules.pricing import PriceRule


class What(StrEnum):
    """What happened."""

    RESERVED = "reserved"
    ABSENT = "absent"  # nobody came, and nobody told
    TOLD = "told"
    CANCELLED = "cancelled"
    UNBOOKED = "unbooked"


class Lived(NamedTuple):
    """Days of one child and product (keys) that are alike, in order.

    `booked` is the rule under which they were reserved, `rule` the one of what happened. `due` cents, when they are
    fixed already (a cancellation, a day paid on booking), whatever the tariff says. `minutes` is how long the child
    stayed, when noted.
    """

    child: int
    product: int
    what: What
    days: tuple[date, ...]
    booked: PriceRule | None = None
    rule: PriceRule | None = None
    due: int | None = None
    minutes: int | None = None
    late_minutes: int = 0
