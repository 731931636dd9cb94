"""The few writes of families."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Outcome, Said, save_rows
from marelle.domain.families.models import (
    Block,
    Child,
    Custody,
    Family,
    FamilyQuotient,
    Guardian,
    HealthRecord,
    Membership,
    SupportingDocument,
)
from marelle.domain.families.queries import quotients_of
from marelle.domain.families.rules.documents import DocumentFault, content_type_of, fault_of, tidy_name
from marelle.domain.families.rules.quotients import Doubt, doubts_about
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

NAMED_BY: Final[dict[type[Any], Sequence[str]]] = {
    Family: ("code",),
    Guardian: ("family_id", "first_name", "last_name"),
    Child: ("code",),
    Custody: ("child_id", "family_id", "starts_on"),
    Membership: ("user_id", "family_id"),
    HealthRecord: ("child_id",),
    FamilyQuotient: ("family_id", "valid_from"),
}


@operation
def save_family_rows(
    authority: Authority, model: type[Any], said: Collection[Said], *, force: bool = False, by: Actor, at: datetime
) -> Outcome[Any]:
    """Will create or update families, their people, custody or health as a file says them; see `authorities.save_rows`.

    `model` is one of `NAMED_BY`, which says by which columns its rows are named. A quotient that was withdrawn stays
    as it is, whatever the file says of that day.
    """
    if model is FamilyQuotient:
        withdrawn = _days_withdrawn(authority)
        said = [each for each in said if each.key not in withdrawn]
    return save_rows(authority, model, NAMED_BY[model], said, force=force, by=by, at=at)


def _days_withdrawn(authority: Authority) -> set[tuple[int, date]]:
    """Will return the families (keys) and days whose last quotient noted was withdrawn."""
    rows = FamilyQuotient.objects.filter(authority=authority).order_by("pk")
    last = {
        (family, day): withdrawn_at
        for family, day, withdrawn_at in rows.values_list("family_id", "valid_from", "withdrawn_at")
    }
    return {key for key, withdrawn_at in last.items() if withdrawn_at is not None}


@operation
def change_contact_details(
    who: Family | Guardian, *, email: str, phone: str, by: Actor, at: datetime
) -> tuple[str, ...]:
    """Will give a family file or a guardian this address and this phone number; returns which of them changed.

    The account's own address, with which one signs in, is not touched.
    """
    row = type(who).objects.select_for_update(no_key=True).get(pk=who.pk)
    wanted = {"email": email, "phone": phone}
    changed = tuple(name for name, value in wanted.items() if getattr(row, name) != value)
    if not changed:
        return ()
    for name in changed:
        setattr(row, name, wanted[name])
    row.save(update_fields=changed)
    audit.record(
        "change_contact_details",
        authority=row.authority_id,
        of=row._meta.model_name or "",
        key=row.pk,
        by=by,
        at=at,
        fields=list(changed),
    )
    return changed


class UnableToBlockError(Exception):
    """A missing document needs its name, unpaid invoices an amount; nothing was written."""


@operation
def put_block(
    family: Family,
    kind: str,
    *,
    amount_cents: int = 0,
    document: str = "",
    is_automatic: bool = False,
    by: Actor,
    at: datetime,
) -> Block:
    """Will note that something stands against a family's reservations; a second time changes the amount.

    What an agent put is left as it is by what is automatic, and an agent makes their own what was. Whether it stops
    anything is the règlement's to say. Raises UnableToBlockError.
    """
    document = document.strip()
    if (kind == Block.Kind.MISSING_DOCUMENT and not document) or (kind == Block.Kind.UNPAID and amount_cents <= 0):
        raise UnableToBlockError
    Family.objects.select_for_update(no_key=True).get(pk=family.pk)
    block, is_new = Block.objects.get_or_create(
        authority_id=family.authority_id,
        family=family,
        kind=kind,
        document=document if kind == Block.Kind.MISSING_DOCUMENT else "",
        lifted_at=None,
        defaults={"amount_cents": amount_cents, "put_at": at, "is_automatic": is_automatic},
    )
    if not is_new:
        if is_automatic and not block.is_automatic:
            return block
        if (block.amount_cents, block.is_automatic) != (amount_cents, is_automatic):
            block.amount_cents, block.is_automatic = amount_cents, is_automatic
            block.save(update_fields=["amount_cents", "is_automatic"])
    audit.record("put_block", authority=family.authority_id, of="block", key=block.pk, by=by, at=at, kind=kind)
    return block


@operation
def lift_block(block: Block, *, by: Actor, at: datetime) -> bool:
    """Will lift what stood against a family; tells whether it still did."""
    count = Block.objects.filter(pk=block.pk, lifted_at__isnull=True).update(lifted_at=at)
    if count:
        audit.record("lift_block", authority=block.authority_id, of="block", key=block.pk, by=by, at=at)
    return bool(count)


class UnableToKeepDocumentError(Exception):
    """The file is not one that is taken: `fault` says why, in words. Nothing was written."""

    def __init__(self, fault: DocumentFault) -> None:
        """Will keep why."""
        super().__init__(fault.name)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A file as it came, with the name it had."""

    name: str
    content: bytes


