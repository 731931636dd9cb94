"""Lists by class, by group, by option; who is counted outside; what each may know of them."""

import re
from datetime import UTC, date, datetime, time
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from marelle.domain.accounts.models import Grant
from marelle.domain.catalog.models import ProductSlot, SlotTemplate
from marelle.domain.families.models import Guardian, PickupChild, PickupPerson
from marelle.domain.reservations.models import Absence, Attendance, Enrollment
from marelle.foundation import clock, tenancy
from marelle.foundation.models import AuditEntry
from marelle.foundation.table_files import read_table
from marelle.foundation.writes import permitted
from tests.factories import town
from tests.web.office.conftest import THURSDAY, TODAY, signed_in

pytestmark = pytest.mark.urls("marelle.config.urls_office")
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # 12:00 in Paris
EVENING = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)


def body(response):
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", response.content.decode())
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.fixture
def school(office):
    """Three children who eat on Thursday: one with a minibus, one who must mind nuts, one whose absence was told."""
    office.cm1 = town.make_class(office.school, "CM1", teacher="M. Roy", position=3)
    office.ana, office.bob, office.cleo = (
        town.make_child(office.family, name, products=(office.meal,), school_class=group, allergies=allergies)
        for name, group, allergies in (
            ("Ana", office.ce2, ""),
            ("Bob", office.cm1, "arachide"),
            ("Cléo", office.ce2, ""),
        )
    )
    rows = [
        town.make_reservation(child, office.meal, day, family=office.family)
        for day in (TODAY, THURSDAY)
        for child in (office.ana, office.bob, office.cleo)
    ]
    with permitted("factory"), tenancy.scope({office.authority.pk}):
        Enrollment.objects.filter(child=office.ana).update(options=["minibus-nord"])
        Absence.objects.create(authority=office.authority, reservation=rows[5], cause="other", told_at=NOON)
        Guardian.objects.filter(family=office.family).update(phone="06 12 34 56 78")
        person = PickupPerson.objects.create(
            authority=office.authority, family=office.family, name="Paul Roy", phone="06 98 76 54 32",
            starts_on=datetime(2026, 9, 1, tzinfo=UTC).date(), added_at=NOON,
        )  # fmt: skip
        PickupChild.objects.create(authority=office.authority, person=person, child=office.bob)
    return office


def get(office, path="", client=None, **query):
    return (client or office.client).get(office.at(f"listes/{path}"), query)


def tick(office, child, state):
    with permitted("factory"), tenancy.scope({office.authority.pk}):
        Attendance.objects.create(
            authority=office.authority, child=child, product=office.meal, date=TODAY, state=state, recorded_at=NOON
        )


def test_a_list_by_class_says_who_comes_for_what(school):
    page = body(get(school, jour="2026-11-26"))

    assert page.index("CE2 · Mme Perrin · 2 enfants") < page.index("CM1 · M. Roy · 1 enfant")
    assert "Cléo Sanchez-Cordoves rien à signaler Repas absence signalée" in page
    assert "Peut venir : Paul Roy, 06 98 76 54 32" in page
    assert "Allergie : arachide" in page


def test_a_list_over_a_week_has_a_column_a_day(school):
    table = read_table(get(school, "fichier/csv/", jour="2026-11-26", duree="semaine").content)

    assert table.rows[0].cells[0] == "CE2"
    assert list(table.columns)[3:7] == ["lun. 23 nov.", "mar. 24 nov.", "mer. 25 nov.", "jeu. 26 nov."]
    assert table.rows[0].cells[3:7] == ("Repas", "", "", "Repas")


def test_a_list_by_option_holds_those_alone_who_have_one(school):
    page = body(get(school, jour="2026-11-26", liste="option"))

    assert "Minibus nord · 1 enfant" in page
    assert "Ana Sanchez-Cordoves" in page
    assert "Bob" not in page
    assert "d’option" in body(get(school, jour="2026-11-24", liste="option"))


def test_a_list_by_group_follows_the_ages_of_the_day(school):
    with permitted("factory"), tenancy.scope({school.authority.pk}):
        little = SlotTemplate.objects.create(
            authority=school.authority, activity=school.meal.activity, code="petits", name="Petits",
            starts_at=time(11), ends_at=time(12), max_age=7,
        )  # fmt: skip
        SlotTemplate.objects.filter(code="midi", activity=school.meal.activity).update(min_age=8, name="Grands")
        ProductSlot.objects.create(authority=school.authority, product=school.meal, template=little)
        young = town.make_child(school.family, "Zoé", products=(school.meal,), birth_date=date(2021, 5, 1))
        town.make_reservation(young, school.meal, THURSDAY, family=school.family)
        town._touch(school.authority)

    page = body(get(school, jour="2026-11-26", liste="groupe"))

    assert page.index("Petits · jusqu’à 7 ans · 1 enfant") < page.index("Grands · à partir de 8 ans · 3 enfants")


