"""A town with a régie at work: families that owe, a régisseur, and what its day is made of."""

from __future__ import annotations

from datetime import UTC, date, datetime

from marelle.domain.billing.models import Invoice, PayerAccount
from marelle.domain.billing.queries.ledger import ledger_faults
from marelle.domain.payments.models import Receipt, RegisseurTerm
from marelle.domain.payments.operations.deposits import hand_over_deposit, prepare_deposit
from marelle.domain.payments.operations.desk import take_payment
from marelle.domain.payments.operations.regies import count_cash, name_regisseur, set_act
from marelle.domain.payments.operations.reversals import cancel_receipt
from marelle.domain.payments.queries.desk import drawer_of
from marelle.domain.payments.queries.receipt_faults import receipt_faults
from marelle.foundation.actors import SYSTEM
from tests.factories.invoices import issue_invoice, make_regie
from tests.factories.town import make_agent, make_authority, make_family


class Till:
    """A régie, and one verb for each gesture of its régisseur; in the scope of its authority."""

    def __init__(self, authority=None):
        self.authority = authority or make_authority("Dammartin")
        self.regie = make_regie(self.authority)

    def family(self, name="Benali"):
        return make_family(self.authority, name)

    def invoice(self, family=None, *, cents=5000, **fields) -> Invoice:
        return issue_invoice(family or self.family(), self.regie, cents=cents, **fields)

    def payer(self, invoice) -> PayerAccount:
        return PayerAccount.objects.get(pk=invoice.payer_id)

    def cash(self, invoice, cents, *, means="cash", on=date(2026, 12, 3), invoices=None, **options) -> Receipt:
        return take_payment(
            self.payer(invoice),
            cents=cents,
            means=means,
            date=on,
            invoices=[invoice] if invoices is None else invoices,
            by=SYSTEM,
            at=moment(on),
            **options,
        )

    def cancel(self, receipt, reason="Erreur de saisie", *, on=date(2026, 12, 4)) -> Receipt:
        return cancel_receipt(receipt, reason=reason, date=on, by=SYSTEM, at=moment(on))

    def act(self, *, ceiling=0, coins=0, days=31):
        set_act(
            self.regie,
            reference="Arrêté 2026-12",
            ceiling_cents=ceiling,
            float_cents=coins,
            deposit_days=days,
            by=SYSTEM,
            at=moment(date(2026, 9, 1)),
        )

    def prepare(self, means="cash", *, on=date(2026, 12, 4), exercice=2026, until=None):
        return prepare_deposit(
            self.regie, means=means, exercice=exercice, until=until or on, today=on, by=SYSTEM, at=moment(on)
        )

    def deposit(self, means="cash", *, on=date(2026, 12, 4), exercice=2026):
        made = self.prepare(means, on=on, exercice=exercice)
        hand_over_deposit(made, date=on, today=on, reference="R-1", by=SYSTEM, at=moment(on))
        made.refresh_from_db()
        return made

    @property
    def drawer(self):
        return drawer_of(self.regie.pk)

    def count(self, pieces, *, on=date(2026, 12, 4)):
        return count_cash(self.regie, pieces=pieces, by=SYSTEM, at=moment(on))

    def name(self, agent="Nadia Ferrand", *, kind=RegisseurTerm.Kind.REGISSEUR, on=date(2026, 9, 1)):
        agent = make_agent(self.authority, agent) if isinstance(agent, str) else agent
        return name_regisseur(self.regie, agent=agent, kind=kind, starts_on=on, by=SYSTEM, at=moment(on))


def moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


def assert_accounts_hold():
    """Nothing impossible: in the ledger, in the receipts, in the deposits."""
    assert ledger_faults() == []
    assert receipt_faults() == []
