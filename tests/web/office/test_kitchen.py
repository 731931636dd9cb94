"""The kitchen's screens: what is expected, what was ordered, what changed, to whom it left; who sees what."""

import re
from datetime import UTC, datetime, time
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from marelle.domain.accounts.models import Grant
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import Absence, KitchenOrder, KitchenSettings
from marelle.domain.reservations.operations.kitchen import freeze_due, set_kitchen
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from marelle.foundation.table_files import read_table
from marelle.foundation.writes import permitted
from tests.factories import town
from tests.web.office.conftest import THURSDAY, signed_in

pytestmark = pytest.mark.urls("marelle.config.urls_office")
AT_LIMIT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # Tuesday, 9:00 in Paris: the limit for Thursday


def body(response):
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", response.content.decode())
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.fixture
def kitchen(office):
    """Three who eat on Thursday, one of them without pork, one allergic; a kitchen to be told at the limit."""
    office.eaters = [
        town.make_child(office.family, name, products=(office.meal,), school_class=office.ce2, **health)
        for name, health in (
            ("Ana", {"diet": "sans porc"}),
            ("Bob", {"allergies": "arachide"}),
            ("Cléo", {}),
        )
    ]
    office.reserved = [
        town.make_reservation(child, office.meal, THURSDAY, family=office.family) for child in office.eaters
    ]
    with tenancy.scope({office.authority.pk}):
        office.settings = set_kitchen(
            None,
            service=office.canteen,
            facility=None,
            emails=["cuisine@exemple.fr"],
            days_before=None,
            at_time=time(9),
            attaches_csv=True,
            attaches_pdf=True,
            by=SYSTEM,
            at=AT_LIMIT,
        )
    return office


def freeze(office):
    office.authority.refresh_from_db()
    with tenancy.scope({office.authority.pk}):
        return freeze_due(office.settings, offer=offer_of(office.authority), by=SYSTEM, at=AT_LIMIT)


def tell_absent(office, reservation):
    with permitted("factory"), tenancy.scope({office.authority.pk}):
        Absence.objects.create(authority=office.authority, reservation=reservation, cause="illness", told_at=AT_LIMIT)


def get(office, path, client=None, **query):
    return (client or office.client).get(office.at(f"cuisine/{path}"), query)


def orders(office):
    with tenancy.scope({office.authority.pk}):
        return list(KitchenOrder.objects.filter(date=THURSDAY).order_by("revision"))


def test_a_week_says_what_is_expected_and_when_it_will_be_frozen(kitchen):
    page = body(get(kitchen, ""))

    assert "Du 23 au 27 novembre 2026" in page
    assert "3 repas, École des Tilleuls, Jeudi 26 novembre 2026" in page
    assert "à figer mar. 24 nov., 9 h" in page
    assert "École des Tilleuls, Lundi 23 novembre 2026 à figer dans un instant" in page  # the limit was on Friday


def test_a_day_ordered_then_changed_is_corrected_by_a_revision(kitchen):
    freeze(kitchen)
    tell_absent(kitchen, kitchen.reserved[0])

    assert "−1 repas, −1 sans porc" in body(get(kitchen, ""))
    day = body(get(kitchen, "2026-11-26/"))
    assert "Repas 3 2 −1" in day
    assert "Sans porc 1 0 −1" in day
    assert "Bob Sanchez-Cordoves , CE2 : arachide" in day
    assert "Figée mardi 24 novembre, 9 h : 3 repas" in day

    answer = kitchen.client.post(kitchen.at("cuisine/2026-11-26/rectificatif/"), follow=True)

    assert "Rectificatif enregistré pour 1 lieu. La cuisine est prévenue." in body(answer)
    assert [order.meals for order in orders(kitchen)] == [3, 2]
    again = kitchen.client.post(kitchen.at("cuisine/2026-11-26/rectificatif/"))
    assert again.status_code == 409
    assert "Il n’y a rien à rectifier." in body(again)
    assert len(orders(kitchen)) == 2


def test_an_order_that_came_back_is_said_and_leaves_again(kitchen):
    freeze(kitchen)
    with permitted("factory"), tenancy.scope({kitchen.authority.pk}):
        KitchenOrder.objects.update(state="sent", sent_at=AT_LIMIT, returned_at=AT_LIMIT)

    assert "Le courriel est revenu : cuisine@exemple.fr ne répond pas." in body(get(kitchen, "2026-11-26/"))
    answer = kitchen.client.post(kitchen.at("cuisine/2026-11-26/renvoyer/"), follow=True)

    assert "1 commande repart vers la cuisine." in body(answer)
    assert [order.state for order in orders(kitchen)] == ["queued"]
    assert kitchen.client.post(kitchen.at("cuisine/2026-11-26/renvoyer/")).status_code == 409


