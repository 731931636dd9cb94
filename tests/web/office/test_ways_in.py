"""Who has an account, who is sent a link or a code, who asks to come in: as agents see and answer it."""

from datetime import date
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob
from pypdf import PdfReader

from marelle.domain.accounts.models import Grant, Identity, SecurityEvent
from marelle.domain.families.models import Child, Family, Invitation, JoinRequest, Membership, MembershipCode
from marelle.domain.families.operations.joining import join_by_code
from marelle.domain.families.queries.joining import good_invitation
from marelle.domain.families.rules.codes import in_groups
from marelle.domain.procedures.operations.shutting_out import remove_access
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.factories import town
from tests.factories.joining import make_code, make_guardian, make_invitation, make_join_request
from tests.web.office.conftest import signed_in
from tests.web.office.test_day import body

pytestmark = pytest.mark.urls("marelle.config.urls_office")

LIST = "familles/acces/"
REQUESTS = f"{LIST}demandes/"


def show(office, **asked):
    return office.client.get(office.at(LIST), asked)


def post(office, path, client=None, **said):
    return (client or office.client).post(office.at(path), said, follow=True)


def html(response):
    return response.content.decode()


def inside(office):
    return tenancy.scope({office.authority.pk})


def queued(task):
    return list(ProcrastinateJob.objects.filter(task_name=task).values_list("args", flat=True))


class TestTheList:
    @pytest.mark.parametrize("path", [LIST, REQUESTS])
    def test_the_menu_says_where_one_is(self, office, path):
        menu = BeautifulSoup(office.client.get(office.at(path)).content, "html.parser").select_one(".submenu")

        assert menu.select_one("[aria-current]").get_text(strip=True) == "Accès"

    def test_each_guardian_is_shown_with_her_state(self, office):
        at = clock.machine_now()
        states = {
            "Rien": {},
            "Route": {"sent_at": None},
            "Raté": {"sent_at": None, "failed_at": at},
            "Parti": {},
            "Ouvert": {"opened_at": at},
            "Revenu": {"returned_at": at},
            "Vieux": {"days": 0},
        }
        for name, fields in states.items():
            guardian = make_guardian(office.authority, name, name=name)
            if name != "Rien":
                make_invitation(guardian, **fields)
        make_code(make_guardian(office.authority, "Code", name="Code"))

        page = body(show(office, etat="tous"))

        for said in (
            "Compte actif depuis le",
            "Pas de compte",
            "Lien en route",
            "Lien pas parti",
            "Lien envoyé le",
            "Lien ouvert le",
            "Courriel revenu",
            "Lien trop ancien depuis le",
            "Code par courrier, jusqu’au",
        ):
            assert said in page

    def test_those_without_an_account_come_first_and_a_family_shows_all_of_its_own(self, office):
        make_guardian(office.authority, "Léa")
        other = make_guardian(office.authority, "Paul", family=office.family, name="Sanchez-Cordoves")

        assert "Maria" not in body(show(office))
        page = body(show(office, famille=office.family.public_id))
        assert "Maria" in page
        assert other.first_name in page
        assert "Léa" not in page

    def test_a_class_is_chosen(self, office):
        pupil = make_guardian(office.authority, "Léa", name="Classe")
        town.make_child(pupil.family, school_class=office.ce2)
        make_guardian(office.authority, "Paul", name="Ailleurs")

        page = body(show(office, classe=f"{office.school.code}/{office.ce2.code}"))

        assert "Léa Classe" in page
        assert "Paul Ailleurs" not in page

    @pytest.mark.parametrize(
        "asked",
        [
            {"etat": "x"},
            {"classe": "x"},
            {"classe": "a/b/c"},
            {"page": "-1"},
            {"page": "9" * 30},
            {"page": "²"},
            {"famille": "x"},
        ],
    )
    def test_what_makes_no_sense_is_forgotten(self, office, asked):
        assert show(office, **asked).status_code == 200

    def test_fifty_a_page_and_as_few_statements_for_many(self, office):
        first = make_guardian(office.authority, "Aa", name="Aa")
        make_invitation(first)
        show(office)

        def statements():
            with CaptureQueriesContext(connection) as counted:
                show(office)
            return len(counted)

        few = statements()
        for number in range(51):
            make_invitation(make_guardian(office.authority, f"Nom{number:02d}", name=f"Bb{number:02d}"))

        assert statements() == few
        page = body(show(office))
        assert "page 1 sur 2" in page
        assert "Nom49" not in page
        assert "Nom50" in body(show(office, page=2))

    def test_an_agent_of_one_school_sees_and_sends_within_it_only(self, office):
        school = town.make_facility(office.authority, "École du Bourg")
        meal = town.make_product(office.authority, facility=school, service=office.canteen)
        here = make_guardian(office.authority, "Ici", name="Ici")
        town.make_child(here.family, products=(meal,))
        there = make_guardian(office.authority, "Labas", name="Labas")
        agent = town.make_agent(office.authority, "Léo", Grant.Role.VIEW_DAY)
        with permitted("test"), inside(office):
            Grant.objects.create(
                authority=office.authority, agent=agent, role=Grant.Role.MANAGE_RESERVATIONS, facility=school
            )
        client = signed_in(agent)

        page = body(client.get(office.at(LIST)))
        assert "Ici Ici" in page
        assert "Labas" not in page
        post(office, f"{LIST}activer/", client, guardian=[here.public_id, there.public_id])
        with inside(office):
            assert [one.guardian for one in Invitation.objects.all()] == [here]
        assert client.post(office.at(f"{LIST}responsables/{there.public_id}/annuler/")).status_code == 404
        assert client.get(office.at(REQUESTS)).status_code == 403

    def test_the_families_page_and_a_family_lead_there(self, office):
        make_join_request(office.authority, town.make_user())

        page = body(office.client.get(office.at("familles/")))
        assert "Accès des familles" in page
        assert "1 demande de rattachement" in page
        assert f"acces/?famille={office.family.public_id}" in html(
            office.client.get(office.at(f"familles/{office.family.public_id}/"))
        )


