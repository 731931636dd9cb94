"""Valider and pay, without scripts: what is said before, where the browser goes, what it comes back to."""

from __future__ import annotations

import logging
import re
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.core import mail
from django.test import Client

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import PayerAccount
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.billing.operations.payers import open_account
from marelle.domain.catalog.models import Slot
from marelle.domain.payments.asking import order_of
from marelle.domain.payments.gateways import OrderRefusedError, Redirection, Result, Trouble
from marelle.domain.payments.models import PaymentAttempt, PaymentSettings
from marelle.domain.reservations.models import BasketLine, Confirmation, Enrollment, Reservation
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from marelle.jobs import tasks
from tests.conftest import MONDAY_MORNING
from tests.domain.household import FRIDAY, THURSDAY, TUESDAY
from tests.domain.payments_town import PayingHousehold
from tests.factories.town import make_authority, make_family, make_product, make_service, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
SITE = "sur le site de PayFiP, de la direction générale des finances publiques"


def text_of(response) -> str:
    found = BeautifulSoup(response.content, "html.parser")
    return " ".join(found.get_text(" ").replace("\N{NO-BREAK SPACE}", " ").split())


class Town:
    """A household whose browser is a client, and whose payments are answered on paper."""

    def __init__(self, client, settings):
        self.authority = make_authority()
        with tenancy.scope({self.authority.pk}):
            self.home = PayingHousehold(self.authority)
        self.client, self.paper, self.at = client, self.home.paper, f"/{self.authority.slug}"
        settings.GATEWAYS = self.home.gateways
        self.user = User.objects.get(pk=self.home.user)
        client.force_login(self.user)

    def wish(self, *days, product=None):
        with tenancy.scope({self.authority.pk}):
            self.home.wish_days(*days, product=product, at=MONDAY_MORNING)

    def page(self):
        return self.client.get(f"{self.at}/panier/")

    def valider(self, form=None, **more):
        if form is None:
            page = BeautifulSoup(self.page().content, "html.parser")
            form = {name: page.find("input", {"name": name})["value"] for name in ("key", "revision")}
        self.form = form
        return self.client.post(f"{self.at}/panier/valider/", {**form, **more})

    def attempts(self):
        with tenancy.scope({self.authority.pk}):
            return list(PaymentAttempt.objects.order_by("position", "pk").select_related("regie"))

    def attempt(self):
        (found,) = self.attempts()
        return found

    def says(self, result, attempt=None, **other):
        with tenancy.scope({self.authority.pk}):
            self.paper.says(attempt or self.attempt(), result, **other)

    def result(self, **query):
        return self.client.get(f"{self.at}/paiements/{self.attempts()[0].checkout}/", query)

    def press(self, what, attempt=None):
        attempt = attempt or self.attempts()[0]
        return self.client.post(f"{self.at}/paiements/{attempt.checkout}/{what}/", {"paiement": attempt.public_id})

    def states(self):
        with tenancy.scope({self.authority.pk}):
            return dict(Reservation.objects.order_by("pk").values_list("date", "state"))

    def put_in_wallet(self, cents):
        with tenancy.scope({self.authority.pk}):
            payer = open_account(self.home.family, self.home.regie, by=SYSTEM, at=MONDAY_MORNING)
            record_payment(payer, cents=cents, means="cash", date=MONDAY_MORNING.date(), by=SYSTEM, at=MONDAY_MORNING)

    def other_till(self, name="Régie sorties", gateway="payfip", cents=770):
        """A product that another régie cashes on booking, for the same child."""
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            regie = Regie.objects.create(
                authority=self.authority,
                code="zoo",
                name=name,
                how_to_pay="En espèces, au guichet.",
                online_from=date(2026, 9, 1),
            )
            PaymentSettings.objects.create(
                authority=self.authority, regie=regie, gateway=gateway, mode="production", number="654321"
            )
        service = make_service(self.authority, name="Sorties", payment_mode="prepaid", regie=regie)
        product = make_product(self.authority, service=service, name="Sortie", noun="sortie", price_cents=cents)
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            Enrollment.objects.create(
                authority=self.authority,
                child=self.home.child,
                activity_id=product.activity_id,
                starts_on=TUESDAY,
                ends_on=FRIDAY + timedelta(days=90),
            )
        return product


@pytest.fixture
def town(family_site, settings):
    return Town(family_site, settings)


