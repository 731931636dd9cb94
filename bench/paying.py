"""A hundred parents book, go to PayFiP's stand-in, pay and come back, at the same instant; all are credited, once."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from bench import baskets
from bench.clients import Client
from bench.figures import Figure, Report, percentile
from bench.portal import AT, CSRF, HOST, Portal, cookies_of
from marelle.commands.ports import free_port
from marelle.commands.processes import Programs

if TYPE_CHECKING:
    from bench.baskets import Parent

PARENTS = 100
FROM = date(2027, 3, 1)
PAGE = "/tpa/paiementws.web"


@contextmanager
def payfip() -> Iterator[str]:
    """Start the stand-in, to which the portal served inside is pointed; give its address."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    os.environ["MARELLE_PAYFIP_URL"] = f"{origin}/tpa/services/securite"
    os.environ["MARELLE_PAYFIP_PAGE_URL"] = origin + PAGE
    programs = Programs(Path(os.environ["MARELLE_VAR"]) / "bench-payfip.json")
    try:
        programs.start("PayFiP", [sys.executable, "-m", "standins.payfip", "--port", str(port), "--anyone"])
        yield origin
    finally:
        programs.stop()


def measure(report: Report, portal: Portal, origin: str, *, is_quick: bool) -> None:
    """Will measure how many are paid each second, and how long all the answers of one parent take together."""
    parents = baskets.parents_of(portal.authority)
    paying = [who for who in parents if who.school == parents[0].school][:PARENTS]
    assert len(paying) == PARENTS, f"{len(paying)} parents at one school"
    cookies = {who.user: cookies_of(who.user) for who in paying}
    product = baskets.products_at(portal.authority, paying[0].school)[2]  # the other measures take the first ones
    _paid_on_booking(portal, product)
    rounds = 1 if is_quick else 3
    days = list(islice(baskets.open_days(portal.authority, product, FROM), rounds + 1))
    taken, answered = [], []
    for turn, day in enumerate(days):
        laid = baskets.fill(portal.authority, [(who, product.pk, [day]) for who in paying])

        def one(who: Parent, laid: dict[int, dict[str, Any]] = laid) -> float:
            return _pays(portal, origin, cookies[who.user], laid[who.user])

        start = time.perf_counter()
        with ThreadPoolExecutor(PARENTS) as clients:
            seconds = list(clients.map(one, paying))
        if turn:  # the first one warms up
            taken.append(time.perf_counter() - start)
            answered += seconds
        _all_credited_once(portal, PARENTS * (turn + 1))
    report.add(
        Figure(
            "payments_throughput",
            PARENTS * len(taken) / sum(taken),
            "payments/s",
            floor=5,
            aim=15,
            more_is_better=True,
            note=f"{PARENTS} parents at once, {rounds} times: Valider, the order to PayFiP, its notice, the return; "
            f"the stand-in and the clients share the machine; {PARENTS * len(days)} credited once, the ledger holds",
        )
    )
    report.add(
        Figure("payment_p95", percentile(answered, 0.95), "s", floor=20, aim=7, note="all the answers of one parent")
    )


def _pays(portal: Portal, origin: str, cookies: str, basket: dict[str, Any]) -> float:
    """Will do what a parent does, and return the seconds that it took."""
    client = Client(portal.port, HOST)
    start = time.perf_counter()
    sent = urlencode({"key": basket["key"], "revision": basket["revision"], "csrfmiddlewaretoken": CSRF})
    ordered = client.ask("POST", f"/{portal.authority.slug}/panier/valider/", cookies=cookies, body=sent)
    assert ordered.status == 303, ordered.status
    page = ordered.headers["location"]
    assert page.startswith(origin), page
    (idop,) = parse_qs(urlsplit(page).query)["idop"]
    # What the parent presses on the page: the notice has been delivered when the browser is sent back.
    site = urlsplit(origin)
    bank = Client(site.port or 80, site.netloc)
    assert bank.ask("GET", f"{PAGE}?idop={idop}").status == 200
    pressed = bank.ask("POST", PAGE, body=urlencode({"idop": idop, "resultat": "P"}))
    assert pressed.status == 303, pressed.status
    bank.close()
    way_back = urlsplit(pressed.headers["location"])
    back = client.ask("GET", f"{way_back.path}?{way_back.query}", cookies=cookies)
    assert back.status == 303, back.status
    client.close()
    return time.perf_counter() - start


def _paid_on_booking(portal: Portal, product: Any) -> None:
    """Will have the service of a product paid on booking, to a régie open at PayFiP, with places for everybody."""
    from marelle.domain.authorities.models import Authority, Regie
    from marelle.domain.catalog.models import Service, Slot
    from marelle.domain.payments.models import PaymentSettings
    from marelle.foundation import tenancy
    from marelle.foundation.writes import permitted

    authority = portal.authority
    with tenancy.scope({authority.pk}), permitted("bench"):
        regie = Regie.objects.create(authority=authority, code="bench", name="Régie de la mesure")
        PaymentSettings.objects.create(
            authority=authority, regie=regie, gateway="payfip", mode="production", number="123456", opened_at=AT
        )
        Service.objects.filter(pk=product.activity.service.pk).update(payment_mode="prepaid", regie=regie)
        Slot.objects.filter(template__in=[part.pk for part in product.parts]).update(capacity=None)
        authority.catalog_version += 1
        Authority.objects.filter(pk=authority.pk).update(catalog_version=authority.catalog_version)


def _all_credited_once(portal: Portal, count: int) -> None:
    from django.db.models import Sum

    from marelle.domain.billing.models import LedgerEntry
    from marelle.domain.billing.queries.ledger import ledger_faults
    from marelle.domain.payments.models import PaymentAttempt, ReceiptSeries
    from marelle.foundation import tenancy

    with tenancy.scope({portal.authority.pk}):
        paid = PaymentAttempt.objects.filter(state="paid")
        asked = paid.aggregate(sum=Sum("cents"))["sum"]
        cash = LedgerEntry.objects.filter(account="cash", posting__regie__code="bench").aggregate(sum=Sum("cents"))
        assert (paid.count(), cash["sum"]) == (count, asked), f"{paid.count()} paid, {cash['sum']} of {asked} cents"
        assert ReceiptSeries.objects.get(regie__code="bench").last == count
        assert ledger_faults() == []
    baskets.counted_exactly(portal.authority)
