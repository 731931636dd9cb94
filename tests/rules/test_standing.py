"""Where an invoice stands, and its words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from marelle.domain.billing.rules.standing import Stand, Standing, countdown, in_words, named, standing

TODAY = date(2026, 11, 23)
NBSP = "\N{NO-BREAK SPACE}"


def stands(*, total=8240, left=8240, due=12, in_recovery=False) -> Standing:
    due_on = None if due is None else TODAY + timedelta(days=due)
    return standing(total=total, left=left, due_on=due_on, in_recovery=in_recovery, on=TODAY)


@pytest.mark.parametrize(
    ("facts", "stand", "days", "is_owed", "is_payable"),
    [
        ({"due": 12}, Stand.COMING, 12, True, True),
        ({"due": 0}, Stand.TODAY, 0, True, True),
        ({"due": -6}, Stand.LATE, -6, True, True),
        ({"due": None}, Stand.UNDATED, 0, True, True),
        ({"due": -6, "left": 1}, Stand.LATE, -6, True, True),
        ({"due": -60, "in_recovery": True}, Stand.IN_RECOVERY, 0, True, False),
        ({"left": 0}, Stand.SETTLED, 0, False, False),
        ({"left": 0, "in_recovery": True}, Stand.SETTLED, 0, False, False),
        ({"total": -385, "left": -385, "due": None}, Stand.CREDIT, 0, False, False),
        ({"total": -385, "left": 0, "due": None}, Stand.CREDIT, 0, False, False),
    ],
    ids=["coming", "today", "late", "undated", "one cent", "recovery", "settled", "paid at last", "credit", "used"],
)
def test_where_an_invoice_stands(facts, stand, days, is_owed, is_payable):
    found = stands(**facts)

    assert (found.stand, found.days, found.is_owed, found.is_payable) == (stand, days, is_owed, is_payable)


@pytest.mark.parametrize(
    ("facts", "around", "words"),
    [
        ({"due": 12}, "12 jours avant échéance", "À payer avant le 5 décembre"),
        ({"due": 1}, "1 jour avant échéance", "À payer avant le 24 novembre"),
        ({"due": 50}, "50 jours avant échéance", "À payer avant le 12 janvier 2027"),
        ({"due": 0}, "échéance aujourd’hui", "À payer aujourd’hui"),
        ({"due": -1}, "1 jour après échéance", "En retard de 1 jour"),
        ({"due": -6}, "6 jours après échéance", "En retard de 6 jours"),
        ({"due": None}, "", "À payer à réception"),
        ({"in_recovery": True}, "", "À payer au Trésor public"),
        ({"left": 0}, "", "Payée"),
        ({"total": -385}, "", "Avoir en votre faveur"),
    ],
)
def test_its_words(facts, around, words):
    found, due = stands(**facts), facts.get("due", 12)
    due_on = None if due is None else TODAY + timedelta(days=due)

    assert countdown(found).replace(NBSP, " ") == around
    assert in_words(found, due_on=due_on, on=TODAY).replace(NBSP, " ") == words


def test_an_invoice_to_come_without_its_day_is_paid_on_receipt():
    assert in_words(Standing(Stand.COMING, 3), due_on=None, on=TODAY) == "À payer à réception"


@pytest.mark.parametrize(
    ("by_date", "is_credit", "title"),
    [
        (False, False, "facture n° 154 de CLAIRONI PAULINE"),
        (True, False, "Facture du 01/10/2016 pour CLAIRONI PAULINE"),
        (False, True, "avoir n° 154 de CLAIRONI PAULINE"),
        (True, True, "Avoir du 01/10/2016 pour CLAIRONI PAULINE"),
    ],
)
def test_an_invoice_is_named_as_its_regie_does(by_date, is_credit, title):
    found = named(
        by_date=by_date, sequence=154, issued_on=date(2016, 10, 1), payer="CLAIRONI PAULINE", is_credit=is_credit
    )

    assert found.replace(NBSP, " ") == title
