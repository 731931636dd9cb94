"""The closing of a month as agents see it: each step with its count, and the way back from its screen."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Grant
from marelle.domain.reservations.queries.attendance import UnfinishedSheet, unfinished_sheets
from tests.domain.billing_town import drafted, issue_all
from tests.domain.regie_town import Till
from tests.factories import town
from tests.web.office.conftest import HOST, ask_to_cancel, signed_in
from tests.web.office.test_billing import DAYS, another, tick
from tests.web.office.test_billing import billing as billing_of_november
from tests.web.office.test_day import body

pytestmark = pytest.mark.urls("marelle.config.urls_office")

MOST_QUESTIONS = 45
billing = billing_of_november


def steps(office, query="", client=None):
    """What each step says: its tag, its words, and where its button leads."""
    answer = (client or office.client).get(f"/{office.authority.slug}/facturation/cloture/{query}")
    assert answer.status_code == 200
    soup = BeautifulSoup(answer.content, "html.parser")
    found = {}
    for one in soup.select(".month-steps > li"):
        button = one.select_one("p > a.btn")
        found[one["id"]] = SimpleNamespace(
            tag=one.select_one(".tag").get_text(strip=True),
            words=one.select_one(".step-head + p").get_text(" ", strip=True).replace("\xa0", " "),
            url=button["href"] if button else "",
            lines=[line.get_text(" ", strip=True).replace("\xa0", " ") for line in one.select("details li")],
        )
    found["soup"] = soup
    return found


def back(office):  # the month and the régie, as addresses say it
    return f"retour=2026-11.{office.regie.code}"


def test_november_before_anything_is_done(billing):
    said = steps(billing)

    assert (said["pointage"].tag, said["pointage"].words) == (
        "À faire",
        "3 présences à pointer, sur 3 jours. Sans pointage, ce qui est réservé est facturé comme venu.",
    )
    assert said["pointage"].url.endswith(f"/2026-11-05/presences/?{back(billing)}")
    assert said["pointage"].lines[0] == "jeu. 5 nov., Cantine, École des Tilleuls : 1 enfant sur 1"
    assert (said["brouillons"].tag, said["brouillons"].words) == ("À faire", "Rien n’est encore facturé.")
    assert (said["emission"].tag, said["emission"].url) == ("Plus tard", "")
    assert said["versement"].words == "Rien n’attend d’être versé."
    assert said["soup"].select_one("#ou").get_text() == "Novembre 2026"


def test_what_is_done_is_said_done_and_what_waits_is_counted(billing):
    tick(billing, *DAYS)
    ask_to_cancel(billing.reservations[0])

    said = steps(billing)

    assert (said["pointage"].tag, said["pointage"].words) == ("Fait", "Chaque jour est pointé.")
    assert said["annulations"].words == "1 demande attend une réponse : sans elle, le jour est facturé."
    assert said["annulations"].url.endswith(f"/annulations/?{back(billing)}")


def test_a_month_goes_from_drafts_to_money_in_the_bank(billing):
    run = drafted(billing.regie)

    said = steps(billing)
    assert (said["brouillons"].tag, said["emission"].tag) == ("Fait", "À faire")
    assert said["emission"].url.endswith(f"/facturation/{run.public_id}/approuver/?{back(billing)}")

    (invoice,) = issue_all(run)
    till = Till.__new__(Till)
    till.authority, till.regie = billing.authority, billing.regie
    till.cash(invoice, 500)
    said = steps(billing)
    assert (said["brouillons"].tag, said["emission"].tag) == ("Fait", "Fait")
    assert said["emission"].words == "1 facture émise."
    assert (said["versement"].tag, said["versement"].words) == ("À faire", "5,00 € à verser (1 quittance).")

    till.deposit()
    assert steps(billing)["versement"].tag == "Fait"


def test_a_month_that_is_not_over_is_shown_and_not_billed(billing):
    said = steps(billing, "?mois=2026-12")

    assert (
        said["brouillons"].words
        == "Le mois n’est pas fini : la facturation se prépare à partir du 1er du mois suivant."
    )
    assert said["soup"].select_one("#ou").get_text() == "Décembre 2026"


@pytest.mark.parametrize("asked", ["2027-05", "2026-13", "demain", "2026-11'--"])
def test_a_month_that_is_to_come_or_is_none_is_another(billing, asked):
    assert steps(billing, f"?mois={asked}")["soup"].select_one("#ou").get_text() in {"Décembre 2026", "Novembre 2026"}


def test_the_screens_of_the_steps_lead_back_to_the_month_after_a_write_too(billing):
    sheet = steps(billing)["pointage"].url

    shown = BeautifulSoup(billing.client.get(sheet).content, "html.parser").select_one(".way-back a")
    assert shown.get_text(strip=True) == "Clôture de novembre 2026"
    assert shown["href"].endswith(f"/facturation/cloture/?mois=2026-11&regie={billing.regie.code}")

    come_from = {"HTTP_REFERER": f"http://{HOST}{sheet}"}
    saved = billing.client.post(sheet.split("?")[0], {"others": "present"}, **come_from)
    assert saved["Location"].endswith(f"?{back(billing)}")
    assert "Clôture de novembre 2026" in body(billing.client.get(saved["Location"]))
    assert steps(billing)["pointage"].url.split("?")[0] != sheet.split("?")[0]


@pytest.mark.parametrize(
    "come_from",
    ["https://ailleurs.exemple.fr/?retour=2026-11.regie", "http://mairie.localhost/?retour=//ailleurs.exemple.fr", ""],
)
def test_nothing_but_our_own_months_is_a_way_back(billing, come_from):
    assert "way-back" not in body(billing.client.get(billing.at(), HTTP_REFERER=come_from))


def test_only_who_bills_for_the_whole_authority_closes_its_months(billing):
    agent = town.make_agent(billing.authority, "Karim", Grant.Role.MANAGE_RESERVATIONS)
    answer = signed_in(agent).get(f"/{billing.authority.slug}/facturation/cloture/")

    assert answer.status_code == 403


def test_a_month_asks_as_many_questions_for_three_families_as_for_one(billing):
    def questions():
        with CaptureQueriesContext(connection) as asked:
            steps(billing)
        return len(asked)

    questions()  # the offer is read once
    before = questions()
    for name in ("Ledoux", "Diallo"):
        another(billing, name)
    assert questions() == before <= MOST_QUESTIONS


def test_sheets_are_unfinished_while_a_child_expected_is_neither_there_nor_absent(billing):
    another(billing, "Ledoux")
    tick(billing, DAYS[0])

    found = unfinished_sheets([billing.meal.pk], DAYS[0], DAYS[-1])

    school, canteen = billing.school.pk, billing.canteen.pk
    assert found == [UnfinishedSheet(day, school, canteen, 2, 1 if day == DAYS[0] else 0) for day in DAYS]
    assert unfinished_sheets([], DAYS[0], DAYS[-1]) == []
