"""Paying invoices, the list of payments and the wallet, without scripts."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from pypdf import PdfReader

from marelle.domain.accounts.models import User
from marelle.domain.billing.models import PayerAccount
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.payments.gateways import Result
from marelle.domain.payments.models import PaymentAttempt, PaymentSettings
from marelle.domain.payments.operations.receipts import give_receipt
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.conftest import MONDAY_MORNING
from tests.domain.payments_town import PaperGateway
from tests.factories.invoices import issue_invoice, make_regie, payer_of
from tests.factories.town import make_authority, make_family, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


def text_of(response) -> str:
    found = BeautifulSoup(response.content, "html.parser")
    return " ".join(found.get_text(" ").replace("\N{NO-BREAK SPACE}", " ").split())


def open_online(regie, **fields):
    values = {"gateway": "payfip", "mode": "production", "number": f"{regie.pk:06d}", **fields}
    with permitted("factory"), tenancy.scope({regie.authority_id}):
        return PaymentSettings.objects.create(authority_id=regie.authority_id, regie=regie, **values)


@pytest.fixture
def paper(settings):
    gateway = PaperGateway()
    settings.GATEWAYS = {"payfip": gateway}
    return gateway


@pytest.fixture
def user(family_site):
    user = make_user("pauline@exemple.fr")
    family_site.force_login(user)
    return user


@pytest.fixture
def town(user):
    return make_authority("Collectivité Démo")


@pytest.fixture
def family(town, user):
    return make_family(town, "Claironi", user=user)


@pytest.fixture
def regie(town, paper):
    regie = make_regie(town)
    open_online(regie)
    return regie


def put_in_wallet(family, regie, cents, *, at=MONDAY_MORNING):
    payer = payer_of(family, regie)
    with tenancy.scope({family.authority_id}):
        posting = record_payment(payer, cents=cents, means="cash", date=at.date(), spills=False, by=SYSTEM, at=at)
        return give_receipt(posting, label="Avance", by=SYSTEM, at=at)


def attempts(*authorities):
    with tenancy.scope({one.pk for one in authorities}):
        return list(PaymentAttempt.objects.order_by("position", "pk").select_related("regie", "authority"))


def chooses(site, town, *invoices):
    return site.get(f"/{town.slug}/factures/payer/", {"facture": [one.public_id for one in invoices]})


def pays(site, town, *invoices, **more):
    fields = {"facture": [one.public_id for one in invoices], **more}
    return site.post(f"/{town.slug}/factures/payer/", fields)


def test_two_invoices_of_a_regie_are_one_payment(family_site, town, family, regie, paper):
    first, second = issue_invoice(family, regie, cents=8240), issue_invoice(family, regie, cents=3280)

    page = chooses(family_site, town, first, second)
    assert "Payer 115,20 €" in text_of(page)
    assert "115,20 € sur le site de PayFiP, de la direction générale des finances publiques." in text_of(page)
    away = pays(family_site, town, first, second)

    assert away["Location"].startswith("https://paiement.exemple.fr/")
    (attempt,) = attempts(town)
    assert attempt.cents == 11520
    with tenancy.scope({town.pk}):
        paper.says(attempt, Result.PAID)
    back = family_site.get(f"/paiement/{attempt.token}/retour/", follow=True)
    assert "C’est payé" in text_of(back)
    assert f"Facture {first.number}, Cantine, octobre 2026" in text_of(back)
    assert "Payée le 23 novembre 2026" in text_of(family_site.get(f"/{town.slug}/factures/payees/"))


def test_invoices_of_two_towns_are_two_payments_one_after_the_other(family_site, family, regie, user, paper):
    town = family.authority
    elsewhere = make_authority("Commune de JolieVille")
    other = make_regie(elsewhere, "Régie périscolaire")
    open_online(other)
    first = issue_invoice(family, regie, cents=8240)
    second = issue_invoice(make_family(elsewhere, "Claironi", user=user), other, cents=8200)

    said = text_of(chooses(family_site, town, first, second))
    assert "Chaque commune a sa propre caisse" in said
    assert "Commencer : payer 82,40 €" in said
    pays(family_site, town, first, second)
    one, two = attempts(town, elsewhere)
    assert one.checkout == two.checkout
    with tenancy.every_authority():
        paper.says(one, Result.PAID)
    back = family_site.get(f"/paiement/{one.token}/retour/", follow=True)
    assert "Il reste un paiement" in text_of(back)
    assert "Payer maintenant 82,00 € à la régie périscolaire" in text_of(back)
    away = family_site.post(f"/{town.slug}/paiements/{one.checkout}/payer/", {"paiement": two.public_id})
    assert away["Location"].startswith("https://paiement.exemple.fr/")
    with tenancy.every_authority():
        paper.says(two, Result.PAID)
    back = family_site.get(f"/paiement/{two.token}/retour/")
    assert back["Location"].startswith(f"http://famille.localhost/{elsewhere.slug}/paiements/")
    assert "C’est payé" in text_of(family_site.get(back["Location"]))


def test_a_part_is_paid_where_the_regie_takes_parts(family_site, town, family, paper):
    regie = make_regie(town)
    open_online(regie, takes_part_payments=True)
    invoice = issue_invoice(family, regie, cents=8240)

    assert "Je paie maintenant" in text_of(chooses(family_site, town, invoice))
    pays(family_site, town, invoice, **{f"montant.{invoice.public_id}": "30,00"})

    (attempt,) = attempts(town)
    assert attempt.cents == 3000
    with tenancy.scope({town.pk}):
        paper.says(attempt, Result.PAID)
    family_site.get(f"/paiement/{attempt.token}/avis/")
    assert "Déjà réglé 30,00 €, reste 52,40 €." in text_of(family_site.get(f"/{town.slug}/factures/"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0", "Indiquez un montant, 82,40 € au plus."),
        ("82,41", "Indiquez un montant, 82,40 € au plus."),
        ("beaucoup", "Indiquez un montant, 82,40 € au plus."),
        ("0,50", "Le paiement en ligne commence à 1,00 €"),
    ],
)
@pytest.mark.usefixtures("paper")
def test_an_amount_that_is_not_one_is_said_beside_its_field(family_site, town, family, typed, said):
    regie = make_regie(town)
    open_online(regie, takes_part_payments=True)
    invoice = issue_invoice(family, regie, cents=8240)

    answer = pays(family_site, town, invoice, **{f"montant.{invoice.public_id}": typed})

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert attempts(town) == []


def test_where_no_parts_are_taken_what_is_typed_is_not_read(family_site, town, family, regie):
    invoice = issue_invoice(family, regie, cents=8240)

    pays(family_site, town, invoice, **{f"montant.{invoice.public_id}": "1,00"})

    assert [one.cents for one in attempts(town)] == [8240]


def test_a_till_that_is_not_open_online_keeps_its_words_beside_the_one_that_is(family_site, town, family, regie):
    desk = make_regie(town, "Régie jeunesse")
    online, at_desk = issue_invoice(family, regie, cents=8240), issue_invoice(family, desk, cents=1000)

    said = text_of(chooses(family_site, town, online, at_desk))
    assert "Ce qui ne se paie pas ici" in said
    assert "Référence à rappeler" in said
    assert "Par chèque, à l’ordre du Trésor public." in said
    pays(family_site, town, online, at_desk)

    assert [one.cents for one in attempts(town)] == [8240]


def test_below_the_smallest_amount_the_wallet_or_the_desk_is_proposed(family_site, town, family, regie):
    small = issue_invoice(family, regie, cents=80)

    said = text_of(chooses(family_site, town, small))
    assert "Le paiement en ligne commence à 1,00 € : utilisez votre porte-monnaie, ou payez au guichet." in said
    put_in_wallet(family, regie, 500)
    assert "Payer avec mon porte-monnaie" in text_of(chooses(family_site, town, small))
    done = pays(family_site, town, small, from_wallet="on")

    assert "0,80 € pris sur votre porte-monnaie." in text_of(family_site.get(done["Location"]))


def test_a_wallet_that_its_family_keeps_pays_a_part_when_asked(family_site, town, family, regie):
    put_in_wallet(family, regie, 2000)
    with permitted("test"), tenancy.scope({town.pk}):
        PayerAccount.objects.update(keeps_wallet=True)
    invoice = issue_invoice(family, regie, cents=8240)

    page = chooses(family_site, town, invoice)
    assert "Utiliser mon porte-monnaie : 20,00 €" in text_of(page)
    assert not BeautifulSoup(page.content, "html.parser").find("input", {"name": "from_wallet"}).has_attr("checked")
    pays(family_site, town, invoice, from_wallet="on")

    assert [one.cents for one in attempts(town)] == [6240]


def test_what_is_being_paid_is_said_with_its_time_and_may_be_resumed(family_site, town, family, regie):
    invoice = issue_invoice(family, regie, cents=8240)
    pays(family_site, town, invoice)
    (attempt,) = attempts(town)

    page = family_site.get(f"/{town.slug}/factures/")
    assert "Un paiement a commencé à 8 h. Reprendre" in text_of(page)
    assert BeautifulSoup(page.content, "html.parser").find("input", {"name": "facture"}) is None
    again = chooses(family_site, town, invoice)
    assert "Un paiement a commencé à 8 h. Reprendre" in text_of(again)
    with clock.visiting(MONDAY_MORNING + timedelta(seconds=5)):
        answer = pays(family_site, town, invoice)
    assert answer["Location"] == f"https://paiement.exemple.fr/?idop={attempt.provider_id}"
    with clock.visiting(MONDAY_MORNING + timedelta(minutes=5)):
        later = pays(family_site, town, invoice)
    assert later["Location"] == f"/{town.slug}/paiements/{attempt.checkout}/?terminee=1"
    with clock.visiting(MONDAY_MORNING + timedelta(minutes=45)):
        much_later = pays(family_site, town, invoice)
    assert much_later.status_code == 409
    assert "Un paiement a commencé à 8 h. Reprendre" in text_of(much_later)
    assert [one.pk for one in attempts(town)] == [attempt.pk]


def test_a_gateway_that_does_not_answer_leaves_the_invoice_to_pay(family_site, town, family, regie, paper):
    invoice = issue_invoice(family, regie, cents=8240)
    paper.is_down = True

    answer = pays(family_site, town, invoice)

    assert answer.status_code == 503
    assert "Le service de paiement ne répond pas pour le moment." in text_of(answer)
    paper.is_down = False
    assert pays(family_site, town, invoice)["Location"].startswith("https://paiement.exemple.fr/")


class TestMyPayments:
    def test_what_was_paid_online_and_at_the_desk_with_the_receipts(self, family_site, town, family, regie, paper):
        desk = put_in_wallet(family, regie, 2500)
        invoice = issue_invoice(family, regie, cents=8240)
        with clock.visiting(MONDAY_MORNING + timedelta(hours=1)):
            pays(family_site, town, invoice)
            (attempt,) = attempts(town)
            with tenancy.scope({town.pk}):
                paper.says(attempt, Result.PAID)
            family_site.get(f"/paiement/{attempt.token}/avis/")

        said = text_of(family_site.get(f"/{town.slug}/paiements/"))

        assert f"Facture {invoice.number}" in said
        assert "Quittance n° 2026-0002" in said
        assert "Avance" in said
        assert "Payé, espèces" in said
        drawn = family_site.get(f"/{town.slug}/paiements/quittances/{desk.public_id}/")
        assert drawn["Content-Type"] == "application/pdf"
        assert "25,00" in PdfReader(BytesIO(drawn.content)).pages[0].extract_text()

    def test_none_yet(self, family_site, town, family):
        assert "Aucun paiement pour l’instant." in text_of(family_site.get(f"/{town.slug}/paiements/"))

    def test_a_neighbour_sees_no_payment_nor_receipt_of_ours(self, family_site, town, family, regie):
        desk = put_in_wallet(family, regie, 2500)
        neighbour = Client(headers={"host": "famille.localhost"})
        other = make_user()
        make_family(town, "Voisin", user=other)
        neighbour.force_login(other)

        assert "Aucun paiement" in text_of(neighbour.get(f"/{town.slug}/paiements/"))
        assert neighbour.get(f"/{town.slug}/paiements/quittances/{desk.public_id}/").status_code == 404
        assert "25,00" not in text_of(neighbour.get(f"/{town.slug}/porte-monnaie/"))

    def test_the_same_number_of_statements_for_one_and_for_twenty(
        self, family_site, town, family, regie, django_assert_max_num_queries
    ):
        counts = []
        for minutes in ((0,), range(1, 20)):
            # Each at its own minute: a page then holds both kinds, whatever their keys are.
            for minute in minutes:
                at = MONDAY_MORNING + timedelta(minutes=minute)
                with clock.visiting(at):
                    pays(family_site, town, issue_invoice(family, regie, cents=8240))
                put_in_wallet(family, regie, 100, at=at)
            family_site.get(f"/{town.slug}/paiements/")
            with django_assert_max_num_queries(14) as asked:
                family_site.get(f"/{town.slug}/paiements/")
            counts.append(len(asked.captured_queries))

        # Those of a moment come in the order of their keys: the second page may hold one kind alone, and ask less.
        assert counts[1] <= counts[0]


class TestTheWallet:
    def test_the_balance_and_the_last_movements(self, family_site, town, family, regie):
        put_in_wallet(family, regie, 2500)

        said = text_of(family_site.get(f"/{town.slug}/porte-monnaie/"))

        assert "Régie scolaire 25,00 €" in said
        assert "Versé par un paiement" in said
        assert "+ 25,00 €" in said

    def test_it_is_topped_up_where_the_regie_takes_it(self, family_site, town, family, paper):
        regie = make_regie(town)
        open_online(regie, has_top_up=True, low_balance_cents=500)

        said = text_of(family_site.get(f"/{town.slug}/porte-monnaie/"))
        assert "Il reste moins de 5,00 €." in said
        assert "À partir de 10,00 €. Vous payez sur le site de PayFiP" in said
        away = family_site.post(f"/{town.slug}/porte-monnaie/recharger/", {"regie": regie.code, "amount": "20,00"})

        assert away["Location"].startswith("https://paiement.exemple.fr/")
        (attempt,) = attempts(town)
        with tenancy.scope({town.pk}):
            paper.says(attempt, Result.PAID)
        back = family_site.get(f"/paiement/{attempt.token}/retour/", follow=True)
        assert "20,00 € sont sur votre porte-monnaie." in text_of(back)
        assert "Régie scolaire 20,00 €" in text_of(family_site.get(f"/{town.slug}/porte-monnaie/"))

    @pytest.mark.parametrize(
        ("amount", "said"),
        [
            ("5,00", "Indiquez de 10,00 € à 1 000,00 €."),
            ("2000", "Indiquez de 10,00 € à 1 000,00 €."),
            ("", "Indiquez un montant, par exemple 20,00."),
        ],
    )
    @pytest.mark.usefixtures("paper", "family")
    def test_an_amount_that_is_not_taken_is_said_beside_its_field(self, family_site, town, amount, said):
        regie = make_regie(town)
        open_online(regie, has_top_up=True)

        answer = family_site.post(f"/{town.slug}/porte-monnaie/recharger/", {"regie": regie.code, "amount": amount})

        assert answer.status_code == 422
        assert said in text_of(answer).replace("\N{NARROW NO-BREAK SPACE}", " ")
        assert attempts(town) == []

    def test_where_no_top_up_is_taken_there_is_no_form_and_a_forged_one_does_nothing(
        self, family_site, town, family, regie
    ):
        put_in_wallet(family, regie, 100)

        assert "Recharger" not in text_of(family_site.get(f"/{town.slug}/porte-monnaie/"))
        answer = family_site.post(f"/{town.slug}/porte-monnaie/recharger/", {"regie": regie.code, "amount": "20,00"})

        assert answer.status_code == 422
        assert attempts(town) == []

    def test_the_family_keeps_it_for_itself_then_not_any_more(self, family_site, town, family, regie):
        put_in_wallet(family, regie, 2500)
        address = f"/{town.slug}/porte-monnaie/garder/"

        page = family_site.post(address, {"regie": regie.code, "keeps": "on"}, follow=True)
        assert "Votre porte-monnaie ne sera utilisé que si vous le demandez." in text_of(page)
        with tenancy.scope({town.pk}):
            assert PayerAccount.objects.get().keeps_wallet
        family_site.post(address, {"regie": regie.code})
        with tenancy.scope({town.pk}):
            assert not PayerAccount.objects.get().keeps_wallet

    def test_nothing_in_it_yet(self, family_site, town, family):
        assert "Rien dans votre porte-monnaie." in text_of(family_site.get(f"/{town.slug}/porte-monnaie/"))


def test_the_sender_of_a_payment_is_the_account_that_pressed(family_site, town, family, regie, user):
    pays(family_site, town, issue_invoice(family, regie, cents=8240))

    (attempt,) = attempts(town)
    assert attempt.user_id == User.objects.get(pk=user.pk).pk
