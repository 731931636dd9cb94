"""The words of the queue of cancellations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.foundation.french_dates import in_full, moment
from marelle.foundation.money import in_euros

if TYPE_CHECKING:
    from datetime import date, datetime

REASON_NEEDED = "Écrivez pourquoi : la famille lira cette réponse."
REASON_TOO_LONG = "300 caractères au plus."
NO_ANSWER = "Choisissez une réponse : accepter ou refuser."
ALREADY_ANSWERED = "Cette demande a déjà reçu une réponse."


def asked(at: datetime) -> str:
    """Will write « Demandée lundi 24 novembre, 8 h 40 »."""
    return f"Demandée le {moment(at)}"


def limit(at: datetime, *, is_late: bool) -> str:
    """Will say the limit."""
    return f"le délai était le {moment(at)}" if is_late else f"limite le {moment(at)}"


def stake(cents: int | None, *, is_late: bool) -> str:
    """Will say what an answer changes for the family's bill; empty when there is no price."""
    if not cents:
        return ""
    if is_late:
        return f"{in_euros(cents)}, facturés sauf si vous remboursez."
    return f"{in_euros(cents)} à déduire si vous acceptez."


def already_answered(state: str, agent: str, at: datetime | None) -> str:
    """Will say who answered what, and when."""
    words = "acceptée" if state == "accepted" else "refusée"
    when = f" le {moment(at)}" if at else ""
    who = f" par {agent}" if agent else " par un collègue"
    return f"Elle a été {words}{who}{when}. Rien n’a été changé."


def done(answer: str, child: str, product: str, day: date) -> str:
    """Will say what was recorded."""
    words = {
        "refund": "Annulation acceptée et remboursée",
        "keep": "Annulation acceptée sans remboursement",
        "refuse": "Annulation refusée",
    }[answer]
    return f"{words} : {child}, {product.lower()}, {in_full(day)}."


def outcome(state: str, *, is_refunded: bool | None) -> str:
    """Will say an answer in short."""
    if state == "refused":
        return "Refusée"
    return "Acceptée, remboursée" if is_refunded else "Acceptée sans remboursement"
