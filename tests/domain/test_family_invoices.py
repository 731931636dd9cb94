"""Reading what an account owes, and hiding it from its own list."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from marelle.domain.billing.models import HiddenInvoice
from marelle.domain.billing.operations.hiding import hide_invoice, show_invoice
from marelle.domain.billing.queries.family_invoices import entitled, has_joined, invoices_of, wallets_of
from marelle.domain.billing.queries.tax_certificates import care_paid, has_payer
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import WriteOutsideOperationError, reading_only
from tests.factories.invoices import issue_invoice, make_regie, pay, payer_of
from tests.factories.town import make_authority, make_child, make_family, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


@pytest.fixture
def homes():
    """A mother and a father of the same child, each with an account; the mother is also known elsewhere."""
    town, elsewhere = make_authority(), make_authority("JolieVille")
    mother, father = make_user(), make_user()
    at_mothers, at_fathers = make_family(town, user=mother), make_family(town, "Sanchez", user=father)
    away = make_family(elsewhere, user=mother)
    child = make_child(at_mothers, birth_date=date(2021, 5, 1))
    regie, other = make_regie(town), make_regie(elsewhere)
    invoices = [
        issue_invoice(at_mothers, regie, child=child, label="chez elle", childcare=100),
        issue_invoice(at_fathers, regie, child=child, label="chez lui", childcare=100),
        issue_invoice(away, other, label="ailleurs"),
    ]
    return mother, father, invoices


def labels(user):
    who = entitled(user.pk)
    with tenancy.scope(who.authorities):
        return {one.invoice.label for one in invoices_of(who, at=NOW)}


def test_each_account_reads_the_invoices_of_its_own_homes_at_all_its_authorities(homes):
    mother, father, _invoices = homes

    assert labels(mother) == {"chez elle", "ailleurs"}
    assert labels(father) == {"chez lui"}
    assert labels(make_user()) == set()


def test_outside_a_scope_nothing_is_read(homes):
    mother, *_rest = homes
    who = entitled(mother.pk)

    for read in (lambda: invoices_of(who, at=NOW), lambda: wallets_of(who), lambda: care_paid(who)):
        with pytest.raises(tenancy.UnscopedQueryError):
            read()


def test_naming_the_invoice_of_another_home_does_not_open_it(homes):
    mother, _father, (_own, theirs, _away) = homes
    who = entitled(mother.pk)

    with tenancy.scope(who.authorities):
        assert invoices_of(who, at=NOW, public_ids=[theirs.public_id]) == []


def test_each_parent_is_certified_what_that_parent_paid(homes):
    mother, father, (hers, his, _away) = homes
    pay(hers, 770, on=date(2026, 11, 9))
    pay(his, 385, on=date(2026, 11, 10))
    found = {}
    for user in (mother, father):
        who = entitled(user.pk)
        with tenancy.scope(who.authorities):
            (paid,) = care_paid(who)
            assert has_payer(who, paid.payer.public_id, authority=paid.payer.authority_id)
            found[user.pk] = paid.on(2026).total
            assert paid.years == [2026]

    assert list(found.values()) == [100, 50]
    with tenancy.scope(entitled(father.pk).authorities):
        hers_account = payer_of(hers.family, hers.regie).public_id
        assert not has_payer(entitled(father.pk), hers_account, authority=hers.authority_id)
        assert care_paid(entitled(father.pk), payer=hers_account) == []


def test_hiding_twice_is_hiding_once_and_belongs_to_the_account(homes):
    mother, father, (hers, *_others) = homes
    by = Actor(ActorKind.FAMILY, mother.pk)

    with tenancy.scope({hers.authority_id}):
        assert [hide_invoice(hers, user=mother.pk, by=by, at=NOW) for _ in range(2)] == [True, False]
        assert not show_invoice(hers, user=father.pk, by=by, at=NOW)
        assert HiddenInvoice.objects.count() == 1
        assert [show_invoice(hers, user=mother.pk, by=by, at=NOW) for _ in range(2)] == [True, False]
    verbs = AuditEntry.objects.filter(object_type="invoice", object_key=hers.pk).order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["hide_invoice", "show_invoice"]


def test_a_request_that_only_reads_hides_nothing(homes):
    mother, _father, (hers, *_others) = homes

    with reading_only(), tenancy.scope({hers.authority_id}), pytest.raises(WriteOutsideOperationError):
        hide_invoice(hers, user=mother.pk, by=Actor(ActorKind.FAMILY, mother.pk), at=NOW)


@pytest.mark.parametrize(
    ("since", "is_online"), [(None, False), (date(2026, 11, 23), True), (date(2026, 11, 24), False)]
)
def test_an_authority_is_online_from_its_day_on(since, is_online):
    town = make_authority()
    regies = [make_regie(town, "Régie des séjours", online_from=None), make_regie(town, online_from=since)]

    assert has_joined(regies, on=NOW.date()) is is_online
