"""An agent edits the authority, its places, its offer and its calendar on screen, without a script."""

from __future__ import annotations

from datetime import date

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.authorities.models import Authority, Facility, SchoolClass
from marelle.domain.catalog.models import Activity, ClosureDay, Holiday, Product, Service, SlotTemplate
from marelle.foundation import tenancy
from tests.factories import town
from tests.web.office.conftest import THURSDAY, signed_in

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def within(office):
    with tenancy.scope({office.authority.pk}):
        yield office


def read(answer):
    return BeautifulSoup(answer.content, "html.parser")


def words(answer):
    return " ".join(read(answer).get_text(" ").split())


def typed_in(answer, **instead):
    """What a browser sends of the page's form; None takes a control away."""
    sent = {}
    form = read(answer).select_one("main form.agent-form")
    for control in form.find_all(["input", "select", "textarea"]):
        if control.name == "select":
            chosen = control.find("option", selected=True) or control.find("option")
            sent.setdefault(control["name"], []).append(chosen["value"])
        elif control["type"] not in {"checkbox", "radio"} or control.has_attr("checked"):
            unsaid = "on" if control["type"] == "checkbox" else ""
            sent.setdefault(control["name"], []).append(control.get("value", unsaid))
    sent.pop("csrfmiddlewaretoken", None)
    for name, value in instead.items():
        if value is None:
            sent.pop(name, None)
        else:
            sent[name] = value if isinstance(value, list) else [value]
    return sent


def refill(office, path, **instead):
    """Open a form, change some of it, send it."""
    url = office.at(path)
    return office.client.post(url, typed_in(office.client.get(url), **instead))


class TestIdentity:
    PATH = "reglages/collectivite/"

    def test_a_form_sent_as_it_came_changes_nothing(self, within):
        before = Authority.objects.values().get(pk=within.authority.pk)

        assert refill(within, self.PATH, insee_code="").status_code == 303

        after = Authority.objects.values().get(pk=within.authority.pk)
        assert {name: after[name] for name in before if before[name] != after[name]} == {}

    def test_what_is_written_is_read_by_families_and_a_new_zone_leads_to_the_calendar(self, within):
        answer = refill(within, self.PATH, name="Essai-le-Bel", accent="#aa3355", school_zone="A", insee_code="77154")

        assert answer["Location"] == within.at("reglages/calendrier/")
        row = Authority.objects.get(pk=within.authority.pk)
        assert (row.name, row.accent, row.school_zone, row.insee_code) == ("Essai-le-Bel", "#AA3355", "A", "77154")
        assert "reprenez maintenant le calendrier publié" in words(within.client.get(answer["Location"]))

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("siret", "21770154900017", "Ce SIRET est faux"),
            ("department", "999x", "Donnez le numéro du département"),
            ("accent", "#aa3355;}", "Donnez une couleur"),
            ("insee_code", "771540", "Un code INSEE compte cinq caractères"),
            ("phone", "01 64 04 30 10 ou le soir", "Donnez un numéro de téléphone"),
            ("taught_weekdays", ["9"], "Choisissez dans la liste."),
            ("name", "", "Donnez un nom."),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(self, within, field, value, said):
        answer = refill(within, self.PATH, **{"announcement": "Je reste", field: value})

        assert answer.status_code == 422
        assert said in words(answer)
        assert read(answer).find("input", {"name": "announcement"})["value"] == "Je reste"
        assert Authority.objects.get(pk=within.authority.pk).announcement == ""

    def test_a_color_is_seen_before_it_is_saved(self, within):
        answer = refill(within, self.PATH, accent="#aa3355", voir="couleur")

        image = read(answer).find("img", class_="color-preview")
        assert image["src"].endswith("couleur=aa3355")
        assert b"<svg" in within.client.get(image["src"]).content
        assert Authority.objects.get(pk=within.authority.pk).accent == "#3953A8"
        assert within.client.get(within.at("reglages/collectivite/couleur.svg?couleur=zz")).status_code == 404

    def test_a_logo_is_put_then_taken_away_and_what_is_not_one_is_refused(self, within):
        url = within.at("reglages/collectivite/logo/")

        assert within.client.post(url, {"logo": SimpleUploadedFile("l.png", PNG)}).status_code == 303
        assert Authority.objects.get(pk=within.authority.pk).logo_type == "image/png"
        wrong = within.client.post(url, {"logo": SimpleUploadedFile("l.svg", b"<svg><script>x</script></svg>")})
        assert (wrong.status_code, "ni script ni entité" in words(wrong)) == (422, True)
        heavy = within.client.post(url, {"logo": SimpleUploadedFile("l.png", PNG * 10_000)})
        assert (heavy.status_code, "200 ko au plus" in words(heavy)) == (422, True)
        assert within.client.post(url, {}).status_code == 422
        within.client.post(url, {"retirer": "1"})
        assert Authority.objects.get(pk=within.authority.pk).logo_type == ""


