"""Reminding families of what they have not paid, and not reminding them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from marelle.domain.billing.models import (
    CollectionHold,
    CollectionSettings,
    Invoice,
    PayerAccount,
    Reminder,
    ReminderStage,
)
from marelle.domain.billing.operations.blocks import refresh_unpaid_block
from marelle.domain.billing.queries.unpaid import unpaid_invoices
from marelle.domain.billing.rules.reminders import due_stage, next_stage
from marelle.domain.families.models import Family, Membership
from marelle.foundation import audit, outbox, tenancy
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority, Regie
    from marelle.foundation.actors import Actor


class UnableToHoldError(Exception):
    """The invoice is not the family's, or is handed over already; nothing was written."""


@dataclass(frozen=True, slots=True)
class Sent:
    """How many reminders left by e-mail, how many wait to be printed, how many invoices had none to send."""

    emails: int = 0
    letters: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class StageSaid:
    """A stage, as an agent writes it."""

    days: int
    name: str
    words: str
    is_letter: bool = False


@operation
def remind(invoices: Collection[int], *, authority: Authority, is_asked: bool = False, by: Actor, at: datetime) -> Sent:
    """Will send the reminder that is due for each of these invoices (keys); the next one at once if `is_asked`.

    By e-mail to a family that can be written to, one for all its invoices of a régie at the same stage; otherwise by a
    letter that waits to be printed. What was paid, handed over or held in between is skipped.
    """
    today = at.astimezone(authority.zone).date()
    list(Invoice.objects.select_for_update().filter(pk__in=invoices).order_by("pk").values_list("pk"))
    found = unpaid_invoices(on=today, invoices=invoices)
    stages = {
        (stage.regie_id, stage.position): stage
        for stage in ReminderStage.objects.filter(regie__in={one.invoice.regie_id for one in found})
    }
    reachable = _reachable({one.invoice.family_id for one in found if one.invoice.family_id})
    made = []
    for one in found:
        stage = next_stage(one.facts, one.stages) if is_asked else due_stage(one.facts, one.stages, on=today)
        if stage is None:
            continue
        row, invoice = stages[one.invoice.regie_id, stage.position], one.invoice
        by_email = (
            not row.is_letter
            and invoice.payer.delivery == PayerAccount.Delivery.EMAIL
            and invoice.family_id in reachable
        )
        made.append(
            Reminder.objects.create(
                authority_id=invoice.authority_id,
                invoice=invoice,
                position=row.position,
                name=row.name,
                words=row.words,
                how=Reminder.How.EMAIL if by_email else Reminder.How.LETTER,
                left_cents=one.facts.left,
                sent_at=at,
                sent_by_id=by.key,
            )
        )
    emails = [one for one in made if one.how == Reminder.How.EMAIL]
    together = {(one.invoice.family_id, one.invoice.regie_id, one.position): one for one in reversed(emails)}
    for first in together.values():
        outbox.post("letters.invoice_reminder", authority=authority.pk, reminder=first.pk)
    if made:
        audit.record(
            "remind_of_invoices", authority=authority.pk, of="reminder", key=None, by=by, at=at, count=len(made)
        )
    return Sent(len(emails), len(made) - len(emails), len(set(invoices)) - len(made))


def due_today(*, on: date) -> list[int]:
    """Will return the invoices (keys) of which a reminder is due on a day, of the régies that remind by themselves."""
    regies = set(CollectionSettings.objects.filter(has_reminders=True).values_list("regie", flat=True))
    found = unpaid_invoices(on=on, regies=regies) if regies else []
    return [one.invoice.pk for one in found if due_stage(one.facts, one.stages, on=on) is not None]


@operation
def ask_to_follow_unpaid(*, by: Actor, at: datetime) -> int:
    """Will have what is unpaid followed at each authority that has invoices, and return how many there are."""
    with tenancy.every_authority():
        found = sorted(set(Invoice.objects.issued().order_by().values_list("authority", flat=True).distinct()))
    for authority in found:
        outbox.post("billing.follow_unpaid", authority=authority)
    audit.record("follow_unpaid", authority=None, of="authority", key=None, by=by, at=at, count=len(found))
    return len(found)


@operation
def note_printed(reminders: Collection[int], *, authority: Authority, by: Actor, at: datetime) -> int:
    """Will note that these letters (keys) are printed, and return how many were still to be."""
    count: int = Reminder.objects.filter(pk__in=reminders, how=Reminder.How.LETTER, printed_at__isnull=True).update(
        printed_at=at
    )
    if count:
        audit.record("print_reminders", authority=authority.pk, of="reminder", key=None, by=by, at=at, count=count)
    return count


