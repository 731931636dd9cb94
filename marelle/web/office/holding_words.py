"""What holds a row that an agent wanted to remove, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.foundation.french_dates import listed

if TYPE_CHECKING:
    from collections import Counter

# By table: one of them, several. What is not named here is « autre chose »: true, and never the name of a table.
WORDS: Final = {
    "families.child": ("un enfant", "enfants"),
    "catalog.activity": ("une activité", "activités"),
    "catalog.closureday": ("une fermeture", "fermetures"),
    "catalog.product": ("une prestation", "prestations"),
    "reservations.enrollment": ("une inscription", "inscriptions"),
    "reservations.reservation": ("une réservation", "réservations"),
    "reservations.basketline": ("un jour dans un panier", "jours dans des paniers"),
    "reservations.waitinglistentry": ("une attente", "attentes"),
    "reservations.attendance": ("un pointage", "pointages"),
    "reservations.absence": ("une absence", "absences"),
    "reservations.place": ("une place prise", "places prises"),
    "reservations.kitchensettings": ("une cuisine à prévenir", "cuisines à prévenir"),
    "reservations.kitchenorder": ("une commande de repas", "commandes de repas"),
    "billing.invoiceline": ("une ligne de facture", "lignes de factures"),
    "accounts.grant": ("un droit d’agent", "droits d’agents"),
}


def held_by(holders: Counter[str]) -> str:
    """Will write « 3 enfants et une activité »."""
    known = [
        WORDS[table][0] if count == 1 else f"{count} {WORDS[table][1]}"
        for table, count in holders.items()
        if table in WORDS
    ]
    if len(known) < len(holders):
        known.append("autre chose" if not known else "d’autres données")
    return listed(known)
