"""With whom a child lives from a day on: what ends, what begins, what a home that ends had reserved."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from marelle.domain.authorities.operations import Said
from marelle.domain.families.models import Custody
from marelle.domain.families.operations.custody import CustodyChanged, UnableToChangeCustodyError, change_custody
from marelle.domain.families.operations.files import save_family_rows
from marelle.domain.families.queries import children_of, children_of_each
from marelle.domain.families.queries.profile import homes_on
from marelle.domain.families.rules.custody import CustodyFault
from marelle.domain.reservations.queries.families import reserved_after
from marelle.domain.reservations.queries.homes import homes_of
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW, journal
from tests.factories.town import make_authority, make_child, make_family, make_product, make_reservation

pytestmark = pytest.mark.django_db

TODAY, DECEMBER, JANUARY, MARCH = date(2026, 11, 23), date(2026, 12, 1), date(2027, 1, 1), date(2027, 3, 1)
DAY = timedelta(days=1)


@pytest.fixture
def town(in_scope):
    authority = make_authority()
    in_scope(authority)
    return authority


@pytest.fixture
def mother(town):
    return make_family(town, "Benali")


@pytest.fixture
def father(town):
    return make_family(town, "Roy")


@pytest.fixture
def child(mother):
    return make_child(mother, "Inès")


def change(child, *homes, starts_on=DECEMBER, at=NOW):
    return change_custody(child, homes, starts_on=starts_on, by=AGENT, at=at)


def lives_with(child, day):
    return homes_on(day, [child.pk]).get(child.pk, [])


def rows(child):
    return list(Custody.objects.filter(child=child).order_by("pk").values_list("family", "starts_on", "ends_on"))


def test_from_that_day_the_child_lives_with_the_other_parent(child, mother, father):
    changed = change(child, father)

    assert changed == CustodyChanged(ended=(mother.pk,), started=(father.pk,))
    assert lives_with(child, DECEMBER - DAY) == [mother.pk]
    assert lives_with(child, DECEMBER) == [father.pk]
    assert list(children_of(father.pk, on=TODAY)) == []
    assert list(children_of(father.pk, on=DECEMBER)) == [child]


def test_shared_then_with_one_then_shared_again(child, mother, father):
    assert change(child, mother, father) == CustodyChanged(started=(father.pk,))
    assert change(child, father, starts_on=JANUARY) == CustodyChanged(ended=(mother.pk,))
    assert change(child, mother, father, starts_on=MARCH) == CustodyChanged(started=(mother.pk,))

    both = [mother.pk, father.pk]
    days = (TODAY, DECEMBER, JANUARY - DAY, JANUARY, MARCH - DAY, MARCH)
    assert [lives_with(child, day) for day in days] == [[mother.pk], both, both, [father.pk], [father.pk], both]
    assert Custody.objects.filter(child=child).count() == 3


def test_the_same_again_writes_nothing(child, mother, father):
    change(child, father, mother)
    before, lines = rows(child), journal()

    assert not change(child, mother, father, father)
    assert not change(child, mother, father, starts_on=MARCH)
    assert (rows(child), journal()) == (before, lines)


def test_what_was_foreseen_and_will_not_be_is_withdrawn_not_deleted(child, mother, father):
    change(child, father, starts_on=MARCH)

    assert change(child, mother, starts_on=JANUARY) == CustodyChanged(ended=(father.pk,), started=(mother.pk,))

    foreseen = Custody.objects.get(family=father)
    assert (foreseen.starts_on, foreseen.withdrawn_at) == (MARCH, NOW)
    assert foreseen.ends_on < child.birth_date
    assert lives_with(child, MARCH) == [mother.pk]
    # Nobody who reads by days meets it, whatever the days.
    everywhere = children_of_each([father.pk], first=date(2020, 1, 1), last=date(2030, 1, 1))
    assert everywhere == {father.pk: ()}


def test_a_home_withdrawn_pays_nothing_for_the_child(child, mother, father, town):
    meal = make_product(town)
    enrolled = make_child(mother, "Adam", products=(meal,))
    change(enrolled, father, starts_on=MARCH)
    change(enrolled, mother, starts_on=JANUARY)

    home = homes_of([father.pk], authority=town.pk)[father.pk]

    assert home.enrolled == ()
    assert len(homes_of([mother.pk], authority=town.pk)[mother.pk].enrolled) == 1


def test_what_was_withdrawn_may_be_decided_again(child, mother, father):
    change(child, father, starts_on=MARCH)
    change(child, mother, starts_on=MARCH)
    assert lives_with(child, MARCH) == [mother.pk]

    assert change(child, father, starts_on=MARCH) == CustodyChanged(ended=(mother.pk,), started=(father.pk,))

    assert lives_with(child, MARCH) == [father.pk]
    assert Custody.objects.get(family=father).withdrawn_at is None


@pytest.mark.parametrize("force", [False, True])
def test_a_file_does_not_bring_back_what_was_withdrawn(child, mother, father, town, force):
    change(child, father, starts_on=MARCH)
    change(child, mother, starts_on=MARCH)
    said = [Said((child.pk, father.pk, MARCH), {"ends_on": None}), Said((child.pk, father.pk, DECEMBER), {})]

    save_family_rows(town, Custody, said, force=force, by=SYSTEM, at=NOW)

    assert Custody.objects.get(family=father, starts_on=MARCH).withdrawn_at == NOW
    assert lives_with(child, DECEMBER) == [mother.pk, father.pk]


def test_a_decision_that_holds_since_an_earlier_day_is_written_back(child, mother, father):
    change(child, father, starts_on=date(2026, 9, 1))

    assert lives_with(child, TODAY) == [father.pk]
    assert lives_with(child, date(2026, 8, 31)) == [mother.pk]


def test_what_a_home_that_ends_had_reserved_is_told_and_stays_its_own(child, mother, father, town):
    meal, snack = make_product(town), make_product(town, name="Goûter")
    other = make_child(mother, "Adam")
    for product, day in ((meal, 30), (snack, 30), (meal, 27)):
        make_reservation(child, product, date(2026, 11, day), family=mother)
    late = make_reservation(child, meal, date(2026, 12, 3), family=mother)
    make_reservation(child, snack, date(2026, 12, 4), family=father)
    make_reservation(other, meal, date(2026, 12, 4), family=mother)
    make_reservation(child, meal, date(2026, 12, 7), family=mother, state="cancelled")
    held = make_reservation(child, meal, date(2026, 12, 1), family=mother)

    changed = change(child, father)

    assert changed.ended == (mother.pk,)
    assert list(reserved_after(child.pk, mother.pk, DECEMBER)) == [held, late]
    assert [one.product.name for one in reserved_after(child.pk, mother.pk, date(2026, 11, 30))][:2] == [
        "Repas",
        "Goûter",
    ]


def test_the_journal_tells_the_homes_by_their_keys(child, mother, father):
    change(child, father)

    assert journal() == [
        (
            "change_custody",
            {"starts_on": "2026-12-01", "homes": [father.pk], "ended": [mother.pk], "started": [father.pk]},
        )
    ]


class TestRefused:
    def refused(self, *args, **options):
        with pytest.raises(UnableToChangeCustodyError) as error:
            change(*args, **options)
        assert journal() == []
        return error.value.fault

    def test_no_home_or_more_than_two(self, child, mother, father, town):
        assert self.refused(child) is CustodyFault.NO_HOME
        assert self.refused(child, mother, father, make_family(town)) is CustodyFault.TOO_MANY

    def test_a_family_of_elsewhere(self, child, mother):
        elsewhere = make_authority()
        with tenancy.scope({elsewhere.pk}):
            stranger = make_family(elsewhere)

        assert self.refused(child, mother, stranger) is CustodyFault.OTHER_AUTHORITY
        assert self.refused(child, stranger) is CustodyFault.OTHER_AUTHORITY

    def test_a_day_that_cannot_be(self, mother, father):
        baby = make_child(mother, "Lou", birth_date=date(2026, 10, 1))

        assert self.refused(baby, father, starts_on=date(2026, 9, 30)) is CustodyFault.BEFORE_BIRTH
        assert self.refused(make_child(mother), father, starts_on=date(2025, 9, 1)) is CustodyFault.TOO_FAR_BACK
        assert self.refused(baby, father, starts_on=date(2062, 1, 1)) is CustodyFault.TOO_FAR_AHEAD

    @pytest.mark.parametrize(("ends_on", "withdrawn_at"), [(date(2019, 1, 1), None), (None, NOW), (MARCH, NOW)])
    def test_the_database_holds_that_a_withdrawn_one_never_counts(self, child, ends_on, withdrawn_at):
        with pytest.raises(IntegrityError), transaction.atomic(), permitted("test"):
            Custody.objects.filter(child=child).update(ends_on=ends_on, withdrawn_at=withdrawn_at)