class TestSending:
    def test_one_then_a_selection_then_all_who_have_an_address(self, office):
        people = [make_guardian(office.authority, f"Nom{number}", name=f"Nom{number}") for number in range(5)]
        make_guardian(office.authority, "Sans", email="")
        url = f"{LIST}activer/"

        assert "1 lien en route." in body(post(office, url, guardian=people[0].public_id))
        assert "2 liens en route." in body(post(office, url, guardian=[one.public_id for one in people[1:3]]))
        assert "Activer toutes les familles qui ont une adresse (2)" in body(show(office))
        done = body(post(office, url, tous="1"))

        assert "2 liens en route." in done
        assert "1 n’a pas d’adresse e-mail." in done
        with inside(office):
            assert Invitation.objects.count() == 5
        assert "Aucun lien ne part." in body(post(office, url, tous="1"))

    def test_why_somebody_is_not_written_to_is_said(self, office):
        with inside(office):
            maria = office.family.guardians.get()
        shared = make_guardian(office.authority, "Paul", email="ensemble@exemple.fr")
        other = make_guardian(office.authority, "Ana", family=shared.family, email="ensemble@exemple.fr")

        said = body(post(office, f"{LIST}activer/", guardian=[maria.public_id, shared.public_id, other.public_id]))

        assert "1 lien en route." in said
        assert "1 a déjà un compte" in said
        assert "1 a la même adresse que l’autre responsable" in said

    @pytest.mark.parametrize("path", ["activer/", "codes/"])
    def test_nobody_ticked_is_said(self, office, path):
        assert "Cochez au moins un responsable." in body(post(office, f"{LIST}{path}"))
        assert "Cochez au moins un responsable." in body(post(office, f"{LIST}{path}", guardian="0" * 12))

    def test_one_comes_back_to_the_list_as_it_was(self, office):
        guardian = make_guardian(office.authority)

        answer = office.client.post(office.at(f"{LIST}activer/"), {"guardian": guardian.public_id, "etat": "rien"})

        assert answer["Location"] == office.at(f"{LIST}?etat=rien")

    def test_a_returned_letter_is_noted_and_a_link_annulled(self, office):
        guardian = make_guardian(office.authority)
        link = make_invitation(guardian)
        act = f"{LIST}responsables/{guardian.public_id}"

        assert "le courriel est revenu" in body(post(office, f"{act}/revenu/"))
        assert "Aucun lien n’attend" in body(post(office, f"{act}/revenu/"))
        assert "ne servent plus" in body(post(office, f"{act}/annuler/"))
        assert "n’a ni lien ni code" in body(post(office, f"{act}/annuler/"))
        with inside(office):
            link.refresh_from_db()
        assert link.revoked_at is not None

    def test_an_address_is_corrected_and_the_link_to_the_wrong_one_is_dead(self, office):
        guardian = make_guardian(office.authority, email="faute@exemple.fr", phone="01 02 03 04 05")
        link = make_invitation(guardian)
        url = f"{LIST}responsables/{guardian.public_id}/adresse/"

        refused = office.client.post(office.at(url), {"email": "pas une adresse"})
        assert refused.status_code == 422
        assert "Écrivez une adresse e-mail" in body(refused)
        assert "L’adresse est enregistrée." in body(post(office, url, email="Juste@exemple.fr"))

        with inside(office):
            guardian.refresh_from_db()
            assert good_invitation(token=link.token, at=clock.machine_now()) is None
        assert (guardian.email, guardian.phone) == ("juste@exemple.fr", "01 02 03 04 05")
        assert "1 lien en route." in body(post(office, f"{LIST}activer/", guardian=guardian.public_id))

    def test_an_account_is_taken_away_and_its_doors_shut_at_once(self, office, family_site):
        with inside(office):
            guardian = office.family.guardians.get()
            user = Membership.objects.get().user
        family_site.force_login(user)
        page = office.at("actualites/")

        def opened():
            with override_settings(ROOT_URLCONF="marelle.config.urls_family"):
                return family_site.get(page).status_code

        assert opened() == 200
        done = body(post(office, f"{LIST}responsables/{guardian.public_id}/retirer/"))
        assert "L’accès est retiré" in done
        assert opened() == 404
        assert "déjà retiré" in body(post(office, f"{LIST}responsables/{guardian.public_id}/retirer/"))

    def test_franceconnect_is_untied_and_its_owner_is_told(self, office):
        with inside(office):
            guardian = office.family.guardians.get()
            user = Membership.objects.get().user
        assert "Détacher FranceConnect" not in body(show(office, etat="tous"))
        with permitted("factory"):
            tied = {"provider": "franceconnect", "issuer": "https://fc.exemple.fr/api/v2", "subject": "abcv1"}
            Identity.objects.create(user=user, linked_at=clock.machine_now(), **tied)
            user.set_unusable_password()
            user.save()
        assert "Détacher FranceConnect" in body(show(office, etat="tous"))
        path = f"{LIST}responsables/{guardian.public_id}/franceconnect/"

        assert "FranceConnect est détaché de ce compte" in body(post(office, path))
        assert not Identity.objects.exists()
        assert SecurityEvent.objects.get().kind == "franceconnect_unlinked"
        assert ProcrastinateJob.objects.filter(task_name="letters.security_event").exists()
        assert "n’était pas relié" in body(post(office, path))


