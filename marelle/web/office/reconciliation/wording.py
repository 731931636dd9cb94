"""The words of the comparison with statements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from marelle.domain.payments.models import StatementLine
from marelle.domain.payments.operations.statements import WhyNotSorted
from marelle.domain.payments.rules.attempts import State
from marelle.domain.payments.rules.desk import WhyNotTaken
from marelle.foundation.money import in_euros

CHOOSE: Final = "Choisissez dans la liste."
TOO_LONG: Final = "C’est trop long."
NO_FILE: Final = "Choisissez le fichier du relevé, au format CSV."
NO_REASON: Final = "Écrivez pourquoi cette ligne n’est pas un paiement d’une famille."
DISMISSED: Final = "La ligne est écartée."
TAKEN_BACK: Final = "La ligne est de nouveau à classer."
CREDITED: Final = "Le prestataire confirme : le paiement est crédité, la famille en est prévenue."
NOT_CREDITED: Final = (
    "Le prestataire ne confirme pas ce paiement pour le moment. Rien n’est crédité : comparez le relevé et écrivez-lui."
)
WHY_NOT: Final[Mapping[WhyNotSorted | WhyNotTaken, str]] = {
    **{why: why.value for why in WhyNotTaken},
    WhyNotSorted.SORTED_ALREADY: "Cette ligne vient d’être classée par quelqu’un d’autre. Rien n’a été enregistré.",
    WhyNotSorted.NOT_MONEY_IN: "Cette ligne est une sortie d’argent : elle ne s’encaisse pas.",
    WhyNotSorted.NOT_ITS_PAYER: "Ce compte ou cette facture n’est pas de cette régie.",
    WhyNotSorted.NO_REASON: NO_REASON,
}
STATES: Final = {
    StatementLine.State.MATCHED: ("green", "check"),
    StatementLine.State.TO_SORT: ("amber", "clock"),
    StatementLine.State.ASSIGNED: ("green", "check"),
    StatementLine.State.DISMISSED: ("quiet", "x"),
}
COLUMNS: Final = {
    "date": "Colonne de la date",
    "label": "Colonne du libellé",
    "reference": "Colonne de la référence",
    "amount": "Colonne du montant",
    "credit": "Colonne du crédit",
    "debit": "Colonne du débit",
    "status": "Colonne du résultat",
}
SEEN_AS: Final = {
    State.CREATED: "jamais commencé",
    State.REDIRECTED: "en attente",
    State.REFUSED: "refusé",
    State.ABANDONED: "abandonné",
    State.EXPIRED: "expiré",
}


def imported(read: int, new: int) -> str:
    """Will say what a file brought."""
    if not new:
        return "Ce relevé était déjà connu : aucune ligne nouvelle."
    return f"{lines(new)} sur {read} : voyez ce qui reste à classer."


def lines(count: int) -> str:
    """Will count new lines."""
    return f"{count} ligne{'s' if count > 1 else ''} nouvelle{'s' if count > 1 else ''}"


def cashed(cents: int, number: str) -> str:
    """Will say what was cashed, by which receipt."""
    return f"{in_euros(cents)} encaissés, quittance n° {number}."


def columns_seen(names: tuple[str, ...]) -> str:
    """Will quote the columns that were seen in a file."""
    quoted = ", ".join(f"« {name} »" for name in names[:12])
    return f" Colonnes vues : {quoted}." if quoted else ""
