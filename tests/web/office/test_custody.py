"""Agents say where a child lives and whose days are whose, look at what it would change, and decide disputes."""

from __future__ import annotations

import re
from datetime import date, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Grant
from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Child, Custody, Guardian
from marelle.domain.families.operations.custody import change_custody
from marelle.domain.procedures.models import Application, AppliedEffect
from marelle.domain.procedures.operations.shutting_out import remove_access
from marelle.domain.procedures.rules.states import State
from marelle.domain.reservations.models import CustodyDay, CustodyProposal, Reservation, SharedCustody
from marelle.domain.reservations.operations.custody import (
    answer_proposal,
    propose_custody,
    propose_days,
    settle_custody,
)
from marelle.domain.reservations.queries.custody import responsible_homes
from marelle.domain.reservations.rules.custody import CustodyTerms, HolidayShare, SummerShare
from marelle.foundation import clock
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW
from tests.factories.applications import make_sent, pickup_of
from tests.factories.joining import make_guardian
from tests.factories.procedures import make_procedure
from tests.factories.town import make_agent, make_child, make_family, make_reservation
from tests.web.office.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("marelle.config.urls_office")]

WEEKS = CustodyTerms(
    changeover=0, changeover_at=time(8, 30), holidays=HolidayShare.AS_WEEKS, summer=SummerShare.AS_WEEKS
)
# Mondays of week 49 (odd) and of week 50 (even).
ODD, EVEN = date(2026, 11, 30), date(2026, 12, 7)
TYPED = {
    "starts_on": "2026-11-30",
    "weeks": "parity",
    "even_home": "first",
    "since": "",
    "changeover": "0",
    "changeover_at": "08:30",
    "holidays": "as_weeks",
    "summer": "as_weeks",
    "even_half": "first",
    "booking": "own_days",
    "packages": "first",
    "moves": "on",
}


@pytest.fixture
def town(office, in_scope):
    """A child of the Benali, with meals reserved on two Mondays; the Roy are its other home."""
    in_scope(office.authority)
    office.mother, office.father = make_family(office.authority, "Benali"), make_family(office.authority, "Roy")
    office.child = make_child(office.mother, "Inès", products=(office.meal,))
    office.offer = offer_of(Authority.objects.get(pk=office.authority.pk))
    office.meals = [make_reservation(office.child, office.meal, day, family=office.mother) for day in (ODD, EVEN)]
    at = f"familles/{office.mother.public_id}/enfants/{office.child.public_id}/garde/"
    office.page = office.at(at)
    office.homes, office.terms, office.days = (office.at(f"{at}{name}/") for name in ("foyers", "regler", "jours"))
    office.typed = TYPED | {f"service-{one.public_id}": "days" for one in office.offer.services}
    return office


@pytest.fixture
def shared(town):
    change_custody(town.child, [town.mother, town.father], starts_on=date(2026, 9, 1), by=AGENT, at=NOW)
    return town


def settle(town, terms=WEEKS, starts_on=date(2026, 11, 24)):
    return settle_custody(
        town.child.pk, first_home=town.mother.pk, second_home=town.father.pk, terms=terms, starts_on=starts_on,
        offer=town.offer, by=AGENT, at=NOW,
    )  # fmt: skip


def text_of(response, status=200):
    assert response.status_code == status, response.content.decode()
    return re.sub(r"[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", response.content.decode())


def hidden(page):
    """Return what a page of a preview sends with its button."""
    return dict(re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)"', page))


def whose(town, day):
    homes = responsible_homes([town.child.pk], first=day, last=day, authority=town.authority.pk)
    return homes.home(town.child.pk, day)


def payers(town):
    return list(Reservation.objects.filter(child=town.child).order_by("date").values_list("family", flat=True))


