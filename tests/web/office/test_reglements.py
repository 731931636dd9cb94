"""The règlements at the town hall: read them, change them in the form or as a text, try, record, withdraw."""

from datetime import UTC, date, datetime

import pytest
from bs4 import BeautifulSoup
from django.http import QueryDict

from marelle.domain.accounts.models import Grant
from marelle.domain.catalog.models import Holiday, Reglement
from marelle.foundation import tenancy
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.factories import town
from tests.web.office.conftest import THURSDAY, signed_in
from tests.web.office.test_day import add_child, body

pytestmark = pytest.mark.urls("marelle.config.urls_office")


def url(office, end="", of=None):
    ruled = of or office.meal.activity
    return office.at(f"reglements/{ruled.public_id}/{end}")


def fields_of(page):
    """Return what a browser would send of the form of the page that has a règlement in it, scripts or not."""
    sent = QueryDict(mutable=True)
    form = BeautifulSoup(page.content, "html.parser").select_one("main form:has([name=vue])")
    for control in form.find_all(["input", "select", "textarea"]):
        name = control.get("name")
        if control.name == "select":
            chosen = control.find("option", selected=True) or control.find("option")
            sent.appendlist(name, chosen["value"])
        elif control.name == "textarea":
            sent.appendlist(name, control.text.removeprefix("\n"))
        elif control["type"] in {"checkbox", "radio"}:
            if control.has_attr("checked"):
                sent.appendlist(name, control.get("value", "on"))
        else:
            sent.appendlist(name, control.get("value", ""))
    return sent


def form(office, query=""):
    return fields_of(office.client.get(url(office, f"modifier/{query}")))


def post(office, end, sent, **changed):
    data = {**dict(sent.lists()), **changed}
    return office.client.post(url(office, end), data)


def records(office):
    with tenancy.scope({office.authority.pk}):
        return list(Reglement.objects.filter(activity=office.meal.activity_id).order_by("valid_from", "pk"))


# Few letters that would make thousands of values.
BOMB = "a: &a [1,1,1,1,1,1,1,1]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 8)}]\n" for before, name in zip("abcd", "bcde", strict=True)
)
OFFSET = "book.closes.+cutoff.offset"
SAVE = {"valid_from": "2027-01-04", "resolution": "2026-40"}


class TestReading:
    def test_every_activity_says_what_rules_it(self, office):
        page = body(office.client.get(office.at("reglements/")))

        assert office.meal.activity.name in page
        assert "En vigueur depuis le 01/09/2026, sans délibération indiquée" in page

    def test_what_is_missing_is_said(self, office):
        with permitted("test"), tenancy.scope({office.authority.pk}):
            Reglement.objects.all().delete()
            office.authority.catalog_version += 1
            office.authority.save()

        page = body(office.client.get(office.at("reglements/")))

        assert "Aucun règlement : les familles ne peuvent rien réserver en ligne." in page
        assert "Aucun règlement" in body(office.client.get(url(office)))

    def test_a_town_without_activities_says_so(self, office):
        other = town.make_authority("JolieVille")
        client = signed_in(town.make_agent(other))

        assert "Aucune activité n’est encore enregistrée." in body(client.get(f"/{other.slug}/reglements/"))

    def test_a_reglement_is_printed_as_articles(self, office):
        response = office.client.get(url(office))

        articles = BeautifulSoup(response.content, "html.parser").select(".articles > li")
        assert len(articles) >= 2
        assert "9 h" in body(response)

    def test_every_agent_reads_and_only_who_administers_changes(self, office):
        viewer = signed_in(town.make_agent(office.authority, "Paul Roy", "record_attendance"))

        assert viewer.get(office.at("reglements/")).status_code == 200
        page = viewer.get(url(office))
        assert page.status_code == 200
        assert "modifier/" not in page.content.decode()
        assert viewer.get(url(office, "modifier/")).status_code == 403
        assert viewer.post(url(office, "enregistrer/"), {}).status_code == 403

    def test_who_administers_another_school_reads_and_changes_nothing(self, office):
        agent = town.make_agent(office.authority, "Bastien Roy", "administer")
        with permitted("test"), tenancy.scope({office.authority.pk}):
            Grant.objects.filter(agent=agent).update(facility=town.make_facility(office.authority, "École du Lac"))
        client = signed_in(agent)

        assert "modifier/" not in client.get(url(office)).content.decode()
        assert client.get(url(office, "modifier/")).status_code == 404

    def test_a_product_without_its_own_follows_its_activity(self, office):
        page = body(office.client.get(url(office, of=office.meal)))

        assert "Cette prestation suit le règlement de son activité" in page

    def test_a_reglement_that_cannot_be_read_says_what_families_meet(self, office):
        with permitted("test"), tenancy.scope({office.authority.pk}):
            Reglement.objects.update(rules={"book": {"shape": "moon"}})

        assert "ne peut pas être lu" in body(office.client.get(url(office)))
        page = office.client.get(url(office, "modifier/"))
        assert "shape: moon" in fields_of(page)["texte"]
        assert "Ligne 2, book.shape : forme inconnue « moon »." in body(page)


