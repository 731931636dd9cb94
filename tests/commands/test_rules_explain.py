"""`marelle rules explain`: what is expressed of an authority, in French, and what is not."""

from datetime import time

import pytest

from marelle.commands.line import main
from marelle.domain.catalog.rules.cutoffs import Boundary, SameDay, WeekCutoff, WeekdayTable
from marelle.domain.catalog.rules.sentences import cutoff_in_words
from marelle.foundation.periods import THURSDAY, WEDNESDAY
from tests.commands.test_rules_check import BOOK, HEAD


@pytest.fixture
def explain(tmp_path, capsys):
    def explain(text, authority="essai"):
        path = tmp_path / "essai.yaml"
        path.write_text(text)
        status = main(["rules", "explain", str(path), "--authority", authority])
        said = capsys.readouterr()
        return status, said.out.replace("\N{NO-BREAK SPACE}", " "), said.err

    return explain


def said(cutoff):
    return cutoff_in_words(cutoff).replace("\N{NO-BREAK SPACE}", " ")


def test_one_act_alone_is_said_and_the_other_is_said_not_to_be(explain):
    rules = (
        "    book: {shape: week_cutoff, cutoff: thu 09:00, weeks: 1, boundary: lt}\n"
        "    cancel: {shape: spiral}\n"
        "    capacity: {all: 140}\n"
    )

    status, out, err = explain(HEAD + rules)

    assert (status, err) == (0, "")
    assert out.splitlines()[:3] == ["Essai-sur-Rien", "", "cantine (cantine)"]
    assert f"Réservation : {said(WeekCutoff(THURSDAY, time(9)))}." in out
    assert "Non exprimé : annulation, forme inconnue « spiral »." in out
    assert "Non exprimé : absence, règle d’absence non publiée." in out
    assert "Non exprimé : capacity, {'all': 140}." in out


def test_one_act_alone_is_said_whole(explain):
    rules = """\
    book:
      shape: weekday_table
      table: {wed: mon 15:00}
      boundary: le
      if_monday_public_holiday: {wed: thu 15:00}
      opens: {resident: 2025-09-01 08:00, non_resident: 2025-09-08 08:00}
    late_book:
      allowed: true
      surcharge: {percent: 50}
      until: {shape: same_day, time: '08:00', boundary: lt}
    cancel: {shape: unpublished}
"""

    out = explain(HEAD + rules)[1]

    instead = said(WeekdayTable(((WEDNESDAY, THURSDAY, time(15)),), Boundary.UNTIL))
    assert f" ; si le lundi de la semaine est férié, {instead}." in out
    assert "Réservation : ouverture aux familles de la commune, lundi 1ᵉʳ septembre 2025, 8 h." in out
    assert "Réservation : ouverture aux autres familles, lundi 8 septembre 2025, 8 h." in out
    assert f"Réservation : après la limite, avec une majoration, {said(SameDay(time(8)))}." in out


def test_the_articles_of_a_whole_reglement_are_printed(explain):
    late = "    late_book: {allowed: true, surcharge: {percent: 50}, until: unpublished}\n"

    status, out, err = explain(HEAD + BOOK + late + "    absence: {waiting_days: 1}\n")

    assert (status, err) == (0, "")
    assert "10 h" in out
    assert "50 %" in out
    assert "Non exprimé" not in out


def test_what_has_no_amount_or_no_boundary_is_not_said_as_if_it_had(explain):
    rules = (
        "    book: {shape: offset, n: 1, unit: day, time: '10:00', after_close: waiting_list}\n"
        "    late_book: {allowed: true, surcharge: majorated tariff, until: unpublished}\n"
        "    cancel: {shape: unpublished}\n"
    )

    out = explain(HEAD + rules)[1]

    assert "Non exprimé : réservation, ni « avant » ni « jusqu’à » (boundary)." in out
    assert "Non exprimé : réservation, après la limite, possible à un prix qui n’est pas un montant : majorated" in out
    assert "Non exprimé : réservation, après la clôture, liste d’attente." in out


def test_a_list_of_prices_has_no_rule(explain):
    text = "tariff_only:\n- {id: prix, name: Prix-la-Ville, cases: []}\n"

    assert explain(text, "prix")[1] == (
        "Prix-la-Ville\n  Non exprimé : aucune règle de réservation, seulement des tarifs.\n"
    )


def test_an_authority_that_is_not_there_is_told(explain):
    status, out, err = explain(HEAD + BOOK, "ailleurs")

    assert (status, out) == (2, "")
    assert err.endswith("ne décrit aucune collectivité « ailleurs ».\n")


def test_a_file_that_cannot_be_read_is_told(explain):
    status, out, err = explain(HEAD + BOOK.replace("10:00", "25:00"))

    assert (status, out) == (2, "")
    assert ":18: communes[1].services[1].book.time : " in err


def test_what_nobody_published_of_absences_is_not_said(explain):
    rules = """\
    book: {shape: same_day, time: '08:00', boundary: lt}
    cancel: same
"""

    out = explain(HEAD + rules)[1]

    assert "facturé au prix ordinaire" not in out
    assert "Non exprimé : absence, règle d’absence non publiée." in out