def test_valider_leads_straight_to_the_payment_page_and_a_repeat_to_the_same(town):
    town.wish(TUESDAY, FRIDAY)

    first = town.valider()

    assert first.status_code == 303
    assert first["Location"].startswith("https://paiement.exemple.fr/?idop=idop-1-")
    (order,) = town.paper.orders.values()
    token = town.attempt().token
    assert order.cents == 2400
    assert order.notify_url == f"http://famille.localhost/paiement/{token}/avis/"
    assert order.return_url == f"http://famille.localhost/paiement/{token}/retour/"
    assert town.valider(town.form)["Location"] == first["Location"]
    assert len(town.paper.orders) == 1


def test_before_valider_what_is_paid_now_to_whom_by_which_site_and_what_is_recorded_anyway(town):
    town.wish(TUESDAY, FRIDAY)
    town.wish(THURSDAY, product=town.home.meal)

    said = text_of(town.page())

    assert f"24,00 € à la régie loisirs, {SITE}." in said
    assert "S’il n’aboutit pas, rien n’est débité et elles reviennent dans votre panier" in said
    assert "Enregistré dès « Valider » , quoi que devienne le paiement : 1 repas (Lucia)." in said
    assert "Valider et payer 24,00 €" in said
    assert "pas encore ouvert" not in said


def test_several_tills_are_said_in_their_order_then_paid_one_after_the_other(town):
    sortie = town.other_till()
    town.wish(TUESDAY)
    town.wish(FRIDAY, product=sortie)

    said = text_of(town.page())
    assert f"D’abord 12,00 € à la régie loisirs, {SITE}. Puis 7,70 € à la régie sorties, {SITE}." in said
    town.valider()
    first, second = town.attempts()
    town.says(Result.PAID, first)
    page = town.client.get(f"/paiement/{first.token}/retour/", follow=True)

    said = text_of(page)
    assert "Il reste un paiement" in said
    assert "Payer maintenant 7,70 € à la régie sorties" in said
    away = town.press("payer", second)
    assert away["Location"].startswith("https://paiement.exemple.fr/")
    town.says(Result.PAID, second)
    assert "C’est payé" in text_of(town.client.post(f"/paiement/{second.token}/retour/", follow=True))


def test_a_till_that_is_not_open_online_is_paid_at_the_desk_and_says_until_when(town):
    with permitted("test"), tenancy.scope({town.authority.pk}):
        PaymentSettings.objects.update(mode="activation")
    town.wish(TUESDAY)

    said = text_of(town.page())
    assert "À régler au guichet 12,00 €" in said
    assert "vos places sont gardées 72 h" in said
    assert "Valider mes changements" in said
    answer = town.valider()

    assert "/panier/confirmations/" in answer["Location"]
    assert "réglez au guichet" in text_of(town.client.get(answer["Location"]))
    said = text_of(town.result())
    assert "À régler au guichet de la régie loisirs" in said
    assert "Vos places sont gardées jusqu’au" in said


def test_the_wallet_pays_a_part_and_the_page_said_how_much(town):
    town.put_in_wallet(500)
    town.wish(TUESDAY)

    said = text_of(town.page())
    assert "Utiliser mon porte-monnaie : 5,00 €" in said
    assert "Valider et payer 7,00 €" in said
    assert "Valider et payer 12,00 €" in said
    town.valider(from_wallet="on")

    (order,) = town.paper.orders.values()
    assert order.cents == 700
    town.says(Result.PAID)
    assert "5,00 € pris sur votre porte-monnaie." in text_of(
        town.client.get(f"/paiement/{town.attempt().token}/retour/", follow=True)
    )


def test_the_wallet_pays_the_whole_and_nobody_is_sent_away(town):
    town.put_in_wallet(5000)
    town.wish(TUESDAY)

    assert "Valider et payer avec mon porte-monnaie" in text_of(town.page())
    answer = town.valider(from_wallet="on")

    assert town.paper.orders == {}
    assert "Réservé et payé" in text_of(town.client.get(answer["Location"], follow=True))


def test_a_wallet_that_is_kept_is_not_ticked(town):
    town.put_in_wallet(500)
    with permitted("test"), tenancy.scope({town.authority.pk}):
        PayerAccount.objects.update(keeps_wallet=True)
    town.wish(TUESDAY)

    box = BeautifulSoup(town.page().content, "html.parser").find("input", {"name": "from_wallet"})

    assert not box.has_attr("checked")


