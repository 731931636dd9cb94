"""A strike, with a browser: said, seen, declared, told to the families, undone; axe finds nothing on any screen."""

from __future__ import annotations

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.reservations.models import Reservation
from marelle.foundation import tenancy
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
def test_a_strike_is_declared_told_and_undone(person, with_password, scripts, viewport):
    town = Town(with_password)
    nadia = person("mairie", viewport=viewport, scripts=scripts)
    page = nadia.page

    def looks_right():
        if scripts:
            nadia.finds_nothing_with_axe()

    def told():
        for args in ProcrastinateJob.objects.filter(task_name="news.tell").values_list("args", flat=True):
            tell(**args)
        return [letter.subject.replace("\N{NO-BREAK SPACE}", " ") for letter in mail.outbox]

    def cancelled():
        with tenancy.scope({town.authority.pk}):
            return Reservation.objects.filter(state="cancelled").count()

    nadia.is_known(town.user)
    nadia.opens(f"/{town.authority.slug}/evenements/")
    nadia.sees("Aucun événement.")
    looks_right()
    nadia.clicks_on(page.get_by_role("link", name="Déclarer un événement"))
    looks_right()
    page.get_by_label("Ce qui arrive").select_option("strike")
    page.get_by_label("Premier jour").fill("2026-11-26")
    page.get_by_label("Cantine").check()
    nadia.clicks_on(page.get_by_role("button", name="Voir ce que cela change"))
    nadia.sees("2 enfants")
    nadia.sees("Encore attendus ces jours-là")
    looks_right()
    page.get_by_label("Un mot de votre part").fill("Un accueil est ouvert à l’école.")
    nadia.clicks_on(page.get_by_role("button", name="Déclarer", exact=True))
    nadia.sees("C’est fait : les réservations sont annulées.")
    looks_right()
    assert cancelled() == 2
    assert told() == ["Grève, le jeudi 26 novembre"]
    assert "Lucia : repas (jeu. 26 nov.)." in mail.outbox[0].body.replace("\N{NO-BREAK SPACE}", " ")

    nadia.opens_every_fold()
    looks_right()
    nadia.clicks_on(page.get_by_role("button", name="Défaire", exact=True))
    nadia.sees("2 réservations sont comme avant.")
    looks_right()
    assert cancelled() == 0
    assert {one[0] for one in town.answers().values()} == {"pending"}
    assert told() == ["Grève, le jeudi 26 novembre", "Annulé : Grève, le jeudi 26 novembre"]
