"""Le règlement, as families read it: one line under the calendar, the whole on its page."""

from datetime import date

import pytest
from bs4 import BeautifulSoup

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Reglement
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.factories.town import make_authority, make_child, make_family, make_product, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def home(family_site):
    """Return a signed-in family's client, its authority and the product its child is enrolled in."""
    authority, user = make_authority(), make_user()
    meal = make_product(authority)
    make_child(make_family(authority, user=user), products=(meal,))
    family_site.force_login(user)
    return family_site, authority, meal


def words_of(response):
    page = BeautifulSoup(response.content, "html.parser").find("main")
    return " ".join(page.get_text(" ").split()).replace("\N{NO-BREAK SPACE}", " ")


def test_the_rule_of_each_product_stands_in_one_line_under_the_calendar(home):
    client, authority, meal = home

    response = client.get(f"/{authority.slug}/reservations/")

    assert "Repas : se réserve le jour de classe précédent avant 9 h. S’annule dans le même délai." in words_of(
        response
    )
    assert f'href="/{authority.slug}/reglements/{meal.public_id}/"' in response.content.decode()


def test_the_whole_reglement_is_a_page_away(home):
    client, authority, meal = home

    words = words_of(client.get(f"/{authority.slug}/reglements/{meal.public_id}/"))

    assert "La limite pour réserver est celle-ci : le jour de classe précédent avant 9 h." in words
    assert "Absences et maladie" in words


def test_a_product_whose_reglement_is_not_recorded_says_so(home):
    client, authority, meal = home
    with permitted("test"), tenancy.scope({authority.pk}):
        Reglement.objects.update(valid_from=date(2040, 1, 1))
        Authority.objects.filter(pk=authority.pk).update(catalog_version=99)

    assert "Pas de règlement ici." in words_of(client.get(f"/{authority.slug}/reglements/{meal.public_id}/"))
    assert "Les délais" not in words_of(client.get(f"/{authority.slug}/reservations/"))


def test_a_product_of_another_authority_is_not_found(home):
    client, authority, _meal = home
    other = make_product(make_authority("Ailleurs"))

    assert client.get(f"/{authority.slug}/reglements/{other.public_id}/").status_code == 404
