"""Mes factures on the invoices site: all those of an account, at every authority that has joined."""

from __future__ import annotations

import re
from datetime import date

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache

from marelle.domain.billing.operations.hiding import hide_invoice
from marelle.domain.payments.gateways import Result
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.web.invoices import wording
from tests.conftest import MONDAY_MORNING
from tests.factories.imported import import_invoice
from tests.factories.invoices import issue_invoice, make_regie, pay
from tests.factories.town import make_family, make_user
from tests.web.invoices.conftest import Town, attempts, open_online, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def site(invoices_site, town):
    invoices_site.force_login(town.user)
    return invoices_site


def rows_of(response):
    """Return what each invoice of a list says, by its name in addresses."""
    page = BeautifulSoup(response.content, "html.parser")
    return {
        one["id"]: [
            " ".join(part.get_text(" ").split())
            for part in one.select(".invoice-title, .invoice-sum, .invoice-rest .small, .tag")
        ]
        for one in page.select("li.invoice[id]")
    }


class TestTheList:
    def test_it_holds_those_of_every_family_and_authority_that_has_joined(self, site, town):
        other = Town("JolieVille", user=town.user)
        cousins = make_family(town.authority, "Cassereau", user=town.user)
        third = issue_invoice(cousins, town.regie, cents=1500)

        page = site.get("/mes-factures/")

        assert set(rows_of(page)) == {f"f-{one.public_id}" for one in (town.invoice, other.invoice, third)}
        assert "Factures à payer (3)" in text_of(page)

    def test_one_that_has_not_joined_is_named_and_its_invoices_are_left_to_the_family_space(self, site, town):
        silent = Town("Silence", user=town.user, online_from=None)

        page = site.get("/mes-factures/")

        assert f"f-{silent.invoice.public_id}" not in rows_of(page)
        assert "Silence Cette collectivité n’a pas rejoint ce service" in text_of(page)
        assert site.get(f"/{silent.authority.slug}/factures/{silent.invoice.public_id}/").status_code == 404
        assert site.get(f"/{silent.authority.slug}/factures/{silent.invoice.public_id}/pdf/").status_code == 404

    def test_each_row_says_just_what_the_family_space_says(self, site, family_site, town):
        for cents, paid in ((2000, 500), (3000, 3000), (4000, 0)):
            one = issue_invoice(town.family, town.regie, cents=cents)
            if paid:
                pay(one, paid, on=date(2026, 11, 20))
        family_site.force_login(town.user)
        slug = town.authority.slug

        for here, there in (("/mes-factures/", "factures/"), ("/mes-factures/payees/", "factures/payees/")):
            assert rows_of(site.get(here)) == rows_of(family_site.get(f"/{slug}/{there}"))
        assert len(rows_of(site.get("/mes-factures/"))) == 3

    def test_what_is_hidden_there_is_hidden_here_until_asked_for(self, site, town):
        with tenancy.scope({town.authority.pk}):
            hide_invoice(town.invoice, user=town.user.pk, by=SYSTEM, at=MONDAY_MORNING)

        assert "Voir les factures masquées (1)" in text_of(site.get("/mes-factures/"))
        assert rows_of(site.get("/mes-factures/")) == {}
        assert rows_of(site.get("/mes-factures/?masquees=1"))

    def test_nobody_elses(self, invoices_site, town):
        invoices_site.force_login(make_user("voisine@exemple.fr"))

        assert "Aucune facture à payer ici" in text_of(invoices_site.get("/mes-factures/"))
        assert invoices_site.get(f"/{town.authority.slug}/factures/{town.invoice.public_id}/").status_code == 404

    def test_it_asks_as_few_questions_for_many_families_and_invoices(self, site, town, django_assert_max_num_queries):
        for number in range(4):
            Town(f"Commune {number}", user=town.user)
            issue_invoice(town.family, town.regie, cents=1000 + number)

        with django_assert_max_num_queries(12):
            site.get("/mes-factures/")


class TestOneOfThem:
    def test_its_detail_its_document_and_no_reglement_that_is_not_here(self, site, town):
        address = f"/{town.authority.slug}/factures/{town.invoice.public_id}/"

        page = site.get(address)

        assert "Reste à payer" in text_of(page)
        assert "reglements" not in page.content.decode()
        assert f'href="/mes-factures/payer/?facture={town.invoice.public_id}"' in page.content.decode()
        assert site.get(f"{address}pdf/")["Content-Type"] == "application/pdf"

    def test_under_another_authority_it_is_nothing(self, site, town):
        other = Town("JolieVille", user=town.user)

        assert site.get(f"/{other.authority.slug}/factures/{town.invoice.public_id}/").status_code == 404