class TestTheHomes:
    def test_a_second_home_is_found_by_its_name_and_leads_to_the_terms(self, town):
        found = text_of(town.client.get(town.homes, {"nom": "Roy"}))
        both = f"{town.mother.public_id},{town.father.public_id}"
        assert both in found

        answer = town.client.post(town.homes, {"nom": "Roy", "homes": both, "starts_on": "2026-11-30"})

        assert (answer.status_code, answer["Location"]) == (303, town.terms)
        assert Custody.objects.filter(child=town.child, family=town.father, starts_on=ODD).exists()
        page = text_of(town.client.get(town.at(f"familles/{town.mother.public_id}/")))
        assert "Vit aussi chez" not in page.replace("à partir du", "") or "à partir du 30 novembre 2026" in page

    def test_the_home_of_who_is_kept_out_of_the_child_s_own_is_chosen_knowingly_or_not_at_all(self, town):
        karim = make_guardian(town.authority, "Karim", family=town.mother, name="Roy", phone="06 11 22 33 44")
        with permitted("test"):
            Guardian.objects.filter(family=town.father).update(first_name="Karim")
        remove_access(karim, kind="court_order", words="Ordonnance", by=AGENT, at=NOW, machine=clock.machine_now())
        both = f"{town.mother.public_id},{town.father.public_id}"
        typed = {"nom": "Roy", "homes": both, "starts_on": "2026-11-30"}

        found = text_of(town.client.get(town.homes, {"nom": "Roy"}))
        refused = text_of(town.client.post(town.homes, typed), 422)

        for page in (found, refused):
            assert "L’accès de Karim Roy à un dossier de cet enfant est retiré" in page
            assert "Ordonnance" not in page
        assert "Cochez aussi cette case" in refused
        assert not Custody.objects.filter(family=town.father).exists()
        assert "est retiré" not in text_of(town.client.get(town.homes))
        assert town.client.post(town.homes, typed | {"is_checked": "on"}).status_code == 303
        assert Custody.objects.filter(family=town.father).exists()
        # It lives there now: there is nothing to warn of.
        assert "est retiré" not in text_of(town.client.get(town.homes, {"nom": "Roy"}))

    def test_what_the_home_that_ends_reserved_is_said(self, shared):
        chosen = {"homes": shared.father.public_id, "starts_on": "2026-12-01"}
        answer = shared.client.post(shared.homes, chosen, follow=True)
        said = text_of(answer)
        assert "Inès vit chez Roy à partir du mardi 1ᵉʳ décembre 2026." in said
        assert "1 réservation reste à Benali" in said

    def test_bad_input_writes_nothing_and_keeps_what_was_typed(self, town):
        wrong = text_of(town.client.post(town.homes, {"nom": "Roy", "homes": "x", "starts_on": "demain"}), 422)
        assert 'value="Roy"' in wrong
        assert "Indiquez un jour" in wrong
        before = text_of(town.client.post(town.homes, {"homes": town.mother.public_id, "starts_on": "2001-01-01"}), 409)
        assert "né à cette date" in before or "un an en arrière" in before
        assert Custody.objects.filter(child=town.child).count() == 1


class TestTheTerms:
    def test_a_child_of_one_home_is_led_to_its_homes(self, town):
        assert town.client.get(town.terms)["Location"] == town.homes

    def test_what_the_preview_says_is_what_is_done(self, shared):
        seen = text_of(shared.client.post(shared.terms, {**shared.typed, "act": "preview"}))
        assert "Semaines paires chez Benali, semaines impaires chez Roy." in seen
        assert "1 réservation suit chez Roy, qui les paiera : novembre (1)." in seen.replace(
            "qui la paiera", "qui les paiera"
        )
        assert not SharedCustody.objects.exists()

        done = text_of(shared.client.post(shared.terms, {**hidden(seen), "act": "write"}, follow=True))

        assert "La garde alternée de Inès est réglée à partir du lundi 30 novembre 2026." in done
        assert "Une réservation a suivi son jour." in done
        assert payers(shared) == [shared.father.pk, shared.mother.pk]
        assert (whose(shared, ODD), whose(shared, EVEN)) == (shared.father.pk, shared.mother.pk)
        assert "Par la mairie (Nadia Ferrand)" in done

    def test_without_following_nothing_that_is_reserved_moves(self, shared):
        typed = {name: value for name, value in shared.typed.items() if name != "moves"}
        seen = text_of(shared.client.post(shared.terms, {**typed, "act": "preview"}))
        assert "Rien ne suit" in seen
        shared.client.post(shared.terms, {**hidden(seen), "act": "write"})
        assert payers(shared) == [shared.mother.pk] * 2

    def test_one_may_come_back_and_change_what_was_typed(self, shared):
        again = text_of(shared.client.post(shared.terms, {**shared.typed, "starts_on": "2026-12-15", "act": "change"}))
        assert 'value="2026-12-15"' in again
        assert not SharedCustody.objects.exists()

    def test_a_colleague_was_quicker(self, shared):
        seen = text_of(shared.client.post(shared.terms, {**shared.typed, "act": "preview"}))
        settle(shared)
        late = shared.client.post(shared.terms, {**hidden(seen), "act": "write"})
        assert "Cette garde a changé entre-temps" in text_of(late, 409)
        assert SharedCustody.objects.get().starts_on == date(2026, 11, 24)
        # Looked at again, it is settled.
        done = shared.client.post(shared.terms, {**hidden(text_of(late, 409)), "act": "write"})
        assert done.status_code == 303

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"starts_on": "2026-11-22"}, "ne change pas les jours passés"),
            ({"weeks": "from_day"}, "Indiquez le jour où l’enfant arrive"),
            ({"weeks": "toujours"}, "Choisissez l’une de ces réponses"),
            ({"changeover_at": "huit heures"}, "Donnez une heure"),
        ],
        ids=["past", "since", "choice", "hour"],
    )
    def test_bad_input_is_said_beside_its_field(self, shared, change, why):
        assert why in text_of(shared.client.post(shared.terms, {**shared.typed, **change, "act": "write"}), 422)
        assert not SharedCustody.objects.exists()

    def test_the_calendar_ends_and_its_history_stays(self, shared):
        settle(shared)
        assert "Ne plus avoir de calendrier" in text_of(shared.client.get(shared.terms))
        seen = text_of(shared.client.post(shared.terms, {"end": "yes", "starts_on": "2026-12-01", "act": "preview"}))
        done = text_of(shared.client.post(shared.terms, {**hidden(seen), "act": "write"}, follow=True))
        assert "Le calendrier de garde de Inès prend fin le mardi 1ᵉʳ décembre 2026." in done
        assert whose(shared, EVEN) is None


