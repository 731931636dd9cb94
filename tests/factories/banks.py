"""Accounts, creditors and mandates whose keys are right."""

from __future__ import annotations

from datetime import UTC, date, datetime

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import PayerAccount
from marelle.domain.payments.models import CreditorAccount, DirectDebitMandate
from marelle.domain.payments.operations.creditors import CreditorChoices, set_creditor
from marelle.domain.payments.operations.mandates import SignedAccount, sign_mandate
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM

ICS = "FR72ZZZ123456"
OWN = ("FR2930001000641234567890147", "BDFEFRPPXXX")
FRENCH, GERMAN, BELGIAN = "FR7630006000011234567890189", "DE89370400440532013000", "BE68539007547034"
SIGNED_ON = date(2026, 9, 1)
SIGNED_AT = datetime(2026, 9, 1, 8, tzinfo=UTC)


def account_numbered(number: int) -> str:
    """Return a French account whose key is right, another one for each number."""
    body = f"3000600001{number:011d}89"
    digits = int(f"{body}152700")  # F = 15, R = 27, then 00
    return f"FR{98 - digits % 97:02d}{body}"


def make_creditor(regie: Regie, **fields) -> CreditorAccount:
    """Open the creditor account of a régie."""
    said = {
        "ics": ICS,
        "name": "RÉGIE SCOLAIRE DE DAMMARTIN",
        "address": "1, place de la Mairie, 77610 Dammartin",
        "iban": OWN[0],
        "bic": OWN[1],
        "scheme": "pain.008.001.02",
        "settles_after_days": 5,
        "fee_cents": 0,
        "is_open": True,
        **fields,
    }
    with tenancy.scope({regie.authority_id}):
        return set_creditor(regie, CreditorChoices(**said), by=SYSTEM, at=SIGNED_AT)


def sign(payer: PayerAccount, iban: str = FRENCH, *, on: date = SIGNED_ON) -> DirectDebitMandate:
    """Sign a mandate for a payer."""
    account = SignedAccount("Léa Sanchez-Cordovès", "2, rue Haute, 77610 Dammartin", iban)
    with tenancy.scope({payer.authority_id}):
        return sign_mandate(
            payer,
            account,
            place="Dammartin",
            on=on,
            by=SYSTEM,
            at=datetime(on.year, on.month, on.day, 8, tzinfo=UTC),
        )