def test_a_gateway_that_does_not_answer_gives_the_places_back_and_says_so(town):
    town.wish(TUESDAY)
    town.wish(THURSDAY, product=town.home.meal)
    town.paper.is_down = True

    answer = town.valider()

    assert answer.status_code == 503
    said = text_of(answer)
    assert "Le paiement n’a pas pu commencer Le service de paiement ne répond pas pour le moment." in said
    assert "Vos places sont revenues dans ce panier. Vos autres changements sont enregistrés" in said
    assert town.states() == {TUESDAY: "cancelled", THURSDAY: "reserved"}
    with tenancy.scope({town.authority.pk}):
        assert list(BasketLine.objects.values_list("date", flat=True)) == [TUESDAY]


def test_a_refused_order_says_what_to_change(town, monkeypatch):
    def refuses(order):
        raise OrderRefusedError(Trouble.EMAIL, "A1")

    monkeypatch.setattr(town.paper, "begin", refuses)
    town.wish(TUESDAY)

    answer = town.valider()

    assert answer.status_code == 409
    assert "Vérifiez l’adresse de votre compte" in text_of(answer)


def test_a_form_gateway_has_a_page_of_ours_whose_button_says_the_amount(town, monkeypatch):
    fields = (("vads_amount", "1200"), ("signature", "abc=="))
    monkeypatch.setattr(
        town.paper, "begin", lambda order: Redirection("idop-form", "https://paiement.exemple.fr/formulaire", fields)
    )
    town.wish(TUESDAY)

    page = town.client.get(town.valider()["Location"])

    form = BeautifulSoup(page.content, "html.parser").find("form", {"data-goes": True})
    assert form["action"] == "https://paiement.exemple.fr/formulaire"
    assert [(one["name"], one["value"]) for one in form.find_all("input")] == list(fields)
    assert "Payer 12,00 €" in text_of(page)
    town.says(Result.REFUSED)
    town.paper.orders["idop-form"] = next(iter(town.paper.orders.values()), None) or _order(town)
    town.press("verifier")
    gone = town.client.get(f"{town.at}/paiements/{town.attempt().checkout}/aller/?paiement={town.attempt().public_id}")
    assert gone.status_code == 303


def _order(town):
    with tenancy.scope({town.authority.pk}):
        return order_of(town.attempt())