class TestADay:
    def test_it_is_set_then_follows_the_calendar_again(self, shared):
        settle(shared)
        seen = hidden(text_of(shared.client.get(shared.page)))["seen"]
        day = {"date": EVEN.isoformat(), "home": shared.father.public_id, "seen": seen}
        done = text_of(shared.client.post(shared.days, day, follow=True))
        assert "Le lundi 7 décembre 2026, Inès est chez Roy. Une réservation a suivi son jour." in done
        assert whose(shared, EVEN) == shared.father.pk

        late = text_of(shared.client.post(shared.days, day | {"home": "calendar"}), 409)
        assert "Cette garde a changé entre-temps" in late

        shared.client.post(shared.days, day | {"home": "calendar", "seen": hidden(late)["seen"]})
        assert whose(shared, EVEN) == shared.mother.pk
        assert not CustodyDay.objects.filter(withdrawn_at__isnull=True).exists()

    def test_a_past_day_or_a_stranger_is_refused(self, shared):
        settle(shared)
        seen = hidden(text_of(shared.client.get(shared.page)))["seen"]
        past = {"date": "2026-11-23", "home": shared.father.public_id, "seen": seen}
        assert "Un jour passé ne change plus" in text_of(shared.client.post(shared.days, past), 409)
        text_of(shared.client.post(shared.days, past | {"home": "autre"}), 422)