def test_who_may_not_know_health_sees_how_many_eat_and_no_more(kitchen):
    freeze(kitchen)
    reader = signed_in(town.make_agent(kitchen.authority, "Luc Petit", Grant.Role.VIEW_DAY))

    for path in ("", "2026-11-26/"):
        page = body(get(kitchen, path, reader))
        assert "3" in page
        assert not any(word in page.lower() for word in ("porc", "arachide", "bob"))
    table = get(kitchen, "2026-11-26/fichier/csv/", reader).content.decode()
    assert "Cantine;École des Tilleuls;Repas;Repas;;3;" in table
    assert not any(word in table.lower() for word in ("porc", "arachide", "allergie"))
    assert (
        "porc"
        not in PdfReader(BytesIO(get(kitchen, "2026-11-26/fichier/pdf/", reader).content)).pages[0].extract_text()
    )


def test_the_files_say_the_same_as_the_screen(kitchen):
    table = get(kitchen, "2026-11-26/fichier/csv/").content.decode()
    assert "26/11/2026;Cantine;École des Tilleuls;Repas;Régime;Sans porc;1;prévision" in table

    table = read_table(get(kitchen, "2026-11-26/fichier/xlsx/", semaine="1").content)
    assert ("Repas", "", "3") in {row.cells[4:7] for row in table.rows}

    paper = PdfReader(BytesIO(get(kitchen, "2026-11-26/fichier/pdf/").content))
    assert len(paper.pages) == 1
    words = paper.pages[0].extract_text().replace("\N{NO-BREAK SPACE}", " ")
    assert "Sans porc" in words
    assert "Arachide" in words
    assert get(kitchen, "2026-11-26/fichier/doc/").status_code == 404
    assert get(kitchen, "2026-08-03/fichier/csv/").status_code == 404


def test_health_read_on_a_day_is_in_the_journal_once(kitchen):
    for _time in range(2):
        get(kitchen, "2026-11-26/")

    (line,) = AuditEntry.objects.filter(verb="read_health")
    assert line.details["page"] == "kitchen"
    assert sorted(line.details["children"]) == [kitchen.eaters[1].pk]


def test_a_kitchen_is_set_and_forgotten_and_what_is_wrong_is_said(kitchen):
    url = kitchen.at("cuisine/reglages/")
    service = kitchen.canteen.public_id

    def post(**said):
        return kitchen.client.post(url, {"service": service, "moment": "limit", "emails": "", **said})

    taken = post()
    assert taken.status_code == 422
    assert "Une cuisine est déjà réglée pour ce service et ce lieu." in body(taken)
    wrong = post(facility=kitchen.school.code, emails="chef", moment="before", days_before="40")
    assert wrong.status_code == 422
    assert "Donnez une adresse e-mail par ligne" in body(wrong)
    assert "de 0 à 10" in body(wrong)
    assert 'value="40"' in wrong.content.decode()
    right = post(
        facility=kitchen.school.code,
        emails="chef@exemple.fr, second@exemple.fr\nchef@exemple.fr",
        moment="before",
        days_before="2",
        at_time="08:30",
        attaches_csv="on",
    )
    assert right.status_code == 303
    with tenancy.scope({kitchen.authority.pk}):
        own = KitchenSettings.objects.get(facility=kitchen.school)
    assert (own.emails, own.days_before, own.at_time, own.attaches_pdf) == (
        ["chef@exemple.fr", "second@exemple.fr"],
        2,
        time(8, 30),
        False,
    )
    page = body(kitchen.client.get(url))
    assert "Figée 2 jours ouvrés avant, à 8 h 30." in page
    assert "Envoyée à chef@exemple.fr et second@exemple.fr, avec CSV." in page
    assert kitchen.client.post(f"{url}{own.public_id}/", {"forget": "1"}).status_code == 303
    with tenancy.scope({kitchen.authority.pk}):
        assert KitchenSettings.objects.count() == 1


def test_another_authority_finds_nothing(kitchen):
    stranger = SimpleNamespace(authority=town.make_authority("Ailleurs"))
    client = signed_in(town.make_agent(stranger.authority))

    assert client.get(kitchen.at("cuisine/2026-11-26/")).status_code == 404
    url = f"/{stranger.authority.slug}/cuisine/reglages/{kitchen.settings.public_id}/"
    assert client.get(url).status_code == 404
    assert client.post(url, {"forget": "1"}).status_code == 404


def test_a_day_that_is_none_is_refused_in_words(kitchen):
    assert get(kitchen, "", jour="hier").status_code == 400
    assert get(kitchen, "2026-02-30/").status_code == 404
    assert get(kitchen, "", jour="2027-08-04").status_code == 200


def test_as_few_questions_for_many_children_and_orders_as_for_one(kitchen):
    def questions(path):
        get(kitchen, path)
        with CaptureQueriesContext(connection) as caught:
            assert get(kitchen, path).status_code == 200
        return len(caught)

    before = questions(""), questions("2026-11-26/")
    for place in range(12):
        child = town.make_child(kitchen.family, f"Enfant {place}", products=(kitchen.meal,), diet="sans porc")
        town.make_reservation(child, kitchen.meal, THURSDAY, family=kitchen.family)
    freeze(kitchen)

    assert (questions(""), questions("2026-11-26/")) == before
