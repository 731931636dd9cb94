"""A kitchen is set, told, told again after an absence; the lists of the day; who is counted outside."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from marelle.domain.families.models import Guardian
from marelle.domain.reservations.models import Absence, Enrollment, KitchenOrder
from marelle.foundation import clock, tenancy
from marelle.foundation.writes import permitted
from marelle.jobs.kitchen import freeze_orders
from tests.domain.household import TUESDAY
from tests.factories.town import (
    make_agent,
    make_authority,
    make_child,
    make_class,
    make_facility,
    make_family,
    make_product,
    make_reservation,
    make_service,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]
MONDAY = date(2026, 11, 23)
NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SIZES = ({"width": 1280, "height": 900}, {"width": 810, "height": 1080}, {"width": 360, "height": 740})


@pytest.fixture
def town(with_password):
    authority = make_authority(slug="dammartin")
    canteen = make_service(authority, "Cantine", code="cantine")
    family = make_family(authority, "Le Goff")
    reserved = []
    for place, (school, group) in enumerate((("École des Lilas", "CE1"), ("École des Tilleuls", "CM2"))):
        facility = make_facility(authority, school)
        meal = make_product(authority, service=canteen, facility=facility)
        in_class = make_class(facility, group, teacher="Mme Perrin")
        for name, diet, allergies in (("Zoé", "sans porc", ""), ("Noé", "", "arachide, lait"), ("Ava", "", "")):
            child = make_child(
                family, f"{name}{place}", products=(meal,), diet=diet, allergies=allergies, school_class=in_class
            )
            reserved += [make_reservation(child, meal, day, family=family) for day in (MONDAY, TUESDAY)]
    with permitted("factory"), tenancy.scope({authority.pk}):
        Guardian.objects.update(phone="06 12 34 56 78")
        Enrollment.objects.filter(child__first_name__startswith="Zoé").update(options=["minibus"])
    agent = make_agent(authority, "Nadia Ferrand", user=with_password(make_user("nadia@exemple.fr")))
    return authority, agent, reserved


def looks_at_every_size(agent):
    for size in SIZES:
        agent.page.set_viewport_size(size)
        agent.settles()
        agent.finds_nothing_with_axe()
    agent.page.set_viewport_size(SIZES[0])


def test_a_kitchen_is_told_and_told_again_and_children_are_listed(town, person, monkeypatch):
    authority, clerk, reserved = town
    agent = person("mairie", viewport=SIZES[0])
    page = agent.page
    agent.is_known(clerk.user)
    agent.opens("/dammartin/cuisine/reglages/")
    page.get_by_label("Service").select_option(label="Cantine")
    page.get_by_label("Adresses e-mail de la cuisine").fill("cuisine@exemple.fr")
    agent.clicks_on(page.get_by_role("button", name="Ajouter cette cuisine"))
    agent.sees("Figée à la limite du règlement. Envoyée à cuisine@exemple.fr, avec CSV et PDF.")
    looks_at_every_size(agent)

    monkeypatch.setattr(clock, "business_now", lambda: NINE)
    freeze_orders(0)
    with permitted("factory"), tenancy.scope({authority.pk}):
        Absence.objects.create(authority=authority, reservation=reserved[1], cause="other", told_at=NINE)
    agent.opens("/dammartin/cuisine/")
    agent.sees("−1 repas, −1 sans porc")
    looks_at_every_size(agent)
    agent.opens(f"/dammartin/cuisine/{TUESDAY}/")
    looks_at_every_size(agent)
    agent.clicks_on(page.get_by_role("button", name="Envoyer un rectificatif"))
    agent.sees("Rectificatif enregistré pour 1 lieu")
    with tenancy.scope({authority.pk}):
        assert KitchenOrder.objects.filter(date=TUESDAY, revision=2, meals=2).count() == 1

    monkeypatch.setattr(clock, "business_now", lambda: NOON)
    agent.clicks_on(page.get_by_role("link", name="Listes"))
    agent.sees("CE1 · École des Lilas")
    looks_at_every_size(agent)
    agent.clicks_on(page.get_by_role("link", name="Par option"))
    agent.sees("Minibus")
    agent.opens("/dammartin/journee/presences/")
    agent.clicks_on(page.get_by_role("link", name="Évacuation"))
    agent.sees("3 enfants à compter")
    looks_at_every_size(agent)
