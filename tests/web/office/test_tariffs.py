"""The tariffs at the town hall: read them, try a price, change them in the form or as a text, record, withdraw."""

from datetime import UTC, date, datetime

import pytest

from marelle.domain.accounts.models import Grant
from marelle.domain.catalog.models import Tariff
from marelle.domain.families.models import FamilyQuotient
from marelle.foundation import tenancy
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.factories import town
from tests.web.office.conftest import signed_in
from tests.web.office.test_day import body
from tests.web.office.test_reglements import BOMB, fields_of

pytestmark = pytest.mark.urls("marelle.config.urls_office")

FLAT = "price.flat.+itself"
SAVE = {"valid_from": "2027-01-04", "resolution": "2026-40"}
BANDS = {
    "price": {
        "by": "quotient",
        "missing": "highest",
        "bands": [{"up_to": "600", "price": "1,20"}, {"up_to": "1200", "price": "3,10"}, {"price": "4,60"}],
    },
    "changes": [{"name": "Hors commune", "percent": 50, "when": {"for": ["non_resident"]}}],
}
TEXT = """price:
  by: quotient
  bands:
    - {up_to: 600, price: "1,20"}
    - {price: 3.10}
"""


def url(office, end=""):
    return office.at(f"tarifs/{office.meal.public_id}/{end}")


def form(office, query=""):
    return fields_of(office.client.get(url(office, f"modifier/{query}")))


def post(office, end, sent, **changed):
    return office.client.post(url(office, end), {**dict(sent.lists()), **changed})


def records(office):
    with tenancy.scope({office.authority.pk}):
        return list(Tariff.objects.filter(product=office.meal.pk).order_by("valid_from"))


def vote(office, rules, **fields):
    with permitted("test"), tenancy.scope({office.authority.pk}):
        row, _ = Tariff.objects.update_or_create(
            authority=office.authority,
            product=office.meal,
            valid_from=fields.pop("valid_from", date(2026, 9, 1)),
            defaults={"rules": rules, "resolution": "2026-31", **fields},
        )
        office.authority.catalog_version += 1
        office.authority.save()
    return row


class TestReading:
    def test_every_product_says_what_it_costs_in_a_line(self, office):
        vote(office, BANDS, valid_from=date(2027, 1, 4))

        page = body(office.client.get(office.at("tarifs/")))

        assert "3,85 € par repas" in page
        assert "En vigueur depuis le 01/09/2026, délibération 2026-31" in page
        assert "À venir De 1,20 € à 4,60 € par repas, selon le quotient, Hors commune, à partir du 04/01/2027" in page

    def test_what_is_missing_or_unreadable_is_said(self, office):
        vote(office, {"price": 3})
        assert "ne peut pas être lu" in body(office.client.get(office.at("tarifs/")))
        assert "ne peut pas être lu" in body(office.client.get(url(office)))
        assert "price: 3" in body(office.client.get(url(office, "modifier/")))
        with permitted("test"), tenancy.scope({office.authority.pk}):
            Tariff.objects.all().delete()
            office.authority.catalog_version += 1
            office.authority.save()
        assert "Aucun tarif : ce qui est réservé n’a pas de prix." in body(office.client.get(office.at("tarifs/")))
        assert "Écrire le tarif" in body(office.client.get(url(office)))
        assert office.client.get(url(office, "modifier/")).status_code == 200

    def test_a_town_without_products_says_so(self, office):
        other = town.make_authority("JolieVille")

        page = body(signed_in(town.make_agent(other)).get(f"/{other.slug}/tarifs/"))

        assert "Aucune prestation n’est encore enregistrée." in page

    def test_the_tariff_is_printed_with_its_tables_and_versions(self, office):
        vote(office, BANDS, valid_from=date(2027, 1, 4))

        page = body(office.client.get(url(office) + "?version=2027-01-04"))

        assert "Tranche 2 : plus de 600, jusqu’à 1 200" in page.replace("\N{NARROW NO-BREAK SPACE}", " ")
        assert "La tranche 3 vaut pour qui n’a pas donné son quotient familial." in page
        assert "« Hors commune » : 50 % de plus, pour hors commune." in page
        assert "Le prix est de 3,85 €." in body(office.client.get(url(office)))

    def test_the_reglement_and_the_tariff_lead_to_each_other(self, office):
        reglement = office.at(f"reglements/{office.meal.public_id}/")

        assert f'href="{reglement}"' in office.client.get(url(office)).content.decode()
        assert f'href="{url(office)}"' in office.client.get(reglement).content.decode()

    def test_somebody_else_s_product_is_not_found(self, office):
        other = town.make_product(town.make_authority("JolieVille"))

        assert office.client.get(office.at(f"tarifs/{other.public_id}/")).status_code == 404


