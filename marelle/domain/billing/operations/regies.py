"""How a régie invoices: what an agent chooses for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.rules.numbers import check_pattern
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.foundation.actors import Actor


@dataclass(frozen=True, slots=True)
class RegieChoices:
    """All of it but since when it is paid online; `small_debt_cents` in cents, 0: nothing is ever carried over."""

    has_billing: bool
    number_pattern: str
    invoice_title: str
    payment_days: int
    small_debt_cents: int
    payments_known_until: date | None
    payfip_id: str
    how_to_pay: str
    vat_words: str
    issuer_name: str
    issuer_quality: str


@operation
def set_regie(regie: Regie, choices: RegieChoices, *, by: Actor, at: datetime) -> None:
    """Will record how a régie invoices from now on; what was issued keeps its reference.

    Raises InvalidPatternError, or ValueError for an unknown title.
    """
    check_pattern(choices.number_pattern)
    Regie.Title(choices.invoice_title)
    Regie.objects.filter(pk=regie.pk).update(**asdict(choices))
    audit.record("set_regie", authority=regie.authority_id, of="regie", key=regie.pk, by=by, at=at)