class TestTheForm:
    def test_what_is_in_force_comes_back_unchanged(self, office):
        before = records(office)[0].rules

        response = post(office, "enregistrer/", form(office), **SAVE)

        assert (response.status_code, response["Location"]) == (303, url(office))
        first, second = records(office)
        assert first.rules == before
        assert (second.valid_from, second.resolution) == (date(2027, 1, 4), "2026-40")
        assert second.rules["book"] == {
            "shape": "offset",
            "count": 1,
            "unit": "school_day",
            "time": "09:00",
            "boundary": "lt",
        }

    def test_a_changed_field_is_recorded_told_and_journalled(self, office):
        response = post(office, "enregistrer/", form(office), **{f"{OFFSET}.count": "2", **SAVE})

        page = body(office.client.get(response["Location"]))
        assert "Règlement enregistré" in page
        assert "À partir du 04/01/2027, délibération 2026-40" in page
        assert records(office)[1].rules["book"]["count"] == 2
        entry = AuditEntry.objects.get(verb="save_reglement")
        assert (entry.actor_key, entry.details["valid_from"]) == (office.agent.user_id, "2027-01-04")

    def test_a_saved_version_rules_at_once_the_days_it_names(self, office):
        post(office, "enregistrer/", form(office), **{f"{OFFSET}.count": "2", **SAVE})

        in_january = body(office.client.get(url(office, "?version=2027-01-04")))
        assert in_january != body(office.client.get(url(office)))

    def test_fields_of_the_shapes_not_chosen_are_not_read(self, office):
        changed = {"book.closes.+cutoff.is": "never", f"{OFFSET}.count": "sept mille"}

        response = post(office, "enregistrer/", form(office), **changed, **SAVE)

        assert response.status_code == 303
        assert records(office)[1].rules["book"] == {"shape": "never"}

    def test_a_row_is_added_and_taken_out_where_it_stands(self, office):
        sent = form(office)
        added = post(office, "modifier/", sent, ajouter="limits")
        sent = fields_of(added)
        assert sent["limits.0.row"] == "1"
        assert not records(office)[1:]

        sent = fields_of(post(office, "modifier/", sent, ajouter="limits", **{"limits.0.at_most.at_most": "3"}))
        assert sent["limits.0.at_most.at_most"] == "3"
        sent = fields_of(post(office, "modifier/", sent, retirer="limits.1"))
        assert "limits.1.row" not in sent

        assert post(office, "enregistrer/", sent, **SAVE).status_code == 303
        assert records(office)[1].rules["limits"] == [{"at_most": 3, "per": "week"}]

    def test_buttons_come_back_to_the_list_they_are_in(self, office):
        page = BeautifulSoup(office.client.get(url(office, "modifier/")).content, "html.parser")
        button = page.select_one("button[name=ajouter][value=limits]")

        assert button["formaction"] == url(office, "modifier/") + "#r.limits"
        assert page.find(id="r.limits") is not None

    @pytest.mark.parametrize(
        ("changed", "anchor", "sentence"),
        [
            ({f"{OFFSET}.count": "beaucoup"}, f"r.{OFFSET}.count", "Un nombre entier de 0 à 180 est attendu."),
            ({f"{OFFSET}.count": "9" * 6000}, f"r.{OFFSET}.count", "Un nombre entier"),
            ({f"{OFFSET}.time": "25:00"}, f"r.{OFFSET}.time", "Une heure est attendue, comme 09:00."),
            ({f"{OFFSET}.unit": "lune"}, f"r.{OFFSET}.unit", "Unité inconnue « lune »"),
            (
                {"book.closes.+cutoff.is": "weekday_table"},
                "r.book.closes.+cutoff.weekday_table.table",
                "Au moins un jour",
            ),
            ({"book.late.is": "own", "book.late.own.price.is": "more"}, "r.book.late.own.price.more.more", "montant"),
        ],
        ids=["letters", "too many digits", "no such hour", "no such unit", "empty table", "no amount"],
    )
    def test_what_is_wrong_is_said_at_its_field_and_everything_is_kept(self, office, changed, anchor, sentence):
        response = post(office, "enregistrer/", form(office), **changed, **SAVE)

        assert response.status_code == 422
        assert len(records(office)) == 1
        page = BeautifulSoup(response.content, "html.parser")
        link = page.select_one("#a-revoir a")
        assert link["href"] == f"#{anchor}"
        assert sentence in link.text
        wrong = page.find(id=anchor)
        assert wrong is not None
        if wrong.name != "fieldset":
            assert wrong["aria-invalid"] == "true"
            assert page.find(id=wrong["aria-describedby"].split()[-1]) is not None
        again = fields_of(response)
        assert again["valid_from"] == SAVE["valid_from"]
        assert {name: again[name] for name in changed} == {name: value[:2000] for name, value in changed.items()}

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"valid_from": ""}, "Indiquez un jour"),
            ({"valid_from": "0001-01-01"}, "Indiquez un jour"),
            ({"valid_from": "2027-02-30"}, "Indiquez un jour"),
            ({"resolution": " "}, "Indiquez la délibération"),
            ({"resolution": "x" * 121}, "120 caractères au plus."),
        ],
    )
    def test_a_day_and_a_vote_are_needed(self, office, changed, sentence):
        response = post(office, "enregistrer/", form(office), **{**SAVE, **changed})

        assert response.status_code == 422
        assert sentence in body(response)
        assert len(records(office)) == 1

    def test_an_empty_form_is_refused_in_words(self, office):
        for end in ("modifier/", "essayer/", "enregistrer/"):
            response = office.client.post(url(office, end), {})
            assert response.status_code in {200, 422}
        assert len(records(office)) == 1

    def test_a_product_gets_a_reglement_of_its_own(self, office):
        sent = fields_of(office.client.get(url(office, "modifier/", of=office.meal)))

        response = office.client.post(url(office, "enregistrer/", of=office.meal), {**dict(sent.lists()), **SAVE})

        assert response.status_code == 303
        assert [row.product_id for row in records(office)] == [None, office.meal.pk]
        page = body(office.client.get(office.at("reglements/")))
        assert "À partir du 04/01/2027" in page


