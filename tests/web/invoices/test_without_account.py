"""Paying an invoice without an account: what opens it, what it says, what is paid, and what a guess learns."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marelle.domain.payments.gateways import Result, Trouble
from marelle.foundation import clock, tenancy
from marelle.web.invoices import wording
from tests.factories.invoices import issue_invoice, make_regie, pay, recover
from tests.factories.town import make_authority, make_child, make_family
from tests.web.invoices.conftest import Town, attempts, open_online, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


def open_page(site, pair):
    """Type a pair; return the page of the invoice."""
    return site.post("/payer/", pair, follow=True)


def begins(site, town, **fields):
    """Open an invoice and press Payer; return the answer."""
    open_page(site, town.pair)
    return site.post(f"/payer/{town.invoice.public_id}/", fields)


def paid_by(paper, attempt):
    with tenancy.every_authority():
        paper.says(attempt, Result.PAID)


class TestOpening:
    def test_the_pair_opens_what_is_asked_for_and_nobodys_name(self, invoices_site, town):
        lucia = make_child(town.family, "Lucia")
        town.invoice = issue_invoice(town.family, town.regie, cents=8240, child=lucia, payer="CLAIRONI PAULINE")

        said = text_of(open_page(invoices_site, town.pair))

        for words in ("Commune d’Essai", "Cantine, octobre 2026", "82,40 €", "5 décembre 2026", "Payer 82,40 €"):
            assert words in said
        for name in ("Claironi", "CLAIRONI", "PAULINE", "Lucia"):
            assert name not in said

    @pytest.mark.parametrize("amount", ["82,40", "82.40", "82,40 €", " 82,40\N{NO-BREAK SPACE}€"])
    def test_the_amount_is_read_as_people_write_it(self, invoices_site, town, amount):
        assert "Payer 82,40 €" in text_of(open_page(invoices_site, town.pair | {"amount": amount}))

    def test_the_address_opens_nothing_in_another_browser(self, invoices_site, town):
        open_page(invoices_site, town.pair)
        other = Client(headers={"host": "factures.localhost"}).get(f"/payer/{town.invoice.public_id}/")

        assert other.status_code == 303
        assert other["Location"] == "/payer/?encore=1"

    def test_what_was_opened_shuts_after_half_an_hour(self, invoices_site, town, monkeypatch):
        open_page(invoices_site, town.pair)
        later = clock.machine_now() + timedelta(minutes=31)
        monkeypatch.setattr(clock, "machine_now", lambda: later)

        answer = invoices_site.get(f"/payer/{town.invoice.public_id}/", follow=True)

        assert "Redonnez la référence et le montant" in text_of(answer)

    def test_what_is_paid_is_said_to_who_has_the_pair(self, invoices_site, town):
        pay(town.invoice, 8240, on=date(2026, 11, 20))

        said = text_of(open_page(invoices_site, town.pair))

        assert "Déjà payée" in said
        assert "depuis le 20 novembre 2026" in said
        assert "Payer 82,40 €" not in said
        assert invoices_site.post(f"/payer/{town.invoice.public_id}/").status_code == 409
        assert attempts() == []

    def test_what_the_tresor_has_is_not_paid_here(self, invoices_site, town):
        recover(town.invoice)

        assert "remise au Trésor public" in text_of(open_page(invoices_site, town.pair))
        assert invoices_site.post(f"/payer/{town.invoice.public_id}/").status_code == 409

    def test_what_the_gateway_does_not_take_says_where_to_pay(self, invoices_site, town):
        small = issue_invoice(town.family, town.regie, cents=50)

        said = text_of(open_page(invoices_site, {"reference": small.public_reference, "amount": "0,50"}))

        assert "En espèces, au guichet." in said


class TestWrongPairs:
    def every_wrong_pair(self, town):
        """Return pairs that open nothing, each for another reason."""
        silent = Town("Silence", user=town.user, online_from=None)
        in_test = make_regie(make_authority("En essai"), "Régie d’essai")
        open_online(in_test, mode="test")
        tried = issue_invoice(make_family(in_test.authority, "Voisin"), in_test, cents=1200)
        paid = issue_invoice(town.family, town.regie, cents=900)
        pay(paid, 900, on=date(2026, 11, 20))
        return {
            "another amount": town.pair | {"amount": "82,41"},
            "of what is paid": {"reference": paid.public_reference, "amount": "9,01"},
            "nobody's": {"reference": "7KQ2-M9XD-4TRB5", "amount": "82,40"},
            "a slip of the finger": town.pair | {"reference": town.invoice.public_reference[:-1] + "?"},
            "a number of ours": {"reference": town.invoice.number, "amount": "82,40"},
            "not joined": silent.pair,
            "in test": {"reference": tried.public_reference, "amount": "12,00"},
        }

    def test_each_gets_the_same_words_status_and_statements(self, invoices_site, town):
        seen = {}
        for why, pair in self.every_wrong_pair(town).items():
            cache.clear()
            with CaptureQueriesContext(connection) as asked:
                answer = invoices_site.post("/payer/", pair)
            assert str(wording.WRONG_PAIR) in text_of(answer)
            page = answer.content.decode()
            for typed in pair.values():
                page = page.replace(f'value="{typed}"', "")
            page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
            seen[why] = (answer.status_code, len(asked), page)

        first = seen["another amount"]
        assert first[0] == 422
        assert {why: one[:2] for why, one in seen.items()} == dict.fromkeys(seen, first[:2])
        assert {why for why, one in seen.items() if one[2] != first[2]} == set()

    def test_a_reference_is_tried_ten_times_an_hour_whatever_its_dashes(self, invoices_site, town):
        cache.clear()
        wrong = town.pair | {"amount": "1,00"}
        for turn in range(10):
            spelt = wrong["reference"].replace("-", " " if turn % 2 else "-").lower()
            assert invoices_site.post("/payer/", wrong | {"reference": spelt}).status_code == 422

        over = invoices_site.post("/payer/", town.pair)

        assert over.status_code == 429
        assert "Trop d’essais à la suite" in text_of(over)
        # Nor from another browser: it is the reference that is guessed.
        assert Client(headers={"host": "factures.localhost"}).post("/payer/", town.pair).status_code == 429

    def test_an_address_tries_thirty_times_an_hour_whatever_the_reference(self, invoices_site, town):
        cache.clear()
        for turn in range(30):
            assert invoices_site.post("/payer/", {"reference": f"F-{turn}", "amount": "1,00"}).status_code == 422

        assert invoices_site.post("/payer/", town.pair).status_code == 429
        cache.clear()
        assert invoices_site.post("/payer/", town.pair).status_code == 303

    @pytest.mark.parametrize(
        ("pair", "said"),
        [
            ({"reference": "", "amount": "1,00"}, wording.NO_REFERENCE),
            ({"reference": "x" * 41, "amount": "1,00"}, wording.NO_REFERENCE),
            ({"reference": "F-1", "amount": ""}, wording.BAD_AMOUNT),
            ({"reference": "F-1", "amount": "douze"}, wording.BAD_AMOUNT),
            ({"reference": "F-1", "amount": "-1,00"}, wording.BAD_AMOUNT),
        ],
    )
    def test_what_is_no_pair_is_said_beside_its_field(self, invoices_site, town, pair, said):
        answer = invoices_site.post("/payer/", pair)

        assert answer.status_code == 422
        assert str(said) in text_of(answer)


class TestPaying:
    def test_it_is_paid_and_shows_paid_at_once_in_the_family_space(self, invoices_site, family_site, town, paper):
        away = begins(invoices_site, town)
        assert away["Location"].startswith("https://paiement.exemple.fr/")
        (attempt,) = attempts()
        assert attempt.is_without_account
        assert attempt.cents == 8240
        paid_by(paper, attempt)

        back = invoices_site.get(f"/paiement/{attempt.token}/retour/", follow=True)

        assert "C’est payé" in text_of(back)
        assert "Gardez la quittance" in text_of(back)
        assert f"Facture {town.invoice.number}, Cantine, octobre 2026" in text_of(back)
        family_site.force_login(town.user)
        slug = town.authority.slug
        assert "Aucune facture à payer" in text_of(family_site.get(f"/{slug}/factures/"))
        assert "Payée le 23 novembre 2026" in text_of(family_site.get(f"/{slug}/factures/payees/"))

    def test_the_gateway_comes_back_to_this_site(self, invoices_site, town, paper):
        begins(invoices_site, town)

        (order,) = paper.orders.values()
        (attempt,) = attempts()
        assert order.return_url == f"http://factures.localhost/paiement/{attempt.token}/retour/"
        assert order.notify_url == f"http://factures.localhost/paiement/{attempt.token}/avis/"
        back = invoices_site.get(f"/paiement/{attempt.token}/retour/")
        assert back["Location"] == f"http://factures.localhost/{town.authority.slug}/paiements/{attempt.checkout}/"

    def test_the_receipt_is_for_this_browser_alone(self, invoices_site, town, paper):
        begins(invoices_site, town)
        (attempt,) = attempts()
        paid_by(paper, attempt)
        back = invoices_site.get(f"/paiement/{attempt.token}/retour/", follow=True)
        (url,) = set(re.findall(r"/[\w-]+/paiements/quittances/\w+/", back.content.decode()))

        drawn = invoices_site.get(url)

        assert drawn["Content-Type"] == "application/pdf"
        assert "no-store" in drawn["Cache-Control"]
        other = Client(headers={"host": "factures.localhost"})
        assert other.get(url)["Location"] == "/payer/?encore=1"
        assert other.get(f"/{town.authority.slug}/paiements/{attempt.checkout}/")["Location"] == "/payer/?encore=1"

    def test_an_address_receives_the_receipt_and_a_bad_one_is_said(self, invoices_site, town):
        wrong = begins(invoices_site, town, email="mamie@")
        assert wrong.status_code == 422
        assert str(wording.BAD_EMAIL) in text_of(wrong)
        assert attempts() == []

        begins(invoices_site, town, email="mamie@exemple.fr")

        (attempt,) = attempts()
        assert attempt.receipt_email == "mamie@exemple.fr"

    def test_a_refused_payment_says_so_and_begins_again(self, invoices_site, town, paper):
        begins(invoices_site, town)
        (attempt,) = attempts()
        with tenancy.every_authority():
            paper.says(attempt, Result.REFUSED)

        said = text_of(invoices_site.get(f"/paiement/{attempt.token}/retour/", follow=True))

        assert "Rien n’a été débité" in said
        assert "Cette facture reste à payer" in said
        assert begins(invoices_site, town).status_code == 303
        assert len(attempts()) == 2

    def test_a_payment_that_waits_is_asked_about_and_taken_up_again(self, invoices_site, town, paper):
        begins(invoices_site, town)
        (attempt,) = attempts()
        page = f"/{town.authority.slug}/paiements/{attempt.checkout}/"

        said = text_of(invoices_site.get(page))
        assert "Paiement en cours" in said
        assert "un courriel" not in said
        assert "Un paiement de cette facture a commencé à 8 h" in text_of(open_page(invoices_site, town.pair))
        paid_by(paper, attempt)
        invoices_site.post(f"{page}verifier/", {"paiement": attempt.public_id})
        assert "C’est payé" in text_of(invoices_site.get(page))

    def test_pressed_twice_it_is_one_payment(self, invoices_site, town):
        assert begins(invoices_site, town)["Location"] == begins(invoices_site, town)["Location"]
        assert len(attempts()) == 1

    def test_a_gateway_that_is_down_says_so_and_nothing_is_owed_twice(self, invoices_site, town, paper):
        paper.is_down = True
        answer = begins(invoices_site, town)

        assert answer.status_code == 503
        assert Trouble.UNAVAILABLE.value in text_of(answer)

    def test_who_joins_the_payment_of_an_account_sees_that_invoice_alone(self, invoices_site, family_site, town, paper):
        other = make_regie(town.authority, "Régie loisirs")
        open_online(other)
        second = issue_invoice(town.family, other, cents=2500, label="Centre, octobre 2026")
        family_site.force_login(town.user)
        chosen = [town.invoice.public_id, second.public_id]
        family_site.post(f"/{town.authority.slug}/factures/payer/", {"facture": chosen})

        begins(invoices_site, town)

        first, also = attempts()
        assert first.checkout == also.checkout
        said = text_of(invoices_site.get(f"/{town.authority.slug}/paiements/{first.checkout}/"))
        assert "Cantine, octobre 2026" in said
        assert "Centre" not in said