class TestPaying:
    def test_several_of_a_regie_are_one_payment_that_comes_back_here(self, site, town, paper):
        second = issue_invoice(town.family, town.regie, cents=1760)
        chosen = {"facture": [town.invoice.public_id, second.public_id]}
        assert "Payer 100,00 €" in text_of(site.get("/mes-factures/payer/", chosen))

        away = site.post("/mes-factures/payer/", chosen)

        assert away["Location"].startswith("https://paiement.exemple.fr/")
        (attempt,) = attempts()
        assert (attempt.cents, attempt.user_id) == (10000, town.user.pk)
        (order,) = paper.orders.values()
        assert order.return_url.startswith("http://factures.localhost/paiement/")
        with tenancy.every_authority():
            paper.says(attempt, Result.PAID)
        back = site.get(f"/paiement/{attempt.token}/retour/", follow=True)
        assert "C’est payé Un courriel confirme ce paiement." in text_of(back)
        assert len(rows_of(site.get("/mes-factures/payees/"))) == 2

    def test_one_begun_at_the_families_goes_on_here(self, site, family_site, town, paper):
        family_site.force_login(town.user)
        family_site.post(f"/{town.authority.slug}/factures/payer/", {"facture": [town.invoice.public_id]})
        (attempt,) = attempts()

        page = site.get("/mes-factures/")

        assert "Un paiement a commencé à 8 h" in text_of(page)
        assert f'href="/{town.authority.slug}/paiements/{attempt.checkout}/"' in page.content.decode()
        assert "Paiement en cours" in text_of(site.get(f"/{town.authority.slug}/paiements/{attempt.checkout}/"))

    def test_what_is_paid_ahead_is_followed_at_the_families_alone(self, site, family_site, town):
        leisure = make_regie(town.authority, "Régie loisirs")
        open_online(leisure, has_top_up=True)
        family_site.force_login(town.user)
        fields = {"regie": leisure.code, "amount": "20,00"}
        family_site.post(f"/{town.authority.slug}/porte-monnaie/recharger/", fields)
        (attempt,) = attempts()
        address = f"/{town.authority.slug}/paiements/{attempt.checkout}/"

        assert family_site.get(address).status_code == 200
        assert site.get(address).status_code == 404


class TestAdding:
    @pytest.fixture
    def water(self, town):
        return import_invoice(town.regie)

    def adds(self, site, invoice, amount="82,40"):
        return site.post("/mes-factures/ajouter/", {"reference": invoice.number, "amount": amount}, follow=True)

    def test_an_imported_one_comes_in_with_those_that_follow_of_the_same_customer(self, site, town, water):
        assert "cette facture est dans vos factures" in text_of(self.adds(site, water))
        next_one = import_invoice(town.regie, reference="EAU-2027-12", cents=9100)

        page = site.get("/mes-factures/")

        assert rows_of(page).keys() >= {f"f-{water.public_id}", f"f-{next_one.public_id}"}
        assert "Eau, 3e trimestre 2026" in text_of(page)
        assert "déjà dans vos factures" in text_of(self.adds(site, water))

    def test_it_is_paid_and_its_receipt_is_hers(self, site, town, water, paper):
        self.adds(site, water)
        site.post("/mes-factures/payer/", {"facture": [water.public_id]})
        (attempt,) = attempts()
        with tenancy.every_authority():
            paper.says(attempt, Result.PAID)

        back = site.get(f"/paiement/{attempt.token}/retour/", follow=True)

        assert "C’est payé" in text_of(back)
        (url,) = set(re.findall(r"/[\w-]+/paiements/quittances/\w+/", back.content.decode()))
        assert site.get(url)["Content-Type"] == "application/pdf"
        assert f"f-{water.public_id}" in rows_of(site.get("/mes-factures/payees/"))

    def test_it_is_added_from_its_page_too(self, site, town, water):
        page = site.post("/payer/", {"reference": water.number, "amount": "82,40"}, follow=True)
        assert "Ajouter à mes factures" in text_of(page)

        site.post(f"/payer/{water.public_id}/ajouter/")

        assert f"f-{water.public_id}" in rows_of(site.get("/mes-factures/"))

    def test_who_is_not_signed_in_is_asked_to_be_first(self, invoices_site, town, water):
        invoices_site.post("/payer/", {"reference": water.number, "amount": "82,40"})

        answer = invoices_site.post(f"/payer/{water.public_id}/ajouter/")

        assert answer["Location"].startswith("/compte/connexion/")

    def test_one_of_another_family_is_paid_and_not_added(self, invoices_site, town):
        stranger = make_user("voisine@exemple.fr")
        invoices_site.force_login(stranger)

        page = invoices_site.post("/mes-factures/ajouter/", town.pair, follow=True)

        assert "Cette facture est adressée à une famille" in text_of(page)
        assert "Payer 82,40 €" in text_of(page)
        assert rows_of(invoices_site.get("/mes-factures/")) == {}

    def test_a_wrong_pair_adds_nothing_and_counts_as_any_other(self, site, town, water):
        cache.clear()
        for _turn in range(10):
            answer = site.post("/mes-factures/ajouter/", {"reference": water.number, "amount": "1,00"})
            assert answer.status_code == 422
            assert str(wording.WRONG_PAIR) in text_of(answer)

        assert site.post("/payer/", {"reference": water.number, "amount": "82,40"}).status_code == 429

    def test_its_document_is_that_of_its_software(self, site, town):
        drawn = import_invoice(town.regie, reference="EAU-2", documents={"EAU-2": b"%PDF-1.7 eau"})
        self.adds(site, drawn)

        answer = site.get(f"/{town.authority.slug}/factures/{drawn.public_id}/pdf/")

        assert answer.content == b"%PDF-1.7 eau"

    def test_without_a_document_none_is_offered(self, site, town, water):
        self.adds(site, water)
        address = f"/{town.authority.slug}/factures/{water.public_id}/"

        assert f"{address}pdf/" not in site.get("/mes-factures/").content.decode()
        assert f"{address}pdf/" not in site.get(address).content.decode()
        assert site.get(f"{address}pdf/").status_code == 404
