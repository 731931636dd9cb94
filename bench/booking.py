"""A month's basket of one child, filled and confirmed over HTTP as a browser does."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.baskets import parents_of, products_at
from bench.clients import Client
from bench.figures import Figure, Report, median, percentile
from bench.portal import CSRF, HOST, Portal, cookies_of

if TYPE_CHECKING:
    from bench.baskets import Parent

FIRST, LAST = date(2027, 1, 4), date(2027, 1, 31)


def measure(report: Report, portal: Portal, *, is_quick: bool) -> None:
    """Will measure *Valider* for a month of every product that the child has: some eighty days."""
    from marelle.domain.reservations.models import BasketLine, Reservation
    from marelle.foundation import tenancy

    parents = parents_of(portal.authority)
    chosen = parents[:: len(parents) // (12 if is_quick else 40)]
    fills, validers = [], []
    recorded = 0
    for turn, who in enumerate(chosen):
        client = Client(portal.port, HOST)
        filled, confirmed = _one(client, portal, who)
        client.close()
        with tenancy.scope({portal.authority.pk}):
            lines = Reservation.objects.filter(child=who.child, date__range=(FIRST, LAST), state="reserved").count()
            assert lines >= 60, f"{lines} days recorded"
            assert not BasketLine.objects.filter(basket__user=who.user).exists()
        recorded += lines
        if turn >= 4:  # the first ones warm both processes up
            fills.append(filled)
            validers.append(confirmed)
    report.add(
        Figure(
            "valider_month_median",
            median(validers) * 1000,
            "ms",
            floor=80,
            aim=30,
            note=f"{recorded // len(chosen)} days of six products; p95 {percentile(validers, 0.95) * 1000:.0f} ms; "
            f"filling by the Vue Période takes {median(fills) * 1000:.0f} ms",
        )
    )


def _one(client: Client, portal: Portal, who: Parent) -> tuple[float, float]:
    from marelle.domain.families.models import Child
    from marelle.domain.reservations.queries.baskets import basket_of
    from marelle.foundation import tenancy

    cookies = cookies_of(who.user)
    slug = portal.authority.slug
    with tenancy.scope({portal.authority.pk}):
        child = Child.objects.get(pk=who.child)
        products = products_at(portal.authority, who.school)
    wanted = [
        ("du", FIRST.isoformat()), ("au", LAST.isoformat()), ("enfants", child.public_id),
        *(("prestations", product.public_id) for product in products),
        *(("jours", str(day)) for day in range(5)), ("csrfmiddlewaretoken", CSRF),
    ]  # fmt: skip
    site = urlencode({"site": products[0].activity.facility_code})
    filled = client.ask("POST", f"/{slug}/reservations/periode/?{site}", cookies=cookies, body=urlencode(wanted))
    assert filled.status == 303, (filled.status, filled.body[:300])
    with tenancy.scope({portal.authority.pk}):
        content = basket_of(who.user, who.family)
    sent = urlencode({"key": content.key, "revision": content.revision, "csrfmiddlewaretoken": CSRF})
    confirmed = client.ask("POST", f"/{slug}/panier/valider/", cookies=cookies, body=sent)
    assert confirmed.status == 303, confirmed.status
    return filled.seconds, confirmed.seconds