class TestCodes:
    def test_by_mail_and_by_letter(self, office):
        people = [make_guardian(office.authority, f"Nom{n}", name=f"Nom{n}") for n in range(3)]
        chosen = [one.public_id for one in people]

        assert "3 codes en route par e-mail." in body(post(office, f"{LIST}codes/", guardian=chosen, remise="mail"))
        assert len(queued("letters.membership_codes")) == 1
        done = body(post(office, f"{LIST}codes/", guardian=chosen, remise="letter"))
        assert "3 codes à imprimer" in done
        assert "Ouvrir les lettres" in done
        with inside(office):
            assert MembershipCode.objects.filter(revoked_at=None).count() == 3

    def test_the_letters_are_the_same_each_time_and_hold_no_code_of_others(self, office):
        code = make_code(make_guardian(office.authority, email=""))
        sent = make_code(make_guardian(office.authority), delivery="mail")
        elsewhere = make_code(make_guardian(town.make_authority("Ailleurs")))

        texts = []
        for _time in range(2):
            answer = office.client.get(office.at(f"{LIST}lettres.pdf"))
            assert answer["Content-Type"] == "application/pdf"
            assert "no-store" in answer["Cache-Control"]
            texts.append("".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages))

        assert texts[0] == texts[1]
        assert in_groups(code.code) in texts[0]
        assert in_groups(sent.code) not in texts[0]
        assert in_groups(elsewhere.code) not in texts[0]

    def test_the_letters_of_one_class(self, office):
        pupil = make_guardian(office.authority, "Léa", name="Classe")
        town.make_child(pupil.family, school_class=office.ce2)
        make_code(pupil)
        make_code(make_guardian(office.authority, "Paul", name="Ailleurs"))
        classroom = f"{office.school.code}/{office.ce2.code}"

        answer = office.client.get(office.at(f"{LIST}lettres.pdf"), {"classe": classroom})

        assert len(PdfReader(BytesIO(answer.content)).pages) == 1

    def test_without_a_letter_one_is_told(self, office):
        answer = office.client.get(office.at(f"{LIST}lettres.pdf"), follow=True)

        assert "Aucun code par courrier n’attend" in body(answer)


