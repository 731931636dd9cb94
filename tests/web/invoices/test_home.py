"""The first page, the authorities that have joined, and the pages that every site has."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories.invoices import make_regie
from tests.factories.town import make_authority, make_user
from tests.web.invoices.conftest import Town, open_online, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


def test_the_first_page_says_what_is_done_here_and_offers_both_ways(invoices_site, town):
    said = text_of(invoices_site.get("/"))

    assert "Payer une facture" in said
    assert "Vous avez déjà un compte Espace famille ? Utilisez les mêmes identifiants." in said
    assert "Commune d’Essai" in said
    assert "Espace famille" not in said.replace("compte Espace famille", "")


def test_who_is_signed_in_is_led_to_her_invoices(invoices_site, town):
    invoices_site.force_login(town.user)

    said = text_of(invoices_site.get("/"))

    assert "Voir mes factures" in said
    assert "Utilisez les mêmes identifiants" not in said


class TestWhoHasJoined:
    @pytest.fixture
    def towns(self, town):
        Town("Saint-Étienne-sur-Mer", user=town.user)
        Town("Plus Tard", user=town.user, online_from=date(2027, 1, 1))
        Town("Jamais", user=town.user, online_from=None)
        trying = make_regie(make_authority("En Essai"))
        open_online(trying, mode="test")
        make_regie(make_authority("Au Guichet"))

    @pytest.mark.usefixtures("towns")
    def test_only_those_that_can_be_paid_online_today(self, invoices_site):
        said = text_of(invoices_site.get("/collectivites/"))

        assert "Commune d’Essai Régie scolaire" in said
        assert "Saint-Étienne-sur-Mer" in said
        for name in ("Plus Tard", "Jamais", "En Essai", "Au Guichet"):
            assert name not in said

    @pytest.mark.usefixtures("towns")
    @pytest.mark.parametrize("typed", ["saint etienne", "ÉTIENNE", " sur-mer "])
    def test_a_name_is_found_whatever_its_accents(self, invoices_site, typed):
        said = text_of(invoices_site.get("/collectivites/", {"nom": typed}))

        assert "Saint-Étienne-sur-Mer" in said
        assert "Commune d’Essai" not in said

    def test_an_unknown_name_says_where_to_pay(self, invoices_site, town):
        said = text_of(invoices_site.get("/collectivites/", {"nom": "Brigadoon"}))

        assert "Aucune collectivité de ce nom n’a rejoint ce service." in said


@pytest.mark.parametrize("path", ["/aide/", "/contact/", "/donnees-personnelles/", "/nulle-part/"])
def test_the_pages_of_every_site_say_where_one_is(invoices_site, town, path):
    said = text_of(invoices_site.get(path))

    assert "Factures en ligne" in said
    assert "Votre panier" not in said


@pytest.mark.parametrize("path", ["/", "/payer/", "/collectivites/"])
def test_the_open_pages_ask_as_few_questions_for_many_authorities(
    invoices_site, town, path, django_assert_max_num_queries
):
    for number in range(6):
        Town(f"Commune {number}", user=make_user())

    with django_assert_max_num_queries(1):
        invoices_site.get(path)
