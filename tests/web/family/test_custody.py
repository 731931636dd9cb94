"""Garde, without scripts: both homes see one calendar, ask each other, answer, and read nothing of the other."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from bs4 import BeautifulSoup
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marelle.domain.reservations.models import CustodyProposal
from marelle.domain.reservations.operations.custody import end_late_proposals
from marelle.domain.reservations.rules.custody import (
    Booking,
    CustodyTerms,
    HolidayShare,
    Packages,
    Role,
    SummerShare,
    Weeks,
    terms_from,
)
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.jobs.custody_letters import custody_proposal
from tests.factories.town import make_child, make_family, make_reservation, make_user
from tests.factories.two_homes import FATHERS, MOTHERS, TwoHomes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
# The first of December is a Tuesday of the father's week, the eighth one of the mother's.
HIS_TUESDAY, HER_TUESDAY = date(2026, 12, 1), date(2026, 12, 8)


def said(response_or_tag):
    content = getattr(response_or_tag, "content", None)
    tag = response_or_tag if content is None else BeautifulSoup(content, "html.parser")
    return " ".join(tag.get_text(" ").replace("\N{NO-BREAK SPACE}", " ").split())


class Parent:
    """A signed-in parent who reads all that comes back for what is the other's."""

    def __init__(self, homes, user, others):
        self.homes, self.others = homes, others
        self.client = Client(headers={"host": "famille.localhost"})
        self.client.force_login(user)

    def url(self, more=""):
        return f"/dammartin/garde/{self.homes.lucia.public_id}/{more}"

    def _read(self, response):
        text = response.content.decode()
        for marked in (*self.others, "pere@" if self.others is FATHERS else "mere@"):
            assert marked not in text
        return response

    def opens(self, address=None):
        return self._read(self.client.get(address or self.url()))

    def sends(self, data, address):
        answer = self.client.post(address, data, follow=True)
        assert answer.status_code < 500
        return self._read(answer)

    def asks_for(self, *, gives=(), takes=(), words="Anniversaire"):
        data = {
            "donne": [day.isoformat() for day in gives],
            "prend": [day.isoformat() for day in takes],
            "words": words,
        }
        return self.sends(data, self.url("echanger/"))

    def answers(self, *, agrees, words=""):
        return self.sends({"reponse": "oui" if agrees else "non", "words": words}, self.of_proposal())

    def of_proposal(self, more=""):
        return f"/dammartin/garde/propositions/{self.homes.proposal.public_id}/{more}"

    def squares(self, response):
        """Return each day of the table: whose it is to the eye, and what is said of it."""
        soup = BeautifulSoup(response.content, "html.parser")
        return [(cell["class"][0], said(cell.select_one(".v"))) for cell in soup.select("td[class]")]


@pytest.fixture
def homes():
    return TwoHomes()


@pytest.fixture
def mother(homes):
    return Parent(homes, homes.mother_user, FATHERS)


@pytest.fixture
def father(homes):
    return Parent(homes, homes.father_user, MOTHERS)


def letters(homes):
    """Run the last letter task, twice as a queue may; return (whom, subject) of what left since, and the words."""
    mail.outbox.clear()
    for what in ("asked", "answered", "withdrawn", "unanswered", "decided"):
        for _time in range(2):
            custody_proposal(authority=homes.authority.pk, proposal=homes.proposal.pk, what=what)
    return {letter.to[0]: (letter.subject, letter.body.replace("\N{NO-BREAK SPACE}", " ")) for letter in mail.outbox}


