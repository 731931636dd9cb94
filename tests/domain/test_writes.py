"""Writes happen inside operations and nowhere else, and a request that reads writes nothing at all."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from django.db import connection

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Slot
from marelle.domain.families.models import Child, Family
from marelle.domain.reservations.operations.baskets import empty_basket
from marelle.foundation import outbox
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import (
    FailureIgnoredError,
    WriteOutsideOperationError,
    operation,
    permitted,
    reading_only,
)
from marelle.web.account.sessions import SessionStore
from tests.domain.household import NOW, Household
from tests.factories.town import make_authority, make_family

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(in_scope):
    authority = make_authority()
    in_scope(authority)
    make_family(authority)
    return authority


def raw(sql):
    def write():
        with connection.cursor() as cursor:
            cursor.execute(sql)

    return write


WRITES = {
    "create": lambda: Authority.objects.create(slug="ailleurs", name="Ailleurs", department="77"),
    "save": lambda: Authority.objects.get().save(),
    "save some fields": lambda: Authority.objects.get().save(update_fields=["name"]),
    "update": lambda: Family.objects.update(name="Petit"),
    "delete": lambda: Family.objects.all().delete(),
    "delete one": lambda: Family.objects.get().delete(),
    "bulk_create": lambda: Slot.objects.bulk_create([Slot(date=date(2026, 11, 26))]),
    "bulk_update": lambda: Family.objects.bulk_update(list(Family.objects.all()), ["name"]),
    "raw insert": raw("INSERT INTO families_family (name) VALUES ('Petit')"),
    "raw update, small letters": raw("  update families_family set name = 'Petit'"),
    "raw delete after a comment": raw("/* nothing */ DELETE FROM families_family"),
    "raw delete after a comment on its own line": raw("-- nothing\nDELETE FROM families_family"),
    "raw truncate": raw("TRUNCATE families_family CASCADE"),
    "a write in a WITH": raw("WITH gone AS (DELETE FROM families_child RETURNING id) SELECT * FROM gone"),
    "a second statement": raw("SELECT 1; DELETE FROM families_family"),
    "with a schema": raw('UPDATE ONLY "public"."families_family" SET name = \'x\''),
    "an insert that updates": raw(
        "INSERT INTO families_family (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = 'x'"
    ),
    "first a table that is free": raw("DELETE FROM accounts_session; DELETE FROM families_family"),
    "in parentheses": raw("(SELECT 1); UPDATE families_family SET name = 'x'"),
    "the journal": lambda: AuditEntry.objects.create(
        verb="x", actor_kind="system", object_type="x", business_at=NOW, recorded_at=NOW
    ),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_write_outside_an_operation_is_refused(town, write):
    with pytest.raises(WriteOutsideOperationError):
        write()


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_write_of_a_request_that_reads_is_refused_even_when_permitted(town, write):
    with permitted("test"), reading_only(), pytest.raises(WriteOutsideOperationError):
        write()


READS = {
    "a query": lambda: list(Child.objects.all()),
    "a lock": lambda: list(Family.objects.select_for_update()),
    "a WITH": raw("WITH one AS (SELECT 1) SELECT * FROM one"),
    "a column named like a write": raw("SELECT name AS updated FROM families_family WHERE name <> 'delete from'"),
    "a lock on part of a join": raw("SELECT f.id FROM families_family f FOR NO KEY UPDATE OF f SKIP LOCKED"),
    "a text of several lines": raw("SELECT '\n; DELETE FROM families_family', $$UPDATE families_family SET x$$"),
    "an aggregate": lambda: Family.objects.filter(name="Petit").count(),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_reading_is_free(town, read):
    with reading_only():
        read()


def test_the_librarys_own_tables_are_free():
    with reading_only():
        session = SessionStore()
        session["name"] = "value"
        session.save()


def test_a_message_belongs_to_an_operation_like_any_other_write(town):
    with pytest.raises(WriteOutsideOperationError):
        outbox.post("test.nothing", authority=town.pk)
    with permitted("test"), reading_only(), pytest.raises(WriteOutsideOperationError):
        outbox.post("test.nothing", authority=town.pk)


def test_an_operation_called_by_a_request_that_reads_is_refused_before_it_begins(town):
    home = Household(town, "Petit")
    began = []

    @operation
    def write(*, by, at):
        began.append(by)

    with reading_only():
        with pytest.raises(WriteOutsideOperationError):
            write(by=SYSTEM, at=NOW)
        with pytest.raises(WriteOutsideOperationError):
            empty_basket(user=home.user, family=home.family.pk, authority=town.pk, by=home.by, at=NOW)

    assert began == []


@pytest.mark.django_db(transaction=True)
class TestOneTransaction:
    def test_an_operation_is_a_transaction_of_its_own(self):
        @operation
        def write(*, by, at):
            make_authority("Ici")
            assert connection.in_atomic_block
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            write(by=SYSTEM, at=NOW)

        assert not Authority.objects.exists()

    def test_an_inner_operation_is_undone_with_the_outer_one(self):
        @operation
        def inner(*, by, at):
            make_authority("Ici")

        @operation
        def outer(*, by, at):
            inner(by=by, at=at)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            outer(by=SYSTEM, at=NOW)

        assert not Authority.objects.exists()

    def test_a_failure_inside_that_is_ignored_undoes_the_whole_and_is_told(self):
        @operation
        def inner(*, by, at):
            raise ZeroDivisionError

        @operation
        def outer(*, by, at):
            make_authority("Ici")
            with contextlib.suppress(ZeroDivisionError):
                inner(by=by, at=at)

        with pytest.raises(FailureIgnoredError):
            outer(by=SYSTEM, at=NOW)

        assert not Authority.objects.exists()

    def test_the_permission_ends_with_the_operation(self):
        @operation
        def write(*, by, at):
            return Authority.objects.create(slug="ici", name="Ici", department="77")

        write(by=SYSTEM, at=NOW)

        with pytest.raises(WriteOutsideOperationError):
            Authority.objects.update(name="Ailleurs")
