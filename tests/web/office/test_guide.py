"""The guided first run: from an empty authority to one that may open, and what each screen refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Grant
from marelle.domain.authorities.models import Authority, Facility, LoadedRecord, Regie, SchoolClass
from marelle.domain.catalog.models import Activity, Holiday, Product, Reglement, Service, Slot, SlotTemplate, Tariff
from marelle.domain.catalog.operations.calendar import seed_calendar
from marelle.domain.onboarding.models import ProductCost
from marelle.domain.onboarding.operations.presets import make_offer, make_places
from marelle.domain.onboarding.queries.gallery import ready_reglements
from marelle.domain.onboarding.queries.readiness import readiness
from marelle.domain.onboarding.rules.checklist import Check, missing
from marelle.domain.onboarding.rules.pasted_places import read_places
from marelle.domain.onboarding.rules.presets import PRESETS, ChosenPreset, Days, PresetPlace, planned
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.factories import town
from tests.web.office.conftest import TODAY, signed_in

pytestmark = pytest.mark.urls("marelle.config.urls_office")

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
VOTE = {"valid_from": "2026-09-01", "resolution": "2026-31 du 12/06/2026"}
YEAR = {"first": "2026-09-01", "last": "2027-08-31"}
STUDY = {**YEAR, "etude-ticked": "on", "etude-places": "ecole-des-tilleuls"}
THREE = {"shape": "quotient", "below-0": "400", "band-0": "1"}


@pytest.fixture
def empty(db, monday_morning):
    """A town that has just been opened: its name, its calendar, one administrator, nothing else."""
    with permitted("test"):
        authority = Authority.objects.create(
            slug="ville-neuve", name="Ville-Neuve", department="77", school_zone="C", taught_weekdays=[0, 1, 3, 4],
            is_open=False,
        )  # fmt: skip
    with tenancy.scope({authority.pk}):
        seed_calendar(authority, by=SYSTEM, at=NOW)
    agent = town.make_agent(authority)
    return SimpleNamespace(authority=authority, agent=agent, client=signed_in(agent))


def at(empty, end=""):
    return f"/{empty.authority.slug}/reglages/mise-en-service/{end}"


def send(empty, end, **said):
    return empty.client.post(at(empty, end), said)


def words(answer):
    return " ".join(BeautifulSoup(answer.content, "html.parser").select_one("main").get_text(" ").split())


def make_schools(empty, text="École des Tilleuls : CP, CE1\nCentre Les Cabanes"):
    with tenancy.scope({empty.authority.pk}):
        make_places(empty.authority, read_places(text).places, by=SYSTEM, at=NOW)


def make_everything(empty):
    """Have every preset at its place."""
    make_schools(empty)
    with tenancy.scope({empty.authority.pk}):
        places = {one.kind: PresetPlace(one.pk, one.code) for one in Facility.objects.all()}
        chosen = [ChosenPreset(preset, (places[preset.at],)) for preset in PRESETS]
        offer = planned(chosen, taught_weekdays=[0, 1, 3, 4])
        make_offer(empty.authority, offer, first=date(2026, 9, 1), last=date(2027, 8, 31), by=SYSTEM, at=NOW)


def in_scope(empty):
    empty.authority.refresh_from_db()
    return tenancy.scope({empty.authority.pk})


def test_a_town_is_set_up_from_nothing_and_each_screen_leads_to_the_next(empty):
    assert "Ouvrir au public" in words(empty.client.get(at(empty)))
    steps = [
        ("coordonnees/", {"phone": "01 64 00 00 10", "email": "mairie@exemple.fr", "siret": "217 701 549 00016"}),
        ("ecoles/", {"names": "École des Tilleuls : CP, CE1 (Mme Perrin)\nCentre Les Cabanes"}),
        ("offre/", {**YEAR, "cantine-ticked": "on", "cantine-places": "ecole-des-tilleuls", "mercredi-ticked": "on",
                    "mercredi-places": "centre-les-cabanes", "mercredi-capacity": "24", "mercredi-matin-from": "08:00",
                    "mercredi-matin-to": "12:00"}),
    ]  # fmt: skip
    leads = [send(empty, end, **said)["Location"] for end, said in steps]
    assert leads == [at(empty, "ecoles/"), at(empty, "offre/"), at(empty, "reglement/")]
    with in_scope(empty):
        canteen, wednesday = Activity.objects.order_by("pk")
        ids = {one.code: one.public_id for one in (canteen, wednesday)}
    first = send(
        empty, "reglement/", reglement="veille-de-classe", activities=ids["cantine-ecole-des-tilleuls"], **VOTE
    )
    assert first["Location"] == at(empty, "reglement/")  # Wednesday has none yet: the gallery that suits it comes
    assert "pour le mercredi ?" in words(empty.client.get(at(empty, "reglement/")))
    mercredi = ids["mercredi-centre-les-cabanes"]
    second = send(empty, "reglement/", reglement="mercredi-de-la-semaine-avant", activities=mercredi, **VOTE)
    assert second["Location"] == at(empty, "tarif/")
    bands = {"below-0": "400", "band-0": "1,00", "below-1": "850", "band-1": "2,35", "band-2": "3,85"}
    again = send(empty, "tarif/", products="Repas, Restauration scolaire", shape="quotient", **bands, **VOTE)
    assert again["Location"] == at(empty, "tarif/")
    names = [
        f"{name}, Accueil de loisirs" for name in ("Journée avec repas", "Matin", "Matin avec repas", "Après-midi")
    ]
    last = send(
        empty, "tarif/", products=names, shape="flat", price="12", non_resident="20,50", is_childcare="on", **VOTE
    )
    assert last["Location"] == at(empty, "regie/")
    assert send(empty, "regie/", name="Régie scolaire")["Location"] == at(empty)
    assert send(empty, "ouvrir/")["Location"] == at(empty)
    with in_scope(empty):
        assert empty.authority.is_open
        assert empty.authority.siret == "21770154900016"
        assert {row.capacity for row in SlotTemplate.objects.filter(activity=canteen)} == {None}
        assert {row.capacity for row in SlotTemplate.objects.filter(activity=wednesday)} == {24}
        assert SlotTemplate.objects.get(activity=wednesday, code="matin").starts_at == time(8)
        assert Slot.objects.filter(activity=canteen, date=TODAY).exists()
        assert not Slot.objects.filter(activity=wednesday, date=TODAY).exists()
        assert Service.objects.filter(regie=Regie.objects.get()).count() == 2
        assert SchoolClass.objects.get(code="ce1").teacher == "Mme Perrin"
        assert Tariff.objects.filter(rules__components__0__childcare=True).count() == 4
        # Nothing of it was said by a file: the next one that speaks of it finds the word of the office.
        assert not LoadedRecord.objects.exclude(kind="catalog.holiday").exists()


def test_the_same_asked_twice_makes_nothing_more(empty):
    make_everything(empty)
    with in_scope(empty):
        before = [model.objects.count() for model in (Facility, SchoolClass, Activity, Product, Slot)]
        version = empty.authority.catalog_version
    make_everything(empty)
    with in_scope(empty):
        assert [model.objects.count() for model in (Facility, SchoolClass, Activity, Product, Slot)] == before
        assert empty.authority.catalog_version == version
    page = BeautifulSoup(empty.client.get(at(empty, "offre/")).content, "html.parser")
    # What is there at the school is offered elsewhere alone.
    assert [one["value"] for one in page.select("[name=etude-places]")] == ["centre-les-cabanes"]


@pytest.mark.parametrize("ready", ready_reglements(), ids=lambda one: one.code)
def test_each_reglement_of_the_gallery_makes_sense_where_it_is_offered(empty, ready):
    make_everything(empty)
    codes = {Days.TAUGHT: "cantine", Days.WEDNESDAY: "mercredi", Days.HOLIDAYS: "vacances"}
    for days in (one for one in Days if one in ready.suits):
        with in_scope(empty), permitted("test"):
            activity = Activity.objects.get(code__startswith=codes[days])
            # The gallery speaks of one kind of days at a time: only those of this one wait.
            Activity.objects.exclude(pk=activity.pk).update(ends_on=date(2026, 9, 30))
            Authority.objects.filter(pk=empty.authority.pk).update(catalog_version=empty.authority.catalog_version + 1)
        page = empty.client.get(at(empty, "reglement/"))
        assert ready.title in words(page)
        answer = send(empty, "reglement/", reglement=ready.code, activities=activity.public_id, **VOTE)
        assert answer.status_code == 303, words(answer)
        with in_scope(empty), permitted("test"):
            assert Reglement.objects.get(activity=activity).valid_from == date(2026, 9, 1)
            Activity.objects.exclude(pk=activity.pk).update(ends_on=date(2027, 8, 31))


def test_a_town_that_lacks_something_does_not_open_and_says_what(empty):
    answer = send(empty, "ouvrir/")
    assert answer.status_code == 409
    assert "Rien n’a été ouvert" in words(answer)
    assert "ajoutez vos écoles" in words(answer)
    empty.authority.refresh_from_db()
    assert not empty.authority.is_open


@pytest.mark.parametrize(
    ("end", "said", "shown"),
    [
        ("coordonnees/", {"phone": "", "email": ""}, "Donnez un téléphone"),
        ("coordonnees/", {"email": "mairie"}, "Vérifiez cette adresse"),
        ("coordonnees/", {"phone": "01", "siret": "21770154900017"}, "ne se vérifie pas"),
        ("ecoles/", {"names": " \n "}, "Collez au moins un nom"),
        ("ecoles/", {"names": "École A\nécole a"}, "écrit deux fois"),
        ("offre/", YEAR, "Cochez au moins un service"),
        ("offre/", {**STUDY, "etude-places": []}, "Choisissez au moins un lieu"),
        ("offre/", {**STUDY, "etude-places": "ailleurs"}, "Choisissez au moins un lieu"),
        ("offre/", {**STUDY, "etude-etude-from": "19:00"}, "L’heure de fin"),
        ("offre/", {**STUDY, "etude-etude-from": "midi"}, "Écrivez une heure"),
        ("offre/", {**STUDY, "etude-capacity": "0"}, "de 1 à 9 999"),
        ("offre/", {"first": "2026-09-01", "last": "2026-08-31", "etude-ticked": "on"}, "avant le premier"),
        ("regie/", {"name": ""}, "Donnez un nom à la régie"),
        ("regie/", {"name": "Régie", "payfip_id": "12345"}, "six chiffres"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_said_and_nothing_is_written(empty, end, said, shown):
    make_schools(empty)
    answer = send(empty, end, **said)
    assert answer.status_code == 422
    assert shown in words(answer)
    with in_scope(empty):
        assert (Facility.objects.count(), Activity.objects.count(), Regie.objects.count()) == (2, 0, 0)
        assert not empty.authority.phone


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"shape": "flat"}, "Donnez un prix"),
        ({"shape": "flat", "price": "trois"}, "montant"),
        ({"shape": "autre", "price": "3"}, "Choisissez comment"),
        ({"shape": "quotient", "band-0": "3"}, "au moins deux tranches"),
        ({**THREE, "below-1": "300", "band-1": "2", "band-2": "3"}, "plus grande que celle"),
        ({**THREE, "band-2": "2"}, "sans en sauter"),
        ({"shape": "quotient", "below-0": "quatre", "band-0": "1", "band-1": "2"}, "nombre d’euros entier"),
        ({**THREE, "below-1": "500", "band-1": "2"}, "la dernière sans limite"),
        ({"shape": "quotient", "below-0": "400", "below-1": "", "band-1": "2"}, "Donnez un prix"),
        ({"shape": "effort", "percent": "0", "floor": "1", "ceiling": "2"}, "Donnez un taux"),
        ({"shape": "effort", "percent": "0,36", "floor": "3", "ceiling": "2"}, "prix plancher"),
        ({"shape": "flat", "price": "3", "products": "Autre"}, "Choisissez au moins une prestation"),
        ({"shape": "flat", "price": "3", "resolution": ""}, "Indiquez la délibération"),
    ],
)  # fmt: skip
def test_a_price_that_makes_no_tariff_is_refused_where_it_is_and_what_was_typed_stays(empty, said, shown):
    make_everything(empty)
    answer = send(empty, "tarif/", **{"products": "Repas, Restauration scolaire", **VOTE, **said})
    assert answer.status_code == 422
    assert shown in words(answer)
    page = BeautifulSoup(answer.content, "html.parser")
    for name in ("price", "below-0", "percent"):
        if name in said:
            assert page.select_one(f"[name={name}]")["value"] == said[name]
    with in_scope(empty):
        assert not Tariff.objects.exists()


def test_an_effort_rate_is_typed_in_three_numbers(empty):
    make_everything(empty)
    said = {"products": "Repas, Restauration scolaire", "shape": "effort", "percent": "0.36 %", "floor": "2,60"}
    assert send(empty, "tarif/", **said, ceiling="4,50", **VOTE).status_code == 303
    with in_scope(empty):
        price = Tariff.objects.get().rules["price"]
    assert price == {"by": "effort_rate", "percent": "0,36", "floor": "2,60", "ceiling": "4,50", "missing": "ceiling"}


def test_what_the_law_minds_is_shown_with_its_text_and_mended_where_it_is(empty):
    make_everything(empty)
    with in_scope(empty), permitted("test"):
        canteen = Activity.objects.get(code__startswith="cantine")
        SlotTemplate.objects.filter(activity=canteen).update(capacity=60)
        meal = canteen.products.get()
        Tariff.objects.create(
            authority=empty.authority, product=meal, valid_from=date(2026, 9, 1), rules={"price": "9,50"}
        )
        Product.objects.filter(pk=meal.pk).update(name="Repas halal")
        rules = ready_reglements()[0].data
        waves = [{"for": "working", "at": "2026-08-21 07:00"}, {"for": "everyone", "at": "2026-08-28 07:00"}]
        Reglement.objects.create(
            authority=empty.authority, activity=canteen, valid_from=date(2026, 9, 1),
            rules={**rules, "book": {"closes": rules["book"], "opens": waves}},
        )  # fmt: skip
        Authority.objects.filter(pk=empty.authority.pk).update(catalog_version=99)
    assert send(empty, "cout/", **{"cost-0": "9,40"}).status_code == 303
    page = words(empty.client.get(at(empty)))
    for said in ("L. 131-13", "Une cantine scolaire a un nombre de places", "« halal » (prestation « Repas halal »)",
                 "à certaines familles avant les autres", "Un tarif dépasse le coût", "R. 531-53"):  # fmt: skip
        assert said in page
    with in_scope(empty):
        assert ProductCost.objects.get().cost_cents == 940
    assert send(empty, "cout/", **{"cost-0": "9,50"}).status_code == 303
    assert "Un tarif dépasse le coût" not in words(empty.client.get(at(empty)))
    assert send(empty, "cout/", **{"cost-0": "cher"}).status_code == 422
    assert send(empty, "cout/", **{"cost-0": ""}).status_code == 303
    with in_scope(empty):
        assert not ProductCost.objects.exists()


def test_a_calendar_that_was_never_filled_is_filled_by_one_button(empty):
    with in_scope(empty), permitted("test"):
        Holiday.objects.all().delete()
        LoadedRecord.objects.all().delete()
        Authority.objects.filter(pk=empty.authority.pk).update(catalog_version=50)
    assert "Le calendrier des vacances manque" in words(empty.client.get(at(empty)))
    assert send(empty, "calendrier/").status_code == 303
    assert "Les vacances et les jours fériés sont là" in words(empty.client.get(at(empty)))


def test_only_who_administers_the_whole_town_sets_it_up(empty):
    make_schools(empty)
    secretary = town.make_agent(empty.authority, "Secrétariat", Grant.Role.MANAGE_RESERVATIONS)
    of_a_school = town.make_agent(empty.authority, "Direction", Grant.Role.ADMINISTER)
    with in_scope(empty), permitted("test"):
        Grant.objects.filter(agent=of_a_school).update(facility=Facility.objects.first())
    for agent in (secretary, of_a_school):
        assert signed_in(agent).get(at(empty)).status_code == 403
        assert signed_in(agent).post(at(empty, "ouvrir/")).status_code == 403


def test_the_list_asks_as_few_questions_for_a_dozen_schools_as_for_one(empty):
    make_everything(empty)
    empty.client.get(at(empty))
    counts = []
    for extra in (1, 12):
        make_schools(empty, "\n".join(f"École {n} : CP, CE1" for n in range(extra)))
        with in_scope(empty):
            places = tuple(PresetPlace(one.pk, one.code) for one in Facility.objects.filter(kind="school"))
            offer = planned([ChosenPreset(PRESETS[0], places)], taught_weekdays=[0, 1, 3, 4])
            make_offer(empty.authority, offer, first=date(2027, 8, 1), last=date(2027, 8, 31), by=SYSTEM, at=NOW)
        empty.client.get(at(empty))
        with CaptureQueriesContext(connection) as asked:
            empty.client.get(at(empty))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


def test_readiness_says_what_lacks_of_an_empty_town(empty):
    with in_scope(empty):
        lacking = {item.check for item in missing(readiness(empty.authority, today=TODAY))}
    assert lacking == {Check.REACHABLE, Check.PLACES, Check.PRODUCTS, Check.REGLEMENTS, Check.TARIFFS}