@operation
def hold_collection(
    family: Family,
    *,
    kind: str,
    reason: str = "",
    invoice: Invoice | None = None,
    until: date | None = None,
    authority: Authority,
    by: Actor,
    at: datetime,
) -> CollectionHold:
    """Will ask a family for nothing (or for one invoice less), until a day included or until it is resumed.

    What is held blocks no reservation and is not handed over. A second time changes the reason and the day. Raises
    UnableToHoldError.
    """
    family = Family.objects.select_for_update(no_key=True).get(pk=family.pk)
    if invoice is not None and (invoice.family_id != family.pk or invoice.recovery_at is not None):
        raise UnableToHoldError
    hold, is_new = CollectionHold.objects.get_or_create(
        authority_id=family.authority_id,
        family=family,
        invoice=invoice,
        kind=CollectionHold.Kind(kind),
        lifted_at=None,
        defaults={"reason": reason.strip(), "until": until, "put_at": at, "put_by_id": by.key},
    )
    if not is_new:
        hold.reason, hold.until = reason.strip(), until
        hold.save(update_fields=["reason", "until"])
    refresh_unpaid_block(family.pk, authority=authority, by=by, at=at)
    audit.record(
        "hold_collection", authority=family.authority_id, of="collection_hold", key=hold.pk, by=by, at=at, kind=kind
    )
    return hold


@operation
def resume_collection(hold: CollectionHold, *, authority: Authority, by: Actor, at: datetime) -> bool:
    """Will ask the family again; tells whether it was held still."""
    count = CollectionHold.objects.filter(pk=hold.pk, lifted_at__isnull=True).update(lifted_at=at)
    if count:
        refresh_unpaid_block(hold.family_id, authority=authority, by=by, at=at)
        audit.record("resume_collection", authority=hold.authority_id, of="collection_hold", key=hold.pk, by=by, at=at)
    return bool(count)


@operation
def hold_for_debits(invoices: Collection[int], *, authority: int, until: date, by: Actor, at: datetime) -> None:
    """Will ask nothing for these invoices (keys) until a day included: their debit is announced."""
    rows = Invoice.objects.filter(pk__in=invoices, family__isnull=False, recovery_at__isnull=True)
    CollectionHold.objects.bulk_create(
        [
            CollectionHold(
                authority_id=authority,
                family_id=family,
                invoice_id=invoice,
                kind=CollectionHold.Kind.DEBIT,
                until=until,
                put_at=at,
                put_by_id=by.key,
            )
            for invoice, family in rows.order_by("pk").values_list("pk", "family")
        ],
        ignore_conflicts=True,
    )
    # Announced again: the day is the later one.
    CollectionHold.objects.filter(
        invoice__in=invoices, kind=CollectionHold.Kind.DEBIT, lifted_at__isnull=True, until__lt=until
    ).update(until=until)
    audit.record(
        "hold_for_debits", authority=authority, of="collection_hold", key=None, by=by, at=at, count=len(invoices)
    )


@operation
def release_from_debits(invoices: Collection[int], *, authority: int, by: Actor, at: datetime) -> None:
    """Will ask for these invoices (keys) again: their debit is withdrawn, or came back."""
    CollectionHold.objects.filter(invoice__in=invoices, kind=CollectionHold.Kind.DEBIT, lifted_at__isnull=True).update(
        lifted_at=at
    )
    audit.record(
        "release_from_debits", authority=authority, of="collection_hold", key=None, by=by, at=at, count=len(invoices)
    )


@operation
def set_stages(regie: Regie, stages: Sequence[StageSaid], *, has_reminders: bool, by: Actor, at: datetime) -> None:
    """Will record the reminders of a régie, the first days first; those already sent keep their words."""
    CollectionSettings.objects.update_or_create(
        authority_id=regie.authority_id, regie=regie, defaults={"has_reminders": has_reminders}
    )
    ReminderStage.objects.filter(regie=regie).delete()
    ReminderStage.objects.bulk_create(
        ReminderStage(
            authority_id=regie.authority_id,
            regie=regie,
            position=position,
            days=one.days,
            name=one.name,
            words=one.words,
            is_letter=one.is_letter,
        )
        for position, one in enumerate(sorted(stages, key=lambda one: one.days), start=1)
    )
    audit.record(
        "set_reminder_stages", authority=regie.authority_id, of="regie", key=regie.pk, by=by, at=at, count=len(stages)
    )


def _reachable(families: Collection[int]) -> set[int]:
    """Will return the families (keys) to whom an e-mail can be written."""
    accounts = Membership.objects.filter(family=OuterRef("pk"), user__is_active=True)
    rows = Family.objects.filter(pk__in=families)
    return set(rows.filter(Exists(accounts)).values_list("pk", flat=True)) | set(
        rows.exclude(email="").values_list("pk", flat=True)
    )
