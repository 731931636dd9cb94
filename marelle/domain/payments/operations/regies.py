"""A régie itself: its act, what is counted in its drawer, who holds it and how it goes from one to another."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Count, Sum

from marelle.domain.authorities.models import Authority, Regie
from marelle.domain.payments.models import BankDeposit, CashCount, ReceiptSeries, RegieAct, RegieHandover, RegisseurTerm
from marelle.domain.payments.queries.desk import counts_of, drawer_of, kept, last_numbers, regisseur_of
from marelle.domain.payments.rules.desk import counted, is_count_current
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from marelle.domain.accounts.models import Agent
    from marelle.foundation.actors import Actor


class WhyNotNamed(StrEnum):
    """Why an agent is not named, or a régie not handed over, in the words that people read."""

    HAS_REGISSEUR = "Cette régie a déjà un régisseur titulaire : elle passe à un autre par une remise de service."
    IN_OFFICE = "Cette personne tient déjà cette régie."
    NO_REGISSEUR = "Nommez d’abord le régisseur titulaire."
    NOT_COUNTED = "Comptez la caisse : le dernier comptage n’est pas d’aujourd’hui, ou elle a changé depuis."
    PREPARED = "Un bordereau est préparé : versez-le ou annulez-le avant la remise de service."
    REGISSEUR_LEAVES = "Un régisseur titulaire s’en va par une remise de service."
    OVER = "Ces fonctions sont déjà terminées."
    BEFORE = "Ce jour vient avant le début des fonctions."


class UnableToNameError(Exception):
    """Nobody is named and nothing is handed over, `why` says it; nothing was written."""

    def __init__(self, why: WhyNotNamed) -> None:
        """Will keep why."""
        super().__init__(why.name)
        self.why = why


@operation
def set_act(
    regie: Regie, *, reference: str, ceiling_cents: int, float_cents: int, deposit_days: int, by: Actor, at: datetime
) -> None:
    """Will note what the act of a régie allows; 0 for a ceiling: none is compared."""
    RegieAct.objects.update_or_create(
        regie=regie,
        defaults={
            "authority_id": regie.authority_id,
            "reference": reference.strip()[:120],
            "ceiling_cents": ceiling_cents,
            "float_cents": float_cents,
            "deposit_days": deposit_days,
        },
    )
    audit.record("set_regie_act", authority=regie.authority_id, of="regie", key=regie.pk, by=by, at=at)


@operation
def count_cash(regie: Regie, *, pieces: Mapping[int, int], words: str = "", by: Actor, at: datetime) -> CashCount:
    """Will record what was counted, beside what should be there; `pieces`: how many, by value in cents.

    Raises ValueError for a piece that does not exist.
    """
    regie = _locked(regie)
    count: CashCount = CashCount.objects.create(
        authority_id=regie.authority_id,
        regie=regie,
        pieces={str(value): number for value, number in sorted(pieces.items(), reverse=True) if number},
        counted_cents=counted(pieces),
        expected_cents=drawer_of(regie.pk).cents,
        words=words.strip()[:300],
        date=_day(regie.authority_id, at),
        counted_at=at,
        counted_by_id=by.key,
    )
    audit.record(
        "count_cash",
        authority=regie.authority_id,
        of="cash_count",
        key=count.pk,
        by=by,
        at=at,
        difference=count.difference_cents,
    )
    return count


@operation
def name_regisseur(regie: Regie, *, agent: Agent, kind: str, starts_on: date, by: Actor, at: datetime) -> RegisseurTerm:
    """Will name an agent régisseur titulaire or mandataire suppléant from a day on. Raises UnableToNameError."""
    regie = Regie.objects.select_for_update(no_key=True).get(pk=regie.pk)
    if kind == RegisseurTerm.Kind.REGISSEUR and regisseur_of(regie.pk) is not None:
        raise UnableToNameError(WhyNotNamed.HAS_REGISSEUR)
    if RegisseurTerm.objects.filter(regie=regie, agent=agent, ends_on__isnull=True).exists():
        raise UnableToNameError(WhyNotNamed.IN_OFFICE)
    term = _begin(regie, agent, RegisseurTerm.Kind(kind), starts_on)
    audit.record("name_regisseur", authority=regie.authority_id, of="term", key=term.pk, by=by, at=at)
    return term


@operation
def end_term(term: RegisseurTerm, *, ends_on: date, by: Actor, at: datetime) -> None:
    """Will end the term of a mandataire. Raises UnableToNameError: a régisseur leaves by handing over."""
    term = RegisseurTerm.objects.select_for_update().get(pk=term.pk)
    if term.ends_on is not None:
        raise UnableToNameError(WhyNotNamed.OVER)
    if term.kind == RegisseurTerm.Kind.REGISSEUR:
        raise UnableToNameError(WhyNotNamed.REGISSEUR_LEAVES)
    if ends_on < term.starts_on:
        raise UnableToNameError(WhyNotNamed.BEFORE)
    term.ends_on = ends_on
    term.save(update_fields=["ends_on"])
    audit.record("end_term", authority=term.authority_id, of="term", key=term.pk, by=by, at=at)


@operation
def hand_over_regie(regie: Regie, *, to: Agent, words: str = "", by: Actor, at: datetime) -> RegieHandover:
    """Will hand a régie over today, from its régisseur to another agent.

    The drawer was counted; what is not deposited yet and the last numbers are listed; both sign the record on paper.
    Raises UnableToNameError.
    """
    regie = _locked(regie)
    day = _day(regie.authority_id, at)
    leaving = regisseur_of(regie.pk)
    if leaving is None:
        raise UnableToNameError(WhyNotNamed.NO_REGISSEUR)
    if leaving.agent_id == to.pk:
        raise UnableToNameError(WhyNotNamed.IN_OFFICE)
    if day < leaving.starts_on:
        raise UnableToNameError(WhyNotNamed.BEFORE)
    if BankDeposit.objects.filter(regie=regie, state=BankDeposit.State.PREPARED).exists():
        raise UnableToNameError(WhyNotNamed.PREPARED)
    drawer, count = drawer_of(regie.pk), counts_of(regie.pk).first()
    if count is None or not is_count_current(
        counted_on=count.date, expected=count.expected_cents, drawer=drawer.cents, on=day
    ):
        raise UnableToNameError(WhyNotNamed.NOT_COUNTED)
    leaving.ends_on = day
    leaving.save(update_fields=["ends_on"])
    RegisseurTerm.objects.filter(regie=regie, agent=to, ends_on__isnull=True).update(ends_on=day)
    coming = _begin(regie, to, RegisseurTerm.Kind.REGISSEUR, day)
    held = kept(regie.pk).order_by().values("means").annotate(count=Count("pk"), sum=Sum("cents")).order_by("means")
    given, made = last_numbers(regie.pk)
    handover: RegieHandover = RegieHandover.objects.create(
        authority_id=regie.authority_id,
        regie=regie,
        leaving=leaving,
        coming=coming,
        cash_count=count,
        float_cents=drawer.float_cents,
        held=[[row["means"], row["count"], row["sum"]] for row in held],
        last_receipts=given,
        last_deposits=made,
        words=words.strip()[:500],
        date=day,
        recorded_at=at,
        recorded_by_id=by.key,
    )
    audit.record(
        "hand_over_regie",
        authority=regie.authority_id,
        of="handover",
        key=handover.pk,
        by=by,
        at=at,
        cash=drawer.cents,
    )
    return handover


def _locked(regie: Regie) -> Regie:
    """Will lock a régie, and hold back the receipts that others are about to give."""
    regie = Regie.objects.select_for_update(no_key=True).get(pk=regie.pk)
    list(ReceiptSeries.objects.select_for_update().filter(regie=regie).order_by("pk").values_list("pk"))
    return regie


def _begin(regie: Regie, agent: Agent, kind: RegisseurTerm.Kind, day: date) -> RegisseurTerm:
    term: RegisseurTerm = RegisseurTerm.objects.create(
        authority_id=regie.authority_id, regie=regie, agent=agent, kind=kind, name=agent.name, starts_on=day
    )
    return term


def _day(authority: int, at: datetime) -> date:
    return at.astimezone(Authority.objects.get(pk=authority).zone).date()