@pytest.fixture
def request_(office):
    return make_join_request(office.authority, town.make_user("paul@exemple.fr"), words="Nous avons emménagé.")


def answer_url(found, act):
    return f"{REQUESTS}{found.public_id}/{act}/"


class TestRequests:
    def test_what_is_asked_is_shown_beside_the_families_it_may_be(self, office, request_):
        known = make_guardian(office.authority, "Paul", name="Durand")
        town.make_child(known.family, "Zoe", birth_date=date(2018, 5, 6))

        assert "Paul Durand" in body(office.client.get(office.at(REQUESTS)))
        shown = office.client.get(office.at(f"{REQUESTS}{request_.public_id}/"))
        page = body(shown)
        for said in ("paul@exemple.fr", "Zoé Durand, le 06/05/2018", "Nous avons emménagé.", "Même enfant"):
            assert said in page
        assert f"guardian.{known.public_id}" in html(shown)

    def test_attached_to_a_guardian(self, office, request_):
        known = make_guardian(office.authority, "Paul", name="Durand")
        town.make_child(known.family, "Zoe", birth_date=date(2018, 5, 6))

        done = post(office, answer_url(request_, "accepter"), chosen=f"guardian.{known.public_id}")

        assert "Le compte est rattaché." in body(done)
        with inside(office):
            assert Membership.objects.get(user=request_.user).guardian == known
        assert "Cette demande a déjà reçu une réponse" in body(
            post(office, answer_url(request_, "accepter"), chosen=f"guardian.{known.public_id}")
        )
        assert "déjà reçu une réponse" in body(post(office, answer_url(request_, "refuser"), reason="non"))

    def test_a_new_family_beside_those_proposed_asks_for_one_more_tick(self, office, request_):
        known = make_guardian(office.authority, "Paul", name="Durand")
        town.make_child(known.family, "Zoe", birth_date=date(2018, 5, 6))
        url = answer_url(request_, "accepter")

        held = office.client.post(office.at(url), {"chosen": "new"})
        assert held.status_code == 422
        assert "pour ne pas ouvrir deux dossiers" in body(held)
        with inside(office):
            count = Family.objects.count()
        post(office, url, chosen="new", none_of_these="on")

        with inside(office):
            assert Family.objects.count() == count + 1
            assert Child.objects.filter(first_name="Zoé").count() == 1
            assert Membership.objects.get(user=request_.user).guardian.first_name == "Paul"

    def test_a_new_family_without_any_like_it(self, office, request_):
        page = html(office.client.get(office.at(f"{REQUESTS}{request_.public_id}/")))
        assert "Aucune famille ne ressemble" in page
        assert "none_of_these" not in page

        post(office, answer_url(request_, "accepter"), chosen="new")

        with inside(office):
            assert Membership.objects.filter(user=request_.user).count() == 1

    def test_a_family_looked_for_by_its_number(self, office, request_):
        page = office.client.get(office.at(f"{REQUESTS}{request_.public_id}/"), {"dossier": office.family.code.upper()})
        assert f"family.{office.family.public_id}" in html(page)

        post(
            office,
            answer_url(request_, "accepter"),
            dossier=office.family.code,
            chosen=f"family.{office.family.public_id}",
        )

        with inside(office):
            added = Membership.objects.get(user=request_.user).guardian
        assert (added.first_name, added.family) == ("Paul", office.family)

    def test_an_unknown_number_is_said(self, office, request_):
        page = office.client.get(office.at(f"{REQUESTS}{request_.public_id}/"), {"dossier": "XX"})

        assert "Aucun dossier n’a ce numéro." in body(page)

    @pytest.mark.parametrize("chosen", ["", "guardian.000000000000", "family.000000000000", "x", "new.x"])
    def test_a_choice_that_was_not_offered_writes_nothing(self, office, request_, chosen):
        answer = office.client.post(office.at(answer_url(request_, "accepter")), {"chosen": chosen})

        assert answer.status_code == 422
        with inside(office):
            assert JoinRequest.objects.get().state == "waiting"

    def test_nobody_of_another_town_is_offered(self, office, request_):
        elsewhere = make_guardian(town.make_authority("Ailleurs"), "Paul", name="Durand", email="paul@exemple.fr")
        town.make_child(elsewhere.family, "Zoé", birth_date=date(2018, 5, 6))

        page = body(
            office.client.get(office.at(f"{REQUESTS}{request_.public_id}/"), {"dossier": elsewhere.family.code})
        )
        assert elsewhere.public_id not in page
        answer = office.client.post(
            office.at(answer_url(request_, "accepter")), {"chosen": f"guardian.{elsewhere.public_id}"}
        )
        assert answer.status_code == 422

    def test_refusing_needs_a_reason_that_the_person_reads(self, office, request_):
        assert office.client.post(office.at(answer_url(request_, "refuser")), {"reason": " "}).status_code == 422
        assert office.client.post(office.at(answer_url(request_, "refuser")), {"reason": "x" * 501}).status_code == 422

        done = post(office, answer_url(request_, "refuser"), reason="Appelez-nous.")

        assert "La demande est refusée." in body(done)
        assert queued("letters.join_refused") == [{"authority": office.authority.pk, "request": request_.pk}]
        page = body(office.client.get(office.at(f"{REQUESTS}{request_.public_id}/")))
        assert "« Appelez-nous. »" in page
        assert office.agent.name in body(office.client.get(office.at(REQUESTS)))

    def test_a_guardian_who_got_an_account_meanwhile_is_not_taken_over(self, office, request_):
        known = make_guardian(office.authority, "Paul", name="Durand")
        town.make_child(known.family, "Zoe", birth_date=date(2018, 5, 6))
        with inside(office):
            join_by_code(town.make_user(), make_code(known).code, by=SYSTEM, at=clock.machine_now())
        answer = office.client.post(
            office.at(answer_url(request_, "accepter")), {"chosen": f"guardian.{known.public_id}"}
        )

        assert answer.status_code == 422
        with inside(office):
            assert not Membership.objects.filter(user=request_.user).exists()


