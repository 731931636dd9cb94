"""Two accounts become one while somebody merges them the other way, joins, pays: nothing is lost, nobody waits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from marelle.domain.accounts.models import User
from marelle.domain.families.models import JoinRequest, Membership
from marelle.domain.families.operations.joining import NewPerson, accept_join, ask_to_join, join_by_code
from marelle.domain.payments.models import PaymentAttempt
from marelle.domain.payments.rules.merging import Obstacle
from marelle.domain.procedures.operations.merging import AccountGoneError, UnableToMergeError, merge_accounts
from marelle.domain.reservations.models import Confirmation
from marelle.domain.reservations.operations.baskets import UnableToConfirmBasketError
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from tests.domain.household import THURSDAY
from tests.domain.payments_town import PayingHousehold
from tests.factories.invoices import issue_invoice
from tests.factories.joining import make_code, make_guardian, make_join_request
from tests.factories.town import make_authority, make_family, make_user

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def merging(ended, kept):
    def run():
        merge_accounts(ended, kept, keep_session=None, site="account", device="", by=SYSTEM, at=clock.machine_now())

    return run


def inside(town, function):
    def run():
        with tenancy.scope({town.pk}):
            return function()

    return run


@pytest.mark.parametrize("round_", range(4))
def test_each_into_the_other_at_once_one_is_left(at_once, round_):
    town = make_authority()
    one, two = make_user(), make_user()
    make_family(town, "Roy", user=one)
    make_family(town, "Durand", user=two)
    acts = [merging(one.pk, two.pk), merging(two.pk, one.pk)] * 3

    outcomes = at_once(acts if round_ % 2 else acts[::-1], connections_at_most=6)

    assert [type(each) for each in outcomes if each is not None] == [AccountGoneError] * 5
    (left,) = User.objects.filter(pk__in=[one.pk, two.pk], is_active=True)
    with tenancy.scope({town.pk}):
        assert set(Membership.objects.values_list("user", flat=True)) == {left.pk}
        assert Membership.objects.count() == 2


def test_one_into_two_others_at_once_goes_to_one_of_them(at_once):
    one, two, three = make_user(), make_user(), make_user()

    outcomes = at_once([merging(one.pk, two.pk), merging(one.pk, three.pk), merging(two.pk, three.pk)])

    assert {type(each) for each in outcomes if each is not None} <= {AccountGoneError}
    assert User.objects.get(pk=three.pk).is_active
    assert User.objects.filter(merged_into__is_active=False).count() == 0


@pytest.mark.parametrize("round_", range(4))
def test_a_code_typed_meanwhile_gives_the_family_to_who_is_left(at_once, round_):
    town = make_authority()
    one, two = make_user(), make_user()
    code = make_code(make_guardian(town)).code
    acts = [
        merging(one.pk, two.pk),
        inside(town, lambda: join_by_code(one, code, by=SYSTEM, at=clock.machine_now())),
    ]

    outcomes = at_once(acts if round_ % 2 else acts[::-1])

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    with tenancy.scope({town.pk}):
        assert Membership.objects.get().user_id == two.pk


@pytest.mark.parametrize("round_", range(4))
def test_an_agent_who_accepts_its_request_meanwhile_gives_it_to_who_is_left(at_once, round_):
    town = make_authority()
    one, two = make_user(), make_user()
    request = make_join_request(town, one)
    day = datetime(2026, 11, 23, tzinfo=UTC).date()

    def accept():
        return accept_join(request, guardian=None, family=None, on=day, by=SYSTEM, at=clock.machine_now())

    acts = [merging(one.pk, two.pk), inside(town, accept)]

    outcomes = at_once(acts if round_ % 2 else acts[::-1])

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    with tenancy.scope({town.pk}):
        assert Membership.objects.get().user_id == two.pk
        assert JoinRequest.objects.get().user_id == two.pk


def test_a_request_made_meanwhile_is_of_who_is_left(at_once):
    town = make_authority()
    one, two = make_user(), make_user()

    def ask():
        return ask_to_join(
            one, authority=town.pk, who=NewPerson("Léa", "Roy", ""), child_first_name="Zoé", child_last_name="Roy",
            child_birth_date=datetime(2018, 5, 6, tzinfo=UTC).date(), words="", by=SYSTEM, at=clock.machine_now(),
        )  # fmt: skip

    outcomes = at_once([inside(town, ask), merging(one.pk, two.pk)])

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    with tenancy.scope({town.pk}):
        assert JoinRequest.objects.get().user_id == two.pk


def ways_to_pay(home):
    invoice = issue_invoice(home.family, home.regie, cents=770)
    home.wish_days(THURSDAY)
    content = home.content
    return {"invoice": lambda: home.pay_invoices(invoice), "basket": lambda: home.check_out(content)}


@pytest.mark.parametrize("round_", range(4))
@pytest.mark.parametrize("what", ["invoice", "basket"])
def test_a_payment_begun_meanwhile_is_waited_for_or_is_of_who_is_left(at_once, what, round_):
    town = make_authority("Essai")
    with tenancy.scope({town.pk}):
        home = PayingHousehold(town)
        pay = ways_to_pay(home)[what]
    two = make_user()
    acts = [inside(town, pay), merging(home.user, two.pk)]

    paid, merged = at_once(acts) if round_ % 2 else at_once(acts[::-1])[::-1]

    with tenancy.every_authority():
        payers = set(PaymentAttempt.objects.values_list("user", flat=True))
        confirmed = set(Confirmation.objects.values_list("user", flat=True))
    if isinstance(merged, UnableToMergeError):
        # It came first: it is waited for.
        assert [one.obstacle for one in merged.why] == [Obstacle.PAYING]
        assert payers == {home.user}
        assert not isinstance(paid, Exception)
    else:
        # The basket moved under its hands, which is an answer; an invoice is paid by who is left.
        assert merged is None
        assert payers <= {two.pk}
        assert confirmed <= {two.pk}
        assert not isinstance(paid, Exception) or (what, type(paid)) == ("basket", UnableToConfirmBasketError)
