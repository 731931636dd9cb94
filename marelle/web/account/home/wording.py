"""What the first page of the account says of each site."""

from __future__ import annotations

from typing import Final

from marelle.domain.accounts.models import Site

WHAT_FOR: Final = {
    Site.FAMILY: "Réserver, signaler une absence, suivre ses demandes et ses factures.",
    Site.INVOICES: "Payer une facture de cantine, d’eau ou de loyer.",
    Site.OFFICE: "La journée des enfants, les demandes des familles, la facturation.",
}
