"""Giving back what a wallet holds: asked by the family, decided by an agent, paid by a file or by the Trésor."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import PayerAccount, Posting
from marelle.domain.billing.operations.ledger import refund_wallet
from marelle.domain.billing.queries.ledger import balances_of
from marelle.domain.payments.bank_files import OwnAccount, Transfer, TransferOrder
from marelle.domain.payments.models import CreditorAccount, RefundRequest, TransferBatch
from marelle.domain.payments.rules.bank_accounts import bic_from, iban_from
from marelle.foundation import audit, outbox
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.payments.bank_files import BankFiles
    from marelle.foundation.actors import Actor


class WhyNotRefunded(StrEnum):
    """Why a refund was not asked, decided or paid."""

    NO_FAMILY = "no_family"
    ONE_IS_OPEN = "one_is_open"
    NOT_THAT_MUCH = "not_that_much"
    NO_HOLDER = "no_holder"
    ANSWERED = "answered"
    IN_A_FILE = "in_a_file"
    NO_REFERENCE = "no_reference"
    NO_WORDS = "no_words"
    NO_ACCOUNT = "no_account"
    NOBODY = "nobody"
    FILE_IS_OPEN = "file_is_open"
    FILE_IS_GONE = "file_is_gone"
    WALLET_USED = "wallet_used"


class UnableToPayBackError(Exception):
    """Nothing was written; `why` says what stands against it, `names` whose wallet was used since."""

    def __init__(self, why: WhyNotRefunded, names: Iterable[str] = ()) -> None:
        """Will keep why."""
        super().__init__(why.value)
        self.why, self.names = why, tuple(names)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a family writes to be paid back, amounts in cents."""

    cents: int
    holder: str = field(repr=False)
    iban: str = field(repr=False)
    bic: str = field(default="", repr=False)
    words: str = field(default="", repr=False)


@operation
def ask_refund(payer: PayerAccount, asked: Asked, *, by: Actor, at: datetime) -> RefundRequest:
    """Will record that a family asks for a part of its wallet. Raises UnableToPayBackError, WrongAccountError."""
    payer = PayerAccount.objects.select_for_update().get(pk=payer.pk)
    if payer.family_id is None:
        raise UnableToPayBackError(WhyNotRefunded.NO_FAMILY)
    if RefundRequest.objects.filter(payer=payer, state__in=RefundRequest.OPEN).exists():
        raise UnableToPayBackError(WhyNotRefunded.ONE_IS_OPEN)
    if not 0 < asked.cents <= balances_of([payer.pk])[payer.pk].wallet:
        raise UnableToPayBackError(WhyNotRefunded.NOT_THAT_MUCH)
    if not asked.holder.strip():
        raise UnableToPayBackError(WhyNotRefunded.NO_HOLDER)
    iban = iban_from(asked.iban)
    request: RefundRequest = RefundRequest.objects.create(
        authority_id=payer.authority_id,
        payer=payer,
        family_id=payer.family_id,
        cents=asked.cents,
        holder=asked.holder.strip()[:140],
        iban=iban,
        bic=bic_from(asked.bic, iban=iban),
        words=asked.words.strip()[:1000],
        asked_at=at,
        asked_by_id=by.key,
    )
    audit.record(
        "ask_refund",
        authority=payer.authority_id,
        of="refund_request",
        key=request.pk,
        by=by,
        at=at,
        cents=request.cents,
    )
    return request


@operation
def withdraw_refund(request: RefundRequest, *, by: Actor, at: datetime) -> RefundRequest:
    """Will take back what a family asked and nobody answered. Raises UnableToPayBackError."""
    PayerAccount.objects.select_for_update().get(pk=request.payer_id)
    request = RefundRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.state == RefundRequest.State.WITHDRAWN:
        return request
    if request.state != RefundRequest.State.ASKED:
        raise UnableToPayBackError(WhyNotRefunded.ANSWERED)
    request.state = RefundRequest.State.WITHDRAWN
    request.save(update_fields=["state"])
    audit.record("withdraw_refund", authority=request.authority_id, of="refund_request", key=request.pk, by=by, at=at)
    return request