class TestDisputes:
    @pytest.fixture
    def dispute(self, shared):
        settle(shared)
        terms = CustodyTerms(changeover=4)
        row = propose_custody(
            shared.child.pk, from_home=shared.father.pk, terms=terms, starts_on=date(2027, 1, 4),
            words="Je change d’équipe.", offer=shared.offer, by=AGENT, at=NOW,
        )  # fmt: skip
        answer_proposal(row, agrees=False, words="Pas le vendredi.", offer=shared.offer, by=AGENT, at=NOW)
        shared.disputes = shared.at("gardes/")
        shared.dispute = shared.at(f"gardes/{row.public_id}/")
        return row

    def decide(self, town, **said):
        seen = text_of(town.client.post(town.dispute, {"act": "preview", **said}))
        return town.client.post(town.dispute, {**hidden(seen), "act": "write"}, follow=True)

    def test_it_waits_in_the_inbox_with_what_both_say(self, shared, dispute):
        assert "Garde à trancher" in text_of(shared.client.get(shared.at("a-traiter/")))
        assert "Roy demande à Benali" in text_of(shared.client.get(shared.disputes))
        page = text_of(shared.client.get(shared.dispute))
        assert "« Je change d’équipe. »" in page
        assert "« Pas le vendredi. »" in page
        assert "changent de foyer d’ici au 31 août 2027" in page

    def test_accepted_on_another_day(self, shared, dispute):
        done = text_of(self.decide(shared, answer="accept", from_day="2027-02-01", words="À partir de février."))
        assert "Garde de Inès : décidée par la mairie. Les deux foyers en sont prévenus." in done
        dispute.refresh_from_db()
        assert (dispute.state, dispute.decision) == ("decided", "À partir de février.")
        assert SharedCustody.objects.latest("starts_on").starts_on == date(2027, 2, 1)

    def test_dismissed(self, shared, dispute):
        done = text_of(self.decide(shared, answer="dismiss", words="Le jugement reste."))
        assert "écartée par la mairie" in done
        assert SharedCustody.objects.count() == 1

    def test_other_terms(self, shared, dispute):
        other = {**shared.typed, "answer": "other", "starts_on": "2027-01-11", "words": "Comme le juge l’a dit."}
        self.decide(shared, **other)
        settled = SharedCustody.objects.latest("starts_on")
        assert (settled.first_home_id, settled.settled, settled.starts_on) == (
            shared.father.pk, WEEKS, date(2027, 1, 11),
        )  # fmt: skip
        assert CustodyProposal.objects.get().state == "dismissed"

    def test_words_are_needed_and_other_terms_must_be_whole(self, shared, dispute):
        wrong = text_of(shared.client.post(shared.dispute, {"answer": "accept", "act": "write"}), 422)
        assert "Écrivez ce que les deux foyers liront." in wrong
        wrong = {"answer": "other", "words": "Voici.", "act": "write"}
        assert "Voici." in text_of(shared.client.post(shared.dispute, wrong), 422)
        dispute.refresh_from_db()
        assert dispute.state == "disputed"

    def test_a_colleague_decided_before(self, shared, dispute):
        seen = text_of(shared.client.post(shared.dispute, {"answer": "accept", "words": "Oui.", "act": "preview"}))
        self.decide(shared, answer="dismiss", words="Non.")
        late = text_of(shared.client.post(shared.dispute, {**hidden(seen), "act": "write"}), 409)
        assert "Cette demande a déjà une réponse" in late
        assert "Écartée par la mairie, Nadia Ferrand" in late
        assert "« Non. »" in text_of(shared.client.get(shared.dispute))

    def test_something_changed_since_it_was_looked_at(self, shared, dispute):
        seen = text_of(shared.client.post(shared.dispute, {"answer": "accept", "words": "Oui.", "act": "preview"}))
        settle(shared, CustodyTerms(), starts_on=date(2026, 12, 1))
        late = text_of(shared.client.post(shared.dispute, {**hidden(seen), "act": "write"}), 409)
        assert "Cette garde a changé entre-temps" in late

    def test_days_to_exchange_are_decided_too(self, shared, dispute):
        row = propose_days(
            shared.child.pk, from_home=shared.father.pk, gives=[ODD], takes=[EVEN], words="", offer=shared.offer,
            by=AGENT, at=NOW,
        )  # fmt: skip
        shared.dispute = shared.at(f"gardes/{row.public_id}/")
        assert "L’autre foyer n’a pas encore répondu." in text_of(shared.client.get(shared.dispute))
        self.decide(shared, answer="accept", words="D’accord.")
        assert (whose(shared, ODD), whose(shared, EVEN)) == (shared.mother.pk, shared.father.pk)


class TestRights:
    def test_whoever_only_reads_sees_and_changes_nothing(self, shared):
        settle(shared)
        reader = signed_in(make_agent(shared.authority, "Rémi Lecture", Grant.Role.READ_FAMILIES))
        page = text_of(reader.get(shared.page))
        assert "Semaines paires chez Benali" in page
        assert "Régler la garde" not in page
        assert "Fixer un jour" not in page
        for address in (shared.homes, shared.terms, shared.at("gardes/")):
            assert reader.get(address).status_code == 403
        assert "Gardes à trancher" not in text_of(signed_in(shared.agent).get(shared.page))

    def test_whoever_only_ticks_sees_nothing(self, shared):
        ticks = signed_in(make_agent(shared.authority, "Tom Pointage", Grant.Role.RECORD_ATTENDANCE))
        for address in (shared.page, shared.homes, shared.terms, shared.at("gardes/")):
            assert ticks.get(address).status_code == 403

    def test_a_child_of_another_family_is_not_found_there(self, shared):
        stranger = make_family(shared.authority, "Passant")
        for name in ("", "foyers/", "regler/"):
            at = f"familles/{stranger.public_id}/enfants/{shared.child.public_id}/garde/{name}"
            assert shared.client.get(shared.at(at)).status_code == 404


