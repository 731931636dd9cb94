"""One account, several families: the address that names one, the switch, and all the children at once."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_script_prefix

from marelle.domain.families.models import Membership
from marelle.domain.reservations.models import Absence, Basket, CancellationRequest, WaitingListEntry
from marelle.foundation import tenancy
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import permitted
from tests.factories import town as make
from tests.factories.invoices import issue_invoice, make_regie, pay
from tests.factories.joining import make_join_request

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

MONDAY, TUESDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 27)


class Home:
    """A family with a child who eats at school."""

    def __init__(self, authority, name, first_name, user):
        self.authority = authority
        self.meal = make.make_product(authority, slot_days=(date(2026, 11, 16), date(2026, 12, 6)))
        self.family = make.make_family(authority, name, user=user)
        self.child = make.make_child(self.family, first_name, products=(self.meal,))
        self.prefix = f"/f-{self.family.public_id}"
        self.at = f"{self.prefix}/{authority.slug}"

    def square(self, day=FRIDAY):
        return f"{self.child.public_id}.{self.meal.public_id}.{day}"

    def reserve(self, day, **fields):
        return make.make_reservation(self.child, self.meal, day, family=self.family, **fields)


class World:
    """An account with two families at one authority, and a third at another."""

    def __init__(self):
        self.user = make.make_user("elena@exemple.fr")
        self.town = make.make_authority("Dammartin-sur-Tigeaux")
        self.other = make.make_authority("JolieVille")
        self.first = Home(self.town, "Zamora", "Lucia", self.user)
        self.second = Home(self.town, "Abadie", "Marius", self.user)
        self.third = Home(self.other, "Zamora", "Sofia", self.user)
        self.browser = Client(headers={"host": "famille.localhost"})
        self.browser.force_login(self.user)

    def page(self, path):
        response = self.browser.get(path)
        assert response.status_code == 200, path
        return BeautifulSoup(response.content, "html.parser")


@pytest.fixture
def world():
    return World()


def addresses_in(page):
    found = [
        one.get(name) for name in ("href", "action", "hx-post", "data-cell-url") for one in page.select(f"[{name}]")
    ]
    return {one for one in found if one and one.startswith("/") and not one.startswith("/static/")}


class TestTheAddress:
    def test_without_a_name_it_is_the_family_that_was_joined_first(self, world):
        text = world.page(f"/{world.town.slug}/reservations/").text

        assert "Lucia" in text
        assert "Marius" not in text
        assert "Famille Zamora" in text

    def test_with_a_name_it_is_that_family(self, world):
        text = world.page(f"{world.second.at}/reservations/").main.text

        assert "Marius" in text
        assert "Lucia" not in text

    @pytest.mark.parametrize(
        "page", ["actualites/", "reservations/", "panier/", "factures/", "paiements/", "demandes/", "profil/"]
    )
    def test_every_address_of_the_page_keeps_the_family(self, world, page):
        found = world.page(f"{world.second.at}/{page}")

        here = {one for one in addresses_in(found) if f"/{world.town.slug}/" in one}
        strays = {one for one in here if not one.startswith((world.second.prefix, f"{world.first.at}/actualites/"))}
        # Colors and logo are the authority's: one file, one address.
        assert {one for one in strays if "/couleurs-" not in one and not one.endswith("/logo")} == set()

    def test_what_is_about_no_family_has_one_address(self, world):
        found = addresses_in(world.page(f"{world.second.at}/profil/"))

        assert {"/aide/", "/mes-enfants/", "/mes-enfants/ajouter-une-commune/", "/compte/deconnexion/"} <= found
        for path in (
            "/aide/",
            "/compte/mot-de-passe/",
            "/mes-enfants/?semaine=2026-11-23",
            "/",
            f"/{world.town.slug}/logo",
        ):
            assert world.browser.get(f"{world.second.prefix}{path}")["Location"] == path

    @pytest.mark.parametrize("path", ["reservations/", "actualites/", ""])
    def test_a_family_of_somebody_else_is_not_found_nor_one_of_another_authority(self, world, path):
        stranger = make.make_family(world.town, "Autre")

        for family in (stranger.public_id, world.third.family.public_id, new_public_id()):
            assert world.browser.get(f"/f-{family}/{world.town.slug}/{path}").status_code == 404

    def test_a_family_that_was_left_is_not_found_at_once(self, world):
        with permitted("test"), tenancy.every_authority():
            Membership.objects.filter(family=world.second.family).delete()

        assert world.browser.get(f"{world.second.at}/reservations/").status_code == 404
        assert "Lucia" in world.page(f"/{world.town.slug}/reservations/").text

    def test_with_a_single_family_there_it_leads_to_the_plain_address(self, world):
        response = world.browser.get(f"{world.third.at}/reservations/?semaine=2026-11-23")

        assert response["Location"] == f"/{world.other.slug}/reservations/?semaine=2026-11-23"

    def test_a_form_that_was_sent_with_the_name_of_a_single_family_is_answered(self, world):
        response = world.browser.post(f"{world.third.at}/reservations/", {"want": world.third.square(), "was": ""})

        assert response.status_code == 303
        assert response["Location"].startswith(f"{world.third.at}/reservations/")

    def test_who_is_not_signed_in_comes_back_to_the_same_family(self, world):
        nobody = Client(headers={"host": "famille.localhost"})
        path = f"{world.second.at}/reservations/"

        assert nobody.get(path)["Location"] == f"/compte/connexion/?next={path}"
        again = nobody.post(f"{world.second.at}/panier/vider/", headers={"referer": f"http://famille.localhost{path}"})
        assert again["Location"] == f"/compte/connexion/?next={path}"
        # What everybody may read is read at its only address.
        assert nobody.get(f"{world.second.at}/")["Location"] == f"/{world.town.slug}/"

    def test_an_address_without_its_last_slash_is_completed_with_its_family(self, world):
        assert world.browser.get(f"{world.second.at}/reservations")["Location"] == f"{world.second.at}/reservations/"

    def test_another_name_of_the_site_leads_to_the_same_family(self, world):
        response = world.browser.get(f"{world.second.at}/reservations/", headers={"host": "www.famille.localhost"})

        assert response.status_code == 301
        assert response["Location"].endswith(f"{world.second.at}/reservations/")

    @pytest.mark.parametrize(
        "path", ["//mechant.exemple/", "//mechant.exemple", "/\\mechant.exemple/", "/%2fmechant.exemple/"]
    )
    def test_it_leads_nowhere_else(self, world, path):
        response = world.browser.generic("GET", f"{world.second.prefix}{path}")

        assert response.status_code in {301, 404}
        if response.status_code == 301:
            assert response["Location"].startswith(f"{world.second.prefix}/")

    @pytest.mark.parametrize(
        "path",
        [
            "/f-{id}/f-{id}/{slug}/reservations/",
            "/F-{id}/{slug}/reservations/",
            "/f-{ID}/{slug}/reservations/",
            "/f-{id}/static/marelle/marelle.css",
            "/f-/{slug}/reservations/",
        ],
    )
    def test_nothing_else_looks_like_it(self, world, path):
        family = world.second.family.public_id
        asked = path.format(id=family, ID=f"{family[:-1]}O", slug=world.town.slug)

        assert world.browser.get(asked).status_code == 404

    def test_the_agents_site_knows_no_such_address(self, world):
        office = Client(headers={"host": "mairie.localhost"})
        office.force_login(make.make_agent(world.town).user)

        assert office.get(f"/{world.town.slug}/journee/").status_code == 200
        assert office.get(f"{world.second.at}/journee/").status_code == 404

    def test_one_request_leaves_nothing_to_the_next(self, world):
        before = get_script_prefix()
        world.page(f"{world.second.at}/reservations/")
        world.browser.get(f"/f-{new_public_id()}/{world.town.slug}/reservations/")

        assert get_script_prefix() == before
        assert not [
            one
            for one in addresses_in(world.page(f"/{world.town.slug}/reservations/"))
            if one.startswith("/f-") and "/actualites/" not in one
        ]


class TestTwoTabs:
    def test_each_fills_the_basket_of_its_own_family(self, world):
        one, two = world.first, world.second

        for home in (one, two):
            sent = world.browser.post(
                f"{home.at}/reservations/case/", {"cell": home.square(), "want": "on"}, headers={"hx-request": "true"}
            )
            assert sent.status_code == 200
            assert f"{home.prefix}/{world.town.slug}/panier/" in sent.content.decode()

        with tenancy.scope({world.town.pk}):
            lines = {
                basket.family_id: {line.child_id for line in basket.lines.all()} for basket in Basket.objects.all()
            }
        assert lines == {one.family.pk: {one.child.pk}, two.family.pk: {two.child.pk}}

    def test_a_square_of_one_is_refused_in_the_other(self, world):
        response = world.browser.post(f"{world.second.at}/reservations/", {"want": world.first.square(), "was": ""})

        assert response.status_code == 400

    def test_what_is_confirmed_leads_back_to_the_same_family(self, world):
        home = world.second
        world.browser.post(f"{home.at}/reservations/", {"want": home.square(), "was": ""})
        with tenancy.scope({world.town.pk}):
            basket = Basket.objects.get(family=home.family)

        answer = world.browser.post(
            f"{home.at}/panier/valider/", {"key": basket.key, "revision": str(basket.revision), "words": ""}
        )

        assert answer.status_code == 303
        assert answer["Location"].startswith(f"{home.at}/panier/confirmations/")
        number = answer["Location"].rsplit("/", 2)[1]
        assert "Marius" in world.page(answer["Location"].partition("?")[0]).main.text
        assert world.browser.get(f"{world.first.at}/panier/confirmations/{number}/").status_code == 404

    def test_an_invoice_of_elsewhere_is_read_at_its_own_authority(self, world):
        issue_invoice(world.third.family, make_regie(world.other, online_from=date(2026, 9, 1)))
        invoices = world.page(f"{world.second.at}/factures/")
        links = {one for one in addresses_in(invoices) if f"/{world.other.slug}/factures/" in one}

        assert links
        assert all(one.startswith(f"/{world.other.slug}/") for one in links)
        assert all(world.browser.get(one).status_code == 200 for one in links)

    def test_the_pictures_of_an_authority_name_no_family(self, world):
        with permitted("test"):
            world.town.logo, world.town.logo_type, world.town.palette_css = b"<svg/>", "image/svg+xml", ":root{}"
            world.town.save()

        text = str(world.page(f"{world.second.at}/reservations/"))

        assert f'"/{world.town.slug}/logo"' in text
        assert f'href="/{world.town.slug}/couleurs-' in text


class TestTheSwitch:
    def test_every_page_of_a_family_has_it_with_its_own_marked(self, world):
        for home, path in (
            (world.second, f"{world.second.at}/reservations/"),
            (world.third, f"/{world.other.slug}/profil/"),
        ):
            menu = world.page(path).select_one(".account-menu")
            marked = menu.select("[aria-current=true]")

            assert [one.get_text(" ", strip=True) for one in marked] == [
                f"{home.authority.name} Famille {home.family.name}"
            ]
            addresses = [one["href"] for one in menu.select("ul[aria-labelledby] a")]
            assert addresses == [
                f"{world.second.at}/actualites/",
                f"{world.first.at}/actualites/",
                f"/{world.other.slug}/actualites/",
            ]
            for address in addresses:
                world.page(address)

    def test_a_single_family_is_only_offered_another_commune(self, world):
        alone = make.make_user()
        make.make_family(world.town, "Seule", user=alone)
        browser = Client(headers={"host": "famille.localhost"})
        browser.force_login(alone)
        menu = BeautifulSoup(browser.get(f"/{world.town.slug}/actualites/").content, "html.parser").select_one(
            ".account-menu"
        )

        assert "Changer de famille" not in menu.text
        assert [one["href"] for one in menu.select("a")] == [
            f"/{world.town.slug}/profil/",
            "/mes-enfants/ajouter-une-commune/",
        ]

    def test_one_signs_out_from_it(self, world):
        form = world.page(f"{world.second.at}/reservations/").select_one(".account-menu form")

        assert world.browser.post(form["action"]).status_code == 303
        assert world.browser.get(f"{world.second.at}/reservations/")["Location"].startswith("/compte/connexion/")

    def test_it_asks_the_database_nothing_more_for_five_families_than_for_one(self, world):
        path = f"/{world.other.slug}/demandes/"
        alone = make.make_user()
        make.make_family(world.other, "Seule", user=alone)
        counts = []
        for user in (alone, world.user):
            browser = Client(headers={"host": "famille.localhost"})
            browser.force_login(user)
            browser.get(path)
            with CaptureQueriesContext(connection) as said:
                assert browser.get(path).status_code == 200
            counts.append(len(said))

        assert counts[0] == counts[1]


class TestAllTheChildren:
    @staticmethod
    def week_of(page, child):
        section = next(one for one in page.select(".week-of") if child in one.h4.text)
        days = {}
        for day in section.select(".week-days > li"):
            name = " ".join(day.select_one(".day-name").text.split())
            days[name] = [" ".join(one.get_text(" ", strip=True).split()) for one in day.select("ul > li")]
        return days

    def test_one_arrives_there_with_several_families(self, world):
        assert world.browser.get("/")["Location"] == "/mes-enfants/"

    def test_it_shows_each_day_of_each_child_wherever(self, world):
        world.first.reserve(MONDAY)
        world.second.reserve(TUESDAY)
        world.third.reserve(FRIDAY)
        page = world.page("/mes-enfants/")

        assert "Semaine 48 du 23 novembre au 29 novembre 2026" in page.text.replace("\xa0", " ")
        assert self.week_of(page, "Lucia") == {
            "lundi 23 (aujourd’hui)": ["Repas réservé"],
            "mardi 24": [],
            "mercredi 25": [],
            "jeudi 26": [],
            "vendredi 27": [],
        }
        assert self.week_of(page, "Marius")["mardi 24"] == ["Repas réservé"]
        assert self.week_of(page, "Sofia")["vendredi 27"] == ["Repas réservé"]

    def test_it_says_what_is_not_simply_reserved(self, world):
        home, at = world.first, datetime(2026, 11, 22, 9, tzinfo=UTC)
        asked, told = home.reserve(TUESDAY), home.reserve(FRIDAY)
        home.reserve(date(2026, 11, 26), state="held", held_until=at + timedelta(days=3))
        home.reserve(date(2026, 11, 28), state="cancelled", cancelled_at=at)
        with permitted("test"), tenancy.scope({world.town.pk}):
            CancellationRequest.objects.create(authority=world.town, reservation=asked, asked_at=at)
            Absence.objects.create(authority=world.town, reservation=told, cause="illness", told_at=at)
            slot = make.Slot.objects.get(activity=home.meal.activity_id, date=MONDAY)
            WaitingListEntry.objects.create(
                authority=world.town,
                child=home.child,
                family=home.family,
                product=home.meal,
                date=MONDAY,
                slot=slot,
                asked_at=at,
            )
        page = world.page("/mes-enfants/")

        assert self.week_of(page, "Lucia") == {
            "lundi 23 (aujourd’hui)": ["Repas en liste d’attente"],
            "mardi 24": ["Repas annulation demandée"],
            "mercredi 25": [],
            "jeudi 26": ["Repas place gardée"],
            "vendredi 27": ["Repas absence signalée"],
        }
        (waiting,) = page.select("section[aria-labelledby=demandes] li")
        assert "Annulation de repas pour Lucia, mardi 24 novembre" in waiting.text.replace("\xa0", " ")
        assert "Dammartin-sur-Tigeaux, famille Zamora" in waiting.text
        assert waiting.a["href"].startswith(f"{world.first.at}/demandes/#")

    def test_saturday_shows_when_something_is_there(self, world):
        camp = make.make_product(world.town, name="Sortie", term_weekdays=(5,), slot_days=(MONDAY, date(2026, 11, 29)))
        make.make_reservation(world.first.child, camp, date(2026, 11, 28), family=world.first.family)
        page = world.page("/mes-enfants/")

        assert self.week_of(page, "Lucia")["samedi 28"] == ["Sortie réservé"]
        assert "samedi 28" not in self.week_of(page, "Marius")

    def test_weeks_before_and_after(self, world):
        world.first.reserve(date(2026, 11, 30))
        page = world.page("/mes-enfants/")
        before, here, after = (one["href"] for one in page.select("nav[aria-label='Changer de semaine'] a"))

        assert (before, here, after) == (
            "/mes-enfants/?semaine=2026-11-16",
            "/mes-enfants/",
            "/mes-enfants/?semaine=2026-11-30",
        )
        assert self.week_of(world.page(after), "Lucia")["lundi 30"] == ["Repas réservé"]

    @pytest.mark.parametrize("asked", ["", "hier", "0001-01-01", "9999-12-31", "2026-02-31", "9" * 5000])
    def test_a_week_that_is_none_is_the_present_one(self, world, asked):
        page = world.browser.get("/mes-enfants/", {"semaine": asked})

        assert "Semaine 48" in page.content.decode()

    def test_each_child_leads_to_the_calendar_of_its_own_family(self, world):
        links = [one["href"] for one in world.page("/mes-enfants/").select(".week-link")]

        assert len(links) == 3
        for link, home in zip(links, (world.second, world.first, world.third), strict=True):
            assert home.child.first_name in world.page(link).select_one(".child[aria-current]").text

    def test_invoices_to_pay_of_all_and_their_sum(self, world):
        regie = make_regie(world.town, online_from=date(2026, 9, 1))
        for home, where in (
            (world.second, regie),
            (world.third, make_regie(world.other, online_from=date(2026, 9, 1))),
        ):
            issue_invoice(home.family, where)
        paid = issue_invoice(world.first.family, regie)
        pay(paid, paid.total_cents, on=date(2026, 11, 20))
        section = world.page("/mes-enfants/").select_one("section[aria-labelledby=factures]")
        rows = section.select("li")

        assert len(rows) == 2
        assert paid.number not in section.text
        links = {link["href"] for row in rows for link in row.select("a")}
        assert any(one.startswith(f"{world.second.at}/factures/") for one in links)
        assert all(world.browser.get(one).status_code == 200 for one in links)
        amounts = [int(re.sub(r"\D", "", one.text)) for one in section.select("b")]
        assert amounts[0] == sum(amounts[1:]) > 0

    def test_a_request_to_join_that_waits_is_among_those_without_an_answer(self, world):
        asked = make_join_request(world.other, world.user)
        make_join_request(world.town, world.user, state="refused", answered_at=asked.asked_at, child_first_name="Non")
        make_join_request(world.town, make.make_user(), child_first_name="Autre")

        waiting = world.page("/mes-enfants/").select_one("section[aria-labelledby=demandes]")

        assert waiting.a.text == "Rattachement pour Zoé Durand"
        assert waiting.a["href"] == "/compte/rejoindre/"
        assert "JolieVille" in waiting.text
        assert "Autre" not in waiting.text
        assert "Non" not in waiting.text

    def test_nothing_of_another_family_is_there(self, world):
        neighbour = Home(world.town, "Voisin", "Zoé", make.make_user())
        neighbour.reserve(MONDAY)
        issue_invoice(neighbour.family, make_regie(world.town, online_from=date(2026, 9, 1)))

        text = world.page("/mes-enfants/").text

        assert "Zoé" not in text
        assert "Voisin" not in text
        assert "Rien à payer" in text

    def test_a_child_who_left_is_not_shown(self, world):
        with permitted("test"), tenancy.every_authority():
            world.first.child.custodies.update(ends_on=date(2026, 11, 20))

        assert "Lucia" not in world.page("/mes-enfants/").text
        assert "Lucia" in world.page("/mes-enfants/?semaine=2026-11-16").text

    def test_as_few_questions_for_five_families_as_for_one(self, world):
        alone, many = make.make_user(), make.make_user()
        homes = [Home(world.other, "Seule", "Une", alone)]
        for index in range(5):
            town = make.make_authority(f"Ville {index}") if index else world.town
            home = Home(town, f"Famille {index}", f"Enfant {index}", many)
            make.make_child(home.family, f"Cadet {index}", products=(home.meal,))
            homes.append(home)
        for home in homes:
            home.reserve(TUESDAY)
            issue_invoice(home.family, make_regie(home.authority, online_from=date(2026, 9, 1)))
            with permitted("test"), tenancy.every_authority():
                CancellationRequest.objects.create(
                    authority=home.authority,
                    reservation=home.reserve(FRIDAY),
                    asked_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
                )
        counts = []
        for user, children in ((alone, 1), (many, 10)):
            browser = Client(headers={"host": "famille.localhost"})
            browser.force_login(user)
            with CaptureQueriesContext(connection) as said:
                page = browser.get("/mes-enfants/").content.decode()
            assert page.count('class="week-of"') == children
            counts.append(len(said))

        assert counts[0] == counts[1] <= 14

    def test_an_account_without_a_family_is_told_what_to_do(self, world):
        browser = Client(headers={"host": "famille.localhost"})
        browser.force_login(make.make_user())

        assert browser.get("/mes-enfants/")["Location"] == "/"
        assert "/mes-enfants/ajouter-une-commune/" in browser.get("/").content.decode()


class TestAddingACommune:
    def test_it_lists_those_of_the_service_and_marks_one_s_own(self, world):
        make.make_authority("Neuville", phone="01 60 00 00 99")
        make.make_authority("Fermée", is_open=False)
        page = world.page("/mes-enfants/ajouter-une-commune/")
        text = page.main.text

        assert text.count("Déjà dans votre compte") == 2
        assert "01 60 00 00 99" in text
        assert "elena@exemple.fr" in text
        assert "Fermée" not in text
        assert page.main.select_one("a.btn")["href"].startswith("/compte/")

    def test_it_is_for_who_is_signed_in(self, world):
        nobody = Client(headers={"host": "famille.localhost"})

        assert nobody.get("/mes-enfants/ajouter-une-commune/")["Location"].startswith("/compte/connexion/")
