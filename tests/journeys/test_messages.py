"""An agent writes to families with a browser: a filter, the words, what it would do, the sending; axe finds nothing."""

from __future__ import annotations

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.jobs.messages import tell
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_agent import Town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]


@pytest.mark.parametrize(
    ("viewport", "scripts"),
    [
        pytest.param(PHONE, True, id="phone"),
        pytest.param(DESK, False, id="desk, no scripts", marks=pytest.mark.torture),
    ],
)
def test_a_message_is_written_seen_sent_and_followed(person, with_password, scripts, viewport):
    town = Town(with_password)
    nadia = person("mairie", viewport=viewport, scripts=scripts)
    page = nadia.page

    def looks_right():
        if scripts:
            nadia.finds_nothing_with_axe()

    nadia.is_known(town.user)
    nadia.opens(f"/{town.authority.slug}/publication/messages/")
    nadia.sees("Aucun message.")
    looks_right()
    nadia.clicks_on(page.get_by_role("link", name="Nouveau message"))
    nadia.opens_every_fold()
    looks_right()
    page.get_by_label(town.meal.activity.service.name, exact=True).check()
    page.get_by_label("Objet de l’e-mail").fill("Pas de cantine jeudi")
    page.get_by_label("Texte de l’e-mail").fill("Pas de cantine pour {enfants}.")
    nadia.clicks_on(page.get_by_role("button", name="Voir à qui il part"))
    nadia.sees("Ce qui partira")
    looks_right()
    nadia.clicks_on(page.get_by_role("button", name="Envoyer", exact=True))
    nadia.sees("Envoi en cours")
    looks_right()
    for args in ProcrastinateJob.objects.filter(task_name="news.tell").values_list("args", flat=True):
        tell(**args)
    nadia.opens(page.url.removeprefix(page.url.split(f"/{town.authority.slug}/")[0]))
    nadia.sees("Envoyé")
    looks_right()
    assert {letter.subject for letter in mail.outbox} == {"Pas de cantine jeudi"}
    nadia.opens(f"/{town.authority.slug}/publication/messages/modeles/nouveau/")
    looks_right()
    nadia.opens(f"/{town.authority.slug}/publication/messages/adresses/")
    nadia.sees("Toutes les adresses répondent.")
    looks_right()
