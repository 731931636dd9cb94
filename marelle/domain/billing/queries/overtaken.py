"""Invoices that are out and that the proof of an absence, come since, would change.

No later run gives it back by itself: a run judges its own days. An agent corrects the invoice, or bills its days again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.billing.models import Invoice, InvoiceLine
from marelle.domain.billing.queries.to_bill import bill
from marelle.domain.billing.rules.charges import Kind
from marelle.domain.families.models import Custody
from marelle.domain.reservations.queries.absences import absences_on
from marelle.foundation.periods import Period

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime

    from marelle.domain.billing.models import BillingRun
    from marelle.domain.billing.queries.to_bill import Billed
    from marelle.domain.catalog.queries import Offer, ProductOffer
    from marelle.domain.families.models import Child
    from marelle.domain.reservations.models import Absence

# A proof that comes later than that is asked about by its family.
LOOKED_BACK: Final = timedelta(days=120)
GIVEN_BACK: Final = (Kind.DAY, Kind.PACKAGE_REFUND)


@dataclass(frozen=True, slots=True)
class Overtaken:
    """An issued invoice that no longer says what is due for a day of a child, whose absence (key) was proved since.

    `is_of_other_home`: another home told the absence than the one that the invoice is of.
    """

    invoice: Invoice
    absence: int
    child: Child
    product: int
    day: date
    is_of_other_home: bool


class _Day(NamedTuple):
    family: int
    child: int
    product: int
    day: date


def overtaken_before(
    services: Collection[int], *, first: date, last: date, offer: Offer, at: datetime
) -> list[Overtaken]:
    """Will return the invoices overtaken by absences of these services (keys), from a day to a day."""
    products = [product.pk for product in offer.products if product.activity.service.pk in services]
    proved = absences_on(products, first=first, last=last).filter(certificate_at__isnull=False)
    return overtaken_by(proved, offer=offer, at=at)


def overtaken_by(absences: Iterable[Absence], *, offer: Offer, at: datetime) -> list[Overtaken]:
    """Will return the invoices of a run, of any home of the children, that the proofs of these absences would change.

    In the order of their issue. Each absence comes with its reservation and its child. Three statements, and those of
    `bill` for each run of which something may have changed.
    """
    proved = [one for one in absences if one.certificate_at and one.reservation.product_id in offer.product_by_pk]
    if not proved:
        return []
    homes = _homes(proved)
    invoices = _invoices(proved, homes, offer)
    if not invoices:
        return []
    settled = _settled({day for day, _absence in invoices})
    by_run: dict[BillingRun, set[int]] = defaultdict(set)
    for (day, _absence), invoice in invoices.items():
        if invoice.run is not None and _may_change(settled.get(day, {}), offer.product_by_pk[day.product]):
            by_run[invoice.run].add(day.family)
    billed = {(run.pk, one.family): one for run, some in by_run.items() for one in _billed(run, some, offer, at)}
    known = {one.pk: one for one in proved}
    return [
        Overtaken(
            invoice,
            absence,
            known[absence].reservation.child,
            day.product,
            day.day,
            known[absence].reservation.family_id != day.family,
        )
        for (day, absence), invoice in sorted(invoices.items(), key=lambda item: (item[1].pk, item[0]))
        if _changes(billed.get((invoice.run_id or 0, day.family)), day)
    ]


def _homes(proved: Iterable[Absence]) -> Mapping[int, set[int]]:
    """Will return the families (keys) with which each of the children (keys) lives or lived, and who reserved."""
    found: dict[int, set[int]] = defaultdict(set)
    for one in proved:
        found[one.reservation.child_id].add(one.reservation.family_id)
    for child, family in Custody.objects.filter(child__in=list(found)).values_list("child_id", "family_id"):
        found[child].add(family)
    return found


def _invoices(
    proved: Collection[Absence], homes: Mapping[int, set[int]], offer: Offer
) -> dict[tuple[_Day, int], Invoice]:
    """Will return, for each day of each home and its absence (key), the invoice by which a run judged it first."""
    days = [one.reservation.date for one in proved]
    by_family: dict[int, list[Invoice]] = defaultdict(list)
    rows = Invoice.objects.issued().filter(
        family__in={family for each in homes.values() for family in each},
        corrects__isnull=True,
        run__starts_on__lte=max(days),
        run__ends_on__gte=min(days),
    )
    for invoice in rows.select_related("run", "family").order_by("pk"):
        by_family[invoice.family_id or 0].append(invoice)
    found: dict[tuple[_Day, int], Invoice] = {}
    for one in proved:
        reservation = one.reservation
        service = offer.product_by_pk[reservation.product_id].activity.service.pk
        for family in homes[reservation.child_id]:
            day = _Day(family, reservation.child_id, reservation.product_id, reservation.date)
            for invoice in by_family.get(family, ()):
                run = invoice.run
                if run is not None and run.starts_on <= day.day <= run.ends_on and service in run.services:
                    found.setdefault((day, one.pk), invoice)
    return found


def _settled(days: Collection[_Day]) -> dict[_Day, dict[str, int]]:
    """Will return what was issued of each of these days, corrections included: cents by kind."""
    lines = InvoiceLine.objects.filter(
        invoice__state=Invoice.State.ISSUED,
        invoice__family__in={one.family for one in days},
        child__in={one.child for one in days},
        product__in={one.product for one in days},
        kind__in=[kind.value for kind in GIVEN_BACK],
        days__overlap=sorted({one.day for one in days}),
    )
    found: dict[_Day, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for family, child, product, kind, invoiced, cents in lines.values_list(
        "invoice__family", "child", "product", "kind", "days", "unit_cents"
    ):
        for day in invoiced:
            found[_Day(family, child, product, day)][kind] += cents
    return found


def _may_change(settled: Mapping[str, int], product: ProductOffer) -> bool:
    """Will tell whether a day may still be given back: it was asked for, or a package gives it back and did not."""
    gives_back = any(
        package.refund
        for voted in product.tariffs
        for package in (voted.rules.packages if voted.rules is not None else ())
    )
    return settled.get(Kind.DAY.value, 0) > 0 or (gives_back and not settled.get(Kind.PACKAGE_REFUND.value, 0))


def _billed(run: BillingRun, families: Collection[int], offer: Offer, at: datetime) -> list[Billed]:
    return bill(
        sorted(families),
        regie=run.regie_id,
        services=run.services,
        period=Period(run.starts_on, run.ends_on),
        offer=offer,
        at=at,
    )


def _changes(billed: Billed | None, day: _Day) -> bool:
    """Will tell whether something of that day is left to be given back."""
    lines = billed.draft.lines if billed is not None and billed.draft is not None else ()
    names = {(kind, day.child, day.product) for kind in GIVEN_BACK}
    return any(line.total < 0 and line.charge.name[:3] in names and day.day in line.charge.days for line in lines)
