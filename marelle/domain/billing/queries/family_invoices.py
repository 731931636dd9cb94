"""Mes factures: every issued invoice of every family that an account belongs to, at all its authorities at once.

Whoever asks opens the scope of the account's own authorities: `entitled(user)` says which, and for which families.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, Sum

from marelle.domain.authorities.models import Regie
from marelle.domain.authorities.rules.joining import is_joined
from marelle.domain.billing.models import (
    FollowedAccount,
    HiddenInvoice,
    ImportedDocument,
    Invoice,
    InvoiceLine,
    LedgerEntry,
    PayerAccount,
    Posting,
)
from marelle.domain.billing.rules.standing import Standing, named, standing
from marelle.domain.catalog.models import Service
from marelle.domain.families.queries import memberships_of
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.families.models import Membership

RECEIVABLE = LedgerEntry.Account.RECEIVABLE


@dataclass(frozen=True, slots=True)
class Entitled:
    """What an account may see: its authorities by key, without their logos, and its families (keys).

    `payers`: the payer accounts (keys) whose imported invoices it added to its list.
    """

    user: int
    authorities: dict[int, Authority]
    families: frozenset[int]
    payers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Settlement:
    """What settled a part of an invoice (cents): money by some means, a credit, or an advance.

    `numbers`: of the credit notes that were taken off it; of the invoices that a credit note was taken off, after which
    `kept_cents` went to the payer's wallet.
    """

    date: date
    cents: int
    kind: str
    means: str = ""
    numbers: tuple[str, ...] = ()
    kept_cents: int = 0

    @property
    def is_payment(self) -> bool:
        """Will tell whether money came."""
        return self.kind == Posting.Kind.PAYMENT

    @property
    def is_at_treasury(self) -> bool:
        """Will tell whether the Trésor received it."""
        return self.kind == Posting.Kind.RECOVERY

    @property
    def is_written_off(self) -> bool:
        """Will tell whether the Trésor gave it up."""
        return self.kind == Posting.Kind.WRITE_OFF

    @property
    def is_withdrawn(self) -> bool:
        """Will tell whether the software that issued it took it back."""
        return self.kind == Posting.Kind.WITHDRAWAL


@dataclass(frozen=True, slots=True)
class FamilyInvoice:
    """An issued invoice as its family reads it, on a day of its authority."""

    invoice: Invoice
    authority: Authority
    children: tuple[str, ...]
    services: tuple[str, ...]
    settlements: tuple[Settlement, ...]
    left_cents: int
    standing: Standing
    corrects: str
    is_hidden: bool
    today: date
    # Another software may bring an invoice without its document; ours are drawn.
    has_document: bool = True

    @property
    def regie(self) -> Regie:
        """Will return the till that it is paid to."""
        regie: Regie = self.invoice.regie
        return regie

    @property
    def title(self) -> str:
        """Will return its name, as its régie says it; that of an imported one is its subject."""
        if self.invoice.is_imported:
            return str(self.invoice.label)
        return named(
            by_date=self.regie.invoice_title == self.regie.Title.BY_DATE,
            sequence=self.invoice.sequence or 0,
            issued_on=self.invoice.issued_on or self.today,
            payer=self.invoice.payer_name,
            is_credit=self.invoice.kind == Invoice.Kind.CREDIT_NOTE,
        )

    @property
    def settled_cents(self) -> int:
        """Will return what was settled so far."""
        return sum(one.cents for one in self.settlements)

    @property
    def is_online(self) -> bool:
        """Will tell whether its authority has joined the online invoices service, for this régie."""
        return is_joined(self.regie.online_from, on=self.today)

    @property
    def can_be_chosen(self) -> bool:
        """Will tell whether it may be ticked to be paid."""
        return self.is_online and self.standing.is_payable


def entitled(user: int, memberships: Iterable[Membership] | None = None) -> Entitled:
    """Will return what an account (key) belongs to today, by `memberships` when its own were read already.

    One statement, or none; needs no scope.
    """
    if memberships is None:
        with tenancy.every_authority():
            memberships = list(memberships_of(user))
    found = list(memberships)
    return Entitled(user, {one.authority_id: one.authority for one in found}, frozenset(one.family_id for one in found))


def entitled_online(user: int, memberships: Iterable[Membership] | None = None) -> Entitled:
    """Will return what an account (key) may see on the online invoices site: its families', and what it added.

    Two statements at most; needs no scope.
    """
    mine = entitled(user, memberships)
    with tenancy.every_authority():
        rows = FollowedAccount.objects.filter(user=user).select_related("authority").order_by("pk")
        followed = list(rows.defer("authority__logo", "authority__palette_css"))
    authorities = {one.authority_id: one.authority for one in followed} | mine.authorities
    return replace(mine, authorities=authorities, payers=frozenset(one.payer_id for one in followed))


def invoices_of(who: Entitled, *, at: datetime, public_ids: Collection[str] | None = None) -> list[FamilyInvoice]:
    """Will return the issued invoices that an account may see, the soonest due first; only some, if named.

    Those of its families, and of the payers that it added. Three statements whatever their number, inside the scope of
    its authorities.
    """
    theirs = Q(family__in=who.families) | Q(payer__in=who.payers)
    rows = Invoice.objects.filter(theirs).issued().select_related("regie", "corrects", "run")
    place = Func(OuterRef("run__services"), F("pk"), function="array_position", output_field=IntegerField())
    of_run = Service.objects.alias(place=place).filter(place__isnull=False).order_by("place").values("name")
    rows = rows.annotate(
        is_hidden=Exists(HiddenInvoice.objects.filter(user=who.user, invoice=OuterRef("pk"))),
        of_run=ArraySubquery(of_run),
        has_import=Exists(ImportedDocument.objects.filter(invoice=OuterRef("pk"))),
    )
    if public_ids is not None:
        rows = rows.filter(public_id__in=public_ids)
    # What the régie still takes comes first.
    invoices = list(rows.order_by(F("recovery_at").asc(nulls_first=True), "due_on", "issued_on", "sequence", "pk"))
    if not invoices:
        return []
    keys = [invoice.pk for invoice in invoices]
    children, services = _subjects(keys)
    left, settlements = _settlements(keys)
    found = []
    for invoice in invoices:
        authority = who.authorities[invoice.authority_id]
        today = at.astimezone(authority.zone).date()
        found.append(
            FamilyInvoice(
                invoice=invoice,
                authority=authority,
                children=tuple(children[invoice.pk]),
                # One of typed lines alone is of the services of its run.
                services=tuple(services[invoice.pk] or invoice.of_run),  # type: ignore[attr-defined]
                settlements=tuple(settlements[invoice.pk]),
                left_cents=left[invoice.pk],
                standing=standing(
                    total=invoice.total_cents,
                    left=left[invoice.pk],
                    due_on=invoice.due_on,
                    in_recovery=invoice.recovery_at is not None,
                    on=today,
                ),
                corrects=invoice.corrects.number if invoice.corrects is not None else "",
                is_hidden=invoice.is_hidden,  # type: ignore[attr-defined]  # annotated above
                today=today,
                has_document=invoice.has_import or not invoice.is_imported,  # type: ignore[attr-defined]
            )
        )
    return found


def has_joined(regies: Iterable[Regie], *, on: date) -> bool:
    """Will tell whether an authority with these régies shows its invoices online on a day, for one of them at least."""
    return any(is_joined(regie.online_from, on=on) for regie in regies)


def wallets_of(who: Entitled) -> list[tuple[Authority, str, int]]:
    """Will return what régies hold for the families of an account: (authority, régie, cents), those above zero."""
    rows = (
        PayerAccount.objects.filter(family__in=who.families, entries__account=LedgerEntry.Account.WALLET)
        .values("authority", "regie__name")
        .annotate(sum=-Sum("entries__cents"))
        .filter(sum__gt=0)
        .order_by("authority", "regie__name")
    )
    return [(who.authorities[row["authority"]], row["regie__name"], row["sum"]) for row in rows]


def _subjects(keys: Collection[int]) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """Will return the first names and the services of each invoice, in the order of its lines, each said once."""
    children: dict[int, list[str]] = defaultdict(list)
    services: dict[int, list[str]] = defaultdict(list)
    rows = (
        InvoiceLine.objects.filter(invoice__in=keys)
        .order_by("invoice", "position")
        .values_list("invoice", "child__first_name", "product__activity__service__name")
    )
    for invoice, child, service in rows:
        if child and child not in children[invoice]:
            children[invoice].append(child)
        if service and service not in services[invoice]:
            services[invoice].append(service)
    return children, services


def _settlements(keys: Collection[int]) -> tuple[dict[int, int], dict[int, list[Settlement]]]:
    """Will return what is left of each invoice, and what settled it, from the ledger alone."""
    touching = LedgerEntry.objects.filter(account=RECEIVABLE, invoice__in=keys).values("posting")
    entries = list(
        LedgerEntry.objects.filter(account=RECEIVABLE, posting__in=touching, invoice__isnull=False)
        .order_by("posting__date", "posting", "pk")
        .values_list(
            "invoice", "cents", "posting", "posting__kind", "posting__date", "posting__means", "invoice__number"
        )
    )
    # A credit note and the invoices that it settled are on the two sides of a posting.
    given: dict[int, list[str]] = defaultdict(list)
    taken: dict[int, list[str]] = defaultdict(list)
    kept: dict[int, int] = defaultdict(int)
    for _invoice, cents, posting, kind, _day, _means, number in entries:
        if kind == Posting.Kind.ALLOCATION:
            (given if cents > 0 else taken)[posting].append(number)
            kept[posting] += cents
    left: dict[int, int] = dict.fromkeys(keys, 0)
    settlements: dict[int, list[Settlement]] = defaultdict(list)
    for invoice, cents, posting, kind, day, means, _number in entries:
        if invoice not in left:
            continue
        left[invoice] += cents
        if kind != Posting.Kind.INVOICE:
            numbers = (given if cents < 0 else taken)[posting]
            settlements[invoice].append(Settlement(day, -cents, kind, means, tuple(numbers), max(0, kept[posting])))
    return left, settlements
