"""What a former software knew of the accounts of families comes in: balances, and invoices that are not paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Sum

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Invoice, LedgerEntry, PayerAccount, Posting
from marelle.domain.billing.operations.importing import issue_imported
from marelle.domain.billing.queries.imported import known_invoices
from marelle.domain.billing.queries.taking_over import standing_openings
from marelle.domain.families.models import Family
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from marelle.domain.billing.rules.imports import Wanted
    from marelle.foundation.actors import Actor

RECEIVABLE, WALLET = LedgerEntry.Account.RECEIVABLE, LedgerEntry.Account.WALLET
AT_ONCE = 1000


class UnableToTakeOverError(Exception):
    """Some of it is here already; nothing was written."""


class Opening(NamedTuple):
    """What a family (key) owed on a day, and what was held for it, in cents."""

    family: int
    owed_cents: int
    advance_cents: int
    on: date


@operation
def open_balances(regie: Regie, openings: Sequence[Opening], *, by: Actor, at: datetime) -> dict[int, int]:
    """Will post the balances of families with a régie against an « à nouveau », each on its day.

    The wallet takes what was in advance, and it alone. Returns the posting (key) of each family (key). Raises
    UnableToTakeOverError when one has such a balance already.
    """
    payers = _accounts(regie, [one.family for one in openings], by=by, at=at)
    keys = [one.pk for one in payers.values()]
    list(PayerAccount.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))
    if len(payers) != len(openings) or standing_openings(payers=keys).exists():
        raise UnableToTakeOverError
    postings = Posting.objects.bulk_create(
        [
            Posting(
                authority_id=regie.authority_id,
                regie=regie,
                payer=payers[one.family],
                kind=Posting.Kind.OPENING,
                date=one.on,
                at=at,
                by_id=by.key,
            )
            for one in openings
        ],
        batch_size=AT_ONCE,
    )
    entries = []
    for one, posting in zip(openings, postings, strict=True):
        sums = (
            (RECEIVABLE, one.owed_cents),
            (WALLET, -one.advance_cents),
            (LedgerEntry.Account.OPENING, one.advance_cents - one.owed_cents),
        )
        entries += [_entry(posting, account, cents) for account, cents in sums if cents]
    LedgerEntry.objects.bulk_create(entries, batch_size=AT_ONCE)
    audit.record_all(
        "open_balance",
        authority=regie.authority_id,
        of="posting",
        keys=[one.pk for one in postings],
        by=by,
        at=at,
    )
    return {one.family: posting.pk for one, posting in zip(openings, postings, strict=True)}


@operation
def close_openings(postings: Collection[int], *, date: date, by: Actor, at: datetime) -> set[int]:
    """Will undo the balances that these postings (keys, of one authority) took over, by counter-entries of a day.

    Those of which something was paid or spent since stay: returns them.
    """
    rows = {one.pk: one for one in standing_openings(postings=postings).select_related("payer")}
    payers = {one.payer_id for one in rows.values()}
    list(PayerAccount.objects.select_for_update(no_key=True).filter(pk__in=payers).order_by("pk").values_list("pk"))
    held = _sums(payers, RECEIVABLE), _sums(payers, WALLET)
    entries: dict[int, list[LedgerEntry]] = {key: [] for key in rows}
    for entry in LedgerEntry.objects.filter(posting__in=rows).order_by("pk"):
        entries[entry.posting_id].append(entry)
    stays = set(postings) - rows.keys()
    for key, posting in rows.items():
        owed, advance = (sum(one.cents for one in entries[key] if one.account == name) for name in (RECEIVABLE, WALLET))
        if held[0].get(posting.payer_id, 0) < owed or held[1].get(posting.payer_id, 0) > advance:
            stays.add(key)
    undone = [posting for key, posting in rows.items() if key not in stays]
    reversals = Posting.objects.bulk_create(
        [
            Posting(
                authority_id=one.authority_id,
                regie_id=one.regie_id,
                payer_id=one.payer_id,
                kind=Posting.Kind.REVERSAL,
                date=max(date, one.date),
                at=at,
                by_id=by.key,
                reverses=one,
            )
            for one in undone
        ],
        batch_size=AT_ONCE,
    )
    LedgerEntry.objects.bulk_create(
        [
            _entry(reversal, entry.account, -entry.cents)
            for reversal in reversals
            for entry in entries[reversal.reverses_id]
        ],
        batch_size=AT_ONCE,
    )
    for authority in {one.authority_id for one in undone}:
        keys = [one.pk for one in reversals if one.authority_id == authority]
        audit.record_all("close_opening", authority=authority, of="posting", keys=keys, by=by, at=at)
    return stays


@operation
def take_over_invoices(
    regie: Regie, wanted: Sequence[tuple[int, Wanted]], *, on: date, by: Actor, at: datetime
) -> dict[str, int]:
    """Will import, on a day, what is left of invoices of families (keys) that another software issued.

    Nobody is written to. Returns the invoice (key) of each reference. Raises UnableToTakeOverError when a reference is
    known for another invoice here.
    """
    Regie.objects.select_for_update(no_key=True).get(pk=regie.pk)
    if known_invoices(regie.pk, [one.reference for _family, one in wanted]):
        raise UnableToTakeOverError
    payers = _accounts(regie, [family for family, _one in wanted], by=by, at=at)
    made: list[Invoice] = []
    for first in range(0, len(wanted), AT_ONCE):
        some = wanted[first : first + AT_ONCE]
        made += issue_imported(
            regie,
            [one for _family, one in some],
            {(one.account_code, one.debtor): payers[family] for family, one in some},
            origin=Invoice.Origin.FILE,
            on=on,
            by=by,
            at=at,
        )
    keys = [one.pk for one in made]
    audit.record_all("take_over_invoice", authority=regie.authority_id, of="invoice", keys=keys, by=by, at=at)
    return {one.number: one.pk for one in made}


def _accounts(regie: Regie, families: Sequence[int], *, by: Actor, at: datetime) -> dict[int, PayerAccount]:
    """Will return the accounts of these families (keys) with a régie, opened for those that had none."""
    mine = PayerAccount.objects.current().filter(regie=regie, family__in=families)
    known = set(mine.values_list("family_id", flat=True))
    PayerAccount.objects.bulk_create(
        [
            PayerAccount(
                authority_id=regie.authority_id,
                regie=regie,
                family=one,
                name=one.name,
                address=one.address,
                email=one.email,
                delivery=PayerAccount.Delivery.EMAIL if one.email else PayerAccount.Delivery.PAPER,
            )
            for one in Family.objects.filter(pk__in=set(families) - known, authority=regie.authority_id).order_by("pk")
        ],
        ignore_conflicts=True,
        batch_size=AT_ONCE,
    )
    found = {one.family_id: one for one in mine if one.family_id is not None}
    opened = [one.pk for family, one in found.items() if family not in known]
    audit.record_all("open_payer_account", authority=regie.authority_id, of="payer_account", keys=opened, by=by, at=at)
    return found


def _entry(posting: Posting, account: str, cents: int) -> LedgerEntry:
    return LedgerEntry(
        authority_id=posting.authority_id,
        posting=posting,
        account=account,
        payer_id=posting.payer_id if account in {RECEIVABLE, WALLET} else None,
        cents=cents,
    )


def _sums(payers: Collection[int], account: str) -> dict[int, int]:
    """Will return what is in an account of the ledger for each payer (key), without the invoices."""
    rows = LedgerEntry.objects.filter(payer__in=payers, account=account, invoice__isnull=True)
    return dict(rows.values("payer").annotate(sum=Sum("cents")).values_list("payer", "sum"))
