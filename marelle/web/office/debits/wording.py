"""The words of direct debits at the office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.payments.operations.debit_batches import WhyNotDebited
from marelle.domain.payments.rules.mandates import WrongDay, earliest_debit, latest_debit
from marelle.foundation.french_dates import without_weekday

if TYPE_CHECKING:
    from datetime import date

    from marelle.domain.payments.operations.debit_batches import UnableToDebitError
    from marelle.domain.payments.operations.debit_returns import Taken

NO_REGIE: Final = "Choisissez une régie."
NO_NAME: Final = "Écrivez le nom du créancier, tel que la banque l’affiche."
NO_ADDRESS: Final = "Écrivez l’adresse du créancier : elle est sur chaque mandat."
NO_ICS: Final = "Indiquez l’identifiant créancier, donné par la Banque de France."
NO_BIC: Final = "Indiquez le BIC du compte : les banques le demandent dans ce fichier."
NO_DAYS: Final = "Indiquez un nombre de jours, de 0 à 60."
NO_FILE: Final = "Choisissez le fichier des rejets."
FILE_TOO_HEAVY: Final = "Ce fichier est trop lourd : deux mégaoctets au plus."
CREDITOR_SAVED: Final = "Le compte créancier est enregistré."
PREPARED: Final = "Les prélèvements sont préparés. Chaque famille reçoit l’annonce par e-mail."
FILED: Final = "Le fichier est prêt : téléchargez-le, puis remettez-le à la banque."
SENT: Final = "La remise est verrouillée. Les familles lisent le jour du prélèvement sur leurs factures."
CONFIRMED: Final = "L’encaissement est lancé : les paiements et les quittances s’enregistrent."
ABANDONED: Final = "La remise est abandonnée. Chaque famille est prévenue."
WOKEN: Final = "Le mandat sert de nouveau, dès la prochaine remise."
INVALID_FILE: Final = (
    "Le fichier ne respecte pas le format des banques : rien n’a été écrit. Vérifiez le compte créancier de la régie."
)
BILLING_UNDER_WAY: Final = (
    "Une facturation de cette régie est en cours de préparation ou d’émission : attendez qu’elle soit finie, ou ne"
    " facturez pas les frais."
)
WHY_NOT: Final = {
    WhyNotDebited.NO_CREDITOR: "Cette régie n’a pas de compte créancier : enregistrez-le d’abord.",
    WhyNotDebited.ONE_IS_OPEN: "Une remise de cette régie n’est pas partie : envoyez-la ou abandonnez-la d’abord.",
    WhyNotDebited.NOBODY: (
        "Il n’y a rien à prélever ce jour-là : aucune famille qui a un mandat n’a de facture à payer d’ici là."
    ),
    WhyNotDebited.NOT_OPEN: "Cette remise est verrouillée : elle ne change plus.",
    WhyNotDebited.NO_FILE: "Faites d’abord le fichier.",
    WhyNotDebited.TOO_LATE: "Le jour du prélèvement est trop proche ou passé : abandonnez cette remise, préparez-en une"
    " autre.",
    WhyNotDebited.NOT_DUE_YET: "Le jour du prélèvement n’est pas encore venu.",
    WhyNotDebited.STALE: "Un mandat a été révoqué ou a changé de compte depuis que le fichier est fait : refaites-le.",
}


def why_not(error: UnableToDebitError, *, told_on: date) -> str:
    """Will say why debits were refused, with the day that would do."""
    if error.day is None:
        return WHY_NOT[error.why]
    day = earliest_debit(told_on) if error.day is WrongDay.TOO_SOON else latest_debit(told_on)
    return error.day.value.format(day=without_weekday(day, year=True))


def taken(result: Taken) -> str:
    """Will say what became of a file of returns."""
    parts = [f"{_counted(result.returned, 'rejet enregistré', 'rejets enregistrés')}."]
    if result.undone:
        parts.append(f"{_counted(result.undone, 'paiement annulé', 'paiements annulés')}, avec sa quittance.")
    if result.suspended:
        parts.append(f"{_counted(result.suspended, 'mandat suspendu', 'mandats suspendus')}.")
    if result.charged:
        parts.append(f"{_counted(result.charged, 'frais ajouté', 'frais ajoutés')} à la prochaine facture.")
    if result.known:
        parts.append(f"{_counted(result.known, 'rejet déjà connu', 'rejets déjà connus')}.")
    return " ".join(parts)


def unknown(result: Taken) -> str:
    """Will name the references that are of no debit; nothing when there are none."""
    if not result.unknown:
        return ""
    shown = ", ".join(result.unknown[:10])
    return f"Références inconnues de cette régie, laissées de côté : {shown}{'…' if result.unknown[10:] else '.'}"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {many if number > 1 else one}"
