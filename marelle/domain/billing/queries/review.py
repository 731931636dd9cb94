"""A billing run as the office reviews it: figures, what to look at, sums by product and bracket, drafts. In cents.

Each read is one statement or two, whatever the number of drafts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import connection
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery
from django.db.models import Sum as SumOf
from django.db.models.functions import Abs, Coalesce
from django.db.models.lookups import GreaterThan

from marelle.domain.accounts.models import Agent, Grant
from marelle.domain.accounts.queries import granted_to
from marelle.domain.accounts.rules.roles import gives
from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import BillingRun, Invoice, InvoiceLine
from marelle.domain.billing.rules.charges import Trouble

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

# A bill that moves by more than both is looked at.
JUMP_CENTS: Final = 20_00
FAMILIES_NAMED: Final = 5
KEPT: Final = (Invoice.State.DRAFT.value, Invoice.State.ISSUED.value)
# Too little to ask for: it waits for the next run. What a third party owes too is asked for with it.
SMALL: Final = Q(
    state=Invoice.State.DRAFT, total_cents__gt=0, total_cents__lt=F("run__carried_below"), third_parties={}
)


class Sift(StrEnum):
    """Which drafts are listed; besides these, any Trouble."""

    ALL = "all"
    TO_CHECK = "to_check"
    JUMP = "jump"
    NEGATIVE = "negative"
    ZERO = "zero"
    CARRIED = "carried"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run comes to: invoices that are or will be numbered, their sum, and what is left out."""

    invoices: int = 0
    cents: int = 0
    paper: int = 0
    carried: int = 0
    carried_cents: int = 0
    set_aside: int = 0
    noted: int = 0

    @property
    def email(self) -> int:
        """Will return how many go by e-mail."""
        return self.invoices - self.paper


class Sum(NamedTuple):
    """A sum of a run: by product (None: none), kind of charge and bracket; `units` days or units."""

    run: int
    product: int | None
    kind: str
    bracket: str
    units: int
    cents: int
    families: int


class Named(NamedTuple):
    """A family for which the drafting met a trouble: how it is called, and [trouble, child, product, [days]] of it."""

    family: str
    name: str
    notes: list[list[Any]]


@dataclass(frozen=True, slots=True)
class Met:
    """A trouble that a run met: for how many families, and the first of them."""

    trouble: Trouble
    families: int
    named: tuple[Named, ...]


def roles_with_money(agent: Agent) -> frozenset[str]:
    """Will return the agent's roles for the whole authority, if it invoices with Marelle; else none."""
    whole = frozenset(one.role for one in granted_to(agent) if one.is_whole)
    return whole if whole and Regie.objects.filter(has_billing=True).exists() else frozenset()


def is_billing_for(agent: Agent) -> bool:
    """Will tell whether the agent invoices for the whole authority, and the authority invoices with Marelle."""
    return gives(roles_with_money(agent), Grant.Role.MANAGE_BILLING)


def runs_of(regies: Collection[int]) -> QuerySet[BillingRun]:
    """Will return the runs of these régies (keys), the open ones first, then the latest."""
    rows: QuerySet[BillingRun] = BillingRun.objects.filter(regie__in=regies)
    is_closed = Q(state__in=(BillingRun.State.ISSUED, BillingRun.State.ABANDONED))
    return rows.select_related("regie").annotate(is_closed=is_closed).order_by("is_closed", "-started_at", "-pk")


def figures_of(runs: Collection[int]) -> dict[int, Figures]:
    """Will return what each of these runs (keys) comes to."""
    carried = SMALL | Q(state=Invoice.State.CARRIED)
    # At zero, what has lines that cancel out is numbered too.
    costs = InvoiceLine.objects.filter(invoice=OuterRef("pk")).exclude(total_cents=0)
    says = ~Q(total_cents=0) | Exists(costs)
    counts = Q(state=Invoice.State.ISSUED) | (Q(state=Invoice.State.DRAFT) & says & ~SMALL)
    rows = (
        Invoice.objects.filter(run__in=runs)
        .values("run")
        .annotate(
            invoices=Count("pk", filter=counts),
            cents=_sum(counts),
            paper=Count("pk", filter=counts & Q(delivery="paper")),
            carried=Count("pk", filter=carried),
            carried_cents=_sum(carried),
            set_aside=Count("pk", filter=Q(state=Invoice.State.SET_ASIDE)),
            noted=Count("pk", filter=~Q(notes=[])),
        )
    )
    return {row.pop("run"): Figures(**row) for row in rows}


def _sum(which: Q) -> Any:
    return Coalesce(SumOf("total_cents", filter=which), 0)


def is_to_wait(invoice: Invoice, run: BillingRun) -> bool:
    """Will tell whether an invoice of the run waits, or will, since it is too little to ask for."""
    is_small = 0 < invoice.total_cents < run.carried_below and not invoice.third_parties
    return invoice.state == Invoice.State.CARRIED or (invoice.state == Invoice.State.DRAFT and is_small)


def previous_run(run: BillingRun) -> BillingRun | None:
    """Will return the last run issued before, of the same régie and of some of the same services."""
    rows: QuerySet[BillingRun] = BillingRun.objects.filter(
        regie=run.regie_id, state=BillingRun.State.ISSUED, services__overlap=run.services, starts_on__lt=run.starts_on
    )
    return rows.order_by("-starts_on", "-pk").first()


def sums_of(authority: int, runs: Collection[int]) -> list[Sum]:
    """Will return the sums of these runs (keys) of an authority, for what is kept of them."""
    with connection.cursor() as cursor:
        cursor.execute(SUMS, {"authority": authority, "runs": list(runs), "kept": list(KEPT)})
        return [Sum(*row) for row in cursor]


