"""The pages of figures: what they say, to whom, as which file, and how few questions they ask."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Grant
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import FamilyQuotient
from marelle.domain.reservations.models import Attendance
from marelle.domain.reservations.operations.disruptions import declare_disruption, undo_disruption
from marelle.domain.reservations.operations.figures import count_days
from marelle.domain.reservations.rules.disruptions import Effect, Kind, Said
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.factories import town
from tests.factories.invoices import issue_invoice, make_regie, recover
from tests.web.office.conftest import TODAY, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("marelle.config.urls_office")]
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TUESDAY = date(2026, 11, 17)


def plain(text):
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ").split())


def read(office, path="", *, status=200, client=None):
    response = (client or office.client).get(office.at(f"chiffres/{path}"))
    assert response.status_code == status
    page = BeautifulSoup(response.content, "html.parser")
    return SimpleNamespace(
        words=plain(page.get_text(" ")),
        tables=[
            [[plain(cell.get_text(" ")) for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]
            for table in page.find_all("table")
        ],
        images=[plain(one["aria-label"]) for one in page.find_all(attrs={"role": "img"}) if one.get("aria-label")],
        tabs=[one.get_text() for one in page.select("nav.pills a")],
    )


def comes(office, child, day, product=None, state="present"):
    with permitted("factory"), tenancy.scope({office.authority.pk}):
        Attendance.objects.create(
            authority=office.authority,
            child=child,
            product=product or office.meal,
            date=day,
            state=state,
            recorded_at=NOW,
        )


def lived(office, count=3, day=TUESDAY):
    for number in range(count):
        child = town.make_child(office.family, f"Enfant{number}", products=(office.meal,))
        town.make_reservation(child, office.meal, day, family=office.family)
        if number < 2:
            comes(office, child, day, state="absent" if number else "present")


def agent_at(office, role, **place):
    agent = town.make_agent(office.authority, "Ana Costa", role)
    with permitted("factory"), tenancy.scope({office.authority.pk}):
        Grant.objects.filter(agent=agent).update(**place)
    return signed_in(agent)


def test_attendance_is_drawn_said_and_in_a_table(office):
    lived(office)

    page = read(office)

    assert "Du 1ᵉʳ septembre 2026 au 23 novembre 2026" in page.words
    (image,) = page.images
    assert "3 réservations" in image
    assert "1 présences, 1 absences" in image
    drawn, places = page.tables
    assert ["16/11", "1", "1", "0", "1"] in drawn
    assert places == [
        ["Service", "Lieu", "Réservés", "Présents", "Absents", "Sans réservation", "Non pointés"],
        ["Cantine", "École des Tilleuls", "3", "1", "1", "0", "1"],
    ]


def test_a_period_a_step_and_a_place_are_kept_and_a_wrong_one_is_said(office):
    lived(office)
    other = town.make_product(
        office.authority, service=office.canteen, facility=town.make_facility(office.authority, "Les Ormes")
    )
    child = town.make_child(office.family, "Iris", products=(other,))
    town.make_reservation(child, other, TUESDAY, family=office.family)

    kept = read(office, f"?du=2026-11-16&au=2026-11-22&pas=jour&etablissement={other.activity.facility.code}")
    assert kept.tables[1][1:] == [["Cantine", "Les Ormes", "1", "0", "0", "0", "1"]]
    assert len(kept.tables[0]) == 1 + 5, "a day each, but for an empty weekend"
    assert "La fin vient avant le début." in read(office, "?du=2026-11-20&au=2026-11-01", status=400).words
    assert "quatre ans au plus" in read(office, "?du=2020-01-01&au=2026-11-01", status=400).words
    assert "ce service ou ce lieu n’y est pas" in read(office, "?service=piscine", status=400).words


def test_files_say_the_same_and_no_formula_gets_in(office):
    with permitted("factory"), tenancy.scope({office.authority.pk}):
        office.canteen.name = "=Cantine"
        office.canteen.save()
        town._touch(office.authority)
    lived(office)

    answer = office.client.get(office.at("chiffres/?fichier=csv"))
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer["Content-Disposition"] == 'attachment; filename="frequentation-2026-09-01-2026-11-23.csv"'
    assert lines[1] == "16/11/2026;'=Cantine;École des Tilleuls;Repas;3;1;1;0;1"
    book = zipfile.ZipFile(io.BytesIO(office.client.get(office.at("chiffres/?fichier=xlsx")).content))
    assert re.findall(r'<sheet name="(.*?)"', book.read("xl/workbook.xml").decode()) == [
        "Dans le temps",
        "Par service et lieu",
    ]
    assert "<f>" not in book.read("xl/worksheets/sheet2.xml").decode()
    assert office.client.get(office.at("chiffres/?fichier=pdf")).status_code == 404


def test_an_agent_of_one_place_counts_that_place_alone(office):
    lived(office)
    elsewhere = town.make_facility(office.authority, "Les Ormes")
    client = agent_at(office, Grant.Role.VIEW_DAY, facility=elsewhere)

    page = read(office, client=client)

    assert "Rien n’est réservé sur cette période." in page.words
    assert page.tabs == ["Fréquentation", "Remplissage", "Prévision", "Heures CAF"]
    read(office, f"?etablissement={office.school.code}", client=client, status=400)
    for path in ("quotients/", "impayes/"):
        read(office, path, client=client, status=403)


def test_places_taken_are_a_share_of_those_there_are(office):
    lived(office)

    page = read(office, "remplissage/?du=2026-11-17&au=2026-11-17")

    assert page.tables[1][1] == ["Cantine", "École des Tilleuls", "Midi", "1", "0", "96", "3", "3 %", "0"]


def test_the_forecast_says_how_it_was_made(office):
    reserved_on = datetime(2026, 11, 1, 8, tzinfo=UTC)
    children = [town.make_child(office.family, f"Enfant{number}", products=(office.meal,)) for number in range(30)]
    for place, child in enumerate(children):
        long_before = timedelta(days=0 if place < 20 else 30)
        town.make_reservation(
            child,
            office.meal,
            date(2025, 12, 2),
            family=office.family,
            reserved_at=reserved_on - timedelta(weeks=52) + long_before,
        )
        town.make_reservation(
            child,
            office.meal,
            date(2025, 12, 4),
            family=office.family,
            reserved_at=reserved_on - timedelta(weeks=52) + long_before,
        )
    for count, day in ((10, date(2026, 12, 1)), (25, date(2026, 12, 3))):
        for child in children[:count]:
            town.make_reservation(child, office.meal, day, family=office.family, reserved_at=reserved_on)

    page = read(office, "prevision/?semaines=2")

    rows = {row[0]: row[1:] for row in page.tables[1]}
    assert rows["01/12/2026"] == ["Cantine", "10", "15", "30", "67 % réservés si tôt (02/12/25)"]
    assert rows["03/12/2026"][1:4] == ["25", "30", "30"], "of 38 so completed, the 30 children who are enrolled"
    assert rows["03/12/2026"][4].endswith("ramené à ce que permettent les places et les inscrits")
    assert len(rows) == 1 + 8, "the open days of two weeks"
    assert "la même part est supposée" in page.words


def test_the_forecast_leaves_out_a_day_that_an_event_closes_and_says_so(office, in_scope):
    in_scope(office.authority)
    child = town.make_child(office.family, products=(office.meal,))
    for day in (date(2026, 12, 1), date(2026, 12, 3)):
        town.make_reservation(child, office.meal, day, family=office.family)
    strike = Said(
        kind=Kind.STRIKE,
        effect=Effect.CANCEL,
        title="Grève nationale",
        starts_on=date(2026, 12, 1),
        ends_on=date(2026, 12, 1),
        products=frozenset({office.meal.pk}),
    )

    event = declare_disruption(strike, offer=offer_of(office.authority), by=SYSTEM, at=NOW)

    page = read(office, "prevision/?semaines=2")
    days = {row[0] for row in page.tables[-1]}
    assert "01/12/2026" not in days
    assert "03/12/2026" in days
    assert "Pas de prévision pour ce qu’un événement ferme : 1ᵉʳ décembre (Grève nationale)." in page.words
    undo_disruption(event, offer=offer_of(office.authority), by=SYSTEM, at=NOW)
    assert "01/12/2026" in {row[0] for row in read(office, "prevision/?semaines=2").tables[-1]}


def test_hours_are_declared_by_age_and_what_is_not_ticked_is_said(office):
    lived(office)
    young = town.make_child(office.family, "Noé", products=(office.meal,), birth_date=date(2022, 1, 1))
    comes(office, young, TUESDAY)
    issue_invoice(
        office.family,
        make_regie(office.authority),
        child=young,
        product=office.meal,
        days=(TUESDAY, TUESDAY + timedelta(days=2)),
    )

    page = read(office, "heures/")

    assert page.tables[1][1:] == [
        ["Cantine", "École des Tilleuls", "Repas", "Moins de 6 ans", "1", "0", "2,00", "2", "4,00"],
        ["Cantine", "École des Tilleuls", "Repas", "6 ans et plus", "1", "0", "2,00", "0", "0,00"],
    ]
    assert "1 réservation sans pointage" in page.words
    lines = office.client.get(office.at("chiffres/heures/?fichier=csv")).content.decode("utf-8-sig").splitlines()
    assert lines[1].endswith(";Moins de 6 ans;1;0;2,00;2;4,00")


def test_the_scheme_of_families_is_for_whoever_may_know_their_quotients(office):
    lived(office)
    assert "Par régime" not in read(office, "heures/", client=agent_at(office, Grant.Role.VIEW_DAY)).words
    knows = town.make_agent(office.authority, "Lou Petit", Grant.Role.VIEW_DAY, Grant.Role.SEE_QUOTIENT)
    assert "Par régime" in read(office, "heures/", client=signed_in(knows)).words


def test_quotients_hide_the_bands_of_few_families(office):
    for number, cents in enumerate([100_00] * 6 + [800_00] * 3 + [1_900_00] * 5):
        family = town.make_family(office.authority, f"Famille{number}")
        town.make_child(family, "Ana", products=(office.meal,))
        with permitted("factory"), tenancy.scope({office.authority.pk}):
            FamilyQuotient.objects.create(
                authority=office.authority,
                family=family,
                value_cents=cents,
                valid_from=date(2026, 9, 1),
                source="declared",
                recorded_at=NOW,
            )
    knows = town.make_agent(office.authority, "Lou Petit", Grant.Role.SEE_QUOTIENT)

    page = read(office, "quotients/", client=signed_in(knows))

    rows = dict(page.tables[1])
    assert rows["0 à 249"] == "6"
    assert rows["750 à 999"] == rows["1 750 à 1 999"] == "moins de 5, ou masqué"
    assert "3" not in rows.values()
    read(office, "quotients/", client=agent_at(office, Grant.Role.SEE_QUOTIENT, facility=office.school), status=403)


def test_unpaid_invoices_are_by_age_and_by_regie(office):
    regie = make_regie(office.authority, "Régie scolaire")
    for due, cents in ((date(2026, 11, 1), 10_00), (date(2026, 6, 1), 25_50)):
        issue_invoice(
            office.family, regie, cents=cents, due_on=due, issued_on=date(2026, 5, 1), days=(date(2026, 4, 1),)
        )
    handed = issue_invoice(
        office.family, regie, cents=40_00, due_on=date(2026, 6, 1), issued_on=date(2026, 5, 1), days=(date(2026, 4, 2),)
    )
    recover(handed)
    accountant = signed_in(town.make_agent(office.authority, "Lou Petit", Grant.Role.MANAGE_BILLING))

    page = read(office, "impayes/", client=accountant)

    assert page.tables[1][1:] == [
        ["Régie scolaire", "30 jours au plus", "1", "1", "10,00 €", "0,00 €"],
        ["Régie scolaire", "plus de 90 jours", "2", "1", "65,50 €", "40,00 €"],
    ]
    assert page.tabs == ["Impayés"]


def test_more_children_days_and_services_ask_no_more_questions(office):
    def asked():
        found = {}
        for path in ("", "remplissage/", "prevision/", "heures/", "quotients/", "impayes/"):
            office.client.get(office.at(f"chiffres/{path}"))  # what a process reads once
            with CaptureQueriesContext(connection) as queries:
                read(office, path)
            found[path] = len(queries)
        return found

    lived(office)
    few = asked()
    for number in range(4):
        more = town.make_product(office.authority, name=f"Étude {number}")
        for place in range(5):
            child = town.make_child(town.make_family(office.authority, f"F{number}{place}"), "Ana", products=(more,))
            for back in (7, 14, 60):
                day = TODAY - timedelta(days=back)
                town.make_reservation(child, more, day, family=office.family)
                comes(office, child, day, more)
    with tenancy.scope({office.authority.pk}):
        count_days(office.authority, by=SYSTEM, at=NOW)

    assert asked() == few


def test_of_a_year_before_of_which_nothing_is_known_no_figure_is_said(office):
    child = town.make_child(office.family, "Noé", products=(office.meal,))
    town.make_reservation(child, office.meal, date(2026, 12, 1), family=office.family)

    page = read(office, "prevision/?semaines=2")

    assert "L’an dernier — les mêmes jours" in page.words
    assert page.tables[0][0] == ["Jour", "Prévus", "Réservés à ce jour"], "no line is drawn of it"