@operation
def attach_document(
    family: Family,
    new: NewDocument,
    *,
    kind: str,
    child: Child | None = None,
    valid_until: date | None = None,
    by: Actor,
    at: datetime,
) -> SupportingDocument:
    """Will keep, encrypted, a file that a family gave; what it is, its first bytes say.

    Raises UnableToKeepDocumentError.
    """
    fault = fault_of(new.content)
    content_type = content_type_of(new.content)
    if fault is not None or content_type is None:
        raise UnableToKeepDocumentError(fault or DocumentFault.UNKNOWN_KIND)
    document = SupportingDocument.objects.create(
        authority_id=family.authority_id,
        family=family,
        child=child,
        kind=kind,
        name=tidy_name(new.name, content_type),
        content_type=content_type,
        content=new.content,
        size=len(new.content),
        uploaded_at=at,
        uploaded_by_id=by.key,
        valid_until=valid_until,
    )
    audit.record(
        "attach_document",
        authority=family.authority_id,
        of="supportingdocument",
        key=document.pk,
        by=by,
        at=at,
        family=family.pk,
        kind=kind,
    )
    return document


class UnableToRecordQuotientError(Exception):
    """The quotient is not taken as it is: `doubts` say why. Nothing was written."""

    def __init__(self, doubts: tuple[Doubt, ...]) -> None:
        """Will keep why."""
        super().__init__(doubts)
        self.doubts = doubts


@operation
def record_quotient(
    family: Family,
    *,
    value_cents: int,
    valid_from: date,
    source: str,
    provider: str = "",
    period: str = "",
    document: NewDocument | None = None,
    is_confirmed: bool = False,
    by: Actor,
    at: datetime,
) -> FamilyQuotient:
    """Will note a family's quotient from a day on, with the document that proves it, and return it.

    `is_confirmed` lets through what somebody has checked: an unusual value, or one that replaces another of the same
    day, which is then withdrawn. The same again writes nothing. Raises UnableToRecordQuotientError and
    UnableToKeepDocumentError.
    """
    Family.objects.select_for_update(no_key=True).get(pk=family.pk)
    same_day = FamilyQuotient.objects.filter(family=family, valid_from=valid_from, withdrawn_at__isnull=True).first()
    if (
        same_day is not None
        and document is None
        and (same_day.value_cents, same_day.source, same_day.provider, same_day.period)
        == (value_cents, source, provider, period)
    ):
        return same_day
    doubts = doubts_about(value_cents, valid_from, quotients_of([family.pk])[family.pk])
    if any(not (is_confirmed and doubt.can_be_confirmed) for doubt in doubts):
        raise UnableToRecordQuotientError(doubts)
    if same_day is not None:
        withdraw_quotient(same_day, by=by, at=at)
    kept = None if document is None else attach_document(family, document, kind="quotient", by=by, at=at)
    quotient = FamilyQuotient.objects.create(
        authority_id=family.authority_id,
        family=family,
        value_cents=value_cents,
        valid_from=valid_from,
        source=source,
        provider=provider,
        period=period,
        document=kept,
        recorded_at=at,
        recorded_by_id=by.key,
    )
    audit.record(
        "record_quotient",
        authority=family.authority_id,
        of="familyquotient",
        key=quotient.pk,
        by=by,
        at=at,
        family=family.pk,
        source=source,
    )
    return quotient


@operation
def withdraw_quotient(quotient: FamilyQuotient, *, by: Actor, at: datetime) -> bool:
    """Will withdraw a quotient that was noted wrongly, and keep it to be read; tells whether it still counted."""
    count = FamilyQuotient.objects.filter(pk=quotient.pk, withdrawn_at__isnull=True).update(withdrawn_at=at)
    if count:
        audit.record(
            "withdraw_quotient",
            authority=quotient.authority_id,
            of="familyquotient",
            key=quotient.pk,
            by=by,
            at=at,
            family=quotient.family_id,
        )
    return bool(count)


@operation
def note_question(family: Family, guardian: Guardian, *, outcome: str, by: Actor, at: datetime) -> None:
    """Will write in the journal that the quotient of a guardian's file was asked of others, and what came of it.

    `outcome` is a code; neither the identity nor the answer is kept.
    """
    audit.record(
        "ask_quotient",
        authority=family.authority_id,
        of="guardian",
        key=guardian.pk,
        by=by,
        at=at,
        family=family.pk,
        outcome=outcome,
    )