class TestPlaces:
    def test_a_new_school_comes_with_its_classes_in_their_order(self, within):
        answer = refill(
            within,
            "reglages/lieux/nouveau/",
            name="École des Prés",
            **{"classes-0-name": "CP", "classes-0-rank": "2", "classes-1-name": "PS", "classes-1-rank": "1"},
        )

        assert answer.status_code == 303
        school = Facility.objects.get(code="ecole-des-pres")
        rows = SchoolClass.objects.filter(facility=school).order_by("position")
        assert [row.name for row in rows] == ["PS", "CP"]
        assert "2 classes, 0 enfant" in words(within.client.get(answer["Location"]))

    def test_a_class_where_a_child_is_stays_and_says_why(self, within):
        town.make_child(within.family, "Zoé", school_class=within.ce2)
        path = f"reglages/lieux/{within.school.code}/"

        answer = refill(within, path, **{"classes-0-is_removed": "on"})

        assert (answer.status_code, "a encore un enfant" in words(answer)) == (409, True)
        assert SchoolClass.objects.filter(pk=within.ce2.pk).exists()
        refused = within.client.post(within.at(f"{path}supprimer/"))
        assert (refused.status_code, "une activité" in words(refused)) == (409, True)


@pytest.mark.parametrize("page", ["lieux/", "offre/", "calendrier/"])
def test_a_list_asks_as_few_questions_for_many_lines_as_for_one(within, page):
    def asked():
        with CaptureQueriesContext(connection) as questions:
            assert within.client.get(within.at(f"reglages/{page}")).status_code == 200
        return len(questions)

    def grow(number):
        school = town.make_facility(within.authority, f"École {number}")
        town.make_class(school)
        town.make_product(within.authority, service=town.make_service(within.authority), facility=school)
        town.make_closure(within.authority, "Travaux", date(2026, 12, number), facility=school)

    grow(1)
    asked()
    few = asked()
    for number in range(2, 6):
        grow(number)
    asked()

    assert asked() == few <= 15


class TestOffer:
    def test_a_service_then_an_activity_are_offered_to_families(self, within):
        assert refill(within, "reglages/offre/services/nouveau/", name="Garderie").status_code == 303
        service = Service.objects.get(code="garderie")
        new = within.at("reglages/offre/activites/nouveau/")
        form = within.client.get(f"{new}?service={service.public_id}")

        answer = within.client.post(
            new,
            typed_in(
                form,
                name="Garderie du soir",
                facility=within.school.code,
                starts_on="2026-11-23",
                ends_on="2027-07-02",
                **{
                    "slots-0-name": "Soir",
                    "slots-0-starts_at": "16:30",
                    "slots-0-ends_at": "18:30",
                    "slots-0-capacity": "20",
                    "products-0-name": "Soirée",
                },
            ),
        )

        assert answer.status_code == 303
        product = Product.objects.get(name="Soirée")
        assert (product.activity.service, product.noun, product.product_slots.count()) == (service, "soirée", 1)
        page = words(within.client.get(answer["Location"]))
        assert "Garderie du soir" in page
        # From one year to another, both are said.
        assert "du 23 novembre 2026 au 2 juillet 2027" in page
        assert "Sans règlement" in page

    def test_an_activity_goes_before_the_one_above_it_and_what_is_not_there_goes_nowhere(self, within):
        below = town.make_product(within.authority, name="Goûter", service=within.canteen, facility=within.school)
        url = within.at("reglages/offre/monter/")

        assert within.client.post(url, {"activity": below.activity.public_id}).status_code == 303
        assert Activity.objects.order_by("position").first() == below.activity
        assert within.client.post(url, {"activity": "000000000000"}).status_code == 400
        assert within.client.post(url, {"service": within.canteen.public_id}).status_code == 303

    def test_a_form_sent_as_it_came_changes_nothing(self, within):
        activity = within.meal.activity
        before = [list(table.objects.order_by("pk").values()) for table in (Activity, SlotTemplate, Product)]

        assert refill(within, f"reglages/offre/activites/{activity.public_id}/").status_code == 303

        after = [list(table.objects.order_by("pk").values()) for table in (Activity, SlotTemplate, Product)]
        # Only the order, which other activities no longer dispute.
        assert [[{**row, "position": 0} for row in rows] for rows in after[2:]] == [
            [{**row, "position": 0} for row in rows] for rows in before[2:]
        ]
        assert after[:2] == before[:2]

    def test_what_is_wrong_is_said_in_its_row_and_what_was_typed_is_kept(self, within):
        path = f"reglages/offre/activites/{within.meal.activity.public_id}/"

        answer = refill(
            within,
            path,
            **{"slots-0-ends_at": "10:00", "slots-1-name": "Soir", "slots-1-starts_at": "16:00", "products-0-name": ""},
        )

        assert answer.status_code == 422
        assert "2 lignes sont à revoir" in words(answer)
        assert read(answer).find("input", {"name": "slots-1-name"})["value"] == "Soir"

    def test_a_reserved_day_closes_once_it_was_seen_who_comes(self, within):
        child = town.make_child(within.family, products=(within.meal,))
        town.make_reservation(child, within.meal, THURSDAY, family=within.family)
        path = f"reglages/offre/activites/{within.meal.activity.public_id}/"

        asked = refill(within, path, ends_on="2026-11-25")

        assert asked.status_code == 409
        assert "Une réservation tombe sur un jour qui ferme" in words(asked)
        assert "jeudi 26 novembre (1)" in words(asked)
        confirmed = within.client.post(within.at(path), typed_in(asked, confirme="1"))
        assert confirmed.status_code == 303
        assert Activity.objects.get(pk=within.meal.activity_id).ends_on == date(2026, 11, 25)

    def test_fewer_places_than_children_and_an_activity_that_lived_are_refused(self, within):
        for name in ("Zoé", "Adam"):
            child = town.make_child(within.family, name, products=(within.meal,))
            town.make_reservation(child, within.meal, THURSDAY, family=within.family)
        path = f"reglages/offre/activites/{within.meal.activity.public_id}/"

        small = refill(within, path, **{"slots-0-capacity": "1"})
        gone = within.client.post(within.at(f"{path}supprimer/"))

        assert (small.status_code, "a déjà 2 places prises" in words(small)) == (409, True)
        assert (gone.status_code, "2 inscriptions" in words(gone), "un dernier jour" in words(gone)) == (
            409,
            True,
            True,
        )

    def test_the_opening_day_is_played_from_the_page_and_says_what_it_supposes(self, within):
        town.make_child(within.family, products=(within.meal,))
        path = within.at(f"reglages/offre/activites/{within.meal.activity.public_id}/ouverture/")

        page = words(within.client.get(path))

        assert "1 enfant inscrit" in page
        assert "Un enfant n’a pas de passé ici" in page
        assert "dès maintenant" in page
        wrong = within.client.get(f"{path}?starts_on=2026-12-10&ends_on=2026-12-01&habit=every_day")
        assert (wrong.status_code, "Le dernier jour est avant le premier." in words(wrong)) == (422, True)