class TestTheResult:
    def test_waiting_then_paid_is_polled_without_asking_anybody(self, town):
        town.wish(TUESDAY)
        town.valider()
        page = BeautifulSoup(town.result().content, "html.parser")
        polled = page.find(attrs={"hx-get": True})["hx-get"]

        assert "Nous attendons la réponse de Papier." in page.get_text()
        assert town.client.get(polled, headers={"HX-Request": "true"}).status_code == 204
        assert town.paper.asked == []
        town.says(Result.PAID)
        town.client.post(f"/paiement/{town.attempt().token}/avis/")
        changed = town.client.get(polled, headers={"HX-Request": "true"})
        assert "Votre place est confirmée." in text_of(changed)
        assert "hx-get" not in changed.content.decode()
        assert "Quittance n° 2026-0001" in text_of(changed)
        assert "Réservé et payé" in text_of(town.client.get(f"{town.at}/panier/confirmations/{_number(town)}/"))

    def test_a_page_that_opens_again_is_gone_back_to_and_it_says_when_it_is_over(self, town):
        town.wish(TUESDAY)
        town.valider()
        town.paper.opens_once = False

        said = text_of(town.result())
        assert "Revenir à la page de paiement" in said
        assert "Recommencer" not in said
        assert re.search("ce paiement se ferme seul vers [0-9]+ h", said)

    def test_a_fragment_is_the_same_piece_of_the_whole_page(self, town):
        town.wish(TUESDAY)
        town.valider()
        address = f"{town.at}/paiements/{town.attempt().checkout}/"

        fragment = town.client.get(address, headers={"HX-Request": "true"})

        def plain(html):
            for one in html.find_all("input", {"name": "csrfmiddlewaretoken"}):
                one.decompose()
            return str(html).split()

        whole = BeautifulSoup(town.client.get(address).content, "html.parser").find(id="etat").find("div")
        assert plain(whole) == plain(BeautifulSoup(fragment.content, "html.parser").find("div"))

    @pytest.mark.parametrize(
        ("result", "said"),
        [
            (Result.REFUSED, "Le paiement a été refusé. Rien n’a été débité."),
            (Result.ABANDONED, "Le paiement a été abandonné. Rien n’a été débité."),
        ],
    )
    def test_what_did_not_succeed_gives_the_basket_back(self, town, result, said):
        town.wish(TUESDAY)
        town.valider()
        town.says(result)

        with clock.visiting(MONDAY_MORNING + timedelta(minutes=6)):
            page = town.client.get(f"/paiement/{town.attempt().token}/retour/", follow=True)

        assert said in text_of(page)
        assert "La place est revenue dans votre panier" in text_of(page)
        back = BeautifulSoup(page.content, "html.parser").find("a", string=lambda text: text and "Reprendre" in text)
        link = back or BeautifulSoup(page.content, "html.parser").find("a", href=f"{town.at}/panier/")
        assert link["href"] == f"{town.at}/panier/"
        assert "Revenue au panier" in text_of(town.client.get(f"{town.at}/panier/confirmations/{_number(town)}/"))

    def test_back_from_a_page_that_opens_once_another_is_asked_for(self, town):
        town.wish(TUESDAY)
        town.valider()
        former = town.attempt()

        with clock.visiting(MONDAY_MORNING + timedelta(minutes=2)):
            page = text_of(town.result())
            assert "Vous n’avez pas payé ? Recommencez" in page
            assert "Revenir à la page de paiement" not in page
            first = town.press("recommencer", former)
            second = town.press("recommencer", former)
        _former, new = town.attempts()

        assert first["Location"] == second["Location"] == f"https://paiement.exemple.fr/?idop={new.provider_id}"
        assert new.provider_id != former.provider_id
        assert set(town.states().values()) == {"held"}
        town.says(Result.PAID, new)
        with clock.visiting(MONDAY_MORNING + timedelta(minutes=3)):
            paid = town.client.get(f"/paiement/{new.token}/retour/", follow=True)
        assert "C’est payé" in text_of(paid)
        assert text_of(paid).count("Quittance") == 1
        assert "Abandonné" not in text_of(paid)
        assert "Réservé et payé" in text_of(town.client.get(f"{town.at}/panier/confirmations/{_number(town)}/"))
        assert "Abandonné" not in text_of(town.client.get(f"{town.at}/paiements/"))

    def test_paid_on_the_former_page_nobody_is_asked_to_pay_again(self, town):
        town.wish(TUESDAY)
        town.valider()
        former = town.attempt()

        with clock.visiting(MONDAY_MORNING + timedelta(minutes=2)):
            town.press("recommencer", former)
            town.says(Result.PAID, former)
            page = text_of(town.client.get(f"/paiement/{former.token}/retour/", follow=True))
        assert "C’est déjà payé : ne payez pas une seconde fois." in page
        assert "Recommencer le paiement" not in page
        assert set(town.states().values()) == {"reserved"}

    def test_paid_just_before_it_is_begun_again_it_is_paid(self, town):
        town.wish(TUESDAY)
        town.valider()
        town.says(Result.PAID)

        with clock.visiting(MONDAY_MORNING + timedelta(minutes=2)):
            answer = town.press("recommencer")

        assert answer["Location"] == f"{town.at}/paiements/{town.attempt().checkout}/"
        assert town.attempt().state == "paid"

    def test_left_the_page_waits_some_minutes_or_is_given_up_at_once(self, town):
        town.wish(TUESDAY)
        town.valider()
        town.says(Result.ABANDONED)

        with clock.visiting(MONDAY_MORNING + timedelta(minutes=1)):
            page = text_of(town.client.get(f"/paiement/{town.attempt().token}/retour/", follow=True))
            assert "Vous avez quitté la page de paiement sans payer. Recommencez avant 8 h 05" in page
            assert set(town.states().values()) == {"held"}
            given_up = text_of(town.client.get(town.press("renoncer")["Location"]))
        assert "Vous avez renoncé à ce paiement." in given_up
        assert set(town.states().values()) == {"cancelled"}

    def test_nobody_else_begins_it_again(self, town):
        town.wish(TUESDAY)
        town.valider()
        attempt = town.attempt()
        neighbour = Client(headers={"host": "famille.localhost"})
        other = make_user()
        make_family(town.authority, "Voisin", user=other)
        neighbour.force_login(other)

        with clock.visiting(MONDAY_MORNING + timedelta(minutes=2)):
            address = f"{town.at}/paiements/{attempt.checkout}/recommencer/"
            answer = neighbour.post(address, {"paiement": attempt.public_id})

        assert answer.status_code == 404
        assert len(town.attempts()) == 1

    def test_asking_now_says_what_is_known(self, town):
        town.wish(TUESDAY)
        town.valider()

        waiting = town.client.get(town.press("verifier")["Location"])
        assert "Pas encore de réponse." in text_of(waiting)
        town.says(Result.PAID)
        assert "C’est payé" in text_of(town.client.get(town.press("verifier")["Location"]))

    def test_coming_back_after_two_hours_the_payment_has_expired(self, town):
        town.wish(TUESDAY)
        town.valider()

        with clock.visiting(MONDAY_MORNING + timedelta(hours=3)):
            page = town.client.get(town.press("verifier")["Location"])

        assert "Le temps pour payer est passé. Rien n’a été débité." in text_of(page)

    def test_giving_up_the_second_till_brings_its_places_back_and_leaves_the_first(self, town):
        sortie = town.other_till()
        town.wish(TUESDAY)
        town.wish(FRIDAY, product=sortie)
        town.valider()
        first, second = town.attempts()
        town.says(Result.PAID, first)
        town.client.get(f"/paiement/{first.token}/avis/")

        page = town.client.get(town.press("renoncer", second)["Location"])

        assert "Vous avez renoncé à ce paiement. Rien n’a été débité." in text_of(page)
        assert town.states() == {TUESDAY: "reserved", FRIDAY: "cancelled"}

    def test_giving_up_one_that_may_be_being_paid_changes_nothing(self, town):
        town.wish(TUESDAY)
        town.valider()

        town.press("renoncer")

        assert town.attempt().state == "redirected"

    def test_a_page_of_payment_that_opens_no_more_says_where_things_stand(self, town):
        town.wish(TUESDAY)
        town.valider()

        with clock.visiting(MONDAY_MORNING + timedelta(minutes=20)):
            page = town.client.get(town.press("payer")["Location"])

        assert "Cette page de paiement ne s’ouvre plus" in text_of(page)

    def test_money_that_came_too_late_for_a_place_goes_to_the_wallet_and_the_page_says_so(self, town):
        town.wish(TUESDAY)
        town.valider()
        token = town.attempt().token
        town.says(Result.REFUSED)
        town.client.get(f"/paiement/{token}/avis/")
        with permitted("test"), tenancy.scope({town.authority.pk}):
            Slot.objects.filter(activity=town.home.product.activity_id).update(capacity=0)
        town.says(Result.PAID)
        town.client.get(f"/paiement/{token}/avis/")

        said = text_of(town.result())

        assert "Le paiement est arrivé après la fin du délai, et une place n’était plus libre" in said
        assert "12,00 € sont versés à votre porte-monnaie" in said

    def test_it_costs_the_same_for_one_till_as_for_two(self, town, settings, django_assert_max_num_queries):
        town.wish(TUESDAY)
        town.valider()
        town.result()
        with django_assert_max_num_queries(12) as one:
            town.result()
        other = Town(Client(headers={"host": "famille.localhost"}), settings)
        sortie = other.other_till()
        other.wish(TUESDAY, FRIDAY, THURSDAY)
        other.wish(FRIDAY, product=sortie)
        other.valider()
        other.result()
        with django_assert_max_num_queries(12) as many:
            other.result()

        assert len(one.captured_queries) == len(many.captured_queries)

    def test_nobody_else_sees_it_nor_does_anything_to_it(self, town):
        town.wish(TUESDAY)
        town.valider()
        neighbour = Client(headers={"host": "famille.localhost"})
        user = make_user()
        make_family(town.authority, "Voisin", user=user)
        neighbour.force_login(user)
        attempt = town.attempt()
        at = f"{town.at}/paiements/{attempt.checkout}/"

        assert neighbour.get(at).status_code == 404
        assert neighbour.get(f"{at}aller/?paiement={attempt.public_id}").status_code == 404
        for what in ("payer", "verifier", "renoncer"):
            assert neighbour.post(f"{at}{what}/", {"paiement": attempt.public_id}).status_code == 404
        town.client.post(f"{at}payer/", {"paiement": "000000000000"})
        assert len(town.paper.orders) == 1