class TestRequestsTogether:
    @pytest.fixture
    def asked(self, office):
        """Two that are sure, one by its address and one by its telephone; and one whose child alone is known."""
        made = {}
        for name, known, told in (
            ("Ana", {"email": "ana@exemple.fr"}, {}),
            ("Bea", {"email": "", "phone": "06 12 34 56 78"}, {"phone": "+33612345678"}),
            ("Cleo", {"email": "autre@exemple.fr"}, {}),
        ):
            guardian = make_guardian(office.authority, name, name=f"De{name}", **known)
            child = town.make_child(guardian.family, "Zoé", birth_date=date(2018, 5, 6))
            account = town.make_user(f"{name.lower()}@exemple.fr")
            who = {"first_name": name, "last_name": f"De{name}", "child_last_name": child.last_name}
            made[name] = make_join_request(office.authority, account, **who, **told)
            made[name].known = guardian
        return made

    def ticked(self, asked, **more):
        seen = [f"{one.public_id}.{one.known.public_id}" for one in asked.values()]
        return {"choisi": [one.public_id for one in asked.values()], "vu": seen, **more}

    def states(self, asked):
        with tenancy.scope({next(iter(asked.values())).authority_id}):
            return [JoinRequest.objects.get(pk=one.pk).state for one in asked.values()]

    def test_the_list_says_which_are_sure_and_the_preview_to_whom(self, office, asked):
        assert html(office.client.get(office.at(REQUESTS))).count("Dossier sûr") == 1 + 2

        shown = html(office.client.get(office.at(f"{REQUESTS}ensemble/"), self.ticked(asked, reponse="accepter")))

        assert "Accepter 2 demandes" in shown
        assert "Ce compte devient celui de <b>Ana DeAna</b>" in shown
        assert "Aucun dossier n’est sûr" in shown
        assert self.states(asked) == ["waiting"] * 3

    def test_only_those_that_are_sure_are_attached_and_the_others_named(self, office, asked):
        page = body(post(office, f"{REQUESTS}ensemble/", **self.ticked(asked, answer="accept")))

        assert "2 comptes rattachés. Les personnes sont prévenues." in page
        assert "Cleo DeCleo : à rattacher sur sa page" in page
        assert self.states(asked) == ["accepted", "accepted", "waiting"]
        with inside(office):
            for name in ("Ana", "Bea"):
                assert Membership.objects.get(user=asked[name].user).guardian == asked[name].known

    def test_who_is_kept_out_is_never_sure_and_is_named_with_why(self, office, asked):
        with inside(office):
            now = clock.machine_now()
            remove_access(asked["Bea"].known, kind="court_order", by=SYSTEM, at=now, machine=now)

        listed = html(office.client.get(office.at(REQUESTS)))
        shown = html(office.client.get(office.at(f"{REQUESTS}ensemble/"), self.ticked(asked, reponse="accepter")))
        page = body(post(office, f"{REQUESTS}ensemble/", **self.ticked(asked, answer="accept")))

        assert (listed.count("Dossier sûr"), listed.count("Accès retiré")) == (1 + 1, 1)
        assert "Accepter 1 demande" in shown
        assert "La mairie lui a retiré l’accès à un dossier" in shown
        assert "Bea DeBea : à relire sur sa page : la mairie lui a retiré l’accès à un dossier." in page
        alone = body(office.client.get(office.at(f"{REQUESTS}{asked['Bea'].public_id}/")))
        assert "L’accès de Bea DeBea, qui a ce compte, cette adresse ou ce nom, à la famille" in alone
        assert "justice" not in listed + shown + page + alone
        assert self.states(asked) == ["accepted", "waiting", "waiting"]

    def test_another_guardian_than_the_one_shown_is_not_attached(self, office, asked):
        sent = self.ticked(asked, answer="accept")
        sent["vu"] = [one.replace(asked["Ana"].known.public_id, asked["Bea"].known.public_id) for one in sent["vu"]]

        post(office, f"{REQUESTS}ensemble/", **sent)

        assert self.states(asked) == ["waiting", "accepted", "waiting"]

    def test_one_answered_meanwhile_and_one_whose_guardian_has_an_account_are_left(self, office, asked):
        post(office, answer_url(asked["Ana"], "refuser"), reason="non")
        code = make_code(asked["Bea"].known)
        with inside(office):
            join_by_code(town.make_user("bea-2@exemple.fr"), code.code, by=SYSTEM, at=clock.machine_now())

        page = body(post(office, f"{REQUESTS}ensemble/", **self.ticked(asked, answer="accept")))

        assert "Une avait déjà reçu une réponse" in page
        assert self.states(asked) == ["refused", "waiting", "waiting"]

    def test_a_refusal_says_why_to_all(self, office, asked):
        kept = office.client.post(office.at(f"{REQUESTS}ensemble/"), self.ticked(asked, answer="refuse", reason=" "))
        assert kept.status_code == 422
        assert self.states(asked) == ["waiting"] * 3

        post(office, f"{REQUESTS}ensemble/", **self.ticked(asked, answer="refuse", reason="Venez en mairie."))

        assert self.states(asked) == ["refused"] * 3
        assert len(queued("letters.join_refused")) == 3

    def test_nothing_ticked_is_said(self, office):
        assert "Cochez d’abord" in body(office.client.get(office.at(f"{REQUESTS}ensemble/"), follow=True))

    def test_as_many_questions_for_many_as_for_one(self, office, asked):
        def statements(some):
            with CaptureQueriesContext(connection) as counted:
                office.client.get(office.at(f"{REQUESTS}ensemble/"), self.ticked(some, reponse="accepter"))
            return len(counted)

        statements(asked)
        assert statements(asked) == statements({"Ana": asked["Ana"]})
