"""What a row said before a change is kept by the database, whoever writes, and is read with the line that says who."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from marelle.domain.authorities.models import Facility
from marelle.domain.catalog.models import Holiday
from marelle.domain.families.models import Child, Family, Guardian
from marelle.domain.families.operations.blocks import lift_block, put_block
from marelle.domain.families.operations.health import HealthNote, record_health
from marelle.domain.procedures.operations.purging import KEPT_FOR, forget_old_changes
from marelle.foundation import clock, journal
from marelle.foundation.actors import SYSTEM, Actor, ActorKind
from marelle.foundation.models import RowChange
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import permitted
from tests.domain.household import NOW
from tests.house.whole_town import make_whole_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(in_scope):
    town = make_whole_town("Dammartin")
    in_scope(town.authority)
    with permitted("the test begins with a clean sheet"):
        RowChange.objects.all().delete()
    return town


def changes_of(row):
    rows = RowChange.objects.filter(object_type=row._meta.model_name, object_key=row.pk).order_by("pk")
    return [(one.before, one.after) for one in rows]


def test_a_bulk_write_is_kept_row_by_row_with_what_differs_alone(town):
    twin = Child.objects.get(pk=town.child.pk)
    twin.pk, twin.public_id, twin.code = None, new_public_id(), "jumelle"
    with permitted("a bulk write"):
        twin.save()
        children = list(Child.objects.order_by("pk"))
        Child.objects.update(last_name="Ferrand")
        Child.objects.update(last_name="Ferrand")
    for child in children:
        assert changes_of(child) == [({"last_name": child.last_name}, {"last_name": "Ferrand"})]


def test_what_a_town_offered_is_remembered_when_it_goes(town):
    with permitted("a holiday"):
        holiday = Holiday.objects.create(
            authority=town.authority, kind="town_hall", name="Pont", starts_on=NOW.date(), ends_on=NOW.date()
        )
    assert changes_of(holiday) == [], "a birth is not a change"
    key = holiday.pk
    with permitted("no holiday"):
        holiday.delete()
    holiday.pk = key
    ((before, after),) = changes_of(holiday)
    assert (before["name"], after) == ("Pont", None)
    assert "authority_id" not in before


def test_nothing_of_a_person_stays_once_the_row_went(town):
    guardian = town.guardian
    key = guardian.pk
    with permitted("changed, then erased"):
        Guardian.objects.filter(pk=key).update(last_name="Quenneville-Roux")
        assert changes_of(guardian)
        Guardian.objects.filter(pk=key).delete()
    guardian.pk = key
    assert changes_of(guardian) == [({}, None)], "only that it went"


def test_the_colors_and_the_logo_are_too_heavy_to_be_kept(town):
    authority = town.authority
    with permitted("a new look"):
        authority.palette_css, authority.accent = "body{}", "#123456"
        authority.save()
    ((before, after),) = changes_of(authority)
    assert (list(before), after) == (["accent"], {"accent": "#123456"})


def test_health_is_never_compared(town):
    record_health(town.child, HealthNote(allergies="arachide"), by=SYSTEM, at=NOW)
    assert not RowChange.objects.filter(object_type="healthrecord").exists()
    assert "arachide" not in str(list(RowChange.objects.values_list("before", "after")))


def test_an_undone_write_leaves_no_trace(town):
    before = RowChange.objects.count()
    with permitted("half a write"), transaction.atomic():
        Family.objects.update(name="Personne")
        transaction.set_rollback(True)
    assert RowChange.objects.count() == before


def test_what_rows_said_is_forgotten_after_a_year(town):
    with permitted("old and new"):
        Facility.objects.update(name="École du Moulin neuf")
        old = RowChange.objects.order_by("pk").first()
        RowChange.objects.filter(pk=old.pk).update(recorded_at=clock.machine_now() - KEPT_FOR - timedelta(days=1))
    assert forget_old_changes(by=SYSTEM, at=clock.machine_now()) == 1
    assert not RowChange.objects.filter(pk=old.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_who_did_it_is_said_by_the_line_of_the_same_act(in_scope):
    town = make_whole_town("Dammartin")
    in_scope(town.authority)
    family = town.home.family
    anna, paul = Actor(ActorKind.AGENT, town.agent.user_id), Actor(ActorKind.FAMILY, town.agent.user_id)
    with permitted("the test begins with a clean sheet"):
        RowChange.objects.all().delete()
    put_block(family, kind="incomplete_file", by=anna, at=NOW)
    block = family.blocks.latest("pk")
    lift_block(block, by=paul, at=NOW)
    lines = journal.lines_about(town.authority.pk, {"block": [block.pk]})
    assert [(line.entry.verb, line.entry.actor_kind, len(line.changes)) for line in lines] == [
        ("lift_block", "family", 1),
        ("put_block", "agent", 0),
    ]
    assert list(lines[0].changes[0].before) == ["lifted_at"]
    (whole,) = [line for line in journal.lines_of_authority(town.authority.pk) if line.changes]
    assert whole.entry.verb == "lift_block"
    (of_anna,) = journal.lines_of_authority(town.authority.pk, agent=anna.key, kinds=["block"])
    assert of_anna.entry.verb == "put_block"


@pytest.mark.django_db(transaction=True)
def test_a_change_that_no_line_explains_is_shown_all_the_same(in_scope):
    town = make_whole_town("Dammartin")
    in_scope(town.authority)
    with permitted("by hand"):
        RowChange.objects.all().delete()
        Facility.objects.update(name="École du Moulin neuf")
    key = RowChange.objects.values_list("object_key", flat=True).first()
    (line,) = journal.lines_about(town.authority.pk, {"facility": [key]})
    assert (line.entry, line.changes[0].after) == (None, {"name": "École du Moulin neuf"})