class TestTheMonth:
    def test_each_home_sees_the_same_days_from_its_own_side(self, mother, father):
        hers, his = mother.opens(), father.opens()

        assert ("ours", "mardi 24 novembre : chez vous") in mother.squares(hers)
        assert ("theirs", "mardi 24 novembre : dans l’autre foyer") in father.squares(his)
        assert ("ours", "vendredi 27 novembre : chez vous, passage à 16 h 30") in mother.squares(hers)
        turned = {"ours": "theirs", "theirs": "ours"}
        assert [turned[whose] for whose, _words in mother.squares(hers)] == [
            whose for whose, _words in father.squares(his)
        ]
        assert "Du samedi 28 novembre au vendredi 4 décembre : dans l’autre foyer" in said(hers)
        assert "Réglé par la mairie, depuis le lundi 5 octobre 2026." in said(his)
        assert "Semaines paires dans l’autre foyer, semaines impaires chez vous." in said(his)

    def test_holidays_are_named_and_the_year_of_53_weeks_is_told(self, mother):
        page = mother.opens(mother.url("?mois=2026-12"))
        assert ("ours", "lundi 21 décembre : chez vous, Vacances de Noël") in mother.squares(page)
        assert "Année de 53 semaines : à partir du lundi 28 décembre 2026" in said(page)
        assert "mois=2027-01" in page.content.decode()

    def test_an_address_that_says_no_month_shows_this_one(self, mother):
        for month in ("2026-13", "9999-12", "0000-01", "décembre", "٢٠٢٦-12"):
            assert "Novembre 2026" in said(mother.opens(mother.url(f"?mois={month}")))

    def test_a_child_of_one_home_has_no_such_page(self, homes, mother, father):
        only_hers = make_child(homes.mother, "Marquée-Sœur")
        address = f"/dammartin/garde/{only_hers.public_id}/"
        assert mother.client.get(address).status_code == 404
        assert father.client.get(address).status_code == 404

    def test_without_terms_either_home_reserves_and_a_calendar_may_be_proposed(self, homes, mother):
        homes.settle(None, starts_on=date(2026, 11, 1))
        page = said(mother.opens())
        assert "chaque foyer peut réserver tous les jours" in page
        assert "Proposer un autre calendrier" in page
        assert "Échanger des jours" not in page

    def test_as_many_questions_for_ten_proposals_as_for_one(self, homes, mother):
        mother.asks_for(gives=[date(2026, 12, 7)])
        with CaptureQueriesContext(connection) as one:
            mother.client.get(mother.url())
        for day in range(8, 12):
            mother.asks_for(gives=[date(2026, 12, day)])
        with CaptureQueriesContext(connection) as several:
            mother.client.get(mother.url())
        assert len(one) == len(several)


class TestDays:
    def test_a_swap_is_asked_seen_accepted_and_reservations_follow(self, homes, mother, father):
        make_reservation(homes.lucia, homes.meal, HIS_TUESDAY, family=homes.father)
        make_reservation(homes.lucia, homes.club, HIS_TUESDAY, family=homes.father)
        asked = mother.asks_for(takes=[HIS_TUESDAY], gives=[HER_TUESDAY], words="Pour ses <b>dix</b> ans")
        assert "Votre proposition est envoyée à l’autre foyer." in said(asked)
        assert letters(homes).keys() == {"pere@exemple.fr"}

        # What he reserved is hers to know once he agreed.
        before = said(mother.opens(mother.of_proposal()))
        assert "Ce qui est déjà réservé de ces jours suivra" in before
        assert "Repas" not in before
        news = father.opens("/dammartin/actualites/")
        assert "L’autre foyer propose d’échanger des jours de Lucia." in said(news)
        page = father.opens(father.of_proposal())
        assert "Passent dans l’autre foyer : mardi 1ᵉʳ décembre." in said(page)
        assert "1 réservation déjà faite suit : Repas (1). Elle sera sur les factures de l’autre foyer." in said(page)
        assert "1 réservation payée d’avance ne change pas : elle reste à qui l’a payée." in said(page)
        assert "&lt;b&gt;dix&lt;/b&gt;" in page.content.decode()

        done = father.answers(agrees=True, words="D’accord")
        assert "C’est accepté." in said(done)
        assert homes.reserved() == {
            (HIS_TUESDAY, homes.meal.pk): MOTHERS[0],
            (HIS_TUESDAY, homes.club.pk): FATHERS[0],
        }
        december = mother.opens(mother.url("?mois=2026-12"))
        assert ("ours", "mardi 1ᵉʳ décembre : chez vous, passage, jour convenu") in mother.squares(december)
        left = letters(homes)
        assert left.keys() == {"mere@exemple.fr"}
        assert "D’accord" in left["mere@exemple.fr"][1]
        assert FATHERS[0] not in "".join(left["mere@exemple.fr"])

    def test_who_answers_second_learns_what_came_of_it(self, homes, mother, father):
        mother.asks_for(gives=[HER_TUESDAY])
        assert father.answers(agrees=False, words="Je travaille").status_code == 200
        late = father.answers(agrees=True)
        assert late.status_code == 409
        assert "Cette proposition est déjà refusée." in said(late)
        withdrawn = mother.sends({}, mother.of_proposal("retirer/"))
        assert withdrawn.status_code == 409
        assert "Je travaille" in said(mother.opens())

    def test_one_takes_back_and_never_answers_oneself(self, homes, mother, father):
        mother.asks_for(gives=[HER_TUESDAY])
        assert mother.answers(agrees=True).status_code == 409
        assert father.sends({}, father.of_proposal("retirer/")).status_code == 409
        assert "Votre proposition est retirée." in said(mother.sends({}, mother.of_proposal("retirer/")))
        assert father.answers(agrees=True).status_code == 409
        assert letters(homes)["pere@exemple.fr"][0] == "Garde : une proposition est retirée"

    def test_an_exchange_is_given_back_in_one_tap_and_asks_again(self, homes, mother, father):
        mother.asks_for(takes=[HIS_TUESDAY], gives=[HER_TUESDAY])
        father.answers(agrees=True)
        assert "Proposer l’échange inverse" in said(father.opens())
        father.sends({}, father.of_proposal("rendre/"))
        reverse = homes.proposal
        assert (reverse.from_home_id, reverse.gives, reverse.takes) == (homes.father.pk, [HER_TUESDAY], [HIS_TUESDAY])
        mother.answers(agrees=True)
        assert ("theirs", "mardi 1ᵉʳ décembre : dans l’autre foyer, jour convenu") in mother.squares(
            mother.opens(mother.url("?mois=2026-12"))
        )

    def test_what_cannot_be_asked_is_said_and_nothing_is_written(self, homes, mother):
        for sent, status, words in (
            ({}, 422, "Choisissez au moins un jour."),
            ({"donne": "2026-12-01"}, 409, "Vous ne pouvez donner que vos jours."),
            ({"prend": "2026-12-08"}, 409, "Vous ne pouvez prendre que des jours de l’autre foyer."),
            ({"donne": "2026-11-23"}, 422, "Un jour passé ne change plus de foyer."),
            ({"donne": "9999-12-31"}, 422, "Ce jour est trop loin"),
            ({"donne": "demain"}, 400, "Un jour coché n’existe pas"),
            ({"donne": "2026-12-08", "words": "x" * 301}, 422, "300 caractères au plus."),
        ):
            answer = mother.sends(sent, mother.url("echanger/"))
            assert (answer.status_code, words in said(answer)) == (status, True), words
        assert homes.proposal is None

    def test_ticks_are_kept_when_the_months_are_turned(self, homes, mother):
        turned = mother.sends(
            {"donne": "2026-12-08", "words": "Anniversaire", "voir": "2027-01"}, mother.url("echanger/")
        )
        soup = BeautifulSoup(turned.content, "html.parser")
        assert soup.select_one("input[type=hidden][name=donne]")["value"] == "2026-12-08"
        assert "Vous donnez : mardi 8 décembre." in said(turned)
        assert "Janvier 2027" in said(turned)
        assert "Anniversaire" in said(turned)
        assert homes.proposal is None

    def test_silence_changes_nothing_and_both_are_told(self, homes, mother):
        mother.asks_for(gives=[HER_TUESDAY])
        with tenancy.scope({homes.authority.pk}):
            end_late_proposals(offer=homes.offer, by=SYSTEM, at=datetime(2026, 12, 8, 7, tzinfo=UTC))
        assert letters(homes).keys() == {"mere@exemple.fr", "pere@exemple.fr"}


