"""Signaler une absence, without scripts: from the square to the screen and back to the week."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marelle.domain.families.models import Custody
from marelle.domain.reservations.models import Absence, Attendance, CancellationRequest
from marelle.foundation import clock, tenancy
from marelle.foundation.writes import permitted
from tests.domain.test_absences import CANTEEN
from tests.factories.town import (
    make_authority,
    make_child,
    make_facility,
    make_family,
    make_product,
    make_reservation,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

MONDAY, TUESDAY, THURSDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 26)
AT_8_40 = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)  # Tuesday


def said(response_or_tag):
    content = getattr(response_or_tag, "content", None)
    tag = response_or_tag if content is None else BeautifulSoup(content, "html.parser")
    return " ".join(tag.get_text(" ").replace("\N{NO-BREAK SPACE}", " ").split())


class Home:
    """A signed-in family whose child is expected for lunch today, Monday, and on Tuesday and Thursday."""

    def __init__(self, client):
        self.client = client
        self.authority = make_authority()
        self.meal = make_product(self.authority, facility=make_facility(self.authority), rules=CANTEEN)
        self.user = make_user()
        self.family = make_family(self.authority, user=self.user)
        self.lucia = make_child(self.family, products=(self.meal,))
        for day in (MONDAY, TUESDAY, THURSDAY):
            make_reservation(self.lucia, self.meal, day, family=self.family)
        client.force_login(self.user)

    def square(self, day=MONDAY, child=None):
        return f"{(child or self.lucia).public_id}.{self.meal.public_id}.{day.isoformat()}"

    def url(self, day=MONDAY, more="", child=None):
        return f"/{self.authority.slug}/absences/{self.square(day, child)}/{more}"

    def page(self, day=MONDAY):
        return self.client.get(self.url(day))

    def tell(self, day=MONDAY, **form):
        return self.client.post(self.url(day), {"cause": "illness", "words": "", **form})

    def bubble(self, day=MONDAY):
        page = BeautifulSoup(self.client.get(f"/{self.authority.slug}/reservations/").content, "html.parser")
        return page.find(id=f"b.{self.square(day)}")

    def told(self):
        with tenancy.scope({self.authority.pk}):
            return list(Absence.objects.order_by("pk"))


@pytest.fixture
def home(family_site):
    return Home(family_site)


class TestFromTheWeek:
    def test_a_square_too_late_to_cancel_leads_to_the_screen(self, home):
        bubble = home.bubble()

        assert said(bubble) == (
            "Trop tard pour annuler depuis le vendredi 20 novembre, 9 h. "
            "Repas : s’annule le jour de classe précédent avant 9 h. Absence imprévue ? Signaler une absence"
        )
        assert bubble.find("a")["href"] == home.url()

    def test_one_that_can_be_cancelled_does_not(self, home):
        assert "absence" not in said(home.bubble(TUESDAY))

    def test_once_told_it_says_so_and_leads_to_what_it_comes_to(self, home):
        home.tell()

        bubble = home.bubble()
        assert "absence_told" in bubble.find_parent("td")["class"]
        assert said(bubble) == "Prévenu lundi 23 novembre, 8 h. La place reste réservée. Voir cette absence"
        assert bubble.find("a")["href"] == home.url()

    def test_a_day_seen_absent_may_still_be_told(self, home):
        with permitted("factory"), tenancy.scope({home.authority.pk}):
            Attendance.objects.create(
                authority=home.authority,
                child=home.lucia,
                product=home.meal,
                date=MONDAY,
                state="absent",
                recorded_at=datetime(2026, 11, 23, 11, tzinfo=UTC),
            )

        assert "Signaler une absence" in said(home.bubble())

    def test_what_the_other_home_told_is_neither_seen_nor_opened(self, home, family_site):
        home.tell()
        other = make_family(home.authority, "Autre")
        with permitted("factory"), tenancy.scope({home.authority.pk}):
            Custody.objects.create(authority=home.authority, child=home.lucia, family=other, starts_on=date(2020, 1, 1))
            account = other.memberships.get().user
        family_site.force_login(account)

        bubble = home.bubble()
        assert said(bubble).startswith("Réservé par l’autre foyer.")
        page = home.page()
        assert "Réservé par l’autre foyer." in said(page)
        assert home.client.post(home.url(more="retirer/")).status_code == 409
        assert home.told()[0].withdrawn_at is None

    @pytest.mark.parametrize("days", [1, 3])
    def test_the_week_asks_as_few_questions_with_absences_as_without(self, home, days):
        def count():
            with CaptureQueriesContext(connection) as statements:
                home.client.get(f"/{home.authority.slug}/reservations/")
            return len(statements)

        count()
        before = count()
        with clock.visiting(datetime(2026, 11, 26, 8, tzinfo=UTC)):
            for day in (MONDAY, TUESDAY, THURSDAY)[:days]:
                assert home.tell(day).status_code == 303
            home.client.get(f"/{home.authority.slug}/reservations/")  # the messages are said once

        assert count() == before


class TestTheScreen:
    def test_it_names_the_day_the_causes_and_the_reglement(self, home):
        response = home.page()
        page = said(response)

        assert response.status_code == 200
        assert "Lucia, repas, lundi 23 novembre" in page
        assert "Maladie" in page
        assert "Événement exceptionnel" in page
        assert "Grève" not in page
        assert "Ce que dit le règlement" in page
        assert "justificatif remis dans un délai de 48 heures" in page

    def test_while_one_can_cancel_it_says_so_and_until_when(self, home):
        page = said(home.page(TUESDAY))

        assert "Il est encore temps d’annuler. Annulable jusqu’au lundi 23 novembre, 9 h." in page
        assert "Signaler l’absence" not in page
        assert home.tell(TUESDAY).status_code == 409
        assert home.told() == []

    def test_a_day_that_is_not_reserved(self, home):
        assert "Ce jour n’est pas réservé." in said(home.page(date(2026, 11, 27)))

    def test_a_word_to_ask_why_when_nothing_is_chosen(self, home):
        response = home.client.post(home.url(), {"words": "Elle tousse"})

        assert response.status_code == 422
        assert "Choisissez pourquoi votre enfant ne vient pas." in said(response)
        assert "Elle tousse" in said(response)
        assert home.told() == []

    @pytest.mark.parametrize(
        "form", [{"cause": "strike"}, {"cause": "x"}, {"words": "a" * 301}], ids=["the town's", "forged", "too long"]
    )
    def test_what_no_page_offers_is_refused(self, home, form):
        assert home.tell(**form).status_code == 422
        assert home.told() == []

    def test_told_one_is_back_in_the_week_and_knows_what_it_comes_to(self, home):
        with clock.visiting(AT_8_40):
            response = home.tell(TUESDAY, words="Elle tousse")
            landed = home.client.get(response["Location"])

        assert response.status_code == 303
        assert response["Location"].startswith(f"/{home.authority.slug}/reservations/?")
        assert (
            "Absence signalée. Lucia, repas, mardi 24 novembre. Prévenu mardi 24 novembre, 8 h 40. "
            "Non facturé si un certificat arrive au plus tard jeudi 26 novembre, 8 h 40, sinon facturé."
        ) in said(landed)
        (row,) = home.told()
        assert (row.cause, row.words, row.told_at, row.told_by_id) == ("illness", "Elle tousse", AT_8_40, home.user.pk)

    def test_afterwards_the_screen_shows_it_and_takes_it_back(self, home):
        home.tell(words="Elle tousse")

        page = home.page()
        assert "Absence signalée Maladie Prévenu lundi 23 novembre, 8 h." in said(page)
        assert "Elle tousse" in said(page)
        assert "Retirer cette absence" in said(page)

        response = home.client.post(home.url(more="retirer/"))
        assert response.status_code == 303
        assert "Absence retirée : votre enfant est attendu." in said(home.client.get(response["Location"]))
        assert home.told()[0].withdrawn_at is not None
        assert "Signaler l’absence" in said(home.page())

    def test_once_the_service_is_over_it_can_no_longer_be_taken_back(self, home):
        home.tell()

        with clock.visiting(datetime(2026, 11, 23, 12, 30, tzinfo=UTC)):
            assert "Retirer cette absence" not in said(home.page())
            refused = home.client.post(home.url(more="retirer/"))

        assert refused.status_code == 409
        assert "Le service est passé." in said(refused)

    def test_twice_at_once_is_told_once(self, home):
        assert home.tell().status_code == 303
        again = home.tell(cause="other")

        assert again.status_code == 409
        assert "Absence signalée Maladie" in said(again)
        assert len(home.told()) == 1

    def test_a_month_later_it_is_too_late(self, home):
        with clock.visiting(datetime(2026, 12, 24, 12, tzinfo=UTC)):
            assert "Signaler l’absence" in said(home.page())
        with clock.visiting(datetime(2026, 12, 25, 12, tzinfo=UTC)):
            assert "Une absence se signale dans les 31 jours." in said(home.page())
            assert home.tell().status_code == 409

    def test_a_pending_cancellation_is_not_an_absence(self, home):
        with permitted("factory"), tenancy.scope({home.authority.pk}):
            CancellationRequest.objects.create(
                authority=home.authority,
                reservation=home.lucia.reservations.get(date=MONDAY),
                asked_at=datetime(2026, 11, 19, tzinfo=UTC),
            )

        assert "Annulation déjà demandée." in said(home.page())


class TestOwnFamilyOnly:
    def test_another_family_s_child_is_not_found(self, home):
        stranger = make_family(home.authority, "Autre")
        zoe = make_child(stranger, "Zoé", products=(home.meal,))
        make_reservation(zoe, home.meal, MONDAY, family=stranger)

        for url in (home.url(child=zoe), home.url(child=zoe, more="retirer/")):
            assert home.client.post(url, {"cause": "illness"}).status_code == 404
        assert home.client.get(home.url(child=zoe)).status_code == 404
        assert home.told() == []

    @pytest.mark.parametrize("square", ["x", "a.b.c", "a.b.2026-02-31", "000000000000.000000000000.2026-11-23"])
    def test_a_forged_square_is_not_found(self, home, square):
        assert home.client.get(f"/{home.authority.slug}/absences/{square}/").status_code == 404

    def test_nobody_is_asked_to_sign_in(self, home):
        response = Client(headers={"host": "famille.localhost"}).get(home.url())

        assert response.status_code == 302
        assert "/compte/connexion/" in response["Location"]