def test_the_page_of_a_family_asks_as_few_questions_for_many_shared_children(shared):
    settle(shared)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            page = text_of(shared.client.get(shared.at(f"familles/{shared.mother.public_id}/")))
        assert "Vit aussi chez" in page
        return len(queries)

    asked()
    few = asked()
    for number in range(4):
        child = make_child(shared.mother, f"Zoé{number}")
        change_custody(child, [shared.mother, shared.father], starts_on=date(2026, 9, 1), by=AGENT, at=NOW)
        settle_custody(
            child.pk, first_home=shared.mother.pk, second_home=shared.father.pk, terms=WEEKS,
            starts_on=date(2026, 11, 24), offer=shared.offer, by=AGENT, at=NOW,
        )  # fmt: skip
    assert asked() == few


class TestTheHomeOfTheDay:
    """Whoever holds a list sees whom to call first: the home that has the child that day."""

    @pytest.fixture
    def today(self, shared):
        """Today is of an even week, hence of the mother; both have a number."""
        settle(shared, starts_on=date(2026, 11, 23))
        with permitted("factory"):
            for home, phone in ((shared.mother, "06 11 11 11 11"), (shared.father, "06 22 22 22 22")):
                Guardian.objects.filter(family=home).update(phone=phone)
        make_reservation(shared.child, shared.meal, date(2026, 11, 23), family=shared.mother)
        return shared

    def test_evacuation_calls_the_home_of_the_day_first_whichever_it_is(self, today):
        url = today.at("listes/evacuation/")
        page = text_of(today.client.get(url, {"quand": "journee"}))
        assert "Aujourd’hui chez Benali" in page
        assert page.index("06 11 11 11 11") < page.index("06 22 22 22 22")

        settle(today, CustodyTerms(first_even=False, changeover=0, changeover_at=time(8, 30)), date(2026, 11, 23))

        page = text_of(today.client.get(url, {"quand": "journee"}))
        assert "Aujourd’hui chez Roy" in page
        assert page.index("06 22 22 22 22") < page.index("06 11 11 11 11")

    @pytest.mark.parametrize("page", ["journee/", "journee/presences/", "listes/"])
    def test_lists_say_it_beside_the_name(self, today, page):
        assert "Aujourd’hui chez Benali" in text_of(today.client.get(today.at(page), follow=True))

    def test_whoever_calls_nobody_does_not_read_it_and_a_week_says_nothing(self, today):
        looks = signed_in(make_agent(today.authority, "Lou Vue", Grant.Role.VIEW_DAY))
        assert "chez Benali" not in text_of(looks.get(today.at("listes/")))
        assert "chez Benali" not in text_of(today.client.get(today.at("listes/"), {"duree": "semaine"}))
        table = today.client.get(today.at("listes/fichier/csv/"))
        assert "Foyer du jour" in table.content.decode()


class TestWhatLeadsToTheTerms:
    def test_an_application_that_gave_a_child_two_homes(self, shared):
        procedure = make_procedure(shared.authority, documents=[], title="Garde alternée")
        asked = make_sent(shared.mother, procedure, pickup_of(shared.child), at=NOW)
        with permitted("factory"):
            Application.objects.filter(pk=asked.pk).update(state=State.APPROVED, decided_at=NOW)
            AppliedEffect.objects.create(
                authority=shared.authority, application=asked, kind="change_custody", applied_at=NOW,
                done="Inès vit chez Benali et Roy.", rows=[["child", shared.child.pk]],
            )  # fmt: skip
        page = text_of(shared.client.get(shared.at(f"demandes/{asked.public_id}/")))
        assert "Régler la garde alternée de Inès" in page
        assert "/garde/regler/" in page

    def test_two_cards_of_one_child_that_are_united(self, town):
        again = make_child(town.father, "Inès")
        with permitted("factory"):
            Child.objects.filter(pk=again.pk).update(last_name=town.child.last_name, birth_date=town.child.birth_date)
        preview = town.at(f"familles/doublons/{town.mother.public_id}/{town.father.public_id}/")
        said = {"act": "children", "is_sure": "on", f"c-{again.pk}": town.child.public_id}
        page = text_of(town.client.get(preview))
        kept = dict.fromkeys(set(re.findall(r'name="([fh]-[^"]+)"', page)), "kept")
        guardians = dict.fromkeys(set(re.findall(r'name="(g-[^"]+)"', page)), "")
        answer = town.client.post(preview, {**kept, **guardians, **said})
        assert (answer.status_code, answer["Location"]) == (303, town.terms), answer.content.decode()
