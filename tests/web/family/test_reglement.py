"""Le règlement, as families read it: one line under the calendar, the whole on its page."""

from datetime import UTC, date, datetime

import pytest
from bs4 import BeautifulSoup

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Reglement, Tariff
from marelle.domain.families.models import Family, FamilyQuotient
from marelle.domain.reservations.models import Enrollment
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


BANDS = {
    "price": {
        "by": "quotient",
        "bands": [
            {"up_to": 600, "price": "1,20"},
            {"up_to": 1200, "price": {"by": "rank_present", "prices": ["3,10", "2,80"]}},
        ],
    }
}


def vote(authority, product, rules):
    with permitted("test"), tenancy.scope({authority.pk}):
        Tariff.objects.filter(product=product).update(rules=rules)
        Authority.objects.filter(pk=authority.pk).update(catalog_version=99)


def give_quotient(authority, cents):
    with permitted("test"), tenancy.scope({authority.pk}):
        FamilyQuotient.objects.create(
            authority=authority,
            family=Family.objects.get(),
            value_cents=cents,
            valid_from=date(2026, 9, 1),
            source="typed",
            recorded_at=datetime(2026, 9, 1, tzinfo=UTC),
        )


class TestWhatItCosts:
    def read(self, home):
        client, authority, meal = home
        return client.get(f"/{authority.slug}/reglements/{meal.public_id}/")

    def test_the_tariff_is_on_the_same_page(self, home):
        words = words_of(self.read(home))

        assert "Combien ça coûte" in words
        assert "Lucia : 3,85 € par repas" in words
        assert "Le prix est de 3,85 €." in words
        assert "Délibération 2026-31" in words

    def test_the_family_s_own_line_is_marked_in_words(self, home):
        vote(*home[1:], BANDS)
        give_quotient(home[1], 74_200)

        response = self.read(home)

        words = words_of(response)
        assert "Votre quotient : 742" in words
        assert "Lucia : 3,10 € par repas Quotient 742 → tranche 2" in words
        assert "seul de votre foyer à venir ce jour" in words
        assert "Tranche 2 : plus de 600, jusqu’à 1 200 votre tranche" in words
        assert words.count("votre tranche") == 1

    def test_it_is_marked_in_a_table_too(self, home):
        bands = [{"up_to": 600, "price": "1,20"}, {"up_to": 1200, "price": "3,10"}, {"name": "12", "price": "4,60"}]
        vote(*home[1:], {"price": {"by": "quotient", "bands": bands}})
        give_quotient(home[1], 74_200)

        (own,) = BeautifulSoup(self.read(home).content, "html.parser").select(".tariff tr.own")

        assert own.find("th").get_text().endswith("votre tranche")
        assert "plus de 600" in own.get_text()

    @pytest.mark.parametrize(
        ("quotient", "said"),
        [(None, "La mairie n’a pas votre quotient familial"), (200_000, "Aucune tranche ne va jusqu’à votre quotient")],
    )
    def test_no_price_says_why(self, home, quotient, said):
        vote(*home[1:], BANDS)
        if quotient is not None:
            give_quotient(home[1], quotient)

        assert said in words_of(self.read(home))

    def test_a_family_whose_quotient_nobody_knows_is_told_that_it_may_change_its_price(self, home):
        bands = [{"up_to": 600, "price": "1,20"}, {"price": "4,60"}]
        inside = {"by": "quotient", "missing": "highest", "bands": bands}
        vote(*home[1:], {"price": {"by": "rank", "prices": [inside, "1,00"]}, "components": [{"code": "7067"}]})

        words = words_of(self.read(home))

        assert "Lucia : 4,60 € par repas" in words
        assert "La mairie n’a pas votre quotient familial. Le lui donner peut changer votre prix." in words
        assert "7067" not in words
        give_quotient(home[1], 0)
        assert "Le lui donner" not in words_of(self.read(home))

    def test_a_family_without_a_child_there_reads_the_tariff_alone(self, home):
        with permitted("test"), tenancy.scope({home[1].pk}):
            Enrollment.objects.all().delete()

        words = words_of(self.read(home))

        assert "Le prix est de 3,85 €." in words
        assert "Lucia" not in words

    def test_a_tariff_that_cannot_be_read_is_not_shown(self, home):
        vote(*home[1:], {"price": 3})

        assert "Combien ça coûte" not in words_of(self.read(home))
