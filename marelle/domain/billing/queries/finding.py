"""An invoice by what somebody reads on it: its number, or the reference with which it is paid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.db.models import Q

from marelle.domain.billing.models import Invoice, NumberSeries
from marelle.domain.billing.rules.references import public_id_of

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_FOUND: Final = 5
_DIGITS: Final = re.compile(r"[0-9]{1,9}")
_SEPARATORS: Final = re.compile(r"[\s\-/._:]+")
# What the column holds.
_HIGHEST: Final = 2_147_483_647


def invoices_named(typed: str) -> list[Invoice]:
    """Will return the issued invoices of the authority in scope that bear this number or this reference, with family.

    The sequence alone (« 154 ») is enough: one a régie and a year. By indexes, whatever their number.
    """
    typed = typed.strip()
    numbers = [number for digits in _DIGITS.findall(typed) if (number := int(digits)) <= _HIGHEST]
    wanted = Q(public_id=public_id_of(typed)) if public_id_of(typed) else Q(pk__in=())
    if numbers:
        for series in NumberSeries.objects.all():
            wanted |= Q(regie=series.regie_id, exercice=series.exercice, sequence__in=numbers)
    if typed:
        wanted |= Q(number__iexact=typed) & ~Q(origin=Invoice.Origin.MARELLE)
    found = Invoice.objects.issued().filter(wanted).select_related("family", "regie").order_by("-exercice", "-sequence")
    return list(_bearing(typed, found))[:MOST_FOUND]


def _bearing(typed: str, invoices: Iterable[Invoice]) -> Iterable[Invoice]:
    """Will keep those whose whole number, sequence or reference is what was typed."""
    plain = _plain(typed)
    for one in invoices:
        if (
            plain == _plain(one.number)
            or plain.lstrip("0") == str(one.sequence)
            or public_id_of(typed) == one.public_id
        ):
            yield one


def _plain(number: str) -> str:
    return _SEPARATORS.sub("", number).lower()