@operation
def accept_refund(
    request: RefundRequest, *, way: str, reference: str = "", answer: str = "", on: date, by: Actor, at: datetime
) -> RefundRequest:
    """Will answer yes: the money stays in the wallet, waits for the next file, or is paid by the Trésor.

    What the Trésor pays is noted with its reference, and leaves the wallet at once. `on` is today over there. Raises
    UnableToPayBackError; ValueError for a way that is none of them.
    """
    chosen = RefundRequest.Way(way)
    payer = PayerAccount.objects.select_for_update().get(pk=request.payer_id)
    request = _to_answer(request)
    if chosen == RefundRequest.Way.TRANSFER and not CreditorAccount.objects.filter(regie=payer.regie_id).exists():
        raise UnableToPayBackError(WhyNotRefunded.NO_ACCOUNT)
    if chosen == RefundRequest.Way.TREASURY:
        if not reference.strip():
            raise UnableToPayBackError(WhyNotRefunded.NO_REFERENCE)
        if request.cents > balances_of([payer.pk])[payer.pk].wallet:
            raise UnableToPayBackError(WhyNotRefunded.NOT_THAT_MUCH)
        request.posting = refund_wallet(
            payer, cents=request.cents, means=Posting.Means.OTHER, date=on, reference=reference, by=by, at=at
        )
    request.state = {
        RefundRequest.Way.KEPT: RefundRequest.State.KEPT,
        RefundRequest.Way.TRANSFER: RefundRequest.State.ACCEPTED,
        RefundRequest.Way.TREASURY: RefundRequest.State.PAID,
    }[chosen]
    request.way, request.reference = chosen, reference.strip()[:60]
    _answer(request, answer, by, at)
    return request


@operation
def refuse_refund(request: RefundRequest, *, answer: str, by: Actor, at: datetime) -> RefundRequest:
    """Will answer no, in words. Raises UnableToPayBackError."""
    PayerAccount.objects.select_for_update().get(pk=request.payer_id)
    request = _to_answer(request)
    if not answer.strip():
        raise UnableToPayBackError(WhyNotRefunded.NO_WORDS)
    request.state = RefundRequest.State.REFUSED
    _answer(request, answer, by, at)
    return request


@operation
def make_transfers(
    regie: Regie, writer: BankFiles, *, authority: Authority, paid_on: date, by: Actor, at: datetime
) -> TransferBatch:
    """Will write the file of the transfers that wait in a régie, to be paid on a day.

    A wallet that holds less than what was asked is left out, for another answer. Raises UnableToPayBackError,
    UnwritableFileError.
    """
    regie = Regie.objects.select_for_update().get(pk=regie.pk)
    own = CreditorAccount.objects.filter(regie=regie).first()
    if own is None:
        raise UnableToPayBackError(WhyNotRefunded.NO_ACCOUNT)
    if TransferBatch.objects.filter(regie=regie, state=TransferBatch.State.FILED).exists():
        raise UnableToPayBackError(WhyNotRefunded.FILE_IS_OPEN)
    waiting = RefundRequest.objects.filter(payer__regie=regie, state=RefundRequest.State.ACCEPTED, batch__isnull=True)
    payers = sorted(waiting.values_list("payer_id", flat=True))
    list(PayerAccount.objects.select_for_update(no_key=True).filter(pk__in=payers).order_by("pk").values_list("pk"))
    wallets = balances_of(payers)
    rows = list(waiting.filter(payer__in=payers).order_by("payer_id", "pk"))
    requests = [one for one in rows if one.cents <= wallets[one.payer_id].wallet]
    if not requests:
        raise UnableToPayBackError(WhyNotRefunded.NOBODY)
    name = new_public_id()
    message = f"VIR-{paid_on:%Y%m%d}-{name.upper()}"
    content = writer.transfers(
        TransferOrder(
            message=message,
            made_at=at.astimezone(authority.zone),
            paid_on=paid_on,
            account=OwnAccount(own.name, own.ics, own.iban, own.bic),
            transfers=tuple(
                Transfer(
                    reference=_reference(one),
                    cents=one.cents,
                    holder=one.holder,
                    iban=one.iban,
                    bic=one.bic,
                    label=f"Remboursement {own.name}",
                )
                for one in requests
            ),
        )
    )
    batch: TransferBatch = TransferBatch.objects.create(
        authority_id=regie.authority_id,
        public_id=name,
        regie=regie,
        paid_on=paid_on,
        message=message,
        file=content.decode("utf-8"),
        made_at=at,
        made_by_id=by.key,
    )
    RefundRequest.objects.filter(pk__in=[one.pk for one in requests]).update(batch=batch)
    audit.record(
        "make_transfers",
        authority=regie.authority_id,
        of="transfer_batch",
        key=batch.pk,
        by=by,
        at=at,
        refunds=len(requests),
        cents=sum(one.cents for one in requests),
    )
    return batch


