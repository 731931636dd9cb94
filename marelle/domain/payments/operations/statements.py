"""Importing a statement, and saying what its lines are."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from marelle.domain.billing.models import PayerAccount, Posting
from marelle.domain.payments.models import BankStatement, StatementLine
from marelle.domain.payments.operations.desk import UnableToTakeError, take_payment
from marelle.domain.payments.queries.statements import known_for, taken_by
from marelle.domain.payments.rules.matching import match
from marelle.domain.payments.rules.statements import spanned
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from marelle.domain.authorities.models import Regie
    from marelle.domain.billing.models import Invoice
    from marelle.domain.payments.models import Receipt
    from marelle.domain.payments.rules.desk import WhyNotTaken
    from marelle.domain.payments.rules.statements import Statement
    from marelle.foundation.actors import Actor

TO_SORT, MATCHED = StatementLine.State.TO_SORT, StatementLine.State.MATCHED


class WhyNotSorted(Enum):
    """Why a line stays as it is."""

    SORTED_ALREADY = auto()
    NOT_MONEY_IN = auto()
    NOT_ITS_PAYER = auto()
    NO_REASON = auto()


class UnableToSortError(Exception):
    """The line stays as it is: `why` says so, of the line or of its money; nothing was written."""

    def __init__(self, why: WhyNotSorted | WhyNotTaken) -> None:
        """Will keep why."""
        super().__init__(why.name)
        self.why = why


@operation
def import_statement(
    regie: Regie, statement: Statement, *, source: str, name: str, by: Actor, at: datetime
) -> BankStatement:
    """Will keep the lines of a statement that are not known yet, each with what it is. Money is credited by none.

    Again, or with days in common, it adds nothing twice. Raises ValueError for an unknown `source`.
    """
    BankStatement.Source(source)
    # One import of a régie at a time: what another line already took is read once.
    type(regie).objects.select_for_update(no_key=True).get(pk=regie.pk)
    first, last = spanned(statement.lines)
    row = BankStatement.objects.create(
        authority_id=regie.authority_id,
        regie=regie,
        source=source,
        name=name.strip()[:120],
        columns=statement.layout.as_data(),
        starts_on=first,
        ends_on=last,
        lines_read=len(statement.lines),
        imported_at=at,
        imported_by_id=by.key,
    )
    here = set(
        StatementLine.objects.filter(regie=regie, source=source, date__range=(first, last)).values_list(
            "fingerprint", flat=True
        )
    )
    fresh = [line for line in statement.lines if line.fingerprint not in here]
    known, taken = known_for(regie, fresh), taken_by(regie, source)
    lines = []
    for line in fresh:
        found = match(line, known, taken)
        if found.is_sure:
            taken |= {("attempt", found.attempt)} if found.attempt else set()
            taken |= {("receipt", found.receipt)} if found.receipt else set()
        lines.append(
            StatementLine(
                authority_id=regie.authority_id,
                statement=row,
                regie=regie,
                source=source,
                fingerprint=line.fingerprint,
                date=line.date,
                label=line.label,
                reference=line.reference,
                cents=line.cents,
                state=MATCHED if found.is_sure else TO_SORT,
                attempt_id=found.attempt,
                receipt_id=found.receipt,
                invoice_id=found.invoice,
            )
        )
    StatementLine.objects.bulk_create(lines, batch_size=1000)
    row.lines_new = len(lines)
    row.save(update_fields=["lines_new"])
    audit.record(
        "import_statement", authority=row.authority_id, of="statement", key=row.pk, by=by, at=at,
        lines=len(statement.lines), new=len(lines),
    )  # fmt: skip
    return row


@operation
def assign_line(
    line: StatementLine, *, payer: PayerAccount, invoices: Sequence[Invoice] = (), by: Actor, at: datetime
) -> Receipt:
    """Will cash a transfer for a payer, on these invoices first, with its receipt; what is over goes to the wallet.

    Raises UnableToSortError.
    """
    line = _locked(line)
    if line.cents <= 0:
        raise UnableToSortError(WhyNotSorted.NOT_MONEY_IN)
    if payer.regie_id != line.regie_id:
        raise UnableToSortError(WhyNotSorted.NOT_ITS_PAYER)
    try:
        receipt = take_payment(
            payer,
            cents=line.cents,
            means=Posting.Means.TRANSFER,
            date=line.date,
            invoices=invoices,
            reference=line.reference or line.label,
            by=by,
            at=at,
        )
    except UnableToTakeError as error:
        raise UnableToSortError(error.why) from None
    _sort(line, StatementLine.State.ASSIGNED, receipt=receipt, by=by, at=at)
    audit.record(
        "assign_line", authority=line.authority_id, of="statement_line", key=line.pk, by=by, at=at, cents=line.cents
    )
    return receipt


@operation
def dismiss_line(line: StatementLine, *, reason: str, by: Actor, at: datetime) -> None:
    """Will put aside a line that is no payment of a family, and say why. Raises UnableToSortError."""
    if not reason.strip():
        raise UnableToSortError(WhyNotSorted.NO_REASON)
    line = _locked(line)
    _sort(line, StatementLine.State.DISMISSED, reason=reason.strip()[:300], by=by, at=at)
    audit.record("dismiss_line", authority=line.authority_id, of="statement_line", key=line.pk, by=by, at=at)


@operation
def take_line_back(line: StatementLine, *, by: Actor, at: datetime) -> None:
    """Will have a line that was put aside sorted again. Raises UnableToSortError."""
    line = StatementLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if line.state != StatementLine.State.DISMISSED:
        raise UnableToSortError(WhyNotSorted.SORTED_ALREADY)
    _sort(line, TO_SORT, by=by, at=at)
    audit.record("take_line_back", authority=line.authority_id, of="statement_line", key=line.pk, by=by, at=at)


def _locked(line: StatementLine) -> StatementLine:
    found: StatementLine = StatementLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if found.state != TO_SORT:
        raise UnableToSortError(WhyNotSorted.SORTED_ALREADY)
    return found


def _sort(line: StatementLine, state: str, *, by: Actor, at: datetime, **what: Any) -> None:
    line.state, line.reason = state, what.pop("reason", "")
    for name, value in what.items():
        setattr(line, name, value)
    line.sorted_at, line.sorted_by_id = at, by.key
    line.save(update_fields=["state", "reason", "receipt", "sorted_at", "sorted_by"])
