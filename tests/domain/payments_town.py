"""A town whose leisure centre is paid on booking, and a gateway whose answers a test decides.

The gateway keeps the port's promises and nothing else: the stand-ins of PayFiP and PayZen speak their own protocols, in
`tests/connectors` and in the torture of payments.
"""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import LedgerEntry
from marelle.domain.billing.queries.ledger import ledger_faults
from marelle.domain.payments import asking
from marelle.domain.payments.gateways import Answer, ForgedNoticeError, GatewayDownError, Redirection, Result
from marelle.domain.payments.models import PaymentAttempt, PaymentSettings
from marelle.domain.payments.operations.checkout import check_out, pay_invoices
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.domain.household import Household
from tests.factories.town import make_child, make_product, make_service

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # Monday, 9:00 in Paris
LATER = timedelta(minutes=5)
NOTIFY, BACK = "https://famille.exemple.fr/avis", "https://famille.exemple.fr/retour"


class PaperGateway:
    """A gateway made of a dictionary: what it is told of an order is what it answers."""

    code, name, is_online = "payfip", "Papier", True
    lowest_cents, highest_cents = 100, 10_000_000
    stays_payable, opens_within = timedelta(minutes=120), timedelta(minutes=15)
    opens_once, comes_back_within = True, timedelta(minutes=5)

    def __init__(self):
        self.orders, self.results, self.asked = {}, {}, []
        self.is_down = False
        self._numbers = itertools.count(1)

    def begin(self, order):
        if self.is_down:
            raise GatewayDownError
        provider_id = f"idop-{next(self._numbers)}-{order.reference}"
        self.orders[provider_id] = order
        return Redirection(provider_id, f"https://paiement.exemple.fr/?idop={provider_id}")

    def says(self, attempt, result, **other):
        """Decide what will be answered about an attempt."""
        self.results[PaymentAttempt.objects.get(pk=attempt.pk).provider_id] = (result, other)

    def ask(self, order, provider_id):
        if self.is_down:
            raise GatewayDownError
        self.asked.append(provider_id)
        ordered = self.orders.get(provider_id)
        if ordered is None:
            return Answer(Result.UNKNOWN)
        result, other = self.results.get(provider_id, (Result.WAITING, {}))
        said = {
            "cents": ordered.cents,
            "reference": ordered.reference,
            "merchant": ordered.merchant.number,
            "mode": ordered.merchant.mode,
            "transaction": f"AUTO{len(self.asked):04d}",
            "means": "card",
        }
        return Answer(result, **{**said, **other})

    def check_notice(self, order, provider_id, fields):
        if fields.get("idop", provider_id) != provider_id:
            raise ForgedNoticeError


class PayingHousehold(Household):
    """A family of a town with a régie open online, a product at 12 € paid on booking, and one paid at month's end."""

    def __init__(self, authority, *, capacity=5, gateway="payfip", name="Sanchez-Cordoves", town=None):
        super().__init__(authority, name)
        self.paper = town.paper if town else PaperGateway()
        self.gateways = {"payfip": self.paper}
        if town is None:
            with permitted("factory"), tenancy.scope({authority.pk}):
                self.regie = Regie.objects.create(
                    authority=authority, code="loisirs", name="Régie loisirs", online_from=date(2026, 9, 1)
                )
                self.settings = PaymentSettings.objects.create(
                    authority=authority, regie=self.regie, gateway=gateway, mode="production", number="123456"
                )
            service = make_service(authority, name="Accueil de loisirs", payment_mode="prepaid", regie=self.regie)
            self.product = make_product(authority, service=service, name="Journée", capacity=capacity, price_cents=1200)
            self.meal = make_product(authority, service=make_service(authority, regie=self.regie))
        else:
            self.regie, self.settings, self.product, self.meal = town.regie, town.settings, town.product, town.meal
        self.child = make_child(self.family, "Lucia", products=(self.product, self.meal))

    def check_out(self, content=None, *, at=NOW, from_wallet=False):
        content = content or self.content
        return check_out(
            user=self.user,
            family=self.family.pk,
            children=self.children,
            offer=self.offer,
            key=content.key,
            revision=content.revision,
            from_wallet=from_wallet,
            gateways=self.gateways,
            by=self.by,
            at=at,
        )

    def wish_days(self, *days, at=NOW, product=None):
        return self.wish(self.child, product or self.product, *days, at=at)

    def attempts(self, *days, at=NOW, **options):
        """Wish these days of the product and check out; return the attempts."""
        self.wish_days(*days, at=at)
        return self.check_out(at=at, **options).attempts

    def pay_invoices(self, *invoices, at=NOW, from_wallet=False, amounts=None):
        return pay_invoices(
            amounts or dict.fromkeys(invoices),
            user=self.user,
            from_wallet=from_wallet,
            gateways=self.gateways,
            by=self.by,
            at=at,
        )

    def begin(self, attempt, *, at=NOW):
        fresh = PaymentAttempt.objects.get(pk=attempt.pk)
        return asking.begin(fresh, gateways=self.gateways, notify_url=NOTIFY, return_url=BACK, by=self.by, at=at)

    def ask(self, attempt, *, at=NOW + LATER):
        return asking.ask(PaymentAttempt.objects.get(pk=attempt.pk), gateways=self.gateways, by=self.by, at=at)

    def money(self):
        """Return what the ledger says: cash, what is owed, what is held for the family, in cents."""
        sums = dict.fromkeys(("cash", "receivable", "wallet"), 0)
        for account, cents in LedgerEntry.objects.values_list("account", "cents"):
            sums[account] = sums.get(account, 0) + cents
        return {"cash": sums["cash"], "owed": sums["receivable"], "wallet": -sums["wallet"]}


def assert_nothing_is_lost():
    """The ledger holds, and each attempt is credited once if it is paid, and not at all otherwise."""
    assert ledger_faults() == []
    for attempt in PaymentAttempt.objects.all():
        credited = LedgerEntry.objects.filter(posting__reference=attempt.reference, account="cash")
        cents = sum(credited.values_list("cents", flat=True))
        assert cents == (attempt.cents if attempt.state == "paid" and attempt.purpose != "trial" else 0)
