"""A town opens its space from a page: what is wrong is said and kept as typed, and the link serves once."""

from datetime import timedelta

import pytest
from django.test import Client

from marelle.domain.authorities.models import Authority
from marelle.domain.onboarding.operations.opening import make_opening_link
from marelle.domain.onboarding.queries.opening import ForWhom
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from tests.factories.town import make_authority
from tests.web.office.conftest import HOST

pytestmark = [pytest.mark.django_db, pytest.mark.urls("marelle.config.urls_office")]
SAID = {
    "name": "Saint-Denis",
    "kind": "commune",
    "department": "93",
    "school_zone": "departement",
    "phone": "0148000010",
    "contact_email": "mairie@exemple.fr",
    "insee_code": "93066",
    "siret": "217 701 549 00016",
    "slug": "",
    "agent_name": "Ana Essai",
    "password": "quatre petits margouillats",
}


@pytest.fixture
def link():
    token = make_opening_link(ForWhom("ana@exemple.fr", "Ana Essai"), by=SYSTEM, at=clock.machine_now())
    return f"/ouvrir/{token}/"


@pytest.fixture
def somebody():
    return Client(HTTP_HOST=HOST)


def test_one_page_opens_the_town_and_then_says_where_to_sign_in(link, somebody):
    asked = somebody.get(link)
    assert "ana@exemple.fr" in asked.text
    assert asked["Cache-Control"] == "private, no-store"

    sent = somebody.post(link, SAID)

    assert (sent.status_code, sent["Location"]) == (303, link)
    town = Authority.objects.get()
    assert (town.slug, town.school_zone, town.phone) == ("saint-denis", "C", "01 48 00 00 10")
    assert (town.siret, town.is_open) == ("21770154900016", False)
    said = somebody.get(link)
    assert 'href="/saint-denis/' in said.text
    again = somebody.post(link, SAID)
    assert again.status_code == 409
    assert Authority.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("name", "", "Écrivez le nom de la collectivité."),
        ("department", "20", "Choisissez dans la liste."),
        ("phone", "12", "Écrivez un numéro"),
        ("siret", "217 701 549 00017", "celui-ci n’est pas juste"),
        ("insee_code", "ABCDE", "cinq signes"),
        ("slug", "ouvrir", "lettres sans accent"),
        ("password", "motdepasse", "mot de passe"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_kept(link, somebody, field, value, reason):
    answer = somebody.post(link, {**SAID, field: value})

    assert answer.status_code == 422
    assert reason in answer.text
    assert 'value="Ana Essai"' in answer.text
    assert SAID["password"] not in answer.text
    assert not Authority.objects.exists()


def test_a_name_that_another_town_has_is_refused(link, somebody):
    other = make_authority()

    answer = somebody.post(link, {**SAID, "slug": other.slug})

    assert answer.status_code == 409
    assert "déjà pris dans les adresses" in answer.text


def test_a_link_that_was_cut_or_that_is_forgotten_opens_nothing(link, somebody):
    assert somebody.get(link[:-3] + "/").status_code == 410

    make_opening_link(ForWhom(), by=SYSTEM, at=clock.machine_now() + timedelta(days=3))  # forgets those before

    assert somebody.post(link, SAID).status_code == 410
    assert not Authority.objects.exists()


def test_without_an_address_in_the_link_the_page_asks_for_it(somebody):
    token = make_opening_link(ForWhom(), by=SYSTEM, at=clock.machine_now())

    missing = somebody.post(f"/ouvrir/{token}/", SAID)
    done = somebody.post(f"/ouvrir/{token}/", {**SAID, "email": "Ana@Exemple.fr"})

    assert missing.status_code == 422
    assert done.status_code == 303
