"""What a wallet holds is asked back, answered, and leaves when the transfer leaves: never more than it holds."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.core import mail
from lxml import etree

from marelle.connectors.sepa.files import SepaFiles
from marelle.domain.billing.models import Posting
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.billing.queries.ledger import balances_of, ledger_faults
from marelle.domain.payments.models import RefundRequest, TransferBatch
from marelle.domain.payments.operations.refunds import (
    Asked,
    UnableToPayBackError,
    WhyNotRefunded,
    abandon_transfers,
    accept_refund,
    ask_refund,
    make_transfers,
    refuse_refund,
    send_transfers,
    withdraw_refund,
)
from marelle.domain.payments.queries.refunds import open_refunds, refundable
from marelle.domain.payments.rules.bank_accounts import WrongAccountError
from marelle.foundation.actors import SYSTEM
from marelle.jobs import direct_debits as tasks
from tests.factories.banks import BELGIAN, FRENCH, OWN, make_creditor
from tests.factories.invoices import issue_invoice, make_regie, payer_of
from tests.factories.town import make_authority, make_family, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
TODAY, DAY = date(2026, 11, 23), date(2026, 11, 30)
ACTING = {"by": SYSTEM, "at": datetime(2026, 11, 23, 7, tzinfo=UTC)}


class Town:
    """A régie, and a family that paid ahead."""

    def __init__(self, in_scope):
        self.authority = make_authority("Dammartin-sur-Tigeaux")
        in_scope(self.authority)
        self.regie = make_regie(self.authority)
        make_creditor(self.regie)
        self.family = make_family(self.authority, user=make_user("elena@exemple.fr"))
        self.payer = self.paid_ahead(self.family, 3000)

    def paid_ahead(self, family, cents):
        payer = payer_of(family, self.regie)
        record_payment(payer, cents=cents, means="card", date=TODAY, **ACTING)
        return payer

    def asked(self, cents=3000, payer=None, iban=FRENCH, words=""):
        return ask_refund(payer or self.payer, Asked(cents, "Léa Martin", iban, words=words), **ACTING)

    def accepted(self, way="transfer", request=None, **said):
        return accept_refund(request or self.asked(), way=way, on=TODAY, **said, **ACTING)

    def filed(self):
        return make_transfers(self.regie, SepaFiles(), authority=self.authority, paid_on=DAY, **ACTING)

    @property
    def wallet(self):
        return balances_of([self.payer.pk])[self.payer.pk].wallet


@pytest.fixture
def town(in_scope):
    return Town(in_scope)


def refused(call):
    with pytest.raises(UnableToPayBackError) as error:
        call()
    return error.value.why


def test_a_family_asks_for_a_part_of_what_it_has_and_nothing_moves(town):
    request = town.asked(1000, words="Nous déménageons")

    assert (request.state, town.wallet) == ("asked", 3000)
    assert [(payer.pk, cents) for payer, cents in refundable(town.family.pk)] == [(town.payer.pk, 3000)]
    assert list(open_refunds()) == [request]


@pytest.mark.parametrize("cents", [0, -5, 3001, 10**12])
def test_more_than_the_wallet_or_nothing_is_not_asked(town, cents):
    assert refused(lambda: town.asked(cents)) == WhyNotRefunded.NOT_THAT_MUCH


def test_one_request_at_a_time_until_it_is_taken_back(town):
    first = town.asked()
    assert refused(town.asked) == WhyNotRefunded.ONE_IS_OPEN
    withdraw_refund(first, **ACTING)
    withdraw_refund(first, **ACTING)
    second = town.accepted()
    assert refused(lambda: withdraw_refund(second, **ACTING)) == WhyNotRefunded.ANSWERED


def test_a_wrong_account_asks_nothing(town):
    with pytest.raises(WrongAccountError):
        town.asked(iban="FR7630006000011234567890188")
    assert not RefundRequest.objects.exists()


def test_kept_as_credit_nothing_leaves_the_wallet(town):
    request = town.accepted("kept")

    assert (request.state, town.wallet) == ("kept", 3000)
    tasks.refund_decided(authority=town.authority.pk, refund=request.pk)
    assert "déduits de vos prochaines factures" in mail.outbox[0].body


def test_paid_by_the_tresor_it_is_noted_with_a_reference_and_leaves_the_wallet(town):
    assert refused(lambda: town.accepted("treasury")) == WhyNotRefunded.NO_REFERENCE
    request = town.accepted("treasury", RefundRequest.objects.get(), reference="MANDAT-412")

    assert (request.state, town.wallet) == ("paid", 0)
    posting = Posting.objects.get(kind="refund")
    assert (posting.means, posting.reference) == ("other", "MANDAT-412")
    assert request.posting_id == posting.pk


def test_refused_it_says_why(town):
    request = town.asked()
    assert refused(lambda: refuse_refund(request, answer=" ", **ACTING)) == WhyNotRefunded.NO_WORDS
    refuse_refund(request, answer="Une facture arrive.", **ACTING)
    assert refused(lambda: town.accepted("kept", request)) == WhyNotRefunded.ANSWERED
    tasks.refund_decided(authority=town.authority.pk, refund=request.pk)
    assert "Une facture arrive" not in mail.outbox[0].body


def test_a_way_that_is_none_is_an_error(town):
    with pytest.raises(ValueError, match="nowhere"):
        town.accepted("nowhere")


def test_a_transfer_leaves_the_wallet_when_the_bank_has_the_file_and_once(town):
    request = town.accepted()
    batch = town.filed()
    assert town.wallet == 3000
    document = etree.fromstring(batch.file.encode())
    assert document.findtext(".//{*}InstdAmt") == "30.00"
    assert document.findtext(".//{*}CdtrAcct//{*}IBAN") == FRENCH
    assert document.findtext(".//{*}DbtrAcct//{*}IBAN") == OWN[0]
    for _ in range(2):
        send_transfers(batch, **ACTING)

    request.refresh_from_db()
    assert (request.state, town.wallet) == ("paid", 0)
    assert request.posting.means == "transfer"
    tasks.refund_paid(authority=town.authority.pk, refund=request.pk)
    assert "FR76 •••• 0189" in mail.outbox[0].body
    assert FRENCH not in mail.outbox[0].body
    assert ledger_faults() == []


def test_what_the_wallet_lost_since_stops_the_file_and_the_next_leaves_it_out(town):
    other = town.paid_ahead(make_family(town.authority, "Autre"), 500)
    town.accepted()
    kept = town.accepted(request=town.asked(500, other, BELGIAN))
    batch = town.filed()
    issue_invoice(town.family, town.regie, cents=1000)  # taken off the wallet at issue
    assert town.wallet == 2000
    with pytest.raises(UnableToPayBackError) as error:
        send_transfers(batch, **ACTING)
    assert (error.value.why, error.value.names) == (WhyNotRefunded.WALLET_USED, (town.payer.name,))
    assert not Posting.objects.filter(kind="refund").exists()

    abandon_transfers(batch, **ACTING)
    again = town.filed()
    assert list(again.refunds.all()) == [kept]
    send_transfers(again, **ACTING)
    assert town.wallet == 2000
    late = RefundRequest.objects.get(payer=town.payer)
    assert late.state == "accepted"
    assert refuse_refund(late, answer="Votre porte-monnaie a servi.", **ACTING).state == "refused"


def test_one_file_of_a_regie_at_a_time_and_what_is_in_it_is_not_answered_again(town):
    assert refused(town.filed) == WhyNotRefunded.NOBODY
    request = town.accepted()
    batch = town.filed()
    assert refused(town.filed) == WhyNotRefunded.FILE_IS_OPEN
    assert refused(lambda: town.accepted("kept", request)) == WhyNotRefunded.IN_A_FILE
    send_transfers(batch, **ACTING)
    assert refused(lambda: abandon_transfers(batch, **ACTING)) == WhyNotRefunded.FILE_IS_GONE
    assert TransferBatch.objects.get().state == "sent"


def test_a_regie_without_an_account_transfers_nothing(in_scope):
    town = Town(in_scope)
    other = make_regie(town.authority, "Sans compte")
    payer = payer_of(town.family, other)
    record_payment(payer, cents=100, means="card", date=TODAY, **ACTING)
    request = town.asked(100, payer)
    assert refused(lambda: town.accepted(request=request)) == WhyNotRefunded.NO_ACCOUNT
    assert town.accepted("kept", request).state == "kept"
