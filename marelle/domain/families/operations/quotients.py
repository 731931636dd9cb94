"""Quotients noted and withdrawn."""

from __future__ import annotations

from datetime import date, datetime

from marelle.domain.families.models import (
    Family,
    FamilyQuotient,
    Guardian,
    SupportingDocument,
)
from marelle.domain.families.operations.documents import attach_document
from marelle.domain.families.queries import quotients_of
from marelle.domain.families.receiving import CleanDocument
from marelle.domain.families.rules.quotients import Doubt, doubts_about
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


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
    document: CleanDocument | SupportingDocument | None = None,
    is_confirmed: bool = False,
    by: Actor,
    at: datetime,
) -> FamilyQuotient:
    """Will note a family's quotient from a day on, with the document that proves it, and return it.

    The document is one that comes, to be kept in the family's file, or one of that file. `is_confirmed` lets through
    what somebody has checked: an unusual value, or one that replaces another of the same day, which is then withdrawn.
    The same again writes nothing. Raises UnableToRecordQuotientError and
    UnableToKeepDocumentError.
    """
    Family.objects.select_for_update(no_key=True).get(pk=family.pk)
    same_day = FamilyQuotient.objects.filter(family=family, valid_from=valid_from, withdrawn_at__isnull=True).first()
    kept = document if isinstance(document, SupportingDocument) else None
    if (
        same_day is not None
        and (document is None or (kept is not None and same_day.document_id == kept.pk))
        and (same_day.value_cents, same_day.source, same_day.provider, same_day.period)
        == (value_cents, source, provider, period)
    ):
        return same_day
    doubts = doubts_about(value_cents, valid_from, quotients_of([family.pk])[family.pk])
    if any(not (is_confirmed and doubt.can_be_confirmed) for doubt in doubts):
        raise UnableToRecordQuotientError(doubts)
    if same_day is not None:
        withdraw_quotient(same_day, by=by, at=at)
    if isinstance(document, CleanDocument):
        kept = attach_document(family, document, kind="quotient", by=by, at=at)
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