def codes_of(authority: int, run: int) -> list[tuple[str, int]]:
    """Will return what a run (key) of an authority earns by accounting code, before aids."""
    with connection.cursor() as cursor:
        cursor.execute(CODES, {"authority": authority, "run": run, "kept": list(KEPT)})
        return [(code, cents) for code, cents in cursor]


def met_by(authority: int, run: int) -> list[Met]:
    """Will return the troubles that the drafts of a run (key) of an authority met, each with its first families."""
    found: dict[Trouble, tuple[int, list[Named]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(MET, {"authority": authority, "run": run, "named": FAMILIES_NAMED})
        for trouble, families, family, name, notes in cursor:
            found.setdefault(Trouble(trouble), (families, []))[1].append(Named(family, name, _as_list(notes)))
    return [Met(trouble, found[trouble][0], tuple(found[trouble][1])) for trouble in Trouble if trouble in found]


def _as_list(notes: Any) -> list[list[Any]]:
    read: list[list[Any]] = json.loads(notes) if isinstance(notes, str) else notes
    return read


def drafts_of(run: BillingRun) -> QuerySet[Invoice]:
    """Will return the invoices of a run, each with the total of the family's previous one at the régie (None: none)."""
    before = (
        Invoice.objects.filter(
            family=OuterRef("family"), regie=OuterRef("regie"), state=Invoice.State.ISSUED, run__isnull=False
        )
        .exclude(run=run)
        .filter(run__starts_on__lt=run.starts_on)
        .order_by("-run__starts_on", "-pk")
        .values("total_cents")[:1]
    )
    rows: QuerySet[Invoice] = Invoice.objects.filter(run=run)
    return rows.select_related("family").annotate(previous=Subquery(before, output_field=IntegerField()))


def sifted(drafts: QuerySet[Invoice], sift: str) -> QuerySet[Invoice]:
    """Will keep the drafts of a Sift, or those that met a Trouble; raises ValueError for another word."""
    if sift in set(Trouble):
        return drafts.filter(notes__contains=[[sift]])
    return drafts.filter(_which(Sift(sift)))


def counted(drafts: QuerySet[Invoice]) -> dict[str, int]:
    """Will return how many drafts each Sift keeps."""
    found: dict[str, int] = drafts.aggregate(**{sift.value: Count("pk", filter=_which(sift)) for sift in Sift})
    return found


def _which(sift: Sift) -> Q:
    change = Abs(F("total_cents") - F("previous"))
    is_draft = Q(state__in=KEPT)
    jumps = Q(GreaterThan(change, JUMP_CENTS)) & Q(GreaterThan(change * 2, Abs(F("previous"))))
    return {
        Sift.ALL: Q(pk__isnull=False),
        Sift.TO_CHECK: ~Q(notes=[]),
        Sift.JUMP: is_draft & jumps,
        Sift.NEGATIVE: is_draft & Q(total_cents__lt=0),
        Sift.ZERO: is_draft & Q(total_cents=0),
        Sift.CARRIED: SMALL | Q(state=Invoice.State.CARRIED),
        Sift.SET_ASIDE: Q(state=Invoice.State.SET_ASIDE),
    }[sift]


def days_of(notes: list[list[Any]]) -> list[date]:
    """Will return the days that these notes are about, sorted, each once."""
    return sorted({date.fromisoformat(day) for note in notes for day in note[3]})


# What waits is not earned by this run.
ASKED: Final = """
    i.state = ANY(%(kept)s) AND NOT (
        i.state = 'draft' AND i.total_cents > 0 AND i.total_cents < r.carried_below AND i.third_parties = '{}'
    )
"""

SUMS: Final = f"""
SELECT i.run_id, l.product_id, l.kind, l.bracket, sum(cardinality(l.days))::int, sum(l.total_cents)::int,
    count(DISTINCT i.family_id)
FROM billing_invoice i
JOIN billing_billingrun r ON r.authority_id = i.authority_id AND r.id = i.run_id
JOIN billing_invoiceline l ON l.authority_id = i.authority_id AND l.invoice_id = i.id
WHERE i.authority_id = %(authority)s AND i.run_id = ANY(%(runs)s::bigint[]) AND {ASKED}
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, min(l.quotient_cents) NULLS FIRST, 4
"""  # noqa: S608  our own condition, no value

CODES: Final = f"""
SELECT share.key, sum(share.value::int)::int
FROM billing_invoice i
JOIN billing_billingrun r ON r.authority_id = i.authority_id AND r.id = i.run_id
CROSS JOIN LATERAL jsonb_each_text(i.revenue) AS share
WHERE i.authority_id = %(authority)s AND i.run_id = %(run)s AND {ASKED}
GROUP BY 1 ORDER BY 1
"""  # noqa: S608  our own condition, no value

MET: Final = """
WITH noted AS (
    SELECT n.value ->> 0 AS trouble, i.id, f.public_id AS family, i.payer_name, jsonb_agg(n.value) AS notes
    FROM billing_invoice i
    JOIN families_family f ON f.authority_id = i.authority_id AND f.id = i.family_id
    CROSS JOIN LATERAL jsonb_array_elements(i.notes) AS n
    WHERE i.authority_id = %(authority)s AND i.run_id = %(run)s
    GROUP BY 1, 2, 3, 4
), ranked AS (
    SELECT trouble, family, payer_name, notes, count(*) OVER (PARTITION BY trouble) AS families,
        row_number() OVER (PARTITION BY trouble ORDER BY payer_name, id) AS place
    FROM noted
)
SELECT trouble, families, family, payer_name, notes FROM ranked WHERE place <= %(named)s ORDER BY trouble, place
"""
