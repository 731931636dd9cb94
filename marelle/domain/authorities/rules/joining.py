"""Whether a régie has joined the online invoices, on a day: a date, set once its online payment was tried.

Until then nothing of it is paid online: invoices are read, and what is paid on booking says where to pay.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class Joining(StrEnum):
    """Where a régie stands."""

    NOT_JOINED = "not_joined"
    IN_TEST = "in_test"
    JOINS_ON = "joins_on"
    JOINED = "joined"


def is_joined(online_from: date | None, *, on: date) -> bool:
    """Will tell whether a régie that joins on `online_from` (None: never) has joined on a day."""
    return online_from is not None and online_from <= on


def joining(online_from: date | None, *, is_tried: bool, on: date) -> Joining:
    """Will say where a régie stands on a day; `is_tried`: its online payment is being tried, or was."""
    if is_joined(online_from, on=on):
        return Joining.JOINED
    if online_from is not None:
        return Joining.JOINS_ON
    return Joining.IN_TEST if is_tried else Joining.NOT_JOINED
