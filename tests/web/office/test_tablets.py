"""Attendance on tablets: what they exchange, what stands of it, who had not reserved, the days left to tick."""

from __future__ import annotations

import json
from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.text import slugify

from marelle.domain.accounts.models import Grant
from marelle.domain.reservations.models import Absence, Attendance, AttendanceMark
from marelle.foundation import clock, tenancy
from marelle.foundation.writes import permitted
from marelle.web.office.day import views
from tests.factories import town
from tests.web.office.conftest import THURSDAY, TODAY, signed_in
from tests.web.office.test_day import add_child, body, day, sheet_url, square

pytestmark = pytest.mark.urls("marelle.config.urls_office")


@pytest.fixture
def two(office):
    children = [add_child(office, "Lucia"), add_child(office, "Mateo")]
    for child in children:
        town.make_reservation(child, office.meal, TODAY, family=office.family)
    return children


def test_a_square_that_nobody_touched_does_not_undo_what_a_tablet_said_meanwhile(office, two, in_scope):
    lucia, mateo = two
    untouched = {square(office, child): "" for child in two}
    shown = {f"vu.{name.removeprefix('p.')}": "|" for name in untouched}
    tablet(office, [tick(lucia, office, "absent")])

    office.client.post(sheet_url(office), {**untouched, **shown, square(office, mateo): "present"})

    in_scope(office.authority)
    assert states() == {"Lucia": "absent", "Mateo": "present"}


def test_everybody_else_is_here_but_those_told_absent_and_those_ticked_already(office, two, in_scope):
    lucia, mateo = two
    tablet(office, [tick(lucia, office, "absent")])
    nour = add_child(office, "Nour")
    reservation = town.make_reservation(nour, office.meal, TODAY, family=office.family)
    in_scope(office.authority)
    with permitted("test"):
        Absence.objects.create(
            authority=office.authority, reservation=reservation, cause="illness", told_at=clock.business_now()
        )

    office.client.post(sheet_url(office), {"others": "present"})

    in_scope(office.authority)
    assert states() == {"Lucia": "absent", mateo.first_name: "present"}


def test_a_child_who_had_not_reserved_is_searched_and_ticked(office, two, in_scope):
    zoe = add_child(office, "Zoé")

    found = office.client.get(sheet_url(office), {"nom": "ZOE"}).content.decode()
    assert f'name="{square(office, zoe)}" value="present"' in found
    assert "Chercher" in found
    office.client.post(sheet_url(office), {square(office, zoe): "present"})

    in_scope(office.authority)
    assert states() == {"Zoé": "present"}
    assert "Présence sans réservation" in body(day(office, TODAY))


