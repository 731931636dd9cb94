"""What a cancellation gives: decided by an agent, or at once when the authority chooses so."""

from __future__ import annotations

from dataclasses import dataclass

from marelle.domain.catalog.rules.pricing import NOTHING_DUE, PriceRule


@dataclass(frozen=True, slots=True)
class CancellationEffect:
    """What stays due of a day cancelled in time, and who decides.

    `is_automatic`: accepted at once within the deadline, the place freed at that moment; else an agent answers.
    `is_credit`: what was paid already comes back as a credit on the family's account, not as a refund.
    """

    is_automatic: bool = False
    bills: PriceRule = NOTHING_DUE
    is_credit: bool = False
