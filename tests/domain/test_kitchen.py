"""Meals ordered for a kitchen: frozen once at their moment, told once, corrected by another revision, never changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import HealthRecord
from marelle.domain.news.returned import Returned
from marelle.domain.reservations.models import Absence, KitchenOrder, KitchenSettings, Reservation
from marelle.domain.reservations.operations.disruptions import declare_disruption, undo_disruption
from marelle.domain.reservations.operations.kitchen import (
    NothingToCorrectError,
    UnableToSetKitchenError,
    correct_orders,
    forget_kitchen,
    freeze_due,
    send_again,
    set_kitchen,
    tell_kitchen,
)
from marelle.domain.reservations.queries.kitchen import expected_meals, kitchen_days, portions_of
from marelle.domain.reservations.rules.disruptions import Effect, Kind, Said
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.jobs.kitchen import freeze_orders, kitchen_orders, purge_old_orders
from marelle.letters.kitchen_orders import send_orders
from marelle.letters.returned import note_letter_returned
from marelle.letters.sending import UnableToSendError
from tests.domain.household import AGENT, FRIDAY, NOW, THURSDAY, TUESDAY, Household
from tests.factories.town import (
    make_authority,
    make_child,
    make_closure,
    make_facility,
    make_product,
    make_reservation,
    make_service,
)

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)
NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # 9:00 in Paris, the limit for Tuesday


@pytest.fixture
def town(in_scope):
    """A canteen at two schools, and five children who eat there on Tuesday."""
    authority = make_authority()
    in_scope(authority)
    town = Household(authority)
    make_closure(authority, "Journée des agents", MONDAY)
    town.canteen = make_service(authority, "Cantine", code="cantine")
    town.schools = [make_facility(authority, name) for name in ("École des Lilas", "École des Tilleuls")]
    town.meals = [
        make_product(authority, service=town.canteen, facility=school, slot_days=(MONDAY, FRIDAY))
        for school in town.schools
    ]
    lilas, tilleuls = town.meals
    town.eaters = [
        make_child(town.family, name, products=(meal,), diet=diet, allergies=allergies)
        for name, meal, diet, allergies in (
            ("Ana", lilas, "Sans porc", "arachide, lait"),
            ("Bob", lilas, "sans-porc", ""),
            ("Cléo", lilas, "", ""),
            ("Dina", tilleuls, "Végétarien", "Lait"),
            ("Élie", tilleuls, "aucun", "non"),
        )
    ]
    town.tuesday = [
        make_reservation(child, lilas if place < 3 else tilleuls, TUESDAY, family=town.family)
        for place, child in enumerate(town.eaters)
    ]
    return town


def kitchen(town, *, facility=None, emails=("cuisine@exemple.fr",), days_before=None, at_time=time(9), settings=None):
    return set_kitchen(
        settings,
        service=town.canteen,
        facility=facility,
        emails=emails,
        days_before=days_before,
        at_time=at_time,
        attaches_csv=True,
        attaches_pdf=True,
        by=AGENT,
        at=NOW,
    )


def freeze(town, settings, at=NINE):
    return freeze_due(settings, offer=town.offer, by=SYSTEM, at=at)


def ordered(town, school=0):
    (portion,) = portions_of(
        KitchenOrder.objects.filter(facility=town.schools[school], date=TUESDAY).order_by("-revision").first()
    )
    return portion.counts


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def posted():
    jobs = ProcrastinateJob.objects.filter(task_name="letters.kitchen_orders").order_by("pk")
    return [job.args["orders"] for job in jobs]


def tell_absent(reservation, at=NINE):
    with permitted("factory"):
        Absence.objects.create(
            authority_id=reservation.authority_id, reservation=reservation, cause="illness", told_at=at
        )


def test_an_order_is_frozen_at_the_limit_of_the_reglement_and_not_a_second_before(town):
    settings = kitchen(town)

    assert freeze(town, settings, at=NINE - timedelta(seconds=1)) == []
    frozen = freeze(town, settings)

    assert {(row.facility_id, row.date, row.revision, row.meals) for row in frozen} == {
        (town.schools[0].pk, TUESDAY, 1, 3),
        (town.schools[1].pk, TUESDAY, 1, 2),
    }
    lilas, tilleuls = ordered(town), ordered(town, 1)
    assert (lilas.diets, lilas.with_allergy, lilas.allergies) == (
        (("Sans porc", 2),),
        1,
        (("Arachide", 1), ("Lait", 1)),
    )
    assert (tilleuls.diets, tilleuls.plain, tilleuls.with_allergy) == ((("Végétarien", 1),), 1, 1)


def test_frozen_twice_is_frozen_once_and_told_once(town):
    settings = kitchen(town)

    first = freeze(town, settings)

    assert freeze(town, settings, at=NINE + timedelta(minutes=1)) == []
    assert posted() == [[row.pk for row in first]]
    assert [verb for verb in AuditEntry.objects.values_list("verb", flat=True) if verb == "freeze_order"] == [
        "freeze_order"
    ]


def test_a_day_that_is_over_or_closed_is_not_ordered(town):
    settings = kitchen(town, days_before=1)
    make_closure(town.authority, "Grève", TUESDAY)

    assert freeze(town, settings, at=NINE) == []
    assert {row.date for row in freeze(town, settings, at=datetime(2026, 11, 26, 13, 0, tzinfo=UTC))} == {FRIDAY}


def test_a_day_without_anybody_is_ordered_as_none(town):
    rows = freeze(town, kitchen(town, days_before=2), at=datetime(2026, 11, 25, 8, 0, tzinfo=UTC))

    assert {(row.date, row.meals) for row in rows} == {(THURSDAY, 0), (FRIDAY, 0)}


def test_a_school_with_its_own_kitchen_is_not_in_the_order_of_the_others(town):
    whole = kitchen(town)
    own = kitchen(town, facility=town.schools[1], emails=("chef@tilleuls.example",), days_before=0, at_time=time(8))

    assert {row.facility_id for row in freeze(town, whole)} == {town.schools[0].pk}
    assert freeze(town, own) == []
    (row,) = freeze(town, own, at=datetime(2026, 11, 24, 7, 0, tzinfo=UTC))
    assert (row.facility_id, row.sent_to) == (town.schools[1].pk, ["chef@tilleuls.example"])


def test_an_absence_told_later_is_a_difference_until_it_is_corrected(town):
    freeze(town, kitchen(town))
    tell_absent(town.tuesday[0])
    later = NINE + timedelta(minutes=30)

    days = kitchen_days(town.offer.products, [TUESDAY], offer=town.offer, health_within=town.offer.product_by_pk)
    assert {(day.now.meals, day.order.meals) for day in days} == {(2, 3), (2, 2)}

    (revised,) = correct_orders(town.offer.products, TUESDAY, offer=town.offer, by=AGENT, at=later)

    assert (revised.revision, revised.why, revised.meals) == (2, KitchenOrder.Why.CORRECTION, 2)
    assert ordered(town).diets == (("Sans-porc", 1),)  # as the only child left writes it
    assert KitchenOrder.objects.get(facility=town.schools[0], revision=1).meals == 3
    with pytest.raises(NothingToCorrectError):
        correct_orders(town.offer.products, TUESDAY, offer=town.offer, by=AGENT, at=later)


def test_as_many_meals_with_another_diet_are_a_correction_too(town):
    freeze(town, kitchen(town))
    with permitted("factory"):
        HealthRecord.objects.filter(child=town.eaters[1]).update(diet="végétarien")

    (revised,) = correct_orders(town.offer.products, TUESDAY, offer=town.offer, by=AGENT, at=NINE)

    assert revised.meals == 3
    assert ordered(town).diets == (("Sans porc", 1), ("Végétarien", 1))


def test_an_event_tells_the_kitchens_that_had_ordered_and_nobody_else(town):
    freeze(town, kitchen(town))
    friday = make_reservation(town.eaters[0], town.meals[0], FRIDAY, family=town.family)
    with permitted("factory"):
        Reservation.objects.filter(pk__in=[town.tuesday[0].pk, town.tuesday[3].pk, friday.pk]).update(state="cancelled")

    def tell(facilities):
        return tell_kitchen([TUESDAY, FRIDAY], facilities, offer=town.offer, by=AGENT, at=NINE)

    assert tell({town.schools[0].pk}) == 1  # Friday is not frozen yet, the other school is not of the event
    assert tell({town.schools[0].pk}) == 0
    assert tell({school.pk for school in town.schools}) == 1
    assert set(KitchenOrder.objects.filter(revision=2).values_list("why", "meals")) == {("event", 2), ("event", 1)}


def test_an_event_tells_the_kitchens_that_were_told_and_undoing_it_tells_them_again(town):
    freeze(town, kitchen(town))
    of_the_lilas = Said(
        kind=Kind.OUTING,
        effect=Effect.CANCEL,
        title="Sortie au musée",
        starts_on=TUESDAY,
        ends_on=TUESDAY,
        products=frozenset({town.meals[0].pk}),
    )

    event = declare_disruption(of_the_lilas, offer=town.offer, by=AGENT, at=NINE)
    undo_disruption(event, offer=town.offer, by=AGENT, at=NINE + timedelta(minutes=5))

    rows = KitchenOrder.objects.filter(date=TUESDAY).order_by("facility", "revision")
    assert list(rows.values_list("facility", "why", "meals")) == [
        (town.schools[0].pk, "limit", 3),
        (town.schools[0].pk, "event", 0),
        (town.schools[0].pk, "event", 3),
        (town.schools[1].pk, "limit", 2),
    ]
    assert len(posted()) == 3  # all that was frozen together, then each revision


def test_what_was_ordered_cannot_be_changed_and_is_not_readable_in_the_table(town):
    freeze(town, kitchen(town))

    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic(), permitted("test"):
        KitchenOrder.objects.update(meals=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(content, ' ') FROM reservations_kitchenorder")
        assert "porc" not in cursor.fetchone()[0]


def test_who_may_not_know_health_counts_meals_alone(town):
    lilas, tilleuls = town.offer.products

    found = expected_meals([lilas, tilleuls], TUESDAY, TUESDAY, health_within={lilas.pk})

    assert found[TUESDAY, lilas.pk].diets == (("Sans porc", 2),)
    assert (found[TUESDAY, tilleuls.pk].meals, found[TUESDAY, tilleuls.pk].is_known) == (2, False)
    nothing = expected_meals([lilas, tilleuls], TUESDAY, TUESDAY, health_within=())
    assert {(one.meals, one.diets, one.is_known) for one in nothing.values()} == {(3, (), False), (2, (), False)}


def test_each_minute_what_is_due_is_frozen_and_the_kitchen_reads_it_once(town, monkeypatch):
    kitchen(town)
    monkeypatch.setattr(clock, "business_now", lambda: NINE)

    freeze_orders(0)
    freeze_orders(0)
    (keys,) = posted()
    kitchen_orders(authority=town.authority.pk, orders=keys)
    kitchen_orders(authority=town.authority.pk, orders=keys)

    (letter,) = mail.outbox
    assert letter.to == ["cuisine@exemple.fr"]
    assert plain(letter.subject) == "Repas mardi 24 novembre, Cantine"
    assert "École des Lilas : 3 repas. Régimes : sans porc 2. Enfants avec une allergie : 1 (arachide 1, lait 1)." in (
        letter.body
    )
    names = [name for name, _content, _type in letter.attachments]
    assert names == ["repas-2026-11-24.csv", "repas-2026-11-24.pdf"]
    table, paper = (content for _name, content, _type in letter.attachments)
    assert "École des Lilas;Repas;Régime;Sans porc;2;" in (table if isinstance(table, str) else table.decode())
    assert paper.startswith(b"%PDF")
    assert not any(child.first_name in letter.body for child in town.eaters)
    assert set(KitchenOrder.objects.values_list("state", "sent_at")) == {("sent", NINE)}


def test_a_correction_says_what_it_changes(town):
    freeze(town, kitchen(town))
    tell_absent(town.tuesday[0])
    (revised,) = correct_orders(town.offer.products, TUESDAY, offer=town.offer, by=AGENT, at=NINE)

    send_orders([revised.pk], Authority.objects.get(pk=town.authority.pk), by=SYSTEM, at=NINE)

    (letter,) = mail.outbox
    assert plain(letter.subject).startswith("Rectificatif : repas mardi")
    assert "Ce qui change : −1 repas, −1 sans-porc, −1 arachide, −1 lait." in letter.body


def test_a_letter_that_is_not_taken_stays_to_be_sent_and_one_that_comes_back_is_seen(town, monkeypatch):
    settings = kitchen(town)
    keys = [row.pk for row in freeze(town, settings)]
    authority = Authority.objects.get(pk=town.authority.pk)

    def away(_message, **_how):
        raise SMTPServerDisconnected("cuisine@exemple.fr")

    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.EmailMultiAlternatives.send", away)
        with pytest.raises(UnableToSendError):
            send_orders(keys, authority, by=SYSTEM, at=NINE)
    assert set(KitchenOrder.objects.values_list("state", "failures")) == {("failed", 1)}
    assert send_orders(keys, authority, by=SYSTEM, at=NINE)

    (letter,) = mail.outbox
    back = Returned(letter.extra_headers["Message-ID"], "cuisine@exemple.fr", "5.1.1")
    other = Returned(letter.extra_headers["Message-ID"], "autre@exemple.fr", "5.1.1")
    assert not note_letter_returned(other, by=SYSTEM, at=NINE)
    assert note_letter_returned(back, by=SYSTEM, at=NINE)
    assert set(KitchenOrder.objects.values_list("returned_at", flat=True)) == {NINE}

    settings = kitchen(town, settings=settings, emails=("chef@exemple.fr",))
    assert send_again([(order, settings) for order in KitchenOrder.objects.all()], by=AGENT, at=NINE) == 2
    assert send_again([(order, settings) for order in KitchenOrder.objects.all()], by=AGENT, at=NINE) == 0
    assert send_orders(keys, authority, by=SYSTEM, at=NINE)
    assert mail.outbox[-1].to == ["chef@exemple.fr"]


def test_without_an_address_the_order_is_kept_to_be_fetched(town):
    freeze(town, kitchen(town, emails=()))

    assert set(KitchenOrder.objects.values_list("state", flat=True)) == {"kept"}
    assert posted() == []


def test_a_place_has_one_kitchen_and_what_was_ordered_outlives_it(town):
    settings = kitchen(town)
    with pytest.raises(UnableToSetKitchenError):
        kitchen(town)
    freeze(town, settings)

    forget_kitchen(settings, by=AGENT, at=NOW)

    assert not KitchenSettings.objects.exists()
    assert KitchenOrder.objects.count() == 2
    assert freeze_due(settings, offer=offer_of(town.authority), by=SYSTEM, at=NINE) == []


def test_an_order_is_erased_in_the_night_two_years_after_its_meals_with_all_its_revisions(town):
    settings = kitchen(town)
    freeze(town, settings)
    with permitted("factory"):
        first = KitchenOrder.objects.filter(date=TUESDAY).first()
        first.pk, first.public_id, first.revision = None, "autreversion", 2
        first.save(force_insert=True)
    count = KitchenOrder.objects.count()
    make_authority()

    with clock.visiting(datetime(2028, 11, 24, 9, tzinfo=UTC)):
        purge_old_orders(0)
    assert KitchenOrder.objects.count() == count == 3
    with clock.visiting(datetime(2028, 11, 25, 9, tzinfo=UTC)):
        purge_old_orders(0)
        purge_old_orders(0)

    assert not KitchenOrder.objects.exists()
    assert KitchenSettings.objects.exists()
    (line,) = AuditEntry.objects.filter(verb="purge_orders")
    assert (line.authority_key, line.details["count"]) == (town.authority.pk, 3)