class TestTablets:
    def test_what_one_ticks_another_is_told_and_a_repeated_sending_is_one_tick(self, office, two, in_scope):
        lucia, _mateo = two
        mark = tick(lucia, office, "present")

        first, again = tablet(office, [mark]), tablet(office, [mark])

        assert first.json()["kept"] == again.json()["kept"] == [mark["uid"]]
        assert first.json()["squares"][mark["square"]]["state"] == "present"
        since = int(clock.business_now().timestamp() * 1000)
        told = office.client.get(exchange_url(office), {"depuis": since}).json()["squares"]
        assert told[mark["square"]]["knew"] == [mark["uid"]]
        in_scope(office.authority)
        assert AttendanceMark.objects.count() == 1

    def test_two_that_did_not_know_each_other_disagree_until_somebody_says(self, office, two, in_scope):
        lucia, _mateo = two
        first = tick(lucia, office, "present", minutes_ago=4)
        tablet(office, [first])
        late = tick(lucia, office, "absent", minutes_ago=9)

        said = tablet(office, [late]).json()["squares"][late["square"]]

        assert said["state"] == "present"  # the latest seen, though the other came after
        assert (
            said["conflict"].replace("\N{NO-BREAK SPACE}", " ")
            == "Retenu : présence, 7 h 56. Autre tablette : absence, 7 h 51."
        )
        assert "Autre tablette : absence, 7 h 51." in body(office.client.get(sheet_url(office)))
        settled = tick(lucia, office, "absent", knew=said["knew"])
        assert tablet(office, [settled]).json()["squares"][late["square"]]["conflict"] == ""
        in_scope(office.authority)
        assert states() == {"Lucia": "absent"}
        assert AttendanceMark.objects.count() == 3

    def test_what_cannot_be_kept_comes_back_with_why_and_the_rest_is_kept(self, office, two, in_scope):
        lucia, _mateo = two
        stranger = town.make_child(office.family, "Zoé")
        marks = [
            tick(stranger, office, "present"),
            {**tick(lucia, office, "present"), "state": "perhaps"},
            {**tick(lucia, office, "present"), "left": "25:00"},
            tick(lucia, office, "present"),
        ]

        answer = tablet(office, marks)

        assert answer.status_code == 200
        assert answer.json()["kept"] == [marks[3]["uid"]]
        assert {one["uid"]: one["why"] for one in answer.json()["refused"]} == {
            marks[0]["uid"]: "Cet enfant n’est ni attendu ni inscrit là où vous pointez.",
            marks[1]["uid"]: "Ce pointage est illisible.",
            marks[2]["uid"]: "Ce pointage est illisible.",
        }
        in_scope(office.authority)
        assert states() == {"Lucia": "present"}

    @pytest.mark.parametrize(
        "sent",
        [b"", b"[]", b'{"device": 1}', b'{"device":"x","now":0,"marks":[]}', b"\xff", b"[" * 100_000, b"x" * 300_000],
        ids=["nothing", "a list", "no clock", "no device", "no text", "deep", "heavy"],
    )
    def test_what_is_no_exchange_is_refused_whole(self, office, two, sent):
        answer = office.client.post(exchange_url(office), sent, content_type="application/json")

        assert answer.status_code == 400
        assert answer.json() == {"erreur": "Ces pointages sont illisibles. Rien n’a été enregistré."}

    def test_a_form_in_the_place_of_an_exchange_is_refused_whole(self, office, two, settings):
        client = office.client
        client.handler.enforce_csrf_checks = True
        client.cookies[settings.CSRF_COOKIE_NAME] = "x" * 32
        # Multipart, so that looking for the token has read the body already.
        answer = client.post(exchange_url(office), {"csrfmiddlewaretoken": "x" * 32, "device": "x"})

        assert answer.status_code == 400
        assert answer.json() == {"erreur": "Ces pointages sont illisibles. Rien n’a été enregistré."}

    def test_a_day_to_come_is_refused(self, office, two):
        answer = tablet(office, [tick(two[0], office, "present")], day=THURSDAY)

        assert answer.status_code == 422
        assert "pas encore venu" in answer.json()["erreur"]

    def test_a_tablet_whose_clock_is_wrong_says_when_all_the_same(self, office, two, in_scope):
        wrong = timedelta(hours=3)
        mark = tick(two[0], office, "present", minutes_ago=10, clock_ahead=wrong)
        tablet(office, [mark], clock_ahead=wrong)

        in_scope(office.authority)
        assert AttendanceMark.objects.get().seen_at == clock.business_now() - timedelta(minutes=10)

    def test_lateness_goes_by_the_end_of_the_child_s_part_of_the_day(self, office, two, in_scope):
        tablet(office, [{**tick(two[0], office, "present"), "left": "13:42"}])

        in_scope(office.authority)
        row = Attendance.objects.get()
        assert (row.late_minutes, row.fetched_at) == (12, time(13, 42))

    def test_another_facility_s_tablet_writes_nothing_here(self, office, two, in_scope):
        agent = town.make_agent(office.authority, "Bastien Roy", "record_attendance")
        with permitted("test"), tenancy.scope({office.authority.pk}):
            Grant.objects.filter(agent=agent).update(facility=town.make_facility(office.authority, "École du Lac"))

        answer = tablet(office, [tick(two[0], office, "present")], client=signed_in(agent))

        assert [one["why"] for one in answer.json()["refused"]] == [
            "Cet enfant n’est ni attendu ni inscrit là où vous pointez."
        ]
        in_scope(office.authority)
        assert states() == {}

    def test_the_sheet_of_today_says_how_long_and_for_whom_it_is_kept_and_the_others_do_not(self, office, two):
        kept = office.client.get(sheet_url(office))
        other = office.client.get(office.at("journee/2026-11-20/presences/"))

        assert int(kept["X-Sheet-Kept"]) == 19 * 3600 * 1000  # from eight in the morning to three in the night
        assert "X-Sheet-Kept" not in other
        assert "no-store" in kept["Cache-Control"]