@operation
def send_transfers(batch: TransferBatch, *, by: Actor, at: datetime) -> TransferBatch:
    """Will note that the bank has the file: the money leaves the wallets. Again: nothing more.

    Raises UnableToPayBackError, with names, when a wallet was used since: the file must not leave, but be made again.
    """
    batch = TransferBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state == TransferBatch.State.SENT:
        return batch
    if batch.state != TransferBatch.State.FILED:
        raise UnableToPayBackError(WhyNotRefunded.FILE_IS_GONE)
    requests = list(RefundRequest.objects.filter(batch=batch).select_related("payer").order_by("payer_id", "pk"))
    payers = [one.payer_id for one in requests]
    list(PayerAccount.objects.select_for_update().filter(pk__in=payers).order_by("pk").values_list("pk"))
    wallets = balances_of(payers)
    short = [one.payer.name for one in requests if one.cents > wallets[one.payer_id].wallet]
    if short:
        raise UnableToPayBackError(WhyNotRefunded.WALLET_USED, short)
    for one in requests:
        one.posting = refund_wallet(
            one.payer,
            cents=one.cents,
            means=Posting.Means.TRANSFER,
            date=batch.paid_on,
            reference=_reference(one),
            by=by,
            at=at,
        )
        one.state, one.reference = RefundRequest.State.PAID, _reference(one)
        one.save(update_fields=["posting", "state", "reference"])
        outbox.post("letters.refund_paid", authority=batch.authority_id, refund=one.pk)
    batch.state, batch.sent_at, batch.sent_by_id = TransferBatch.State.SENT, at, by.key
    batch.save(update_fields=["state", "sent_at", "sent_by"])
    audit.record(
        "send_transfers",
        authority=batch.authority_id,
        of="transfer_batch",
        key=batch.pk,
        by=by,
        at=at,
        refunds=len(requests),
        cents=sum(one.cents for one in requests),
    )
    return batch


@operation
def abandon_transfers(batch: TransferBatch, *, by: Actor, at: datetime) -> TransferBatch:
    """Will give up a file that the bank does not have: its refunds wait for the next. Raises UnableToPayBackError."""
    batch = TransferBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state == TransferBatch.State.ABANDONED:
        return batch
    if batch.state != TransferBatch.State.FILED:
        raise UnableToPayBackError(WhyNotRefunded.FILE_IS_GONE)
    RefundRequest.objects.filter(batch=batch).update(batch=None)
    batch.state, batch.file = TransferBatch.State.ABANDONED, ""
    batch.save(update_fields=["state", "file"])
    audit.record("abandon_transfers", authority=batch.authority_id, of="transfer_batch", key=batch.pk, by=by, at=at)
    return batch


def _to_answer(request: RefundRequest) -> RefundRequest:
    """Will lock a request that may be answered: a new one, or an accepted one that no file holds."""
    request = RefundRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.state not in RefundRequest.OPEN:
        raise UnableToPayBackError(WhyNotRefunded.ANSWERED)
    if request.batch_id is not None:
        raise UnableToPayBackError(WhyNotRefunded.IN_A_FILE)
    return request


def _answer(request: RefundRequest, answer: str, by: Actor, at: datetime) -> None:
    request.answer, request.decided_at, request.decided_by_id = answer.strip()[:1000], at, by.key
    request.save(update_fields=["state", "way", "reference", "posting", "answer", "decided_at", "decided_by"])
    outbox.post("letters.refund_decided", authority=request.authority_id, refund=request.pk)
    audit.record(
        "answer_refund",
        authority=request.authority_id,
        of="refund_request",
        key=request.pk,
        by=by,
        at=at,
        state=str(request.state),
    )


def _reference(request: RefundRequest) -> str:
    return f"REMB-{request.public_id.upper()}"
