"""The invoices of a demonstration: past months billed, paid or not, so that every case of « Mes factures » is there.

They are made by the operations that make those of a town: a run is started, drafted, approved and issued; only its
dates are of the past. Everything is relative to the day of the visit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.commands.demonstration.lived import month_ago
from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import BillingRun, Invoice, ManualCharge, NumberSeries, PayerAccount, Posting
from marelle.domain.billing.operations.drafting import payers_of
from marelle.domain.billing.operations.hiding import hide_invoice
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.billing.operations.manual import add_manual_charge
from marelle.domain.billing.operations.payers import hand_over
from marelle.domain.billing.operations.runs import approve_run, draft_some, issue_some, start_run
from marelle.domain.billing.queries.to_bill import bill
from marelle.domain.catalog.models import Service
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Child, Family
from marelle.domain.payments.operations.receipts import give_receipt
from marelle.foundation import tenancy
from marelle.foundation.french_dates import MONTHS
from marelle.foundation.periods import Period
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from django.db import models

    from marelle.domain.authorities.models import Authority
    from marelle.foundation.actors import Actor

ELENA: Final = "elena.sanchez@exemple.fr"
HANDED_OVER_DAYS: Final = 10
KNOWN_DAYS: Final = 3


class Typed(NamedTuple):
    """A line that an agent typed, for a family (code) and one of its children (code)."""

    family: str
    label: str
    cents: int
    child: str = ""
    reason: str = "Reprise du logiciel précédent"
    is_childcare: bool = False


class Paid(NamedTuple):
    """What was received for an invoice: cents (0: all that is left), by what means, how many days ago."""

    means: str
    days_ago: int
    cents: int = 0


@dataclass(frozen=True)
class Billing:
    """A run: a till, what it bills, of which months, due in how many days (below zero: late)."""

    regie: str
    name: str
    services: tuple[str, ...]
    first: int
    last: int
    due_in: int
    typed: tuple[Typed, ...] = ()
    # Families (codes) whose invoice is then paid, handed over to the Trésor, or hidden by the account of the flyers.
    paid: tuple[tuple[str, Paid], ...] = ()
    handed_over: str = ""
    hidden: str = ""
    # What a family is to be asked for: a line makes up for the days that the calendar did not have.
    brings: tuple[tuple[str, int], ...] = ()


SCHOOL = ("cantine", "etude", "garderie")
BILLINGS: Final = {
    "dammartin-sur-tigeaux": (
        Billing(
            "scolaire", "Cantine et étude, {month}", SCHOOL, 7, 7, -120,
            (
                Typed("D-0001", "Cantine, 16 repas", 6160, "D-0001-3"),
                Typed("D-0001", "Étude surveillée, 14 soirs", 3640, "D-0001-4", is_childcare=True),
            ),
        ),
        Billing(
            "scolaire", "Avoir, {month}", SCHOOL, 6, 6, -90,
            (Typed("D-0001", "Un repas rendu : Lucia malade", -385, "D-0001-3", "Certificat reçu dans les temps"),),
        ),
        Billing(
            "scolaire", "Garderie du soir, {month}", SCHOOL, 5, 5, -60,
            (Typed("D-0001", "Garderie du soir, 9 soirs", 1890, "D-0001-4", is_childcare=True),),
            handed_over="D-0001",
        ),
        Billing(
            "scolaire", "Sortie à la ferme", SCHOOL, 4, 4, 3,
            (Typed("D-0001", "Sortie à la ferme, Lucia et Mateo", 3280, reason="Délibération 2026-31"),),
            paid=(("D-0001", Paid(Posting.Means.CHEQUE, 11, 2000)),),
        ),
        Billing(
            "scolaire", "Badge de cantine", SCHOOL, 3, 3, 9,
            (Typed("D-0001", "Badge perdu, remplacé", 500, "D-0001-4", "Demandé à l’accueil de la mairie"),),
            hidden="D-0001",
        ),
        Billing("scolaire", "Cantine et étude, {month}", SCHOOL, 2, 2, -6, brings=(("D-0001", 3280),)),
        Billing(
            "scolaire", "Cantine et étude, {month}", SCHOOL, 1, 1, 12,
            brings=(("D-0001", 8240), ("D-0027", 11520)),
        ),
    ),
    "jolieville": (
        Billing(
            "loisirs", "Centre de loisirs, {month}", ("loisirs",), 5, 5, -70,
            (
                Typed("J-0001", "Centre de loisirs, 5 journées", 7300, "J-0001-1"),
                Typed("J-0001", "Centre de loisirs, 5 journées", 7300, "J-0001-2", is_childcare=True),
            ),
            paid=(("J-0001", Paid(Posting.Means.CASH, 75)),),
        ),
        Billing(
            "loisirs", "Centre de loisirs, mini-séjour d’automne", ("loisirs",), 3, 3, 22,
            (Typed("J-0001", "Mini-séjour d’automne, le solde", 8200, "J-0001-1"),),
        ),
        Billing(
            "periscolaire", "Périscolaire, {months}", ("periscolaire",), 2, 1, 6, brings=(("J-0003", 8200),),
        ),
    ),
}  # fmt: skip
# To whom invoices are made out, where it is not to the family under its own name.
MADE_OUT_TO: Final = {
    ("scolaire", "D-0027"): "CLAIRONI PAULINE",
    ("scolaire", "D-0001"): "SANCHEZ-CORDOVES ELENA",
    ("loisirs", "J-0001"): "SANCHEZ-CORDOVES ELENA",
    ("periscolaire", "J-0003"): "M CASSEREAU PE",
}
# The numbers of the flyers: what the last run gives to a family.
NUMBERED: Final = {"scolaire": ("D-0027", 154), "periscolaire": ("J-0003", 78)}
# Paid once its credit note was taken off: the rest, by card.
PAID_AT_LAST: Final = {"dammartin-sur-tigeaux": ("D-0001", Paid(Posting.Means.CARD, 84))}


@operation
def bill_the_past(authority: Authority, *, by: Actor, at: datetime) -> None:
    """Will bill the past months of an authority of the demonstration, as its families and its régisseuse lived them."""
    with tenancy.scope({authority.pk}):
        _Past(authority, by, at).tell()


class _Past:
    """What is known of the authority while its invoices are made."""

    def __init__(self, authority: Authority, by: Actor, at: datetime) -> None:
        self.authority = authority
        self.by = by
        self.at = at
        self.today = at.astimezone(authority.zone).date()
        self.families = {family.code: family for family in Family.objects.order_by("code")}
        self.codes = {family.pk: code for code, family in self.families.items()}
        self.children = {child.code: child for child in Child.objects.all()}
        self.regies = {regie.code: regie for regie in Regie.objects.all()}
        self.services = dict(Service.objects.values_list("code", "pk"))

    def tell(self) -> None:
        billings = BILLINGS[self.authority.slug]
        self._open_payers()
        for billing in billings:
            for typed in billing.typed:
                self._type(billing, typed)
            for family, cents in billing.brings:
                self._make_up(billing, family, cents)
        self._begin_the_series(billings)
        for billing in billings:
            self._bill(billing, is_last=billing is billings[-1])
        if self.authority.slug in PAID_AT_LAST:
            family, paid = PAID_AT_LAST[self.authority.slug]
            first = self._of(family).order_by("sequence").first()
            if first is not None:
                self._pay(first, paid)
        Regie.objects.update(payments_known_until=self.today - timedelta(days=KNOWN_DAYS))

    def _open_payers(self) -> None:
        # On paper until the last run: no e-mail leaves today for an invoice of last spring.
        PayerAccount.objects.bulk_create(
            PayerAccount(
                authority=self.authority,
                regie=self.regies[regie],
                family=family,
                name=MADE_OUT_TO.get((regie, family.code), family.name),
                address=family.address,
                email=family.email,
                delivery=PayerAccount.Delivery.PAPER,
            )
            for regie in sorted({billing.regie for billing in BILLINGS[self.authority.slug]})
            for family in self.families.values()
        )

    def _type(self, billing: Billing, typed: Typed) -> None:
        last = month_ago(self.today, billing.last)[1]
        add_manual_charge(
            self._payer(billing.regie, typed.family),
            authority=self.authority,
            label=typed.label,
            cents=typed.cents,
            date=last,
            reason=typed.reason,
            child=self.children.get(typed.child),
            is_childcare=typed.is_childcare,
            by=self.by,
            at=self._morning(last),
        )

    def _make_up(self, billing: Billing, family: str, cents: int) -> None:
        (one,) = bill(
            [self.families[family].pk],
            regie=self.regies[billing.regie].pk,
            services=[self.services[code] for code in billing.services],
            period=self._period(billing),
            offer=offer_of(self.authority),
            at=self.at,
        )
        typed = self._typed_cents(billing, family)
        missing = cents - ((one.draft.total if one.draft is not None else 0) - typed)
        if missing > 0:
            self._type(billing, Typed(family, "Adhésion annuelle", missing, reason="Une fois par an et par famille"))

    def _typed_cents(self, billing: Billing, family: str) -> int:
        """Will return what was typed for a family, and not billed yet: earlier runs will take it."""
        rows = ManualCharge.objects.filter(
            payer=self._payer(billing.regie, family), date__lte=self._period(billing).ends_on
        )
        return sum(rows.values_list("cents", flat=True))

    def _begin_the_series(self, billings: tuple[Billing, ...]) -> None:
        """Will have the series of a till begin where the last of its runs gives the number of the flyers."""
        for code, (family, number) in NUMBERED.items():
            runs = [billing for billing in billings if billing.regie == code]
            if not runs:
                continue
            regie, exercice = self.regies[code], self._invoiced_on(runs[-1]).year
            before = 0
            for billing in runs:
                drafted = [
                    one
                    for one in bill(
                        [each.pk for each in self.families.values()],
                        regie=regie.pk,
                        services=[self.services[each] for each in billing.services],
                        period=self._period(billing),
                        offer=offer_of(self.authority),
                        at=self.at,
                    )
                    if one.draft is not None and one.draft.total
                ]
                if billing is runs[-1]:
                    payers_of(drafted, regie=regie)
                    order = PayerAccount.objects.filter(regie=regie, family__in=[one.family for one in drafted])
                    names = list(order.order_by("name", "pk").values_list("family_id", flat=True))
                    before += names.index(self.families[family].pk)
                elif self._invoiced_on(billing).year == exercice:
                    before += len(drafted)
            last = max(0, number - 1 - before)
            NumberSeries.objects.create(authority=self.authority, regie=regie, exercice=exercice, last=last)

    def _bill(self, billing: Billing, *, is_last: bool) -> None:
        regie, period, day = self.regies[billing.regie], self._period(billing), self._invoiced_on(billing)
        at = min(self._morning(day), self.at)
        if is_last:
            PayerAccount.objects.filter(regie=regie, family__email__gt="").update(delivery=PayerAccount.Delivery.EMAIL)
        run = start_run(
            regie,
            authority=self.authority,
            services=[self.services[code] for code in billing.services],
            name=billing.name.format(month=_month(period.starts_on), months=_months(period)),
            starts_on=period.starts_on,
            ends_on=period.ends_on or self.today,
            invoiced_on=day,
            due_on=max(day, self.today + timedelta(days=billing.due_in)),
            exercice=day.year,
            by=self.by,
            at=at,
        )
        while draft_some(run, authority=self.authority, by=self.by, at=at):
            pass
        approve_run(run, by=self.by, at=at)
        while issue_some(BillingRun.objects.get(pk=run.pk), by=self.by, at=at):
            pass
        for family, paid in billing.paid:
            self._pay(self._of(family).get(run=run), paid)
        if billing.handed_over:
            (invoice,) = self._of(billing.handed_over).filter(run=run)
            handed = self.today - timedelta(days=HANDED_OVER_DAYS)
            hand_over(invoice, number=f"{handed.year}-T-412", by=self.by, at=self._morning(handed))
        if billing.hidden:
            (invoice,) = self._of(billing.hidden).filter(run=run)
            for membership in self.families[billing.hidden].memberships.filter(user__email=ELENA):
                hide_invoice(invoice, user=membership.user_id, by=self.by, at=self.at)

    def _pay(self, invoice: Invoice, paid: Paid) -> None:
        left = sum(invoice.entries.filter(account="receivable").values_list("cents", flat=True))
        day = max(invoice.issued_on or self.today, self.today - timedelta(days=paid.days_ago))
        received = record_payment(
            PayerAccount.objects.get(pk=invoice.payer_id),
            cents=paid.cents or left,
            means=paid.means,
            date=day,
            invoices=[invoice],
            by=self.by,
            at=min(self._morning(day), self.at),
        )
        give_receipt(received, label=invoice.label, by=self.by, at=min(self._morning(day), self.at))

    def _of(self, family: str) -> models.QuerySet[Invoice]:
        return Invoice.objects.filter(family=self.families[family]).issued()

    def _payer(self, regie: str, family: str) -> PayerAccount:
        found: PayerAccount = PayerAccount.objects.get(regie=self.regies[regie], family=self.families[family])
        return found

    def _period(self, billing: Billing) -> Period:
        return Period(month_ago(self.today, billing.first)[0], month_ago(self.today, billing.last)[1])

    def _invoiced_on(self, billing: Billing) -> date:
        """Will return the first of the month that follows."""
        return month_ago(self.today, billing.last - 1)[0]

    def _morning(self, day: date) -> datetime:
        return datetime.combine(day, time(9), self.authority.zone)


def _month(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"


def _months(period: Period) -> str:
    last = period.ends_on or period.starts_on
    year = "" if last.year == period.starts_on.year else f" {period.starts_on.year}"
    return f"{MONTHS[period.starts_on.month - 1]}{year} et {_month(last)}"
