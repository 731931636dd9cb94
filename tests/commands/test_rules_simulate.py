"""`marelle rules simulate`: the rows of the screen, to read, for a spreadsheet, for a diary."""

from __future__ import annotations

import argparse
import csv
import io
import re
from datetime import date

import pytest

from marelle.commands import rules_simulate
from marelle.commands.refusal import Refused
from tests.factories import town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

TWO_STEPS = {
    "book": {
        "closes": {"shape": "week_cutoff", "cutoff": "thu 09:00"},
        "late": {"price": {"more": "1,00"}, "until": {"shape": "same_day", "time": "08:00", "boundary": "le"}},
        "opens": [{"for": "everyone", "at": "2026-08-20 09:00"}],
    },
    "cancel": {"shape": "offset", "count": 48, "unit": "hour"},
}


@pytest.fixture
def commune():
    authority = town.make_authority()
    school = town.make_facility(authority, "École; des, Tilleuls")
    canteen = town.make_service(authority, "Cantine", code="cantine")
    town.make_product(authority, service=canteen, facility=school, name="=Repas; à l’école", rules=TWO_STEPS)
    town.make_product(authority, service=canteen, facility=school, name="Étude du soir")
    town.make_holiday(authority, "Noël", date(2026, 12, 19), date(2027, 1, 3))
    return authority


def simulated(authority, form, year="2026-2027"):
    parser = argparse.ArgumentParser()
    rules_simulate.configure(parser)
    options = parser.parse_args(["--authority", authority.slug, "--year", year, "--format", form])
    return rules_simulate.simulation(options.authority, options.year, options.format)


def test_the_table_reads_aloud(commune):
    text = simulated(commune, "table").replace("\N{NO-BREAK SPACE}", " ")

    assert "\nÉtude du soir" in text
    (tuesday,) = [line for line in text.splitlines() if "24/11/2026" in line and "hors délai" in line]
    assert tuesday == (
        "mar. 24 nov. (24/11/2026) | ouvre le jeudi 20 août, 9 h | réserver avant le jeudi 19 novembre, 9 h"
        " | réserver hors délai jusqu’au mardi 24 novembre, 8 h | annuler avant le dimanche 22 novembre, minuit"
        " | limite un dimanche"
    )
    (back,) = [line for line in text.splitlines() if "(04/01/2027)" in line and "hors délai" not in line]
    assert "annuler avant le vendredi 18 décembre, 9 h | jour de rentrée | plus tôt que d’habitude" in back


def test_the_spreadsheet_has_a_header_a_mark_and_one_line_a_day(commune):
    text = simulated(commune, "csv")

    assert text.startswith("\ufeffActivité;Jour;Ouverture;Réserver;")
    assert "\r\n" in text
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    (tuesday,) = [row for row in rows if row["Jour"] == "24/11/2026" and "Repas" in row["Activité"]]
    assert tuesday["Activité"].startswith("'=Repas; à l’école")
    assert (tuesday["Réserver"], tuesday["Réserver : minute de la limite"]) == ("19/11/2026 09:00", "trop tard")
    assert (tuesday["Hors délai"], tuesday["Hors délai : minute de la limite"]) == ("24/11/2026 08:00", "à temps")
    assert (tuesday["Ouverture"], tuesday["Modifier"]) == ("20/08/2026 09:00", "")
    assert tuesday["Remarques"] == "limite un dimanche"


def events(text):
    return [
        dict(line.split(":", 1) for line in block.splitlines() if ":" in line)
        for block in re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT", text.replace("\r\n ", ""), re.DOTALL)
    ]


def test_the_diary_is_a_valid_calendar(commune):
    text = simulated(commune, "ics")

    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:")
    assert text.endswith("END:VCALENDAR\r\n")
    assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT") > 0
    assert "\n" not in text.replace("\r\n", "")
    lines = text.split("\r\n")
    assert max(len(line.encode()) for line in lines) <= 75
    for event in events(text):
        assert re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", event["DTSTART"])
        assert event["DTSTAMP"] == "20261123T070000Z"
        assert {"UID", "SUMMARY", "DESCRIPTION"} <= set(event)
        assert not re.search(r"(?<!\\)[;,]", event["SUMMARY"])


def test_each_distinct_limit_is_one_event_with_all_its_days(commune):
    found = events(simulated(commune, "ics"))

    assert len({event["UID"] for event in found}) == len(found)
    (week,) = [
        event for event in found if event["DTSTART"] == "20261119T080000Z" and "réserver : =Repas" in event["SUMMARY"]
    ]
    assert week["DESCRIPTION"].replace("\N{NO-BREAK SPACE}", " ") == (
        "Jours : lun. 23\\, mar. 24\\, jeu. 26 et ven. 27 nov.\\nLa minute de la limite est trop tard."
    )
    # An hour later in summer time.
    assert any(event["DTSTART"] == "20270408T070000Z" for event in found)


def test_the_same_limits_have_the_same_names_at_every_run(commune):
    assert simulated(commune, "ics") == simulated(commune, "ics")


def test_another_year_is_estimated_and_says_so(commune):
    text = simulated(commune, "table", "2031-2032")

    assert "calendrier non publié" in text
    assert "(14/07/2032)" not in text


def test_no_activity_and_no_such_authority_are_said(commune):
    assert simulated(town.make_authority("Vide"), "table") == "Vide n’a pas encore d’activité.\n"
    with pytest.raises(Refused, match="aucune collectivité « nulle-part »"):
        rules_simulate.simulation("nulle-part", 2026, "table")


@pytest.mark.parametrize("text", ["2026", "2026-2026", "2026-2028", "26-27", "1999-2000", "2099-2100", "", "²026-2027"])
def test_what_is_not_a_school_year_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="n’est pas une année scolaire"):
        rules_simulate.school_year(text)


def test_the_command_writes_on_the_standard_output(commune, capsys, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/marelle")  # the tests' own connection is used

    status = rules_simulate.run(argparse.Namespace(authority=commune.slug, year=2026, format="csv"))

    assert status == 0
    assert capsys.readouterr().out == simulated(commune, "csv")
