"""The words of the queue of cancellations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.foundation.french_dates import in_full, moment
from marelle.foundation.money import in_euros

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.domain.reservations.operations.cancellations import DecidedTogether

TWO_EUROS = 200  # from there on, French counts money in the plural
REASON_NEEDED = "Écrivez pourquoi : la famille lira cette réponse."
REASON_TOO_LONG = "300 caractères au plus."
REASON_FOR_ALL = "Écrivez pourquoi : chaque famille lira cette réponse."
NOTHING_TICKED = "Cochez d’abord les demandes auxquelles répondre."
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


def together_title(count: int, *, is_refusal: bool) -> str:
    """Will say what is about to be answered to how many requests."""
    verb = "Refuser" if is_refusal else "Accepter"
    return f"{verb} {count} annulation{'s' if count > 1 else ''}" if count else "Annulations déjà traitées"


def comes_to(refunded: int, given_back: int, late: int, due: int) -> list[str]:
    """Will say what accepting comes to, one sentence for what was asked in time, one for what was not."""
    said = []
    if refunded:
        deducted = f", {in_euros(given_back)} à déduire" if given_back else ""
        said.append(f"{refunded} dans les délais{deducted}.")
    if late:
        said.append(f"{late} hors délai, que le règlement laisse {_due(late)}.")
    if due:
        said.append(f"En tout, {stays_due(due)}.")
    return said


def as_ruled(late: int, due: int) -> tuple[str, str]:
    """Will name the answer that follows the règlement, and what it leaves due."""
    return "Comme le règlement", f"{late} hors délai {_stay(late)} {_due(late)} : {in_euros(due)} en tout."


def refund_all(due: int) -> tuple[str, str]:
    """Will name the answer that costs the families nothing."""
    return "Rembourser aussi les demandes hors délai", f"{stays_due(due)}." if due else "Rien ne reste dû."


def stays_due(cents: int) -> str:
    """Will say what is still owed."""
    return f"{in_euros(cents)} {'restent dus' if cents >= TWO_EUROS else 'reste dû'}"


def already_among(count: int) -> str:
    """Will say how many of those that were ticked have an answer already; nothing for none."""
    if not count:
        return ""
    if count == 1:
        return "Une demande cochée a déjà reçu une réponse : elle ne change pas."
    return f"{count} demandes cochées ont déjà reçu une réponse : elles ne changent pas."


def decided_together(done: DecidedTogether) -> str:
    """Will say what became of the requests: « 15 annulations acceptées, dont 3 qui restent dues : 9,30 €. »."""
    accepted = len(done.refunded) + len(done.kept)
    said = []
    if accepted:
        words = f"{accepted} annulation{_s(accepted)} acceptée{_s(accepted)}"
        if done.kept:
            words += f", dont {len(done.kept)} que le règlement laisse {_due(len(done.kept))}"
        said.append(f"{words} : {stays_due(done.due_cents)}." if done.due_cents else f"{words}.")
    if done.refused:
        count = len(done.refused)
        said.append(f"{count} annulation{_s(count)} refusée{_s(count)}.")
    if done.already:
        count = len(done.already)
        said.append(
            "Une demande avait déjà reçu une réponse : elle n’a pas changé."
            if count == 1
            else f"{count} demandes avaient déjà reçu une réponse : elles n’ont pas changé."
        )
    return " ".join(said)


def _s(count: int) -> str:
    return "s" if count > 1 else ""


def _due(count: int) -> str:
    return "dues" if count > 1 else "due"


def _stay(count: int) -> str:
    return "restent" if count > 1 else "reste"
