"""Saying whose account debits for a régie."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Regie
from marelle.domain.payments.models import CreditorAccount
from marelle.domain.payments.rules.bank_accounts import bic_from, iban_from, ics_from
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.foundation.actors import Actor


@dataclass(frozen=True, slots=True)
class CreditorChoices:
    """What is said of the account of a régie, as it was written; amounts in cents."""

    ics: str
    name: str
    address: str
    iban: str = field(repr=False)
    bic: str = field(repr=False)
    scheme: str
    settles_after_days: int
    fee_cents: int
    is_open: bool


@operation
def set_creditor(regie: Regie, said: CreditorChoices, *, by: Actor, at: datetime) -> CreditorAccount:
    """Will record the creditor account of a régie. Mandates signed before keep the identifier that they name.

    Raises WrongAccountError.
    """
    Regie.objects.select_for_update(no_key=True).get(pk=regie.pk)
    iban = iban_from(said.iban)
    account: CreditorAccount
    account, is_new = CreditorAccount.objects.update_or_create(
        authority_id=regie.authority_id,
        regie=regie,
        defaults={
            "ics": ics_from(said.ics),
            "name": said.name.strip()[:70],
            "address": said.address.strip()[:140],
            "iban": iban,
            "bic": bic_from(said.bic, iban=iban),
            "scheme": CreditorAccount.Scheme(said.scheme),
            "settles_after_days": said.settles_after_days,
            "fee_cents": said.fee_cents,
            "is_open": said.is_open,
        },
    )
    audit.record(
        "set_creditor", authority=regie.authority_id, of="creditor_account", key=account.pk, by=by, at=at, is_new=is_new
    )
    return account
