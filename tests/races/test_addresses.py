"""Two agents, or an agent and the night, decide at the same instant where a family or a child lives."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from marelle.domain.families.models import AddressChange, Custody, Family
from marelle.domain.families.operations.addresses import (
    apply_address_changes,
    change_address,
    withdraw_address_change,
)
from marelle.domain.families.operations.custody import change_custody
from marelle.domain.families.queries.profile import homes_on
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM, Actor, ActorKind
from marelle.foundation.models import AuditEntry
from tests.factories.town import make_authority, make_child, make_family

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
TODAY, DECEMBER = date(2026, 11, 23), date(2026, 12, 1)
AGENT = Actor(ActorKind.AGENT)


@pytest.fixture
def authority(db):
    return make_authority()


@pytest.fixture
def within(authority):
    """Make a function that does something in the scope of the authority: `within(lambda: …)`."""

    def wrap(function):
        def inside():
            with tenancy.scope({authority.pk}):
                return function()

        return inside

    return wrap


def move(family, address, *, is_resident, starts_on):
    return change_address(family, address, is_resident=is_resident, starts_on=starts_on, by=AGENT, at=NOW)


@pytest.mark.parametrize("starts_on", [TODAY, DECEMBER])
def test_agents_who_say_the_same_at_once_say_it_once(authority, within, at_once, starts_on):
    family = make_family(authority)
    say = within(lambda: move(family, "12 rue des Ormes", is_resident=False, starts_on=starts_on).pk)

    results = at_once([say] * 8)

    assert len(set(results)) == 1
    assert AuditEntry.objects.filter(verb="change_address").count() == 1


@pytest.mark.parametrize("starts_on", [TODAY, DECEMBER])
def test_agents_who_differ_leave_one_and_the_eve_as_it_was(authority, within, at_once, starts_on):
    family = make_family(authority)

    at_once(
        [
            within(lambda n=n: move(family, f"{n} rue des Ormes", is_resident=n % 2 == 0, starts_on=starts_on))
            for n in range(8)
        ]
    )

    with tenancy.scope({authority.pk}):
        assert apply_address_changes(authority, on=DECEMBER, by=SYSTEM, at=NOW) == (starts_on == DECEMBER)
        (left,) = AddressChange.objects.filter(withdrawn_at__isnull=True)
        row = Family.objects.get(pk=family.pk)
    assert (row.address, row.is_resident) == (left.address, left.is_resident)
    assert left.was_resident is True


def test_the_night_that_runs_many_times_at_once_writes_each_change_once(authority, within, at_once):
    families = [make_family(authority) for _ in range(5)]
    for family in families:
        within(lambda family=family: move(family, "12 rue des Ormes", is_resident=False, starts_on=DECEMBER))()

    counts = at_once([within(lambda: apply_address_changes(authority, on=DECEMBER, by=SYSTEM, at=NOW))] * 6)

    assert sorted(counts) == [0, 0, 0, 0, 0, 5]
    assert AuditEntry.objects.filter(verb="apply_address_change").count() == 5


def test_given_up_or_written_never_both(authority, within, at_once):
    changes = [
        within(lambda: move(make_family(authority), "12 rue des Ormes", is_resident=None, starts_on=DECEMBER))()
        for _ in range(6)
    ]

    given_up = at_once(
        [
            *(within(lambda one=one: withdraw_address_change(one, by=AGENT, at=NOW)) for one in changes),
            within(lambda: apply_address_changes(authority, on=DECEMBER, by=SYSTEM, at=NOW)),
        ]
    )

    assert sum(given_up) == len(changes)
    with tenancy.scope({authority.pk}):
        for row in AddressChange.objects.select_related("family"):
            assert (row.applied_at is None) is not (row.withdrawn_at is None)
            assert bool(row.family.address) is (row.applied_at is not None)


def test_agents_who_give_a_child_other_homes_at_once_leave_the_homes_of_one_of_them(authority, within, at_once):
    homes = [make_family(authority) for _ in range(3)]
    child = make_child(homes[0])
    wishes = [[homes[1]], [homes[2]], [homes[0], homes[1]], [homes[1], homes[2]]] * 2

    results = at_once(
        [within(lambda w=wish: change_custody(child, w, starts_on=DECEMBER, by=AGENT, at=NOW)) for wish in wishes]
    )

    assert not [one for one in results if isinstance(one, Exception)]
    with tenancy.scope({authority.pk}):
        assert homes_on(DECEMBER, [child.pk])[child.pk] in [[home.pk for home in wish] for wish in wishes]
        assert homes_on(TODAY, [child.pk])[child.pk] == [homes[0].pk]
        standing = Custody.objects.filter(child=child, withdrawn_at__isnull=True)
        assert standing.filter(ends_on__isnull=True).count() <= 2


def test_agents_who_give_a_child_the_same_home_at_once_do_it_once(authority, within, at_once):
    mother, father = make_family(authority), make_family(authority)
    child = make_child(mother)

    results = at_once([within(lambda: change_custody(child, [father], starts_on=DECEMBER, by=AGENT, at=NOW))] * 8)

    assert sum(map(bool, results)) == 1
    assert AuditEntry.objects.filter(verb="change_custody").count() == 1
