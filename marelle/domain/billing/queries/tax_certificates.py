"""What each payer paid for the care of young children, year by year: the facts of its tax certificates."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from marelle.domain.billing.models import Invoice, InvoiceLine, LedgerEntry, PayerAccount, Posting
from marelle.domain.billing.rules.tax_certificate import CaredFor, Certified, Settled, certified
from marelle.domain.families.queries import days_in_two_homes

if TYPE_CHECKING:
    from collections.abc import Collection

    from marelle.domain.billing.queries.family_invoices import Entitled
    from marelle.foundation.periods import Period

CHILDCARE = 3  # the place of « counts as care » in a component of a line


@dataclass
class PaidCareOf:
    """What is known of the care that a payer paid: `names` and `births` by child (key).

    `shared`: when those who lived in two homes at once did.
    """

    payer: PayerAccount
    invoices: dict[int, CaredFor] = field(default_factory=dict)
    settled: list[Settled] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    births: dict[int, date] = field(default_factory=dict)
    shared: dict[int, tuple[Period, ...]] = field(default_factory=dict)

    def on(self, year: int) -> Certified:
        """Will return what the payer may declare for a year."""
        return certified(year, self.invoices, self.settled, self.births)

    def shared_in(self, year: int) -> list[int]:
        """Will return the children (keys) certified for a year who lived in two homes at once, a day of it at least."""
        first, last = date(year, 1, 1), date(year, 12, 31)
        return [
            child
            for child in self.on(year).children
            if any(
                one.starts_on <= last and (one.ends_on is None or one.ends_on >= first)
                for one in self.shared.get(child, ())
            )
        ]

    @property
    def years(self) -> list[int]:
        """Will return the years for which there is something to declare, the latest first."""
        return sorted(
            (year for year in {one.date.year for one in self.settled} if self.on(year).total > 0), reverse=True
        )


def has_payer(who: Entitled, payer: str, *, authority: int) -> bool:
    """Will tell whether a payer account (public id) at an authority (key) is of a family of the account."""
    found = PayerAccount.objects.filter(public_id=payer, authority=authority, family__in=who.families)
    return bool(found.exists())


def care_paid(who: Entitled, *, payer: str | None = None) -> list[PaidCareOf]:
    """Will return what the payer accounts of an account's families paid for care; of one (public id) alone, if named.

    Four statements whatever their number, inside the scope of the account's authorities.
    """
    return care_paid_by(who.families, payer=payer)


def care_paid_by(families: Collection[int], *, payer: str | None = None) -> list[PaidCareOf]:
    """Will return what the payer accounts of these families (keys) paid for care; of one (public id) alone, if named.

    Four statements whatever their number.
    """
    rows = Invoice.objects.filter(family__in=families).issued().exclude(childcare_cents=0)
    if payer is not None:
        rows = rows.filter(payer__public_id=payer)
    found: dict[int, PaidCareOf] = {}
    of_invoice: dict[int, PaidCareOf] = {}
    invoices = list(rows.select_related("payer__regie").order_by("pk"))
    for invoice in invoices:
        of_invoice[invoice.pk] = found.setdefault(invoice.payer_id, PaidCareOf(invoice.payer))
    care: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    lines = InvoiceLine.objects.filter(invoice__in=of_invoice, child__isnull=False).order_by("invoice", "position")
    for key, child, first_name, last_name, birth, components in lines.values_list(
        "invoice", "child", "child__first_name", "child__last_name", "child__birth_date", "components"
    ):
        cents = sum(part[2] for part in components if part[CHILDCARE])
        if cents:
            care[key][child] += cents
            of_invoice[key].names[child] = f"{first_name} {last_name}"
            of_invoice[key].births[child] = birth
    for invoice in invoices:
        known = {child: cents for child, cents in care[invoice.pk].items() if cents}
        of_invoice[invoice.pk].invoices[invoice.pk] = CaredFor(invoice.number, invoice.total_cents, known)
    entries = (
        LedgerEntry.objects.filter(account=LedgerEntry.Account.RECEIVABLE, invoice__in=of_invoice)
        # What is written off was paid by nobody.
        .exclude(posting__kind__in=(Posting.Kind.INVOICE, Posting.Kind.WRITE_OFF))
        .order_by("posting__date", "pk")
    )
    for key, cents, day in entries.values_list("invoice", "cents", "posting__date"):
        of_invoice[key].settled.append(Settled(key, day, -cents))
    shared = days_in_two_homes({child for paid in found.values() for child in paid.names})
    for paid in found.values():
        paid.shared = {child: shared[child] for child in paid.names if child in shared}
    return list(found.values())