class TestTryingAPrice:
    def test_only_what_the_tariff_asks_is_asked(self, office):
        assert b'name="quotient"' not in office.client.get(url(office)).content
        vote(office, BANDS)
        page = office.client.get(url(office)).content
        assert b'name="quotient"' in page
        assert b'value="non_resident"' in page
        assert b'name="rang"' not in page

    def test_a_price_comes_with_its_steps_without_a_script(self, office):
        vote(office, BANDS)

        page = body(office.client.get(url(office), {"essai": "1", "quotient": "742", "situation": "non_resident"}))

        assert "Une journée : 4,65 €" in page
        assert "Quotient 742 → tranche 2 3,10 €" in page
        assert "Hors commune 1,55 €" in page

    def test_what_is_wrong_is_said_and_kept(self, office):
        vote(office, BANDS)

        page = office.client.get(url(office), {"essai": "1", "quotient": "sept cents"})

        assert "Indiquez un nombre d’euros" in body(page)
        assert b'value="sept cents"' in page.content

    def test_no_price_says_why(self, office):
        vote(office, {"price": {**BANDS["price"], "missing": "none"}})

        assert "Pas de prix : le tarif ne dit rien" in body(office.client.get(url(office), {"essai": "1"}))

    def test_everything_a_tariff_may_count_is_asked_and_packages_are_priced(self, office):
        vote(
            office,
            {
                "price": {"by": "duration", "minutes": 30, "price": {"by": "rank", "prices": ["1,00", "0,80"]}},
                "packages": [{"code": "m", "name": "Mois", "per": "month", "price": "25,00"}],
                "changes": [
                    {"name": "Présents", "percent": -10, "when": {"siblings_present": {"least": 2}}},
                    {"name": "Semaine", "percent": -10, "when": {"days_of_week": {"least": 4}}},
                ],
            },
        )
        asked = {"essai": "1", "rang": "2", "presents": "2", "jours": "1", "minutes": "45"}

        page = body(office.client.get(url(office), asked))

        assert "Une journée : 1,44 €" in page
        assert "Forfait « Mois », par mois : 25,00 €" in page
        assert "Indiquez un nombre de 1 à 31." in body(office.client.get(url(office), {**asked, "rang": "99"}))


class TestWhoPays:
    def test_families_of_last_month_are_counted_by_band_and_nobody_is_named(self, office):
        vote(office, BANDS)
        child = town.make_child(office.family, "Ysoline", products=(office.meal,))
        with permitted("test"), tenancy.scope({office.authority.pk}):
            FamilyQuotient.objects.create(
                authority=office.authority,
                family=office.family,
                value_cents=74_200,
                valid_from=date(2026, 9, 1),
                source="typed",
                recorded_at=datetime(2026, 9, 1, tzinfo=UTC),
            )
        for day in (1, 2, 5):
            town.make_reservation(child, office.meal, date(2026, 10, day), family=office.family)

        page = body(office.client.get(url(office) + "?qui=1"))

        assert "Tranche 2 1 3 9,30 €" in page
        assert "octobre 2026" in page
        assert "Ysoline" not in page

    def test_a_town_where_nobody_came_says_so(self, office):
        assert "Aucune réservation n’est enregistrée en novembre 2026." in body(
            office.client.get(url(office) + "?qui=1")
        )