def test_the_days_that_are_not_all_ticked_are_listed_the_oldest_first(office, in_scope):
    lucia, mateo = add_child(office), add_child(office, "Mateo")
    friday, last_monday = date(2026, 11, 20), date(2026, 11, 16)
    for child in (lucia, mateo):
        for on in (friday, last_monday, TODAY):
            town.make_reservation(child, office.meal, on, family=office.family)
    office.client.post(office.at(f"journee/{friday}/presences/"), {square(office, lucia): "present"})

    page = body(office.client.get(office.at("journee/presences/a-pointer/")))

    assert page.index("Lundi 16 novembre 2026") < page.index("Vendredi 20 novembre 2026")
    assert "1 pointé sur 2" in page
    assert "0 pointé sur 2" in page
    assert "Lundi 23 novembre" not in page
    for on in (friday, last_monday):
        office.client.post(office.at(f"journee/{on}/presences/"), {"others": "present"})
    assert "Toutes les feuilles sont faites." in body(office.client.get(office.at("journee/presences/a-pointer/")))


def test_the_sheet_asks_as_few_questions_for_many_children(office):
    def questions():
        with CaptureQueriesContext(connection) as asked:
            assert office.client.get(sheet_url(office)).status_code == 200
            office.client.get(exchange_url(office), {"depuis": int(clock.business_now().timestamp() * 1000)})
        return len(asked)

    children = [add_child(office, "Lucia")]
    town.make_reservation(children[0], office.meal, TODAY, family=office.family)
    tablet(office, [tick(children[0], office, "present")])
    questions()
    few = questions()
    for number in range(12):
        children.append(add_child(office, f"Enfant {number}"))
        town.make_reservation(children[-1], office.meal, TODAY, family=office.family)
    tablet(office, [tick(child, office, "absent") for child in children])

    assert questions() == few


def test_where_many_are_expected_the_sheet_opens_on_one_place_and_the_others_are_one_tap_away(
    office, two, in_scope, monkeypatch
):
    lake = town.make_facility(office.authority, "École du Lac")
    lake_meal = town.make_product(office.authority, service=office.canteen, facility=lake)
    town.make_reservation(
        town.make_child(office.family, "Nour", products=(lake_meal,)), lake_meal, TODAY, family=office.family
    )

    def names(query=""):
        page = office.client.get(sheet_url(office) + query).content.decode()
        return {name for name in ("Lucia", "Mateo", "Nour") if f"{name} Sanchez-Cordoves</a></th>" in page}, page

    assert names()[0] == {"Lucia", "Mateo", "Nour"}
    monkeypatch.setattr(views, "MOST_AT_ONCE", 2)

    here, page = names()
    assert here == {"Lucia", "Mateo"}
    assert f'action="{sheet_url(office)}?etablissement={slugify(office.school.name)}"' in page
    assert f'href="{sheet_url(office)}?etablissement=tous"' in page
    assert names("?etablissement=ecole-du-lac")[0] == {"Nour"}
    assert names("?etablissement=tous")[0] == {"Lucia", "Mateo", "Nour"}
    office.client.post(f"{sheet_url(office)}?etablissement=ecole-du-lac", {"others": "present"})
    in_scope(office.authority)
    assert states() == {"Nour": "present"}


def test_names_are_written_as_words_whatever_they_hold(office):
    child = add_child(office, "Zoé <b>&\"'", allergies="<i>lait</i>")
    town.make_reservation(child, office.meal, TODAY, family=office.family)

    for page in (office.client.get(sheet_url(office)), day(office, TODAY)):
        written = page.content.decode()
        assert "Zoé &lt;b&gt;&amp;&quot;&#x27; Sanchez-Cordoves" in written
        assert "Zoé <b>" not in written
        assert "<i>lait" not in written


def exchange_url(office, on=TODAY):
    return office.at(f"journee/{on.isoformat()}/presences/pointages/")


def milliseconds(moment):
    return int(moment.timestamp() * 1000)


def tick(child, office, state, *, minutes_ago=0, knew=(), clock_ahead=timedelta(0)):
    at = clock.business_now() - timedelta(minutes=minutes_ago) + clock_ahead
    named = f"{child.public_id}.{office.meal.public_id}"
    return {"uid": str(uuid4()), "seq": 1, "square": named, "state": state, "at": milliseconds(at), "knew": list(knew)}


def tablet(office, marks, *, day=TODAY, client=None, clock_ahead=timedelta(0)):
    """Send these ticks from a tablet that nobody heard of before."""
    sent = {"device": str(uuid4()), "now": milliseconds(clock.business_now() + clock_ahead), "marks": marks}
    url = exchange_url(office, day)
    return (client or office.client).post(url, json.dumps(sent), content_type="application/json")


def states():
    return dict(Attendance.objects.values_list("child__first_name", "state"))