class TestAnotherCalendar:
    ANSWERS = {
        "starts_on": "2027-01-11",
        "weeks": "parity",
        "even_home": "second",
        "since": "",
        "changeover": "0",
        "changeover_at": "08:30",
        "holidays": "halves",
        "summer": "halves",
        "even_half": "first",
        "booking": "own_days",
        "packages": "halves",
        "words": "Mon travail change",
    }

    def answers(self, homes, **others):
        services = {f"service-{service.public_id}": "days" for service in homes.offer.services}
        return {**self.ANSWERS, **services, "faire": "apercu", **others}

    def proposes(self, homes, parent, **others):
        seen = parent.sends(self.answers(homes, **others), parent.url("calendrier/"))
        seal = BeautifulSoup(seen.content, "html.parser").select_one("input[name=vu]")["value"]
        return parent.sends(
            {**self.answers(homes, **others), "vu": seal, "faire": "envoyer"}, parent.url("calendrier/")
        )

    def test_the_form_begins_from_what_is_settled_as_this_home_says_it(self, father):
        soup = BeautifulSoup(father.opens(father.url("calendrier/")).content, "html.parser")
        chosen = {box["name"]: box["value"] for box in soup.select("input[type=radio][checked]")}
        assert chosen["even_home"] == "second"
        assert chosen["packages"] == "second"

    def test_it_is_seen_with_what_it_changes_before_it_is_sent(self, homes, father):
        make_reservation(homes.lucia, homes.meal, date(2027, 1, 12), family=homes.father)
        seen = father.sends(self.answers(homes, even_home="second"), father.url("calendrier/"))
        words = said(seen)
        assert "Janvier 2027" in words
        assert "Février 2027" in words
        assert "Semaines paires dans l’autre foyer, semaines impaires chez vous." in words
        assert "Jusqu’au" in words
        assert "jours passent chez vous" in words
        assert homes.proposal is None

    def test_answers_changed_since_the_preview_are_shown_again_before_they_leave(self, homes, father):
        data = {**self.answers(homes), "vu": "0" * 16, "faire": "envoyer"}
        assert "Vos réponses ont changé depuis l’aperçu" in said(father.sends(data, father.url("calendrier/")))
        assert homes.proposal is None

    def test_refused_it_goes_to_the_town_hall_whose_words_both_read(self, homes, mother, father):
        assert "Votre proposition est envoyée" in said(self.proposes(homes, father))
        page = said(mother.opens(mother.of_proposal()))
        assert "L’autre foyer propose un autre calendrier pour Lucia, à partir du lundi 11 janvier 2027." in page
        assert "Semaines paires chez vous, semaines impaires dans l’autre foyer." in page
        assert "Sans réponse, la mairie décide." in page
        second = self.proposes(homes, mother, even_home="first")
        assert second.status_code == 409
        assert "Un autre calendrier est déjà proposé" in said(second)

        assert "La mairie décide, et vous écrit à tous les deux." in said(
            mother.answers(agrees=False, words="Trop tôt")
        )
        assert letters(homes).keys() == {"mere@exemple.fr", "pere@exemple.fr"}
        homes.decide(accepts=True, words="Le jugement du 2 octobre le dit.", at=NOW)
        left = letters(homes)
        assert left.keys() == {"mere@exemple.fr", "pere@exemple.fr"}
        assert all("Le jugement du 2 octobre le dit." in body for _subject, body in left.values())
        assert "chez vous" in left["mere@exemple.fr"][1]
        for parent in (mother, father):
            words = said(parent.opens())
            assert "À partir du lundi 11 janvier 2027, réglé par la mairie" in words
            assert "Le jugement du 2 octobre le dit." in words

    def test_what_says_nothing_sure_is_refused_beside_its_field_and_what_was_written_stays(self, homes, father):
        for wrong, field, words in (
            ({"starts_on": "2026-11-23"}, "starts_on", "Un calendrier de garde change à partir d’un jour à venir."),
            ({"starts_on": "9999-12-31"}, "starts_on", "pas à plus de deux ans"),
            ({"starts_on": ""}, "starts_on", "Donnez un jour"),
            ({"weeks": "from_day"}, "since", "Indiquez le jour"),
            ({"weeks": "from_day", "since": "2027-01-12"}, "since", "Ce jour n’est pas celui du passage"),
            ({"changeover": "9"}, "changeover", "Choisissez le jour du passage."),
            ({"changeover_at": "midi"}, "changeover_at", "Donnez une heure"),
            ({"weeks": "jamais"}, "weeks", "Choisissez l’une de ces réponses."),
        ):
            answer = father.sends(self.answers(homes, **wrong), father.url("calendrier/"))
            beside = BeautifulSoup(answer.content, "html.parser").select_one(f"#id_{field}-error")
            assert (answer.status_code, words in said(beside)) == (422, True), words
            assert "Mon travail change" in answer.content.decode()

    def test_all_that_terms_may_say_is_written_and_read_back(self, homes, father):
        canteen = homes.meal.activity.service
        self.proposes(
            homes,
            father,
            weeks="from_day",
            since="2027-01-11",
            holidays="whole",
            summer="fortnights",
            even_half="second",
            long_weekends="on",
            booking="either",
            packages="second",
            **{f"service-{canteen.public_id}": "first"},
        )
        assert terms_from(homes.proposal.terms) == CustodyTerms(
            weeks=Weeks.FROM_DAY,
            since=date(2027, 1, 11),
            changeover=0,
            changeover_at=time(8, 30),
            holidays=HolidayShare.WHOLE,
            summer=SummerShare.FORTNIGHTS,
            first_half_even=False,
            long_weekends=True,
            booking=Booking.EITHER,
            packages=Packages.SECOND,
            services=((canteen.pk, Role.FIRST),),
        )


def test_a_neighbour_knows_nothing_of_a_proposal(homes, mother):
    mother.asks_for(gives=[HER_TUESDAY])
    neighbour = Client(headers={"host": "famille.localhost"})
    user = make_user()
    make_family(homes.authority, "Voisin", user=user)
    neighbour.force_login(user)
    for more in ("", "retirer/", "rendre/"):
        assert neighbour.post(mother.of_proposal(more), {"reponse": "oui"}).status_code == 404
    with tenancy.scope({homes.authority.pk}):
        assert CustodyProposal.objects.get().state == "pending"