def _number(town):
    with tenancy.scope({town.authority.pk}):
        return Confirmation.objects.get().number


class TestCalls:
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_notice_makes_us_ask_once_paid_it_changes_nothing_more(self, town, method):
        town.wish(TUESDAY)
        town.valider()
        town.says(Result.PAID)
        attempt = town.attempt()
        stranger = Client(headers={"host": "famille.localhost"}, enforce_csrf_checks=True)

        for _again in range(3):
            answer = getattr(stranger, method)(f"/paiement/{attempt.token}/avis/", {"idop": attempt.provider_id})
            assert (answer.status_code, answer.content) == (200, b"")

        assert town.states() == {TUESDAY: "reserved"}
        assert town.attempt().state == "paid"
        with tenancy.scope({town.authority.pk}):
            assert town.home.money() == {"cash": 1200, "owed": 0, "wallet": 0}

    def test_a_notice_of_nothing_is_answered_all_the_same(self, town):
        answer = town.client.post("/paiement/inconnu/avis/", {"idop": "x"})

        assert answer.status_code == 200
        assert town.client.get("/paiement/inconnu/retour/")["Location"] == "http://famille.localhost"

    def test_a_forged_notice_asks_nobody_and_is_logged_without_a_word_of_it(self, town, caplog):
        town.wish(TUESDAY)
        town.valider()
        town.says(Result.PAID)

        with caplog.at_level(logging.WARNING):
            answer = town.client.post(f"/paiement/{town.attempt().token}/avis/", {"idop": "pirate@exemple.fr"})

        assert answer.status_code == 200
        assert town.paper.asked == []
        assert town.attempt().state == "redirected"
        assert "a call that is not about it" in caplog.text
        assert "pirate" not in caplog.text

    def test_a_forged_return_only_leads_to_the_page(self, town):
        town.wish(TUESDAY)
        town.valider()

        answer = town.client.get(f"/paiement/{town.attempt().token}/retour/?idop=autre")

        assert answer.status_code == 303
        assert answer["Location"].endswith(f"/paiements/{town.attempt().checkout}/")
        assert town.paper.asked == []

    def test_a_gateway_that_does_not_answer_is_asked_again_later(self, town):
        town.wish(TUESDAY)
        town.valider()
        town.paper.is_down = True

        assert town.client.get(f"/paiement/{town.attempt().token}/avis/").status_code == 200
        assert "Nous attendons la réponse" in text_of(
            town.client.get(f"/paiement/{town.attempt().token}/retour/", follow=True)
        )

    def test_a_place_waiting_at_the_desk_is_not_called_about(self, town):
        with permitted("test"), tenancy.scope({town.authority.pk}):
            PaymentSettings.objects.update(mode="test")
        town.wish(TUESDAY)
        town.valider()

        with clock.visiting(MONDAY_MORNING + timedelta(hours=2)):
            town.client.get(f"/paiement/{town.attempt().token}/avis/")

        assert town.attempt().state == "created"


