"""The words of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.billing.models import Posting
from marelle.domain.billing.operations.ledger import WhyNotReversed
from marelle.domain.payments.models import BankDeposit
from marelle.domain.payments.rules.desk import Means
from marelle.foundation.money import NO_BREAK, in_euros

if TYPE_CHECKING:
    from marelle.domain.payments.models import CashCount, Receipt

MEANS: Final = {
    Means.CASH: "Espèces",
    Means.CHEQUE: "Chèque",
    Means.CARD: "Carte, au terminal",
    Means.TRANSFER: "Virement",
    Means.CESU: "CESU",
    Means.HOLIDAY: "Chèques-vacances",
    Means.OTHER: "Autre",
}
WHY_NOT_REVERSED: Final = {
    WhyNotReversed.NOT_A_PAYMENT: "Une quittance d’annulation ne s’annule pas : encaissez de nouveau.",
    WhyNotReversed.ALREADY: "Cette quittance est déjà annulée.",
    WhyNotReversed.NO_REASON: "Écrivez pourquoi : la raison reste avec la quittance.",
    WhyNotReversed.BEFORE: "Ce jour vient avant celui de l’encaissement.",
}
CAUSES: Final = (
    ("Erreur de saisie", "Erreur de saisie"),
    ("Chèque impayé", "Chèque impayé"),
    ("Paiement par carte contesté", "Paiement par carte contesté"),
    ("Prélèvement rejeté", "Prélèvement rejeté"),
    ("Autre", "Autre"),
)
STATES: Final = {
    BankDeposit.State.PREPARED: ("amber", "hourglass"),
    BankDeposit.State.HANDED_OVER: ("green", "lock"),
    BankDeposit.State.GIVEN_UP: ("quiet", "x"),
}
ACT_SAVED: Final = "L’acte de la régie est noté."
GIVEN_UP: Final = "Le bordereau est annulé : ses quittances attendent un autre versement. Son numéro ne sert plus."
NAMED: Final = "C’est noté."
ENDED: Final = "La fin des fonctions est notée."
HANDED: Final = "La remise de service est notée. Imprimez le procès-verbal : les deux régisseurs le signent."
NO_PIECES: Final = "Indiquez un nombre de billets et de pièces, de 0 à 9999."
CHOOSE_AGENT: Final = "Choisissez la personne."
NO_DAYS: Final = "Indiquez de 1 à 366 jours."
NO_DAY: Final = "Indiquez un jour, par exemple 30/11/2026."


def means(value: str) -> str:
    """Will name a means of payment."""
    return Posting.Means(value).label if value else ""


def way(value: str) -> str:
    """Will name a means of payment inside a sentence: « carte bancaire », « CESU »."""
    name = means(value)
    return name if name.isupper() else name.lower()


def taken(receipt: Receipt, held: int) -> str:
    """Will say what was cashed, and what is held when it was too much."""
    over = f" {in_euros(held)} sont gardés en avance." if held > 0 else ""
    return f"{in_euros(receipt.cents)} encaissés. Quittance n°{NO_BREAK}{receipt.number}.{over}"


def cancelled(counter: Receipt) -> str:
    """Will say that a receipt was countered."""
    return f"Le paiement est annulé par la quittance n°{NO_BREAK}{counter.number}. Ce qu’il réglait est de nouveau dû."


def counted(count: CashCount) -> str:
    """Will say what a count found."""
    difference = count.difference_cents
    if not difference:
        return f"La caisse est juste : {in_euros(count.counted_cents)}."
    what = "de trop" if difference > 0 else "manquent"
    return f"Compté : {in_euros(count.counted_cents)}. {in_euros(abs(difference))} {what} : l’écart est noté."


def prepared(deposit: BankDeposit) -> str:
    """Will say that a deposit is ready."""
    return f"Le bordereau {deposit.number} est préparé : {in_euros(deposit.cents)}."


def handed_over(deposit: BankDeposit) -> str:
    """Will say that a deposit is locked."""
    return f"Le bordereau {deposit.number} est versé : il ne change plus."


def receipts(count: int) -> str:
    """Will count receipts."""
    return f"{count} quittance{'s' if count > 1 else ''}"
