"""The days of a family in a parent's own agenda: hers, up to date, as long as she has access, and nobody else's."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from marelle.domain.families.models import CalendarFeed, Custody
from marelle.domain.families.operations.joining import end_membership
from marelle.domain.reservations.models import Reservation
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.factories.town import make_authority, make_child, make_family, make_product, make_reservation, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
THURSDAY, FRIDAY = date(2026, 11, 26), date(2026, 11, 27)


@pytest.fixture
def town(in_scope):
    authority = make_authority()
    in_scope(authority)
    cache.clear()
    return authority


@pytest.fixture
def elena():
    return make_user("elena@exemple.fr")


@pytest.fixture
def family(town, elena):
    return make_family(town, "Roy", user=elena)


@pytest.fixture
def page(family_site, elena):
    family_site.force_login(elena)
    return family_site


def asked(page, town):
    """Have the address made, and return its path."""
    page.post(f"/{town.slug}/agenda/")
    (feed,) = CalendarFeed.objects.all()
    return f"/agenda/{feed.token}.ics"


def read(path, **headers):
    return Client(headers={"host": "famille.localhost"}).get(path, headers=headers)


def events(answer):
    return [
        (str(one["summary"]), one.decoded("dtstart"), one.decoded("dtend"), str(one["location"]), str(one["status"]))
        for one in Calendar.from_ical(answer.content).walk("VEVENT")
    ]


def test_a_parent_gets_an_address_changes_it_and_stops(page, town, family):
    assert "Obtenir mon adresse" in page.get(f"/{town.slug}/agenda/").content.decode()

    first = asked(page, town)
    shown = page.get(f"/{town.slug}/agenda/").content.decode()
    assert f"http://famille.localhost{first}" in shown
    assert f"webcal://famille.localhost{first}" in shown
    assert first.split("/")[-1].removesuffix(".ics") not in str(CalendarFeed.objects.values().get())

    second = asked(page, town)
    assert (read(first).status_code, read(second).status_code) == (404, 200)

    page.post(f"/{town.slug}/agenda/arreter/")
    assert read(second).status_code == 404
    assert not CalendarFeed.objects.exists()


def test_an_agenda_reads_the_days_of_the_home_with_their_hours_in_winter_and_in_summer(page, town, family):
    meal = make_product(town, slot_days=(date(2026, 10, 1), date(2027, 6, 30)))
    lucia = make_child(family, "Lucia", products=(meal,))
    other = make_family(town, "Durand")
    with permitted("test"):
        Custody.objects.create(authority=town, child=lucia, family=other, starts_on=date(2020, 1, 1))
    summer, old, far = date(2027, 4, 5), date(2026, 10, 22), date(2027, 12, 6)
    for day in (THURSDAY, summer, old, far):
        make_reservation(lucia, meal, day, family=family)
    make_reservation(
        lucia, meal, date(2026, 12, 3), family=family, state="held", held_until=datetime(2026, 12, 1, tzinfo=UTC)
    )
    make_reservation(
        lucia, meal, date(2026, 12, 4), family=family, state="cancelled", cancelled_at=clock.business_now()
    )
    # The same child, by her other home.
    make_reservation(lucia, meal, FRIDAY, family=other)

    answer = read(asked(page, town))

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    said = events(answer)
    assert [(who, starts.date(), status) for who, starts, _ends, _where, status in said] == [
        ("Lucia : Repas", THURSDAY, "CONFIRMED"),
        ("Lucia : Repas", date(2026, 12, 3), "TENTATIVE"),
        ("Lucia : Repas", summer, "CONFIRMED"),
    ]
    # It ends at 13:30 over there, in November and in April.
    assert [ends.astimezone(UTC).strftime("%H:%M") for _who, _starts, ends, _where, _status in said] == [
        "12:30",
        "12:30",
        "11:30",
    ]
    assert {where for *_more, where, _status in said} == {"École des Tilleuls"}
    assert b"Durand" not in answer.content


def test_what_was_cancelled_goes_and_nothing_is_sent_twice(page, town, family):
    meal = make_product(town)
    lucia = make_child(family, "Lucia", products=(meal,))
    row = make_reservation(lucia, meal, THURSDAY, family=family)
    path = asked(page, town)
    first = read(path)

    assert read(path, if_none_match=first["ETag"]).status_code == 304

    with permitted("test"):
        Reservation.objects.filter(pk=row.pk).update(state="cancelled", cancelled_at=clock.business_now())
    again = read(path, if_none_match=first["ETag"])
    assert (again.status_code, events(again)) == (200, [])


def test_it_is_kept_by_no_cache_reads_no_cookie_and_sets_none(page, town, family):
    path = asked(page, town)

    for answer in (read(path), read("/agenda/inconnu.ics")):
        assert "no-store" in answer["Cache-Control"]
        assert "private" in answer["Cache-Control"]
        assert answer.cookies == {}
    assert read(path).content == page.get(path).content


def test_it_ends_with_the_membership(page, town, family):
    path = asked(page, town)
    assert read(path).status_code == 200

    end_membership(family.memberships.get(), by=SYSTEM, at=clock.machine_now())

    assert read(path).status_code == 404


def test_whoever_tries_addresses_is_told_to_come_back_later(town):
    said = {read(f"/agenda/{'x' * 40}{number}.ics").status_code for number in range(61)}

    assert said == {404, 429}


def test_a_year_of_days_asks_no_more_than_one(page, town, family):
    meal = make_product(town)
    lucia = make_child(family, "Lucia", products=(meal,))
    make_reservation(lucia, meal, THURSDAY, family=family)
    path = asked(page, town)
    read(path)

    counted = []
    for number in range(2):
        with CaptureQueriesContext(connection) as said:
            counted.append((len(events(read(path))), len(said)))
        # Of ours two; the others count the calls.
        assert sum("families_" in one["sql"] for one in said) == 2
        for other in range(5 * (1 - number)):
            make_reservation(make_child(family, f"Enfant {other}", products=(meal,)), meal, FRIDAY, family=family)

    (days, one), (more, many) = counted
    assert (days, more) == (1, 6)
    assert one == many