def test_each_class_is_a_printed_page_of_its_own(school):
    paper = PdfReader(BytesIO(get(school, "fichier/pdf/", jour="2026-11-26").content))

    assert len(paper.pages) == 2
    assert "Bob Sanchez-Cordoves" in paper.pages[1].extract_text()


def test_a_text_that_looks_like_a_formula_stays_a_text(school):
    with permitted("factory"), tenancy.scope({school.authority.pk}):
        PickupPerson.objects.update(name='=HYPERLINK("http://x")')

    assert "'=HYPERLINK" in get(school, "fichier/csv/", jour="2026-11-26").content.decode()


def test_who_may_not_know_health_has_no_column_for_it(school):
    reader = signed_in(town.make_agent(school.authority, "Luc Petit", Grant.Role.VIEW_DAY))

    for path in ("", "fichier/csv/"):
        page = get(school, path, reader, jour="2026-11-26").content.decode().lower()
        assert "bob" in page
        assert "arachide" not in page
        assert "santé" not in page
    assert get(school, "evacuation/", reader).status_code == 403
    assert not AuditEntry.objects.filter(verb="read_health").exists()


def test_health_that_a_list_shows_is_noted(school):
    get(school, "fichier/csv/", jour="2026-11-26")
    get(school, "evacuation/", quand="journee")

    lines = AuditEntry.objects.filter(verb="read_health").order_by("pk")
    assert [(line.details["page"], sorted(line.details["children"])) for line in lines] == [
        ("list", [school.bob.pk]),
        ("evacuation", [school.bob.pk]),
    ]


def test_outside_are_counted_those_seen_and_those_nobody_saw_with_whom_to_call(school, monkeypatch):
    monkeypatch.setattr(clock, "business_now", lambda: NOON)
    tick(school, school.ana, "present")
    tick(school, school.cleo, "absent")

    page = body(get(school, "evacuation/"))

    assert "2 enfants à compter : 1 pointé présent, 1 attendu, pas encore pointé." in page
    assert "Ana Sanchez-Cordoves CE2 Présence" in page
    assert "Bob Sanchez-Cordoves CM1 Sans pointage Allergie : arachide" in page
    assert "Maria Sanchez-Cordoves, mère 06 12 34 56 78" in page
    assert "Peut venir : Paul Roy, 06 98 76 54 32" in page
    assert "Cléo" not in page
    assert 'href="tel:0612345678"' in get(school, "evacuation/").content.decode()
    words = PdfReader(BytesIO(get(school, "evacuation/fichier/pdf/").content)).pages[0].extract_text()
    assert "06 12 34 56 78" in words.replace("\N{NO-BREAK SPACE}", " ")
    assert len(read_table(get(school, "evacuation/fichier/xlsx/").content).rows) == 2


def test_outside_hours_the_whole_day_is_one_link_away(school, monkeypatch):
    monkeypatch.setattr(clock, "business_now", lambda: EVENING)

    page = get(school, "evacuation/")

    assert "Aucune activité n’a lieu en ce moment. Voir toute la journée" in body(page)
    assert "3 enfants à compter" in body(get(school, "evacuation/", quand="journee"))
    paper = PdfReader(BytesIO(get(school, "evacuation/fichier/pdf/").content))
    assert "Aucun enfant à compter." in paper.pages[0].extract_text().replace("\N{NO-BREAK SPACE}", " ")


def test_a_day_that_is_none_is_said(school):
    response = get(school, jour="demain")

    assert response.status_code == 400
    assert "Indiquez un jour" in body(response)


def test_as_few_questions_for_many_children_as_for_three(school, monkeypatch):
    monkeypatch.setattr(clock, "business_now", lambda: NOON)
    asked = (("", {"jour": "2026-11-23"}), ("", {"duree": "semaine", "liste": "option"}), ("evacuation/", {}))

    def questions():
        counts = []
        for path, query in asked:
            get(school, path, **query)
            with CaptureQueriesContext(connection) as caught:
                assert get(school, path, **query).status_code == 200
            counts.append(len(caught))
        return counts

    before = questions()
    for place in range(8):
        family = town.make_family(school.authority, f"Famille {place}")
        child = town.make_child(family, "Noé", products=(school.meal,), school_class=school.cm1)
        for day in (TODAY, THURSDAY):
            town.make_reservation(child, school.meal, day, family=family)

    assert questions() == before
