"""Accounts held until the end of an operation, so that nobody closes one while it is given something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection

from marelle.domain.accounts.models import User

if TYPE_CHECKING:
    from collections.abc import Collection


# The name, among the locks that are of no row, of the mergers of accounts.
MERGERS: Final = 7_032_001


def wait_for_other_mergers() -> None:
    """Will let one merger of accounts happen at a time, until the end of the transaction.

    One turns to the account that is kept those that were merged before into the one that ends: a merger that began
    meanwhile may hold one of these already, and wait for what we hold.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MERGERS])


def lock_account(user: int) -> User:
    """Will hold an account (key), or the one that it was merged into while we waited for it."""
    found = User.objects.select_for_update(no_key=True).get(pk=user)
    if found.merged_into_id is None:
        return found
    return User.objects.select_for_update(no_key=True).get(pk=found.merged_into_id)


def lock_accounts(users: Collection[int]) -> dict[int, User]:
    """Will hold these accounts (keys), in the order of their keys; those that are closed are left out.

    Without their key: what points to them is written meanwhile (a payment, a basket), and found once they are held.
    """
    rows = User.objects.select_for_update(no_key=True).filter(pk__in=users).order_by("pk")
    return {row.pk: row for row in rows if row.is_active}
