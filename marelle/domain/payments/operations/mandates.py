"""The life of a mandate: signed online, debited from another account, revoked, lapsed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Q

from marelle.domain.billing.models import PayerAccount
from marelle.domain.payments.models import CreditorAccount, DirectDebit, DirectDebitMandate, MandateAmendment
from marelle.domain.payments.models.direct_debits import LIVING_STATES
from marelle.domain.payments.rules.bank_accounts import bic_from, iban_from
from marelle.domain.payments.rules.mandates import MandateState, has_lapsed, is_rum, rum_of
from marelle.foundation import audit, outbox
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.foundation.actors import Actor


class WhyNotSigned(StrEnum):
    """Why a mandate was not signed, or not changed."""

    NO_CREDITOR = "no_creditor"
    NO_FAMILY = "no_family"
    SIGNED_ALREADY = "signed_already"
    INCOMPLETE = "incomplete"
    NOT_LIVING = "not_living"
    SAME_ACCOUNT = "same_account"


class UnableToSignError(Exception):
    """Nothing was written; `why` says what stands against it."""

    def __init__(self, why: WhyNotSigned) -> None:
        """Will keep why."""
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class SignedAccount:
    """The account that a payer gives, as it was written: its holder, his address, the IBAN and the BIC."""

    holder: str = field(repr=False)
    address: str = field(repr=False)
    iban: str = field(repr=False)
    bic: str = field(default="", repr=False)


@operation
def sign_mandate(
    payer: PayerAccount, account: SignedAccount, *, place: str, on: date, by: Actor, at: datetime
) -> DirectDebitMandate:
    """Will record the mandate that a payer signs on a day of the town, for the creditor of its régie.

    Raises UnableToSignError, WrongAccountError.
    """
    payer = PayerAccount.objects.select_for_update().get(pk=payer.pk)
    creditor = CreditorAccount.objects.filter(regie=payer.regie_id, is_open=True).first()
    if creditor is None:
        raise UnableToSignError(WhyNotSigned.NO_CREDITOR)
    if payer.family_id is None:
        raise UnableToSignError(WhyNotSigned.NO_FAMILY)
    if DirectDebitMandate.objects.filter(payer=payer, state__in=LIVING_STATES).exists():
        raise UnableToSignError(WhyNotSigned.SIGNED_ALREADY)
    if not (account.holder.strip() and account.address.strip() and place.strip()):
        raise UnableToSignError(WhyNotSigned.INCOMPLETE)
    iban = iban_from(account.iban)
    name = new_public_id()
    mandate: DirectDebitMandate = DirectDebitMandate.objects.create(
        authority_id=payer.authority_id,
        public_id=name,
        regie_id=payer.regie_id,
        payer=payer,
        family_id=payer.family_id,
        ics=creditor.ics,
        creditor_name=creditor.name,
        creditor_address=creditor.address,
        rum=rum_of(on, new_public_id()),
        holder=account.holder.strip()[:140],
        address=account.address.strip()[:300],
        iban=iban,
        bic=bic_from(account.bic, iban=iban),
        place=place.strip()[:80],
        signed_on=on,
        signed_at=at,
        signed_by_id=by.key,
        state_at=at,
    )
    outbox.post("letters.mandate_signed", authority=payer.authority_id, mandate=mandate.pk)
    audit.record("sign_mandate", authority=payer.authority_id, of="direct_debit_mandate", key=mandate.pk, by=by, at=at)
    return mandate


@operation
def take_over_mandate(
    payer: PayerAccount,
    account: SignedAccount,
    *,
    rum: str,
    place: str,
    signed_on: date,
    signed_at: datetime,
    last_used_on: date | None,
    by: Actor,
    at: datetime,
) -> DirectDebitMandate:
    """Will record a mandate that a payer signed under a former software, for the same creditor: its RUM is kept.

    Nobody is written to: nothing changes for the family. Raises UnableToSignError, WrongAccountError.
    """
    payer = PayerAccount.objects.select_for_update().get(pk=payer.pk)
    creditor = CreditorAccount.objects.filter(regie=payer.regie_id).first()
    if creditor is None:
        raise UnableToSignError(WhyNotSigned.NO_CREDITOR)
    if payer.family_id is None:
        raise UnableToSignError(WhyNotSigned.NO_FAMILY)
    here = DirectDebitMandate.objects.filter(Q(payer=payer, state__in=LIVING_STATES) | Q(ics=creditor.ics, rum=rum))
    if here.exists():
        raise UnableToSignError(WhyNotSigned.SIGNED_ALREADY)
    if not (is_rum(rum) and account.holder.strip() and account.address.strip() and place.strip()):
        raise UnableToSignError(WhyNotSigned.INCOMPLETE)
    if has_lapsed(signed_on, last_used_on, on=at.date()):
        raise UnableToSignError(WhyNotSigned.NOT_LIVING)
    iban = iban_from(account.iban)
    mandate: DirectDebitMandate = DirectDebitMandate.objects.create(
        authority_id=payer.authority_id,
        regie_id=payer.regie_id,
        payer=payer,
        family_id=payer.family_id,
        ics=creditor.ics,
        creditor_name=creditor.name,
        creditor_address=creditor.address,
        rum=rum,
        holder=account.holder.strip()[:140],
        address=account.address.strip()[:300],
        iban=iban,
        bic=bic_from(account.bic, iban=iban),
        place=place.strip()[:80],
        signed_on=signed_on,
        signed_at=signed_at,
        last_used_on=last_used_on,
        state_at=at,
    )
    audit.record(
        "take_over_mandate", authority=payer.authority_id, of="direct_debit_mandate", key=mandate.pk, by=by, at=at
    )
    return mandate


@operation
def drop_mandate(mandate: DirectDebitMandate, *, by: Actor, at: datetime) -> bool:
    """Will remove a mandate that was taken over by mistake, as long as it is as it came; tells whether it did.

    One that serves, that was announced, changed or revoked stays.
    """
    PayerAccount.objects.select_for_update().get(pk=mandate.payer_id)
    mandate = DirectDebitMandate.objects.select_for_update().get(pk=mandate.pk)
    is_used = (
        mandate.state != MandateState.ACTIVE.value
        or DirectDebit.objects.filter(mandate=mandate).exists()
        or MandateAmendment.objects.filter(mandate=mandate).exists()
    )
    if is_used:
        return False
    key, authority = mandate.pk, mandate.authority_id
    mandate.delete()
    audit.record("drop_mandate", authority=authority, of="direct_debit_mandate", key=key, by=by, at=at)
    return True


@operation
def change_account(mandate: DirectDebitMandate, account: SignedAccount, *, by: Actor, at: datetime) -> MandateAmendment:
    """Will debit another account under the same mandate, which serves again if it was suspended.

    The former account is kept: the next debit tells the bank. Raises UnableToSignError, WrongAccountError.
    """
    PayerAccount.objects.select_for_update().get(pk=mandate.payer_id)
    mandate = DirectDebitMandate.objects.select_for_update().get(pk=mandate.pk)
    if not MandateState(mandate.state).is_living:
        raise UnableToSignError(WhyNotSigned.NOT_LIVING)
    iban = iban_from(account.iban)
    bic = bic_from(account.bic, iban=iban)
    if iban == mandate.iban:
        raise UnableToSignError(WhyNotSigned.SAME_ACCOUNT)
    if not (account.holder.strip() and account.address.strip()):
        raise UnableToSignError(WhyNotSigned.INCOMPLETE)
    amendment: MandateAmendment = MandateAmendment.objects.create(
        authority_id=mandate.authority_id,
        mandate=mandate,
        former_iban=mandate.iban,
        former_bic=mandate.bic,
        amended_at=at,
        amended_by_id=by.key,
    )
    mandate.holder, mandate.address = account.holder.strip()[:140], account.address.strip()[:300]
    mandate.iban, mandate.bic = iban, bic
    mandate.state, mandate.state_reason, mandate.state_at = MandateState.ACTIVE.value, "", at
    mandate.save(update_fields=["holder", "address", "iban", "bic", "state", "state_reason", "state_at"])
    outbox.post("letters.mandate_amended", authority=mandate.authority_id, amendment=amendment.pk)
    audit.record(
        "change_account", authority=mandate.authority_id, of="direct_debit_mandate", key=mandate.pk, by=by, at=at
    )
    return amendment


@operation
def wake_mandate(mandate: DirectDebitMandate, *, by: Actor, at: datetime) -> bool:
    """Will have a suspended mandate serve again, its account found to be right; tells whether it was suspended.

    A living mandate that has not served for 36 months lapses in the night all the same.
    """
    PayerAccount.objects.select_for_update(no_key=True).get(pk=mandate.payer_id)
    count = DirectDebitMandate.objects.filter(pk=mandate.pk, state=MandateState.SUSPENDED.value).update(
        state=MandateState.ACTIVE.value, state_reason="", state_at=at
    )
    if count:
        audit.record(
            "wake_mandate", authority=mandate.authority_id, of="direct_debit_mandate", key=mandate.pk, by=by, at=at
        )
    return bool(count)


@operation
def revoke_mandate(mandate: DirectDebitMandate, *, by: Actor, at: datetime) -> DirectDebitMandate:
    """Will end a mandate; again: nothing more. A debit that the bank already has still takes place."""
    PayerAccount.objects.select_for_update().get(pk=mandate.payer_id)
    mandate = DirectDebitMandate.objects.select_for_update().get(pk=mandate.pk)
    if not MandateState(mandate.state).is_living:
        return mandate
    mandate.state, mandate.state_reason, mandate.state_at = MandateState.REVOKED.value, "", at
    mandate.save(update_fields=["state", "state_reason", "state_at"])
    outbox.post("letters.mandate_revoked", authority=mandate.authority_id, mandate=mandate.pk)
    audit.record(
        "revoke_mandate", authority=mandate.authority_id, of="direct_debit_mandate", key=mandate.pk, by=by, at=at
    )
    return mandate


@operation
def lapse_mandates(*, on: date, by: Actor, at: datetime) -> int:
    """Will end the mandates that served for nothing during 36 months, in the authorities in scope; returns how many."""
    rows = DirectDebitMandate.objects.select_for_update().filter(state__in=LIVING_STATES).order_by("pk")
    old = [one for one in rows if has_lapsed(one.signed_on, one.last_used_on, on=on)]
    for one in old:
        one.state, one.state_reason, one.state_at = MandateState.LAPSED.value, "", at
        one.save(update_fields=["state", "state_reason", "state_at"])
        audit.record("lapse_mandate", authority=one.authority_id, of="direct_debit_mandate", key=one.pk, by=by, at=at)
    return len(old)