class TestWhatStandsAgainst:
    def test_a_reglement_that_closes_before_it_opens_is_refused_at_the_act(self, office):
        sent = fields_of(post(office, "modifier/", form(office), ajouter="book.opens"))
        changed = {"book.opens.0.+moment.is": "at", "book.opens.0.+moment.at.at": "2027-06-01T09:00"}

        response = post(office, "enregistrer/", sent, **changed, **SAVE)

        assert response.status_code == 422
        assert "Cela fermerait avant d’ouvrir (par exemple pour le lundi 4 janvier 2027)." in body(response)
        assert len(records(office)) == 1

    def test_days_gone_by_keep_the_version_that_decided_them(self, office):
        reservation = town.make_reservation(add_child(office), office.meal, date(2026, 11, 20), family=office.family)
        with permitted("test"), tenancy.scope({office.authority.pk}):
            reservation.reglement = records(office)[0]
            reservation.save()
        changed = {f"{OFFSET}.count": "2", "valid_from": "2026-09-01", "resolution": "2026-40", "confirmed": "on"}

        response = post(office, "enregistrer/", form(office), **changed)

        assert response.status_code == 409
        assert "Des jours passés ont été décidés par la version de cette date" in body(response)

    def test_days_to_come_that_are_decided_ask_again(self, office):
        reservation = town.make_reservation(add_child(office), office.meal, THURSDAY, family=office.family)
        with permitted("test"), tenancy.scope({office.authority.pk}):
            reservation.reglement = records(office)[0]
            reservation.save()
        changed = {f"{OFFSET}.count": "2", "valid_from": "2026-09-01", "resolution": "2026-40"}

        response = post(office, "enregistrer/", form(office), **changed)
        assert response.status_code == 409
        assert "Cochez la case pour confirmer" in body(response)
        again = post(office, "enregistrer/", fields_of(response), confirmed="on")

        assert again.status_code == 303
        assert records(office)[0].rules["book"]["count"] == 2

    def test_a_version_that_was_replaced_says_until_when_it_ruled(self, office):
        with permitted("test"), tenancy.scope({office.authority.pk}):
            Reglement.objects.update(valid_from=date(2025, 9, 1), resolution="délibération 2025-12")
            office.authority.catalog_version += 1
            office.authority.save()
        post(office, "enregistrer/", form(office), valid_from="2026-11-23", resolution="2026-40")

        page = office.client.get(url(office, "?version=2025-09-01"))

        assert "Du 01/09/2025 au 22/11/2026, délibération 2025-12" in body(page)
        assert "modifier/?version=2025-09-01" in page.content.decode()
        assert "En vigueur depuis le 23/11/2026, délibération 2026-40" in body(page)

    def test_a_version_to_come_is_withdrawn(self, office):
        post(office, "enregistrer/", form(office), **SAVE)

        response = office.client.post(url(office, "retirer/"), {"version": "2027-01-04"})

        assert response.status_code == 303
        assert "Version retirée" in body(office.client.get(response["Location"]))
        assert len(records(office)) == 1
        assert AuditEntry.objects.filter(verb="withdraw_reglement").count() == 1

    def test_a_version_in_force_is_not(self, office):
        response = office.client.post(url(office, "retirer/"), {"version": "2026-09-01"})

        assert response.status_code == 409
        assert "Cette version est en vigueur" in body(response)
        assert office.client.post(url(office, "retirer/"), {"version": "hier"}).status_code == 409
        assert len(records(office)) == 1