def letter(town):
    mail.outbox.clear()
    with tenancy.scope({town.authority.pk}):
        key = Confirmation.objects.get().pk
    tasks.basket_confirmed(authority=town.authority.pk, confirmation=key)
    return " ".join(mail.outbox[0].body.replace("\N{NO-BREAK SPACE}", " ").split())


class TestTheLetterOfTheBasket:
    def test_what_is_being_paid_online_is_not_said_to_be_paid_at_the_desk(self, town):
        town.wish(TUESDAY)
        town.valider()

        said = letter(town)

        assert "Places gardées le temps du paiement" in said
        assert f"{town.at}/paiements/" in said
        assert "guichet" not in said

    def test_what_was_paid_before_it_left_is_said_paid(self, town):
        town.wish(TUESDAY)
        town.valider()
        town.says(Result.PAID)
        town.client.get(f"/paiement/{town.attempt().token}/avis/")

        assert "Réservé et payé" in letter(town)

    def test_what_waits_at_the_desk_says_until_when(self, town):
        with permitted("test"), tenancy.scope({town.authority.pk}):
            PaymentSettings.objects.update(mode="test")
        town.wish(TUESDAY)
        town.valider()

        said = letter(town)

        assert "Places gardées jusqu’au" in said
        assert "se règlent au guichet" in said


def test_a_till_that_has_not_joined_says_where_to_pay_whatever_its_gateway(town):
    with permitted("test"), tenancy.scope({town.authority.pk}):
        Regie.objects.update(online_from=None, how_to_pay="Par chèque, à l’ordre du Trésor public.\nEn espèces.")
    town.wish(TUESDAY)

    said = text_of(town.page())
    assert (
        "12,00 € payables à la réservation. Réglez à la régie loisirs : par chèque, à l’ordre du Trésor public ; en "
        "espèces. Vos places sont gardées 72 h"
    ) in said
    assert "Valider mes changements" in said
    town.valider()
    assert not town.paper.orders
    assert town.attempt().gateway == "desk"
    assert "À régler au guichet de la régie loisirs" in text_of(town.result())