class TestChanging:
    def test_the_tariff_in_force_is_typed_changed_tried_and_recorded(self, office):
        sent = form(office)
        assert sent[FLAT] == "3,85"
        sent[FLAT] = "4,10"

        trial = post(office, "essayer/", sent, **SAVE)
        assert "3,85 €" in body(trial)
        assert "4,10 €" in body(trial)
        assert len(records(office)) == 1
        answer = post(office, "enregistrer/", fields_of(trial))

        assert answer.status_code == 303
        before, after = records(office)
        assert (after.rules, after.resolution, after.valid_from) == ({"price": "4,10"}, "2026-40", date(2027, 1, 4))
        assert before.rules == {"price": "3,85"}
        with tenancy.scope({office.authority.pk}):
            assert AuditEntry.objects.filter(verb="save_tariff").count() == 1
        assert "Tarif enregistré : Repas, à partir du lundi 4 janvier 2027." in body(office.client.get(url(office)))

    def test_a_row_is_added_filled_in_and_taken_out_without_a_script(self, office):
        sent = form(office)
        sent["price.is"] = "bands"
        for _ in range(2):
            sent = fields_of(post(office, "modifier/", sent, ajouter="price.bands.bands"))
        sent["price.bands.bands.0.+end.up_to.up_to"] = "600"
        sent["price.bands.bands.0.price.flat.+itself"] = "1,20"
        sent["price.bands.bands.1.+end.is"] = "end"
        sent["price.bands.bands.1.price.flat.+itself"] = "3,10"
        sent = fields_of(post(office, "modifier/", sent, ajouter="changes"))
        sent = fields_of(post(office, "modifier/", sent, retirer="changes.0"))

        answer = post(office, "enregistrer/", sent, **SAVE)

        assert answer.status_code == 303
        assert records(office)[1].rules == {
            "price": {"by": "quotient", "bands": [{"up_to": "600", "price": "1,20"}, {"price": "3,10"}]}
        }

    def test_what_is_wrong_is_said_at_its_field_and_everything_typed_stays(self, office):
        sent = form(office)
        sent[FLAT] = "trois euros"

        answer = post(office, "essayer/", sent, **SAVE)

        assert answer.status_code == 422
        assert f'href="#r.{FLAT}"' in answer.content.decode()
        again = fields_of(answer)
        assert (again[FLAT], again["valid_from"], again["resolution"]) == ("trois euros", "2027-01-04", "2026-40")

    def test_form_and_text_go_both_ways(self, office):
        vote(office, BANDS)
        text = fields_of(post(office, "modifier/", form(office), voir="texte"))
        assert 'price: "1,20"' in text["texte"]

        back = fields_of(post(office, "modifier/", text, voir="formulaire"))

        assert back["price.bands.bands.0.+end.up_to.up_to"] == "600"
        assert back["changes.0.when.own.for.known"] == "non_resident"

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (TEXT, "Ligne 5, price.bands.1.price : "),
            ("price: [", "Ligne 1"),
            ("{}", "Ligne 1, price : le prix manque."),
            (BOMB, "Ligne 1"),
        ],
    )
    def test_a_text_that_cannot_be_read_says_its_line_and_stays(self, office, text, said):
        for end in ("essayer/", "enregistrer/", "modifier/"):
            answer = office.client.post(url(office, end), {"vue": "texte", "texte": text, "voir": "formulaire", **SAVE})

            assert answer.status_code == 422
            assert said in body(answer)
            assert fields_of(answer)["texte"].splitlines() == text.splitlines()
        assert len(records(office)) == 1

    def test_a_tariff_too_rich_for_the_form_is_a_text_and_says_so(self, office):
        vote(office, {"price": {"by": "rank", "prices": [BANDS["price"], "2,00"]}})

        page = office.client.get(url(office, "modifier/"))

        assert "il s’écrit en YAML" in body(page)
        assert post(office, "modifier/", fields_of(page), voir="formulaire").status_code == 200
        assert post(office, "essayer/", fields_of(page)).status_code == 200

    def test_the_day_and_the_vote_are_asked_for(self, office):
        answer = post(office, "enregistrer/", form(office), valid_from="2199-01-01", resolution="")

        assert answer.status_code == 422
        assert "Indiquez un jour" in body(answer)
        assert "Indiquez la délibération" in body(answer)

    def test_doubts_the_comparison_and_typical_families_are_shown_before_recording(self, office):
        text = 'price: {by: quotient, bands: [{up_to: 600, price: "1,20"}, {price: "4,00"}]}'

        page = body(office.client.post(url(office, "essayer/"), {"vue": "texte", "texte": text, **SAVE}))

        assert "Que paie une famille qui ne donne pas son quotient familial ?" in page
        assert "Retiré : Le prix est de 3,85 €." in page
        assert "Quotient 300 3,85 € 1,20 €" in page
        assert "Quotient non fourni 3,85 € pas de prix" in page

    def test_days_that_have_a_price_are_confirmed_first(self, office):
        child = town.make_child(office.family, products=(office.meal,))
        town.make_reservation(child, office.meal, date(2026, 11, 19), family=office.family, price_cents=385)
        sent = form(office)
        sent[FLAT] = "4,10"

        answer = post(office, "enregistrer/", sent, valid_from="2026-11-02", resolution="2026-40")

        assert answer.status_code == 409
        assert "1 jour passé depuis cette date a déjà un prix, pas encore facturé." in body(answer)
        assert len(records(office)) == 1
        again = fields_of(answer)
        again["confirmed"] = "on"
        assert post(office, "enregistrer/", again).status_code == 303
        assert [row.rules["price"] for row in records(office)] == ["3,85", "4,10"]

    def test_prices_that_families_saw_are_confirmed_first_too(self, office):
        child = town.make_child(office.family, products=(office.meal,))
        town.make_reservation(child, office.meal, date(2026, 12, 3), family=office.family, price_cents=385)

        for valid_from, said in (
            ("2026-12-01", "1 jour à venir a déjà été réservé"),
            ("2026-11-20", "Ce jour est passé"),
        ):
            answer = post(office, "enregistrer/", form(office), **{**SAVE, "valid_from": valid_from})
            assert answer.status_code == 409
            assert said in body(answer)