class TestTheText:
    def test_it_says_the_same_and_comes_back_to_the_form(self, office):
        sent = form(office, "?vue=texte")
        assert "shape: offset" in sent["texte"]
        assert 'time: "09:00"' in sent["texte"]

        back = fields_of(post(office, "modifier/", sent, voir="formulaire"))
        assert back[f"{OFFSET}.count"] == "1"
        there = fields_of(post(office, "modifier/", back, voir="texte", **{f"{OFFSET}.count": "4"}))
        assert "count: 4" in there["texte"]

        assert post(office, "enregistrer/", there, **SAVE).status_code == 303
        assert records(office)[1].rules["book"]["count"] == 4

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("book:\n  shape: offset\n  count: 1\n  time: neuf heures\n", "Ligne 4, book.time : une heure"),
            ("book: {shape: lune}", "Ligne 1, book.shape : forme inconnue « lune »"),
            ("book: [", "Ligne 1"),
            ("book:\n  shape: never\n  shape: never\n", "Ligne 3, règlement : ce champ est écrit deux fois"),
            ("", "un groupe de champs est attendu"),
            ("- 1\n- 2", "un groupe de champs est attendu"),
            ("book: {shape: never}\nsurprise: 1", "champ inconnu « surprise »"),
            (BOMB, "démesuré"),
            ("[" * 2000, "imbriqués trop profondément"),
            ("x: " + "y" * 70_000, "trop long"),
            ("a: !!python/object/apply:os.system ['ls']", "Ligne"),
            ("\x07", "Ligne 1"),
        ],
        ids=["hour", "shape", "open", "twice", "empty", "list", "unknown", "bomb", "deep", "long", "tag", "bell"],
    )
    def test_a_text_that_cannot_be_read_says_where_and_stays(self, office, text, sentence):
        response = post(office, "enregistrer/", form(office, "?vue=texte"), texte=text, **SAVE)

        assert response.status_code == 422
        assert sentence in body(response)
        assert len(records(office)) == 1
        assert post(office, "modifier/", form(office, "?vue=texte"), texte=text, voir="formulaire").status_code == 422


