"""The pages of figures over three years of a town of about 1,200 children, one client.

The years are written by statements, from the enrollments of the generated authority: who comes for what, on which day,
reserved how long before, cancelled or ticked absent, all drawn from the keys, so that two measures are of one town.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from bench.clients import Client
from bench.figures import Figure, Report, percentile
from bench.portal import AT, cookies_of
from bench.searching import OFFICE, agent_of

if TYPE_CHECKING:
    from bench.portal import Portal
    from marelle.domain.authorities.models import Authority

FIRST, LAST = "2023-09-04", "2026-10-16"
PERIOD: Final = {"du": "2023-09-01", "au": "2026-11-15"}
CHILDREN: Final = 1_200
WARM: Final = 3

# A number from 0 to 99 that a row always has.
_DRAWN = "(abs(hashtext({salt} || child.id || '/' || product.id || '/' || {day})) % 100)"
_RESERVATIONS = """
INSERT INTO reservations_reservation (authority_id, child_id, family_id, product_id, date, state, timing, price_cents,
    surcharge_cents, price_rule, reserved_at, reason)
SELECT child.authority_id, child.id, home.family_id, product.id, day::date,
    CASE WHEN {cancelled} < 6 THEN 'cancelled' ELSE 'reserved' END, 'on_time', 310, 0, '',
    day - interval '1 day' * (1 + {reserved} * 0.4), ''
FROM (SELECT * FROM families_child WHERE authority_id = %(authority)s ORDER BY id LIMIT %(children)s) AS child
JOIN reservations_enrollment AS enrollment
    ON enrollment.authority_id = child.authority_id AND enrollment.child_id = child.id
JOIN catalog_product AS product
    ON product.authority_id = child.authority_id AND product.activity_id = enrollment.activity_id
JOIN LATERAL (
    SELECT family_id FROM families_custody
    WHERE authority_id = child.authority_id AND child_id = child.id ORDER BY id LIMIT 1
) AS home ON true
JOIN generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS day
    ON extract(isodow FROM day) = ANY (
        CASE WHEN product.code LIKE '%%mercredi%%' THEN ARRAY[3] ELSE ARRAY[1, 2, 4, 5] END)
WHERE extract(month FROM day) NOT IN (7, 8) AND {comes} < 80
    AND {regular} < CASE WHEN product.code LIKE '%%repas%%' THEN 85 ELSE 30 END
ON CONFLICT DO NOTHING
"""
_ATTENDANCE = """
INSERT INTO reservations_attendance (authority_id, child_id, product_id, date, state, late_minutes, recorded_at)
SELECT child.authority_id, child.child_id AS id, child.product_id, child.date,
    CASE WHEN {absent} < 5 THEN 'absent' ELSE 'present' END, 0, child.date + time '13:00'
FROM reservations_reservation AS child
JOIN catalog_product AS product ON product.id = child.product_id
WHERE child.authority_id = %(authority)s AND child.date <= %(last)s AND (child.state = 'reserved' OR {unbooked} < 10)
ON CONFLICT DO NOTHING
"""
# A month of a family, issued and paid, a line for each child and product; one line in thirty is corrected by another.
# The last month is issued on the day of the measure: no night counted it.
_PAYERS = """
INSERT INTO billing_payeraccount (authority_id, regie_id, public_id, name, address, email, delivery, family_id)
SELECT family.authority_id, (SELECT min(id) FROM authorities_regie WHERE authority_id = family.authority_id),
    'bench' || family.id, family.name, '', '', 'email', family.id
FROM families_family AS family WHERE family.authority_id = %(authority)s
ON CONFLICT DO NOTHING
"""
_INVOICES = """
INSERT INTO billing_invoice (authority_id, regie_id, payer_id, family_id, public_id, kind, state, label, starts_on,
    ends_on, exercice, sequence, number, total_cents, revenue, childcare_cents, cesu_cents, third_parties, payer_name,
    payer_address, delivery, notes, drafted_at, issued_at, issued_on, due_on)
SELECT payer.authority_id, payer.regie_id, payer.id, payer.family_id, payer.id || to_char(month, 'bYYMM'), 'invoice',
    'issued', '', month, month + interval '1 month' - interval '1 day', extract(year FROM month),
    1000000 + payer.id * 100 + extract(month FROM month), payer.id || to_char(month, 'bYYMM'), 0, '{}', 0, 0, '{}',
    payer.name, '', 'email', '[]', month, CASE WHEN month + interval '2 months' > %(last)s THEN %(at)s
    ELSE month + interval '1 month' END, month + interval '1 month', month + interval '2 months'
FROM billing_payeraccount AS payer
CROSS JOIN generate_series(%(first)s::date, %(last)s::date - interval '1 month', interval '1 month') AS day
CROSS JOIN LATERAL date_trunc('month', day) AS month
WHERE payer.authority_id = %(authority)s AND payer.family_id IS NOT NULL
"""
_LINES = """
INSERT INTO billing_invoiceline (authority_id, invoice_id, position, kind, child_id, product_id, label, days,
    unit_cents, total_cents, steps, components, is_correction)
SELECT invoice.authority_id, invoice.id, 0, 'day', lived.child_id, lived.product_id, '',
    CASE WHEN corrected THEN lived.days[1:1] ELSE lived.days END, CASE WHEN corrected THEN -310 ELSE 310 END, 0, '[]',
    '[]', corrected
FROM (
    SELECT family_id, child_id, product_id, date_trunc('month', date)::date AS month,
        array_agg(date ORDER BY date) AS days
    FROM reservations_reservation
    WHERE authority_id = %(authority)s AND date BETWEEN %(first)s AND %(last)s AND state = 'reserved'
    GROUP BY 1, 2, 3, 4
) AS lived
JOIN billing_invoice AS invoice ON invoice.authority_id = %(authority)s AND invoice.family_id = lived.family_id
    AND invoice.starts_on = lived.month