class TestWithdrawing:
    def test_a_version_to_come_is_withdrawn(self, office):
        vote(office, BANDS, valid_from=date(2027, 1, 4))

        answer = office.client.post(url(office, "retirer/"), {"version": "2027-01-04"})

        assert answer.status_code == 303
        assert len(records(office)) == 1

    @pytest.mark.parametrize(
        ("version", "said"), [("2026-09-01", "Cette version est en vigueur"), ("2031-01-01", "n’existe plus")]
    )
    def test_a_version_in_force_or_gone_is_not(self, office, version, said):
        answer = office.client.post(url(office, "retirer/"), {"version": version})

        assert answer.status_code == 409
        assert said in body(answer)
        assert len(records(office)) == 1


class TestRoles:
    def test_every_agent_reads_and_only_those_who_administer_write(self, office):
        client = signed_in(town.make_agent(office.authority, "Hugo", Grant.Role.VIEW_DAY))

        page = client.get(url(office))

        assert page.status_code == 200
        assert "Modifier" not in body(page)
        assert client.get(url(office, "modifier/")).status_code in {403, 404}
        assert client.post(url(office, "enregistrer/"), SAVE).status_code in {403, 404}

    def test_who_administers_another_service_does_not_change_this_one(self, office):
        other = town.make_service(office.authority, "Piscine")
        agent = town.make_agent(office.authority, "Paul", Grant.Role.VIEW_DAY)
        with permitted("test"), tenancy.scope({office.authority.pk}):
            Grant.objects.create(authority=office.authority, agent=agent, role="administer", service_code=other.code)
        client = signed_in(agent)

        assert "Modifier" not in body(client.get(url(office)))
        assert client.post(url(office, "enregistrer/"), SAVE).status_code == 404
