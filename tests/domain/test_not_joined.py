"""A régie that has not joined the online invoices is paid at the desk alone, whatever its gateway and what is sent."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from marelle.domain.authorities.models import Regie
from marelle.domain.authorities.rules.joining import Joining, is_joined, joining
from marelle.domain.payments.gateways import Result
from marelle.domain.payments.models import PaymentAttempt, PaymentSettings
from marelle.domain.payments.operations.attempts import UnableToPayError, begin_again
from marelle.domain.payments.operations.checkout import UnableToPayInvoicesError, UnableToTopUpError, top_up
from marelle.domain.payments.operations.joining import UnableToJoinError, WhyNotJoined, join_online, leave_online
from marelle.domain.payments.queries.paying import how_paid
from marelle.domain.reservations.models import Reservation
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from marelle.letters.billing_documents import document_of
from tests.domain.household import FRIDAY, THURSDAY
from tests.domain.payments_town import LATER, NOW, PayingHousehold
from tests.factories.invoices import issue_invoice
from tests.factories.town import make_authority

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def home():
    town = make_authority("Essai")
    with tenancy.scope({town.pk}):
        yield PayingHousehold(town)


def joins(home, since):
    with permitted("test"):
        Regie.objects.filter(pk=home.regie.pk).update(online_from=since)
    home.regie.refresh_from_db()


@pytest.mark.parametrize(
    ("since", "is_tried", "stand"),
    [
        (None, False, Joining.NOT_JOINED),
        (None, True, Joining.IN_TEST),
        (date(2026, 11, 24), True, Joining.JOINS_ON),
        (date(2026, 11, 24), False, Joining.JOINS_ON),
        (TODAY, False, Joining.JOINED),
        (date(2026, 9, 1), True, Joining.JOINED),
    ],
)
def test_where_a_regie_stands(since, is_tried, stand):
    assert joining(since, is_tried=is_tried, on=TODAY) is stand
    assert is_joined(since, on=TODAY) is (stand is Joining.JOINED)


@pytest.mark.parametrize("since", [None, date(2026, 11, 24)], ids=["never", "tomorrow"])
class TestBefore:
    def test_what_is_prepaid_waits_at_the_desk_and_its_places_are_held(self, home, since):
        joins(home, since)
        (attempt,) = home.attempts(THURSDAY, FRIDAY)
        assert (attempt.gateway, attempt.cents, attempt.ask_next_at) == ("desk", 2400, None)
        assert Reservation.objects.filter(state="held", held_until__gt=NOW).count() == 2

    def test_no_invoice_of_it_is_paid_whatever_form_is_sent(self, home, since):
        invoice = issue_invoice(home.family, home.regie)
        joins(home, since)
        with pytest.raises(UnableToPayInvoicesError):
            home.pay_invoices(invoice)
        with pytest.raises(UnableToPayInvoicesError):
            home.pay_invoices(invoice, from_wallet=True)
        assert not PaymentAttempt.objects.exists()

    def test_its_wallet_takes_no_money_online(self, home, since):
        with permitted("test"):
            PaymentSettings.objects.update(has_top_up=True)
        joins(home, since)
        with pytest.raises(UnableToTopUpError):
            top_up(
                home.regie, family=home.family, user=home.user, cents=2000, gateways=home.gateways, by=home.by, at=NOW
            )

    def test_families_are_told_that_it_is_paid_at_the_desk(self, home, since):
        joins(home, since)
        (how,) = how_paid([home.regie], home.gateways, at=NOW).values()
        assert how.gateway is None
        assert not how.split(1000).is_online

    def test_what_was_begun_goes_on_and_is_not_begun_again(self, home, since):
        (attempt,) = home.attempts(THURSDAY)
        home.begin(attempt)
        joins(home, since)
        with pytest.raises(UnableToPayError):
            begin_again(attempt, gateways=home.gateways, by=home.by, at=NOW + LATER)
        home.paper.says(attempt, Result.PAID)
        assert home.ask(attempt) == "paid"


def test_the_day_is_that_of_the_authority(home):
    joins(home, date(2026, 11, 24))
    before, after = datetime(2026, 11, 23, 22, 59, tzinfo=UTC), datetime(2026, 11, 23, 23, 1, tzinfo=UTC)
    assert [how_paid([home.regie], home.gateways, at=at)[home.regie.pk].gateway is None for at in (before, after)] == [
        True,
        False,
    ]


class TestDeciding:
    def test_it_joins_once_tried_and_only_from_today_on(self, home):
        joins(home, None)
        with pytest.raises(UnableToJoinError) as refused:
            join_online(home.regie, since=TODAY, on=TODAY, by=SYSTEM, at=NOW)
        assert refused.value.why is WhyNotJoined.NOT_TRIED
        with permitted("test"):
            PaymentSettings.objects.update(trials={"test.card": "2026-11-20"})
        with pytest.raises(UnableToJoinError) as refused:
            join_online(home.regie, since=date(2026, 11, 22), on=TODAY, by=SYSTEM, at=NOW)
        assert refused.value.why is WhyNotJoined.IN_THE_PAST
        join_online(home.regie, since=TODAY, on=TODAY, by=SYSTEM, at=NOW)
        with pytest.raises(UnableToJoinError) as refused:
            join_online(home.regie, since=date(2026, 12, 1), on=TODAY, by=SYSTEM, at=NOW)
        assert refused.value.why is WhyNotJoined.HAS_JOINED

    def test_it_leaves_once(self, home):
        assert leave_online(home.regie, by=SYSTEM, at=NOW)
        assert not leave_online(home.regie, by=SYSTEM, at=NOW)


class TestThePaper:
    def printed(self, invoice):
        return " ".join(document_of(invoice, invoice.authority).how_to_pay).replace("\N{NO-BREAK SPACE}", " ")

    def test_an_invoice_says_how_anybody_pays_it_once_its_regie_has_a_day(self, home, settings):
        settings.INVOICES_URL = "https://factures.exemple.fr"
        invoice = issue_invoice(home.family, home.regie, cents=2500)
        said = f"Sans compte : factures.exemple.fr, référence {invoice.public_reference}, montant 25,00 €"
        assert f"{said}." in self.printed(invoice)
        joins(home, date(2026, 12, 2))
        invoice = type(invoice).objects.get(pk=invoice.pk)
        assert f"{said} (à partir du 2 décembre 2026)." in self.printed(invoice)
        joins(home, None)
        invoice = type(invoice).objects.get(pk=invoice.pk)
        assert "Sans compte" not in self.printed(invoice)

    def test_a_credit_note_is_not_paid(self, home):
        assert "Sans compte" not in self.printed(issue_invoice(home.family, home.regie, cents=-500))