class TestCalendar:
    def test_a_strike_closes_a_service_for_a_day_then_it_reopens(self, within):
        new = "reglages/calendrier/fermetures/nouveau/"

        answer = refill(within, new, starts_on="2026-12-03", reason="Grève", service="cantine")

        assert answer.status_code == 303
        closure = ClosureDay.objects.get()
        assert (closure.ends_on, closure.service) == (date(2026, 12, 3), within.canteen)
        page = within.client.get(answer["Location"])
        assert "Jeudi 3 décembre 2026 · Cantine" in words(page)
        again = refill(within, new, starts_on="2026-12-03", reason="Grève", service="cantine")
        assert (again.status_code, "a déjà une ligne" in words(again)) == (409, True)
        link = read(page).find("a", string="Grève")["href"]
        assert within.client.post(f"{link}supprimer/").status_code == 303
        assert not ClosureDay.objects.exists()

    def test_days_that_are_reserved_are_named_before_they_close(self, within):
        child = town.make_child(within.family, products=(within.meal,))
        town.make_reservation(child, within.meal, THURSDAY, family=within.family)

        asked = refill(
            within, "reglages/calendrier/conges/nouveau/", kind="public", name="Fête", starts_on=str(THURSDAY)
        )

        assert (asked.status_code, "jeudi 26 novembre (1)" in words(asked)) == (409, True)
        assert not Holiday.objects.filter(name="Fête").exists()
        url = within.at("reglages/calendrier/conges/nouveau/")
        assert within.client.post(url, typed_in(asked, confirme="1")).status_code == 303
        assert Holiday.objects.get(name="Fête").ends_on == THURSDAY
        removed = within.client.post(within.at(f"reglages/calendrier/conges/public-{THURSDAY}/supprimer/"))
        assert removed.status_code == 303

    def test_the_published_calendar_is_taken_once(self, within):
        url = within.at("reglages/calendrier/publie/")

        first = within.client.post(url, follow=True)
        assert "lignes du calendrier ont changé" in words(first)
        assert "Vacances de Noël" in words(first)
        assert "suit déjà celui qui est publié" in words(within.client.post(url, follow=True))

    @pytest.mark.parametrize("path", ["?annee=20x6", "?annee=9999", "conges/school-2026-02-31/", "fermetures/a.b/"])
    def test_an_address_that_means_nothing_is_not_found(self, within, path):
        assert within.client.get(within.at(f"reglages/calendrier/{path}")).status_code == 404


def test_whoever_does_not_administer_sees_none_of_it(within):
    client = signed_in(town.make_agent(within.authority, "Ana", "manage_reservations"))

    for path in ("collectivite/", "lieux/", "offre/", "calendrier/"):
        assert client.get(within.at(f"reglages/{path}")).status_code == 403
    assert "reglages/" not in client.get(within.at("familles/")).content.decode()
