"""The words of billing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.billing.models import BillingRun
from marelle.domain.billing.operations.aids import WhyNotHelped
from marelle.domain.billing.operations.corrections import WhyNotCorrected
from marelle.domain.billing.operations.manual import WhyNotCharged
from marelle.domain.billing.operations.runs import WhyNot
from marelle.domain.billing.queries.review import Sift
from marelle.domain.billing.rules.charges import Trouble
from marelle.domain.reservations.rules.two_homes import Share
from marelle.foundation.french_dates import MONTHS, in_digits, listed
from marelle.foundation.money import NO_BREAK, in_euros
from marelle.foundation.periods import Period

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

NO_DAY: Final = "Indiquez un jour, par exemple 30/11/2026."
NO_AMOUNT: Final = "Indiquez un montant, par exemple 12,50."
NO_SIGNED_AMOUNT: Final = "Indiquez un montant, par exemple 12,50, ou -12,50 en faveur de la famille."
NO_NAME: Final = "Écrivez l’objet, par exemple « Cantine, novembre 2026 »."
NO_YEAR: Final = "Indiquez une année, par exemple 2026."
NO_REASON: Final = "Écrivez pourquoi : la raison reste avec la facture."
NO_LABEL: Final = "Écrivez le libellé que la famille lira."
NO_NUMBER: Final = "Écrivez le numéro que le Trésor a donné."
NO_PAYER: Final = "Écrivez qui paie cette aide, par exemple « CAF de Seine-et-Marne »."
CHOOSE: Final = "Choisissez dans la liste."
CHOOSE_SERVICE: Final = "Cochez au moins un service."
TOO_LONG: Final = "C’est trop long."
CARRY_NOT_ABOVE: Final = "Le report ne peut dépasser 100 €."
GONE: Final = "Cette facturation a changé entre-temps"
GONE_WHY: Final = "Quelqu’un d’autre y travaille, ou elle est déjà approuvée. Rien n’a été enregistré."
ABANDONED: Final = "La facturation est abandonnée : ses brouillons sont effacés, aucune facture n’est partie."
REDRAFTING: Final = "Tous les brouillons sont refaits à partir de ce qui est noté aujourd’hui."
REDRAFTED: Final = "Le brouillon est refait à partir de ce qui est noté aujourd’hui."
SET_ASIDE: Final = "Le brouillon est écarté : ce qu’il contient sera repris par une prochaine facturation."
TAKEN_BACK: Final = "Le brouillon est repris dans la facturation."
CHARGE_ADDED: Final = "La ligne est ajoutée."
CHARGE_WITHDRAWN: Final = "La ligne est retirée."
AID_ADDED: Final = "L’aide est notée. Elle sera déduite des prochaines factures."
AID_WITHDRAWN: Final = "L’aide est retirée."
DELIVERY_CHOSEN: Final = "L’envoi est noté : il vaut pour les prochaines factures."
REGIE_SAVED: Final = "C’est enregistré."
# What is due by the month or the year, of a child who lives in two homes.
SHARES: Final = {
    Share.WHOLE: "ce foyer paie le forfait entier",
    Share.LARGER_HALF: "facture la moitié du forfait (garde alternée)",
    Share.SMALLER_HALF: "facture la moitié du forfait (garde alternée)",
    Share.NOTHING: "l’autre foyer paie le forfait",
}
NOT_TO_HAND_OVER: Final = "Il ne reste rien à recouvrer de cette facture, ou elle est déjà remise au Trésor."


class Said(NamedTuple):
    """A trouble: its name, what it means and what to do."""

    title: str
    todo: str


TROUBLES: Final = {
    Trouble.NO_QUOTIENT: Said(
        "Sans quotient", "Le tarif en demande un : ces jours ne sont pas facturés. Notez-le dans le dossier."
    ),
    Trouble.NO_BRACKET: Said(
        "Tarif sans tranche",
        "Aucune tranche ne convient à ce quotient : ces jours ne sont pas facturés. Complétez le tarif.",
    ),
    Trouble.NO_SITUATION: Said(
        "Situation hors tarif",
        "Le tarif ne dit rien de cette famille : ces jours ne sont pas facturés. Complétez le tarif.",
    ),
    Trouble.NO_DURATION: Said(
        "Durée inconnue",
        "Le prix dépend du temps passé : ces jours ne sont pas facturés. Notez la durée sur la feuille.",
    ),
    Trouble.NO_TARIFF: Said(
        "Prestation sans tarif", "Aucun tarif n’est voté pour ces jours : ils ne sont pas facturés."
    ),
    Trouble.NOT_ENROLLED: Said(
        "Présence sans inscription",
        "L’enfant était là sans être inscrit à l’activité : ces jours ne sont pas facturés. Inscrivez-le, ou "
        "corrigez la feuille de présence.",
    ),
    Trouble.TARIFF_CHANGED: Said(
        "Tarif changé dans la période", "Chaque jour est facturé au tarif en vigueur ce jour-là. À vérifier."
    ),
    Trouble.QUOTIENT_CHANGED: Said(
        "Quotient changé dans la période", "Chaque jour est facturé avec le quotient qui valait ce jour-là. À vérifier."
    ),
    Trouble.ABSURD_QUOTIENT: Said(
        "Quotient très élevé", "Au-dessus de 5 000 : sans doute une faute de frappe. Vérifiez-le dans le dossier."
    ),
}
SIFTS: Final = {
    Sift.ALL: "Tout",
    Sift.TO_CHECK: "À vérifier",
    Sift.JUMP: "Forte variation",
    Sift.NEGATIVE: "En faveur de la famille",
    Sift.ZERO: "À zéro",
    Sift.CARRIED: "Petites sommes",
    Sift.SET_ASIDE: "À part",
}
WHY_NOT: Final = {
    WhyNot.NO_BILLING: "Cette régie ne facture pas avec Marelle.",
    WhyNot.ANOTHER_IS_OPEN: "Une facturation de cette régie est déjà ouverte : approuvez-la ou abandonnez-la d’abord.",
    WhyNot.NO_SERVICE: CHOOSE_SERVICE,
    WhyNot.NOT_OVER: "La période n’est pas finie : on ne facture que ce qui a eu lieu.",
    WhyNot.TOO_LONG: "La période dépasse un an.",
    WhyNot.BAD_DATES: "Le dernier jour vient avant le premier.",
    WhyNot.NOT_IN_REVIEW: "La facturation est en préparation ou en cours d’émission. Réessayez dans un instant.",
    WhyNot.ALREADY_ISSUED: "La facturation est approuvée : elle ne peut plus être abandonnée.",
}
WHY_NOT_CHARGED: Final = {
    WhyNotCharged.NO_FAMILY: "Ce compte n’est pas celui d’une famille.",
    WhyNotCharged.BAD_AMOUNT: "Le montant est nul, ou dépasse 10 000 €.",
    WhyNotCharged.NO_LABEL: NO_LABEL,
    WhyNotCharged.NO_REASON: NO_REASON,
    WhyNotCharged.NOT_ITS_CHILD: "Cet enfant n’est pas de la famille.",
    WhyNotCharged.INVOICED: "Cette ligne est déjà facturée : ajoutez une ligne du montant contraire.",
}
WHY_NOT_HELPED: Final = {
    WhyNotHelped.BAD_AMOUNT: "Indiquez un montant, ou un pourcentage de 1 à 100, et pas les deux.",
    WhyNotHelped.BAD_DATES: "Le dernier jour vient avant le premier.",
    WhyNotHelped.NO_LABEL: "Écrivez le nom de l’aide, par exemple « Bons CAF ».",
    WhyNotHelped.NO_PAYER: NO_PAYER,
    WhyNotHelped.NOT_ITS_CHILD: "Cet enfant n’est pas de la famille.",
    WhyNotHelped.NOT_ITS_SERVICE: "Ce service n’est pas de cette régie.",
}
WHY_NOT_CORRECTED: Final = {
    WhyNotCorrected.NOT_ISSUED: "Seule la facture d’une famille, déjà émise, se corrige ainsi.",
    WhyNotCorrected.NO_REASON: NO_REASON,
    WhyNotCorrected.RUN_UNDER_WAY: "Une facturation de la régie est en préparation ou en cours d’émission. Réessayez "
    "dans un instant.",
    WhyNotCorrected.NOTHING: "Il n’y a rien à corriger : cette facture dit ce qui est noté aujourd’hui.",
    WhyNotCorrected.CHANGED: "Le calcul a changé depuis que cette page est affichée. Relisez-le avant d’émettre.",
}
STATES: Final = {
    BillingRun.State.DRAFTING: ("amber", "hourglass"),
    BillingRun.State.REVIEW: ("blue", "eye"),
    BillingRun.State.ISSUING: ("amber", "hourglass"),
    BillingRun.State.ISSUED: ("green", "check"),
    BillingRun.State.ABANDONED: ("quiet", "x"),
}
KINDS: Final = {
    "late_pickup": "Départs tardifs",
    "package": "Forfaits",
    "package_refund": "Remboursements de forfaits",
    "cap": "Plafonds",
    "aid": "Aides",
    "manual": "Lignes manuelles",
}
POSTINGS: Final = {
    "invoice": "Émise",
    "payment": "Paiement",
    "allocation": "Imputé d’un avoir ou d’une avance",
    "refund": "Remboursement",
    "reversal": "Paiement annulé",
    "recovery": "Paiement au Trésor",
    "write_off": "Admission en non-valeur",
    "union": "Réunion de deux dossiers",
}


def month_of(period: Period) -> str:
    """Will write « novembre 2026 » for a month, else « du 01/11/2026 au 15/12/2026 »."""
    last = period.ends_on or period.starts_on
    if (period.starts_on.year, period.starts_on.month) == (last.year, last.month):
        return f"{MONTHS[last.month - 1]} {last.year}"
    return f"du {in_digits(period.starts_on)} au {in_digits(last)}"


def proposed_name(services: Sequence[str], period: Period) -> str:
    """Will write « Cantine et étude, novembre 2026 »."""
    names = [*services[:1], *(name[:1].lower() + name[1:] for name in services[1:])]
    return f"{listed(names) or 'Services'}, {month_of(period)}"[:120]


def invoices(count: int) -> str:
    """Will count invoices."""
    return f"{count} facture{'s' if count > 1 else ''}"


def progress(done: int, whole: int, *, is_drafting: bool) -> str:
    """Will say how far the worker is."""
    noun = "famille" if is_drafting else "facture"
    return f"{done} {noun}{'s' if done > 1 else ''} sur {whole}"


def bracket(name: str) -> str:
    """Will call a band: « tranche 2 », or by its own name."""
    return f"tranche {name}" if name.isdigit() else name


def families(count: int) -> str:
    """Will count families."""
    return f"{count} famille{'s' if count > 1 else ''}"


def children(count: int) -> str:
    """Will count children expected."""
    return "1 enfant attendu" if count == 1 else f"{count} enfants attendus"


def started(name: str) -> str:
    """Will say that the worker is drafting."""
    return f"La préparation de « {name} » a commencé. Vous pouvez quitter cette page et la retrouver ici."


def paid(cents: int, held: int, receipt: str) -> str:
    """Will say what was received, under which receipt, and what is held when it was too much."""
    over = f" {in_euros(held)} sont gardés en avance." if held > 0 else ""
    return f"Paiement de {in_euros(cents)} enregistré. Quittance n°{NO_BREAK}{receipt}.{over}"


def corrected(number: str, cents: int) -> str:
    """Will say what was issued to correct."""
    what = f"Avoir {number} émis" if cents < 0 else f"Facture complémentaire {number} émise"
    return f"{what} : {in_euros(cents)}."


def handed_over(number: str) -> str:
    """Will say that the Trésor recovers it."""
    return f"Remise au Trésor, titre n° {number}. La famille voit qu’elle se paie maintenant au Trésor."


def change(cents: int, before: int | None) -> str:
    """Will write « + 12,00 € », the move from a previous amount; empty when there was none."""
    if before is None or cents == before:
        return ""
    return signed(cents - before)


def signed(cents: int) -> str:
    """Will write an amount with its sign, even above zero."""
    return f"+\N{NO-BREAK SPACE}{in_euros(cents)}" if cents > 0 else in_euros(cents)


def days_in_short(days: Sequence[date]) -> str:
    """Will list days as « 3, 5 et 12/11/2026 », each month written once."""
    months: dict[tuple[int, int], list[str]] = {}
    for day in sorted(set(days)):
        months.setdefault((day.year, day.month), []).append(str(day.day))
    return " ; ".join(f"{listed(numbers)}/{month:02d}/{year}" for (year, month), numbers in months.items())
