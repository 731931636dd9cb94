"""The block of a family that owes follows the ledger, and leaves alone what an agent decided."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from marelle.domain.billing.operations.blocks import refresh_unpaid_block
from marelle.domain.families.models import Block
from marelle.domain.families.operations.blocks import lift_block, put_block
from marelle.foundation.actors import SYSTEM
from tests.factories.invoices import issue_invoice, make_regie, pay, recover
from tests.factories.town import make_authority, make_family

pytestmark = pytest.mark.django_db
LATE = datetime(2026, 12, 20, 8, tzinfo=UTC)  # due on 5 December


@pytest.fixture
def home(in_scope):
    town = make_authority()
    in_scope(town)
    return make_family(town)


def refresh(home, at=LATE):
    refresh_unpaid_block(home.pk, authority=home.authority, by=SYSTEM, at=at)
    return list(Block.objects.filter(family=home, lifted_at=None).values_list("amount_cents", "is_automatic"))


def test_what_is_overdue_at_every_till_stands_against_the_family(home):
    issue_invoice(home, make_regie(home.authority), cents=770)
    recover(issue_invoice(home, make_regie(home.authority), cents=1000))

    assert refresh(home, at=datetime(2026, 12, 5, 22, tzinfo=UTC)) == []  # still the 5th in Paris, the last day to pay
    assert refresh(home, at=datetime(2026, 12, 5, 23, tzinfo=UTC)) == [(1770, True)]


def test_a_part_payment_lowers_it_and_the_rest_lifts_it(home):
    invoice = issue_invoice(home, make_regie(home.authority), cents=770)
    assert refresh(home) == [(770, True)]

    pay(invoice, 300, on=date(2026, 12, 21))
    assert refresh(home) == [(470, True)]
    pay(invoice, 470, on=date(2026, 12, 22))
    assert refresh(home) == []


def test_a_block_put_by_hand_is_neither_changed_nor_lifted(home):
    block = put_block(home, Block.Kind.UNPAID, amount_cents=12345, by=SYSTEM, at=LATE)
    invoice = issue_invoice(home, make_regie(home.authority), cents=770)
    assert refresh(home) == [(12345, False)]

    pay(invoice, 770, on=date(2026, 12, 21))
    assert refresh(home) == [(12345, False)]
    assert lift_block(block, by=SYSTEM, at=LATE)


def test_an_agent_who_changes_an_automatic_block_makes_it_their_own(home):
    issue_invoice(home, make_regie(home.authority), cents=770)
    refresh(home)
    put_block(home, Block.Kind.UNPAID, amount_cents=500, by=SYSTEM, at=LATE)

    assert refresh(home) == [(500, False)]