CROSS JOIN (VALUES (false), (true)) AS turn (corrected)
WHERE NOT corrected OR (lived.child_id + lived.product_id + extract(month FROM lived.month)::int) %% 30 = 0
"""
_ENTRIES = """
INSERT INTO billing_ledgerentry (authority_id, account, code, cents, invoice_id, payer_id, posting_id)
SELECT authority_id, 'receivable', '', cents, id, payer_id, 0
FROM billing_invoice CROSS JOIN (VALUES (2000), (-2000)) AS turn (cents)
WHERE authority_id = %(authority)s AND (cents > 0 OR id %% 50 > 0)
"""


def fill(authority: Authority) -> tuple[int, int, int]:
    """Will write the three years of an authority; return how many reservations, ticks and lines of invoices they are.

    The invoices are written beside the guards of the ledger, which let nobody write history.
    """
    from django.db import connection

    from marelle.foundation.writes import permitted

    drawn = {name: _DRAWN.format(salt=f"'{name}'", day="day::date") for name in ("cancelled", "reserved", "comes")}
    drawn["regular"] = _DRAWN.format(salt="'regular'", day="''")
    ticked = {
        name: _DRAWN.format(salt=f"'{name}'", day="child.date").replace("child.id", "child.child_id")
        for name in ("absent", "unbooked")
    }
    values: dict[str, Any] = {
        "authority": authority.pk,
        "first": FIRST,
        "last": LAST,
        "children": CHILDREN,
        "at": AT,
    }
    start = time.perf_counter()
    with permitted("bench"), connection.cursor() as cursor:
        cursor.execute(_RESERVATIONS.format(**drawn).replace(" % 100", " %% 100"), values)
        reservations = cursor.rowcount
        cursor.execute(_ATTENDANCE.format(**ticked).replace(" % 100", " %% 100"), values)
        ticks = cursor.rowcount
        cursor.execute("SET session_replication_role = replica")
        for statement in (_PAYERS, _INVOICES, _LINES):
            cursor.execute(statement, values)
        lines = cursor.rowcount
        cursor.execute(_ENTRIES, values)
        cursor.execute("RESET session_replication_role")
        for table in ("reservations_reservation", "reservations_attendance", "billing_invoice", "billing_invoiceline"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("VACUUM ANALYZE billing_ledgerentry")
    seconds = time.perf_counter() - start
    print(f"# {reservations} reservations, {ticks} ticks, {lines} lines of invoices in {seconds:.0f} s", flush=True)
    return reservations, ticks, lines


def _count(report: Report, authority: Authority) -> None:
    """Will count the days as the first night does, then as a Tuesday's does; and what is billed of them, once."""
    from marelle.domain.billing.operations.figures import count_billed
    from marelle.domain.reservations.operations.figures import count_days
    from marelle.foundation import tenancy
    from marelle.foundation.actors import SYSTEM

    with tenancy.scope({authority.pk}):
        for name, at in (("count_days_first", AT), ("count_days_night", AT + timedelta(days=1))):
            start = time.perf_counter()
            days = count_days(authority, by=SYSTEM, at=at)
            report.add(Figure(name, time.perf_counter() - start, "s", note=f"{days} days"))
        start = time.perf_counter()
        months = count_billed(authority, by=SYSTEM, at=AT)
        report.add(Figure("count_billed_first", time.perf_counter() - start, "s", note=f"{months} months"))


def measure(report: Report, portal: Portal, *, is_quick: bool) -> None:
    """Will measure each page of figures over the three years, by HTTP, and keep the slowest."""
    from django.urls import reverse

    from marelle.domain.accounts.models import Site

    reservations, ticks, lines = fill(portal.authority)
    _count(report, portal.authority)
    agent = agent_of(portal.authority)
    client = Client(portal.port, OFFICE)
    cookies = cookies_of(agent.pk, Site.OFFICE)
    times = 8 if is_quick else 30
    found: dict[str, list[float]] = {}
    processor: dict[str, float] = {}
    for name in PAGES:
        address = reverse(name, "marelle.config.urls_office", kwargs={"authority": portal.authority.slug})
        address += "?" + urlencode(PERIOD)
        before = portal.processor_seconds()
        for turn in range(WARM + times):
            answer = client.ask("GET", address, cookies=cookies)
            if answer.status != 200:
                raise RuntimeError(f"{address}: {answer.status}")
            if turn >= WARM:
                found.setdefault(name, []).append(answer.seconds)
        processor[name] = (portal.processor_seconds() - before) / (WARM + times) * 1000
    p95 = {name: percentile(seconds, 0.95) * 1000 for name, seconds in found.items()}
    slowest = max(p95, key=lambda name: p95[name])
    each = ", ".join(f"{name.removeprefix('office_figures_')} {value:.0f} ms" for name, value in p95.items())
    report.add(
        Figure(
            "figures_three_years_p95",
            p95[slowest],
            "ms",
            floor=500,
            aim=250,
            note=f"{reservations} reservations, {ticks} ticks, {lines} lines of invoices; slowest {slowest}, median "
            f"{percentile(found[slowest], 0.5) * 1000:.0f} ms, {processor[slowest]:.0f} ms of it its own: "
            f"{each}",
        )
    )


PAGES: Final = (
    "office_figures",
    "office_figures_filling",
    "office_figures_forecast",
    "office_figures_quotients",
    "office_figures_hours",
    "office_figures_unpaid",
)