class TestTrying:
    def test_nothing_is_written(self, office):
        response = post(office, "essayer/", form(office), **{f"{OFFSET}.count": "3"})

        assert response.status_code == 200
        assert len(records(office)) == 1
        assert not AuditEntry.objects.filter(verb="save_reglement").exists()

    def test_two_school_years_are_shown_with_what_changes(self, office):
        town.make_holiday(office.authority, "Noël", date(2026, 12, 25), date(2026, 12, 25), kind="public")

        response = post(office, "essayer/", form(office), **{f"{OFFSET}.unit": "day"})

        page = body(response)
        assert "du lundi 23 novembre 2026 au jeudi 31 août 2028" in page
        assert "changent de limite" in page
        assert "Limite un dimanche" in page
        assert "avant le dimanche 29 novembre, 9 h" in page  # for Monday 30
        assert "en vigueur : avant le vendredi 27 novembre, 9 h" in page
        assert "Novembre 2026" in page
        assert "Juin 2028" in page
        assert "l’essai suppose les mêmes jours d’ouverture" in page

    def test_days_beyond_the_published_calendar_are_estimated_and_say_so(self, office):
        with permitted("test"), tenancy.scope({office.authority.pk}):
            Holiday.objects.all().delete()
        town.make_holiday(office.authority, "Noël", date(2026, 12, 19), date(2027, 1, 3))
        town.make_holiday(office.authority, "Été", date(2027, 7, 3), date(2027, 8, 31))

        response = post(office, "essayer/", form(office))

        page = body(response)
        assert "calendrier non publié" in page
        assert "elles sont estimées d’après la dernière année connue" in page
        rows = BeautifulSoup(response.content, "html.parser").select("table.trial tbody tr")
        assert all(cell.text.strip() for row in rows for cell in row.find_all("td"))
        christmas = [row for row in rows if "24 décembre 2027" in row.text.replace("\N{NO-BREAK SPACE}", " ")]
        assert christmas == []  # estimated: off, as the year before

    def test_last_year_s_reservations_are_asked_again(self, office):
        child = add_child(office)
        for day, at in ((THURSDAY, 1), (date(2026, 11, 20), 19)):
            town.make_reservation(
                child, office.meal, day, family=office.family, reserved_at=datetime(2026, 11, at, 7, tzinfo=UTC)
            )

        page = body(post(office, "essayer/", form(office), **{f"{OFFSET}.count": "5"}))

        assert "1 réservation sur 1 faites par des familles pour les jours du 1ᵉʳ septembre 2026" in page
        assert "aurait été refusée (1 trop tard)" in page

    def test_an_open_question_is_answered_and_written_in(self, office):
        response = post(office, "essayer/", form(office), **{f"{OFFSET}.unit": "day"})
        assert "comment compter, en début de semaine" in body(response)
        sent = fields_of(response)
        assert sent["question.book.days"] == "0"

        again = post(office, "essayer/", sent, **{"question.book.days": "1", "question.inconnue": "7"})

        assert "comment compter, en début de semaine" not in body(again)
        assert post(office, "enregistrer/", fields_of(again), **SAVE).status_code == 303
        assert records(office)[1].rules["book"]["unit"] == "weekday"
        assert records(office)[1].rules["cancel"] == "same"

    def test_the_form_comes_back_as_it_was(self, office):
        sent = fields_of(post(office, "essayer/", form(office), **{f"{OFFSET}.count": "3", **SAVE}))

        back = fields_of(post(office, "modifier/", sent, voir="formulaire"))

        assert back[f"{OFFSET}.count"] == "3"
        assert back["valid_from"] == SAVE["valid_from"]

    def test_a_contradiction_is_told_before_one_records(self, office):
        sent = fields_of(post(office, "modifier/", form(office), ajouter="book.opens"))
        changed = {"book.opens.0.+moment.at.at": "2099-06-01T09:00"}

        assert "il ne pourra pas être enregistré" in body(post(office, "essayer/", sent, **changed))

    def test_what_cannot_be_read_stays_in_the_form(self, office):
        response = post(office, "essayer/", form(office), **{f"{OFFSET}.count": "-1"})

        assert response.status_code == 422
        assert "Un nombre entier" in body(response)

    def test_a_get_is_not_a_trial(self, office):
        assert office.client.get(url(office, "essayer/")).status_code == 405


def test_the_page_asks_as_few_questions_for_many_activities(office, django_assert_max_num_queries):
    for number in range(4):
        town.make_product(office.authority, name=f"Étude {number}", service=office.canteen, facility=office.school)
    office.client.get(office.at("reglements/"))

    with django_assert_max_num_queries(9):
        office.client.get(office.at("reglements/"))


def test_no_id_is_there_twice(office):
    for end in ("", "modifier/", "modifier/?vue=texte"):
        page = BeautifulSoup(office.client.get(url(office, end)).content, "html.parser")
        ids = [tag["id"] for tag in page.find_all(id=True)]
        assert len(ids) == len(set(ids)), end
        for label in page.find_all("label", attrs={"for": True}):
            assert label["for"] in ids, label


def test_another_town_s_reglement_is_not_found(office):
    other = town.make_authority("JolieVille")
    stranger = signed_in(town.make_agent(other))

    for end in ("", "modifier/"):
        assert stranger.get(f"/{other.slug}/reglements/{office.meal.activity.public_id}/{end}").status_code == 404
