"""Deposits: receipts of one means are put together under a number, then handed over; from then on nothing changes."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Count, Sum

from marelle.domain.payments.models import BankDeposit, DepositSeries, Receipt
from marelle.domain.payments.queries.desk import drawer_of, receipts
from marelle.domain.payments.rules.desk import Means
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.domain.authorities.models import Regie
    from marelle.foundation.actors import Actor


class WhyNotDeposited(StrEnum):
    """Why a deposit is not made, in the words that the régisseur reads."""

    NOTHING = "Rien n’est à verser par ce moyen à cette date."
    NO_CASH = "Les annulations dépassent les espèces reçues : il n’y a rien à porter au Trésor pour le moment."
    ANOTHER = "Un bordereau de ce moyen est déjà préparé : versez-le ou annulez-le d’abord."
    LOCKED = "Ce bordereau est versé ou annulé : il ne change plus."
    TO_COME = "Ce jour n’est pas encore venu."
    BEFORE = "Ce jour vient avant la préparation du bordereau."
    SHORT = (
        "Une quittance en espèces a été annulée depuis : la caisse ne contient plus autant. Annulez ce bordereau, puis "
        "préparez-en un autre."
    )


class UnableToDepositError(Exception):
    """The deposit is not made, `why` says it; nothing was written."""

    def __init__(self, why: WhyNotDeposited) -> None:
        """Will keep why."""
        super().__init__(why.name)
        self.why = why


@operation
def prepare_deposit(
    regie: Regie, *, means: str, exercice: int, until: date, today: date, by: Actor, at: datetime
) -> BankDeposit:
    """Will put in one deposit the receipts of a régie, an exercice and a means, up to a day; number it.

    Counter-receipts go with it, whichever deposit their receipts left in. Raises UnableToDepositError.
    """
    DepositSeries.objects.bulk_create(
        [DepositSeries(authority_id=regie.authority_id, regie=regie, exercice=exercice)], ignore_conflicts=True
    )
    series = DepositSeries.objects.select_for_update().get(regie=regie, exercice=exercice)
    prepared = BankDeposit.objects.filter(regie=regie, means=means, state=BankDeposit.State.PREPARED)
    if prepared.filter(exercice=exercice).exists():
        raise UnableToDepositError(WhyNotDeposited.ANOTHER)
    waiting = receipts().filter(
        regie=regie, exercice=exercice, means=means, date__lte=until, is_online=False, deposit__isnull=True
    )
    keys = list(waiting.order_by("pk").values_list("pk", flat=True))
    if not keys:
        raise UnableToDepositError(WhyNotDeposited.NOTHING)
    deposit = BankDeposit(
        authority_id=regie.authority_id,
        regie=regie,
        exercice=exercice,
        sequence=series.last + 1,
        means=means,
        prepared_on=today,
        prepared_at=at,
        prepared_by_id=by.key,
    )
    found = Receipt.objects.filter(pk__in=keys).aggregate(count=Count("pk"), sum=Sum("cents"))
    deposit.receipt_count, deposit.cents = found["count"], found["sum"]
    if means == Means.CASH and deposit.cents <= 0:
        raise UnableToDepositError(WhyNotDeposited.NO_CASH)
    deposit.save()
    Receipt.objects.filter(pk__in=keys).update(deposit=deposit)
    series.last += 1
    series.save(update_fields=["last"])
    audit.record(
        "prepare_deposit", authority=regie.authority_id, of="deposit", key=deposit.pk, by=by, at=at, cents=deposit.cents
    )
    return deposit


@operation
def hand_over_deposit(
    deposit: BankDeposit, *, date: date, today: date, reference: str, by: Actor, at: datetime
) -> None:
    """Will note that a deposit was handed over on a day, with the bank's reference if any: it is locked from now on.

    Raises UnableToDepositError.
    """
    deposit = BankDeposit.objects.select_for_update().get(pk=deposit.pk)
    if deposit.state != BankDeposit.State.PREPARED:
        raise UnableToDepositError(WhyNotDeposited.LOCKED)
    if date > today:
        raise UnableToDepositError(WhyNotDeposited.TO_COME)
    if date < deposit.prepared_on:
        raise UnableToDepositError(WhyNotDeposited.BEFORE)
    if deposit.means == Means.CASH and drawer_of(deposit.regie_id).receipts_cents < deposit.cents:
        raise UnableToDepositError(WhyNotDeposited.SHORT)
    deposit.state = BankDeposit.State.HANDED_OVER
    deposit.handed_on, deposit.handed_at, deposit.handed_by_id = date, at, by.key
    deposit.reference = reference.strip()[:60]
    deposit.save()
    audit.record(
        "hand_over_deposit",
        authority=deposit.authority_id,
        of="deposit",
        key=deposit.pk,
        by=by,
        at=at,
        cents=deposit.cents,
    )


@operation
def give_up_deposit(deposit: BankDeposit, *, by: Actor, at: datetime) -> None:
    """Will give up a deposit that was not handed over: its receipts wait again, its number is used by no other.

    Raises UnableToDepositError.
    """
    deposit = BankDeposit.objects.select_for_update().get(pk=deposit.pk)
    if deposit.state != BankDeposit.State.PREPARED:
        raise UnableToDepositError(WhyNotDeposited.LOCKED)
    Receipt.objects.filter(deposit=deposit).update(deposit=None)
    deposit.state = BankDeposit.State.GIVEN_UP
    deposit.receipt_count = deposit.cents = 0
    deposit.save()
    audit.record("give_up_deposit", authority=deposit.authority_id, of="deposit", key=deposit.pk, by=by, at=at)
