"""An agent writes to families: a filter, a preview, a sending that is what was seen; who may, and what each may see."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.accounts.models import Grant
from marelle.domain.families.models import Block
from marelle.domain.news.models import FamilyMessage, LostAddress, MessageTemplate
from marelle.domain.news.models.messages import digest_of_address
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from marelle.jobs.messages import tell
from tests.domain.household import NOW
from tests.factories.joining import make_guardian
from tests.factories.town import make_agent, make_authority, make_child, make_family, make_user
from tests.texts import ovh, texts_to  # noqa: F401  a fixture
from tests.web.office.conftest import signed_in

pytestmark = pytest.mark.urls("marelle.config.urls_office")
LIST = "publication/messages/"
SAID = {"channels": "email", "subject": "Grève jeudi", "body": "Pas de cantine pour {enfants}.", "residence": ""}


def read(answer):
    return BeautifulSoup(answer.content, "html.parser")


def words(answer):
    return " ".join(read(answer).get_text(" ").replace("\N{NO-BREAK SPACE}", " ").split())


def write(office, client=None, **said):
    return (client or office.client).post(office.at(f"{LIST}nouveau/modifier/"), {**SAID, **said})


def message(office):
    with tenancy.scope({office.authority.pk}):
        return FamilyMessage.objects.get()


def of(office, what=""):
    return office.at(f"{LIST}{message(office).public_id}/{what}")


def mark(page):
    return read(page).select_one("[name=vu]")["value"]


@pytest.fixture
def eaters(office):
    make_child(office.family, "Lucia", products=(office.meal,))
    return office


def test_a_message_is_written_seen_sent_and_followed(eaters):
    office = eaters
    make_guardian(office.authority, email="", name="Muette")
    answer = write(office)
    assert (answer.status_code, answer["Location"]) == (303, of(office))

    page = office.client.get(of(office))
    said = words(page)
    for each in (
        "Toutes les familles.",
        "2 familles",
        "1 e-mail",
        "Sanchez-Cordoves",
        "Une famille n’a aucune adresse pour ce message : Muette",
        "Pas de cantine pour Lucia.",
    ):
        assert each in said, each
    sent = office.client.post(of(office, "envoyer/"), {"vu": mark(page)}, follow=True)
    assert "Envoi en cours" in words(sent)
    assert "0 sur 1" in words(office.client.get(of(office, "avancement/")))
    for args in ProcrastinateJob.objects.filter(task_name="news.tell").values_list("args", flat=True):
        tell(**args)

    assert [letter.subject for letter in mail.outbox] == ["Grève jeudi"]
    followed = words(office.client.get(of(office)))
    assert "Envoyé" in followed
    assert "1 parti 1 sans adresse" in followed
    assert "Muette Sans adresse E-mail" in followed
    assert "Sanchez-Cordoves" in words(office.client.get(f"{of(office)}?voir=partis"))
    assert "Grève jeudi" in words(office.client.get(office.at(LIST)))
    # In the file of the family: to whom, and by which channel.
    file = words(office.client.get(office.at(f"familles/{office.family.public_id}/")))
    assert re.search(r"Grève jeudi \d\d/\d\d/2026, [\w’ -]+, E-mail, parti", file)


def test_what_was_typed_is_kept_and_each_fault_is_said_at_its_field(office):
    answer = write(office, subject="", body="Bonjour {maman}", services="inconnu", reserved_on="demain")
    page = read(answer)

    assert answer.status_code == 422
    assert page.select_one("[name=body]").text.strip() == "Bonjour {maman}"
    assert "Ce service n’existe plus" in words(answer)
    assert "Écrivez ce jour ainsi" in words(answer)
    again = write(office, subject="", body="Bonjour {maman}")
    assert "Le blanc {maman} n’existe pas" in words(again)
    assert "Donnez un objet" in words(again)
    with tenancy.scope({office.authority.pk}):
        assert FamilyMessage.objects.count() == 0


def test_what_leaves_is_what_was_seen(eaters):
    office = eaters
    write(office)
    seen = mark(office.client.get(of(office)))
    make_family(office.authority, "Nouvelle")

    refused = office.client.post(of(office, "envoyer/"), {"vu": seen})
    assert refused.status_code == 409
    assert "La liste des familles a changé" in words(refused)
    assert office.client.post(of(office, "envoyer/"), {"vu": mark(refused)}).status_code == 303
    # It has left: it is neither changed, nor thrown away, nor sent again.
    for what in ("modifier/", "supprimer/", "envoyer/"):
        page = office.client.post(of(office, what), {**SAID, "vu": seen}, follow=True)
        assert "Ce message est déjà parti" in words(page)
    assert "L’envoi est arrêté" in words(office.client.post(of(office, "arreter/"), follow=True))
    assert "déjà terminé" in words(office.client.post(of(office, "arreter/"), follow=True))


def test_texts_are_offered_when_they_are_plugged_in_and_their_cost_is_said(office, settings, ovh):  # noqa: F811
    assert "ne sont pas branchés" in words(office.client.get(office.at(f"{LIST}nouveau/modifier/")))
    assert write(office, channels="text", text="Court").status_code == 422
    settings.TEXTS, settings.TEXT_PRICE = texts_to(ovh), 65
    make_guardian(office.authority, "Ana", phone="06 12 34 56 78", email="")

    assert write(office, channels="text", text="{prenom}, " + "fête " * 16).status_code == 303
    said = words(office.client.get(of(office)))
    assert "1 SMS, comptés 2 par l’opérateur parce qu’ils sont longs, environ 0,13 €." in said
    assert "Ces signes raccourcissent le SMS de moitié : ê" in said


def test_who_owes_is_asked_by_those_alone_who_may_know(office):
    with permitted("factory"), tenancy.scope({office.authority.pk}):
        Block.objects.create(
            authority=office.authority, family=office.family, kind="unpaid", amount_cents=900, put_at=NOW
        )
    secretary = signed_in(make_agent(office.authority, "Sara Petit", "publish"))
    form = office.at(f"{LIST}nouveau/modifier/")

    assert read(office.client.get(form)).select_one("[name=is_unpaid]")
    assert read(secretary.get(form)).select_one("[name=is_unpaid]") is None
    write(office, secretary, is_unpaid="on")  # a browser that sends it all the same
    assert "is_unpaid" not in message(office).criteria
    assert "Grève jeudi" in words(secretary.get(office.at(LIST)))
    office.client.post(of(office, "supprimer/"))
    write(office, is_unpaid="on")
    assert secretary.get(of(office)).status_code == 404
    assert "Grève jeudi" not in words(secretary.get(office.at(LIST)))


def test_an_agent_of_one_service_sees_her_own_messages_and_families_alone(eaters):
    office = eaters
    make_family(office.authority, "Lointaine")
    agent = make_agent(office.authority, "Inès Roy", "publish")
    with permitted("factory"), tenancy.scope({office.authority.pk}):
        Grant.objects.filter(agent=agent).update(service_code="cantine")
    client = signed_in(agent)
    write(office)
    assert client.get(of(office)).status_code == 404
    office.client.post(of(office, "supprimer/"))
    answer = write(office, client)
    assert answer.status_code == 303, words(answer)

    said = words(client.get(of(office)))
    assert "1 famille " in said
    assert "Lointaine" not in said
    assert "2 familles" in words(office.client.get(of(office)))


def test_a_message_begins_with_a_template(office):
    at = office.at(f"{LIST}modeles/nouveau/")
    assert office.client.post(at, {"title": "", "subject": "", "body": "", "text": ""}).status_code == 422
    said = {"title": "Fermeture", "subject": "Fermé", "body": "L’école ferme.", "text": ""}
    office.client.post(at, said)
    with tenancy.scope({office.authority.pk}):
        row = MessageTemplate.objects.get()

    form = read(office.client.get(office.at(f"{LIST}nouveau/modifier/?modele={row.public_id}")))
    assert form.select_one("[name=subject]")["value"] == "Fermé"
    assert "Fermeture" in words(office.client.get(office.at(f"{LIST}modeles/")))
    again = office.client.post(office.at(f"{LIST}modeles/{row.public_id}/"), {**said, "body": "{x}"})
    assert "Le blanc {x} n’existe pas" in words(again)
    assert "supprimé" in words(office.client.post(office.at(f"{LIST}modeles/{row.public_id}/supprimer/"), follow=True))


def test_addresses_that_answer_no_more_are_shown_and_tried_again(office):
    guardian = make_guardian(office.authority, "Tom", email="tom@exemple.fr")
    with permitted("factory"), tenancy.scope({office.authority.pk}):
        row = LostAddress.objects.create(
            authority=office.authority,
            family=guardian.family,
            digest=digest_of_address("TOM@exemple.fr"),
            status="5.1.1",
            returned_at=NOW,
        )

    assert "Des courriels reviennent de 1 adresse" in words(office.client.get(office.at(LIST)))
    said = words(office.client.get(office.at(f"{LIST}adresses/")))
    assert "Tom Martin tom@exemple.fr · depuis le lundi 23 novembre 2026" in said
    there = office.at(f"{LIST}adresses/{row.public_id}/reessayer/")
    assert "partiront de nouveau" in words(office.client.post(there, follow=True))
    assert "déjà été remise" in words(office.client.post(there, follow=True))


def test_nothing_of_another_town_is_found(office):
    other = make_authority("Ailleurs")
    write(office)
    stranger = signed_in(make_agent(other))

    elsewhere = of(office).replace(office.authority.slug, other.slug)
    for there in (of(office), elsewhere):
        assert stranger.get(there).status_code == 404
        assert stranger.post(f"{there}envoyer/", {"vu": "0"}).status_code == 404


def test_the_preview_and_the_list_ask_as_few_questions_for_many_families_as_for_one(eaters):
    office = eaters
    write(office)

    def asked():
        counts = []
        for path in (of(office), office.at(LIST)):
            with CaptureQueriesContext(connection) as captured:
                assert office.client.get(path).status_code == 200
            counts.append(len(captured))
        return counts

    asked()
    one = asked()
    for number in range(12):
        family = make_family(office.authority, f"Famille{number}", user=make_user())
        make_child(family, products=(office.meal,))
    assert asked() == one
