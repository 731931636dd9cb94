"""Rows of two authorities never meet, and a query that does not say whose rows it wants is an error."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import IntegrityError, connection, models, transaction

from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models import Child, Family
from marelle.domain.reservations.models import Reservation
from marelle.foundation import tenancy
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import UnscopedQueryError
from marelle.foundation.writes import permitted
from tests.factories.town import make_authority, make_child, make_family, make_product, make_reservation
from tests.house.whole_town import make_whole_town, tables_of_authorities

pytestmark = pytest.mark.django_db

QUESTIONS = {
    "all": lambda rows: rows.all(),
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "filter": lambda rows: rows.filter(pk=1),
    "exclude": lambda rows: rows.exclude(pk=1),
    "get": lambda rows: rows.get(pk=1),
    "first": lambda rows: rows.first(),
    "values": lambda rows: rows.values("pk"),
    "values_list": lambda rows: rows.values_list("pk"),
    "in_bulk": lambda rows: rows.in_bulk([1]),
    "iterator": lambda rows: list(rows.iterator()),
    "aggregate": lambda rows: rows.aggregate(models.Count("pk")),
    "annotate": lambda rows: rows.annotate(one=models.Value(1)),
    "order_by": lambda rows: rows.order_by("pk"),
    "select_for_update": lambda rows: rows.select_for_update(),
    "raw subquery": lambda rows: models.Exists(rows.all()),
    "none": lambda rows: rows.none(),
    "update": lambda rows: rows.update(authority=1),
    "delete": lambda rows: rows.all().delete(),
    "bulk_create": lambda rows: rows.bulk_create([]),
    "get_or_create": lambda rows: rows.get_or_create(pk=1),
    "create": lambda rows: rows.create(),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_without_a_scope_every_question_is_an_error(question):
    answered = []
    for model in tables_of_authorities():
        try:
            with permitted("test"):
                QUESTIONS[question](model.objects)
        except UnscopedQueryError:
            continue
        answered.append(model._meta.label)

    assert answered == []


def test_the_rows_behind_a_row_are_not_had_without_a_scope_either():
    family = make_family(make_authority())

    with pytest.raises(UnscopedQueryError):
        family.guardians.count()
    with pytest.raises(UnscopedQueryError):
        Reservation.objects.active()


class TestScopes:
    @pytest.fixture
    def towns(self):
        return [make_family(make_authority(name), name).authority for name in ("Ici", "Ailleurs", "Là-bas")]

    def names(self):
        return sorted(Family.objects.values_list("name", flat=True))

    def test_one_several_all_or_none(self, towns):
        here, there, _far = (town.pk for town in towns)
        with tenancy.scope({here}):
            assert self.names() == ["Ici"]
        with tenancy.scope({here, there}):
            assert self.names() == ["Ailleurs", "Ici"]
        with tenancy.every_authority():
            assert self.names() == ["Ailleurs", "Ici", "Là-bas"]
        with tenancy.scope(()):
            assert self.names() == []

    def test_an_inner_scope_replaces_the_outer_one_and_ends(self, towns):
        here, there, _far = (town.pk for town in towns)
        with tenancy.scope({here}):
            with tenancy.scope({there}):
                assert self.names() == ["Ailleurs"]
            assert self.names() == ["Ici"]
        with pytest.raises(UnscopedQueryError):
            self.names()

    def test_a_failure_inside_ends_it_too(self, towns):
        with pytest.raises(ZeroDivisionError), tenancy.every_authority():
            1 / 0  # noqa: B018

        with pytest.raises(UnscopedQueryError):
            self.names()

    def test_another_thread_has_no_scope(self, towns):
        found = []

        def ask():
            try:
                tenancy.current_scope()
            except UnscopedQueryError as error:
                found.append(error)

        with tenancy.every_authority():
            thread = threading.Thread(target=ask)
            thread.start()
            thread.join()

        assert len(found) == 1


def with_what_was_united(town):
    """Add to a town the files that ended in another one."""
    with permitted("factory"), tenancy.scope({town.authority.pk}):
        for row, fields in (
            (town.home.family, {"code": "bis"}),
            (town.guardian, {"last_name": "Bis"}),
            (town.child, {"code": "bis"}),
            (town.payer, {}),
        ):
            ended = type(row).objects.get(pk=row.pk)
            ended.pk, ended.public_id, ended.merged_into_id = None, new_public_id(), row.pk
            for name, value in fields.items():
                setattr(ended, name, value)
            ended.save(force_insert=True)
    return town


class TestTwoAuthorities:
    @pytest.fixture
    def towns(self):
        return with_what_was_united(make_whole_town("Ici")), with_what_was_united(make_whole_town("Ailleurs"))

    def test_no_foreign_key_of_any_table_can_be_turned_to_the_other_authority(self, towns):
        """Each key of each table is turned to a row of the other town, one by one: the database refuses all."""
        here, there = (town.authority.pk for town in towns)
        crossings = [
            field
            for model in tables_of_authorities()
            for field in model._meta.local_fields
            if isinstance(field, models.ForeignKey) and issubclass(field.related_model, OfAuthority)
        ]
        let_through = []
        for field in crossings:
            # Both ways: what keeps two keys in order may refuse one of them for another reason.
            ways = (self.turned(field, here, there), self.turned(field, there, here))
            if all(self.is_let_through(field, mine, foreign) for mine, foreign in ways):
                let_through.append(str(field))

        assert len(crossings) >= 40
        assert let_through == []

    def turned(self, field, here, there):
        with tenancy.scope({there}):
            foreign = field.related_model.objects.order_by("pk").first()
        with tenancy.scope({here}):
            mine = field.model.objects.filter(**{f"{field.name}__isnull": False}).order_by("pk").first()
        assert mine is not None, f"the whole town has no {field}"
        return mine, foreign

    def is_let_through(self, field, mine, foreign):
        table, column = field.model._meta.db_table, field.column
        try:
            with permitted("test"), transaction.atomic(), connection.cursor() as cursor:
                # The keys alone are tried: some tables refuse every change besides.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
                cursor.execute(f'UPDATE "{table}" SET "{column}" = %s WHERE id = %s', [foreign.pk, mine.pk])
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                transaction.set_rollback(True)
        except IntegrityError as refused:
            return "_same" not in str(refused) and "unique" not in str(refused)
        return True

    def test_a_row_cannot_be_inserted_for_the_other_authoritys_child(self, towns):
        here, there = towns
        with permitted("test"), tenancy.every_authority():
            Reservation.objects.create(
                authority=here.authority,
                child=there.child,
                family=here.home.family,
                product=here.meal,
                date=date(2026, 12, 1),
                state="reserved",
                timing="on_time",
                reserved_at=here.asked.asked_at,
            )
        self.assert_refused_at_the_end()

    def test_a_row_cannot_be_given_to_the_other_authority(self, towns):
        here, there = towns
        with permitted("test"), tenancy.every_authority():
            Child.objects.filter(pk=here.child.pk).update(authority=there.authority)
        self.assert_refused_at_the_end()

    def assert_refused_at_the_end(self):
        """The keys are checked when the transaction ends; the rest of this one is thrown away."""
        with pytest.raises(IntegrityError):
            connection.check_constraints()
        transaction.set_rollback(True)


def test_in_a_scope_the_rows_of_others_are_neither_seen_changed_nor_deleted():
    here, there = make_authority("Ici"), make_authority("Ailleurs")
    family = make_family(there)
    meal = make_product(there)
    make_reservation(make_child(family, products=(meal,)), meal, date(2026, 11, 26), family=family)

    with tenancy.scope({here.pk}), permitted("test"):
        assert Reservation.objects.update(reason="effacé") == 0
        assert Reservation.objects.all().delete()[0] == 0
        assert not Family.objects.filter(pk=family.pk).exists()

    with tenancy.scope({there.pk}):
        assert Reservation.objects.get().reason == ""
