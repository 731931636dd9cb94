"""Getting an account: by the link of a letter, by an address and a code, by asking. Nothing is learned by trying."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.accounts.models import User
from marelle.domain.families.models import Guardian, Invitation, JoinRequest, Membership
from marelle.foundation import clock, tenancy
from marelle.foundation.derived_secrets import sealed
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.jobs import ways_in as tasks
from marelle.letters.about_joining import NEW_ACCOUNT
from tests.factories.joining import make_code, make_guardian, make_invitation
from tests.factories.town import make_authority, make_family, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "trois petits chats verts"
ACTIVATION, JOIN, CREATE = "/compte/activation/", "/compte/rejoindre/", "/compte/creer/"


@pytest.fixture
def town():
    return make_authority()


@pytest.fixture
def parent(account_site):
    """An account without a family, signed in."""
    account_site.user = make_user("parent@exemple.fr")
    account_site.force_login(account_site.user)
    return account_site


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def url_of(link):
    return f"{ACTIVATION}{link.token}/"


def opened(client, link):
    """Follow a link, press its button, and return the page that comes."""
    assert client.get(url_of(link)).status_code == 200
    response = client.post(url_of(link))
    assert (response.status_code, response["Location"]) == (303, ACTIVATION)
    return client.get(ACTIVATION)


def members():
    with tenancy.every_authority():
        return [
            (one.user.email, one.guardian.first_name) for one in Membership.objects.select_related("guardian", "user")
        ]


def row(link):
    with tenancy.every_authority():
        return Invitation.objects.get(pk=link.pk)


def queued(task):
    return list(ProcrastinateJob.objects.filter(task_name=task).order_by("pk").values_list("args", flat=True))


class TestTheLink:
    def test_from_the_letter_to_the_family(self, account_site, town):
        link = make_invitation(make_guardian(town, "Léa", email="Lea@exemple.fr", phone="01 02 03 04 05"))

        page = opened(account_site, link)
        assert "Complétez les informations demandées" in words(page)
        assert 'value="01 02 03 04 05"' in page.content.decode()
        done = account_site.post(ACTIVATION, {"password": PASSWORD, "phone": "0612345678"})

        assert done["Location"] == f"http://famille.localhost/{town.slug}/actualites/?rattache=1"
        assert members() == [("lea@exemple.fr", "Léa")]
        assert row(link).opened_at
        with tenancy.every_authority():
            assert Guardian.objects.get(pk=link.guardian_id).phone == "06 12 34 56 78"
        fresh = Client(headers={"host": "compte.localhost"})
        signed = fresh.post("/compte/connexion/", {"login": "lea@exemple.fr", "password": PASSWORD})
        assert signed["Location"] == "/"

    def test_a_program_that_follows_it_spends_and_notes_nothing(self, account_site, town):
        link = make_invitation(make_guardian(town))

        for _time in range(5):
            assert account_site.get(url_of(link)).status_code == 200
            assert account_site.head(url_of(link)).status_code == 200

        assert row(link).opened_at is None
        assert "activation" not in account_site.session
        assert "Complétez" in words(opened(Client(headers={"host": "compte.localhost"}), link))

    def test_a_program_that_presses_the_button_too_spends_nothing(self, account_site, town):
        link = make_invitation(make_guardian(town))
        opened(Client(headers={"host": "compte.localhost"}), link)

        assert "Complétez" in words(opened(account_site, link))

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_every_link_that_does_not_serve_is_answered_alike(self, account_site, town, method):
        moment = clock.machine_now()
        corrected = make_invitation(make_guardian(town, email="faute@exemple.fr"))
        with permitted("test"), tenancy.every_authority():
            Guardian.objects.filter(pk=corrected.guardian_id).update(email="juste@exemple.fr")
        urls = [
            f"{ACTIVATION}{'x' * 43}/",
            f"{ACTIVATION}n’importe quoi/",
            url_of(corrected),
            *(
                url_of(make_invitation(make_guardian(town), **ended))
                for ended in ({"days": 0}, {"revoked_at": moment}, {"done_at": moment})
            ),
        ]

        answers = {(one.status_code, words(one)) for one in (getattr(account_site, method)(url) for url in urls)}

        assert len(answers) == 1
        ((status, said),) = answers
        assert status == 410
        assert "Ce lien ne sert plus" in said
        assert "Recevoir de nouveau mon lien" in said

    def test_once_used_it_is_over_for_whoever_had_opened_it_too(self, account_site, town):
        link = make_invitation(make_guardian(town))
        other = Client(headers={"host": "compte.localhost"})
        opened(other, link)
        opened(account_site, link)
        account_site.post(ACTIVATION, {"password": PASSWORD})

        assert other.post(ACTIVATION, {"password": PASSWORD}).status_code == 410
        assert len(members()) == 1

    def test_without_having_opened_a_link_there_is_nothing_to_complete(self, account_site):
        assert account_site.get(ACTIVATION).status_code == 410
        assert account_site.post(ACTIVATION, {"password": PASSWORD}).status_code == 410
        assert not User.objects.exists()

    @pytest.mark.parametrize(
        ("sent", "said"),
        [
            ({"password": "court"}, "trop court"),
            ({"password": "motdepasse123456", "phone": "12"}, "Écrivez un numéro"),
            ({"password": "lea.martin@exemple.fr"}, "trop semblable"),
            ({}, "Ce champ est obligatoire."),
            ({"password": PASSWORD, "phone": "6" * 31}, "30 caractères"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_written(self, account_site, town, sent, said):
        link = make_invitation(make_guardian(town, email="lea.martin@exemple.fr"))
        opened(account_site, link)

        answer = account_site.post(ACTIVATION, sent)

        assert answer.status_code == 422
        assert said in words(answer)
        assert not User.objects.exists()
        assert row(link).done_at is None

    def test_an_address_that_has_an_account_signs_in_and_comes_back(self, account_site, town):
        with permitted("factory"):
            user = User.objects.create_user("lea@exemple.fr", PASSWORD)
        link = make_invitation(make_guardian(town, "Léa", email="lea@exemple.fr"))

        page = opened(account_site, link)
        assert "Vous avez déjà un compte" in words(page)
        assert account_site.post(ACTIVATION, {"password": "un autre mot de passe"}).status_code == 409
        signed = account_site.post(
            "/compte/connexion/", {"login": "lea@exemple.fr", "password": PASSWORD, "next": ACTIVATION}
        )
        assert signed["Location"] == ACTIVATION
        assert "Ajouter Dammartin-sur-Tigeaux à votre compte" in words(account_site.get(ACTIVATION))
        account_site.post(ACTIVATION, {"phone": ""})

        assert members() == [("lea@exemple.fr", "Léa")]
        user.refresh_from_db()
        assert user.check_password(PASSWORD)

    def test_another_account_that_is_signed_in_says_which_it_is_before_it_is_attached(self, parent, town):
        link = make_invitation(make_guardian(town, "Léa", email="lea@exemple.fr"))

        said = words(opened(parent, link))
        assert "parent@exemple.fr" in said
        assert "Léa Martin" in said
        assert "mot de passe" not in said.lower()
        assert members() == []
        parent.post(ACTIVATION, {})

        assert members() == [("parent@exemple.fr", "Léa")]
        assert User.objects.count() == 1

    def test_in_the_session_of_the_other_parent_it_is_not_spent(self, parent, town):
        family = make_family(town, user=parent.user)
        link = make_invitation(make_guardian(town, "Paul", family=family))

        assert "Ce compte a déjà cette famille" in words(opened(parent, link))
        assert parent.post(ACTIVATION, {}).status_code == 409
        assert row(link).done_at is None

    def test_the_session_is_a_new_one_once_signed_in(self, account_site, town):
        link = make_invitation(make_guardian(town))
        opened(account_site, link)
        before = account_site.session.session_key

        account_site.post(ACTIVATION, {"password": PASSWORD})

        assert account_site.session.session_key != before
        assert "_auth_user_id" in account_site.session
        assert "activation" not in account_site.session

    def test_the_session_holds_no_secret_and_no_page_is_kept(self, account_site, town):
        link = make_invitation(make_guardian(town))
        page = opened(account_site, link)

        assert link.token not in str(dict(account_site.session))
        assert link.token not in page.content.decode()
        for one in (page, account_site.get(url_of(link))):
            assert "no-store" in one["Cache-Control"]
            assert one["Referrer-Policy"] == "same-origin"

    def test_a_form_of_another_site_is_refused(self, town):
        link = make_invitation(make_guardian(town))
        strict = Client(headers={"host": "compte.localhost"}, enforce_csrf_checks=True)

        assert strict.post(url_of(link)).status_code == 403
        assert row(link).opened_at is None

    def test_an_old_link_leads_to_the_account_site(self, family_site, town):
        """A letter sent before the account had a site of its own."""
        link = url_of(make_invitation(make_guardian(town)))

        assert family_site.get(link)["Location"] == f"http://compte.localhost{link}"
        assert family_site.get(JOIN)["Location"] == f"http://compte.localhost{JOIN}"
        assert family_site.post(link).status_code == 405


class TestTheLinkAgain:
    URL = f"{ACTIVATION}nouveau-lien/"

    def test_the_answer_is_the_same_for_every_address_at_the_same_cost(self, account_site, town):
        make_user("connue@exemple.fr")
        make_invitation(make_guardian(town, email="attendue@exemple.fr"))
        account_site.post(self.URL, {"email": "premiere@exemple.fr"})
        answers = set()
        for address in ("connue@exemple.fr", "attendue@exemple.fr", "inconnue@exemple.fr"):
            with CaptureQueriesContext(connection) as counted:
                answer = account_site.post(self.URL, {"email": address})
            answers.add((answer.status_code, answer["Location"], len(counted)))

        assert len(answers) == 1
        assert mail.outbox == []
        assert "Si une mairie vous attend à cette adresse" in words(account_site.get(f"{self.URL}envoye/"))

    def test_the_new_link_serves_and_the_old_one_does_not(self, account_site, town):
        link = make_invitation(make_guardian(town, email="lea@exemple.fr"), days=-1)
        account_site.post(self.URL, {"email": " Lea@exemple.fr "})
        tasks.link_asked(**queued("letters.link_asked")[0])
        tasks.invitations(**queued("letters.invitations")[0])
        (letter,) = mail.outbox
        path = re.search(r"http://compte\.localhost(/compte/activation/\S+)", letter.body)[1]

        assert account_site.get(path).status_code == 200
        assert account_site.get(url_of(link)).status_code == 410

    def test_each_address_is_written_to_a_few_times_an_hour_whether_or_not_it_is_known(self, account_site, town):
        make_invitation(make_guardian(town, email="attendue@exemple.fr"))
        for address in ("attendue@exemple.fr", "inconnue@exemple.fr"):
            answers = [account_site.post(self.URL, {"email": address}).status_code for _ in range(4)]
            assert answers == [303, 303, 303, 429]
        assert len(queued("letters.link_asked")) == 6

    def test_each_visitor_asks_for_some_addresses_an_hour(self, account_site):
        answers = [account_site.post(self.URL, {"email": f"a{number}@exemple.fr"}).status_code for number in range(21)]

        assert answers == [303] * 20 + [429]

    @pytest.mark.parametrize(
        "typed", ["", "pas une adresse", "a@b", "x" * 300 + "@exemple.fr", "a@exemple.fr\r\nBcc: b@c.fr"]
    )
    def test_what_is_not_an_address_is_said(self, account_site, typed):
        answer = account_site.post(self.URL, {"email": typed})

        assert answer.status_code == 422
        assert queued("letters.link_asked") == []


class TestCreating:
    def link(self, account_site, address="lea@exemple.fr"):
        """Ask for an account and return the path that the letter brings."""
        answer = account_site.post(CREATE, {"email": address})
        assert answer["Location"] == f"{CREATE}envoye/"
        for args in queued("letters.account_asked"):
            tasks.account_asked(**args)
        return re.search(r"http://compte\.localhost(/compte/creer/\S+)", mail.outbox[-1].body)[1]

    def test_from_the_address_to_the_family(self, account_site, town):
        code = make_code(make_guardian(town, "Léa", email=""))
        path = self.link(account_site, "Lea@exemple.fr")

        assert "lea@exemple.fr" in words(account_site.get(path))
        done = account_site.post(path, {"password": PASSWORD}, follow=True)
        assert done.redirect_chain[-1][0] == JOIN
        assert "Plus tard" in words(done)
        joined = account_site.post(JOIN, {"code": code.code.lower()})

        assert joined["Location"] == f"http://famille.localhost/{town.slug}/actualites/?rattache=1"
        assert members() == [("lea@exemple.fr", "Léa")]

    def test_the_answer_is_the_same_for_every_address_at_the_same_cost(self, account_site):
        make_user("connue@exemple.fr")
        account_site.post(CREATE, {"email": "premiere@exemple.fr"})
        answers, hashed = set(), []
        for address in ("connue@exemple.fr", "inconnue@exemple.fr"):
            with CaptureQueriesContext(connection) as counted, hashing(hashed):
                answer = account_site.post(CREATE, {"email": address})
            answers.add((answer.status_code, answer["Location"], len(counted)))

        assert len(answers) == 1
        assert hashed == []
        assert mail.outbox == []

    def test_an_address_that_has_an_account_is_told_so_in_its_own_mailbox(self, account_site):
        make_user("connue@exemple.fr")
        account_site.post(CREATE, {"email": "Connue@exemple.fr"})
        tasks.account_asked(**queued("letters.account_asked")[0])

        assert mail.outbox[0].subject == "Vous avez déjà un compte"

    def test_the_link_opens_one_account_only(self, account_site):
        path = self.link(account_site)
        account_site.post(path, {"password": PASSWORD})
        other = Client(headers={"host": "compte.localhost"})

        for answer in (other.get(path), other.post(path, {"password": "un autre mot de passe"})):
            assert answer.status_code == 410
            assert "Votre compte est déjà créé" in words(answer)
        assert User.objects.get().check_password(PASSWORD)

    def test_a_link_that_only_is_seen_opens_nothing(self, account_site):
        path = self.link(account_site)
        for _time in range(3):
            account_site.get(path)
            account_site.head(path)

        assert not User.objects.exists()

    def test_the_link_does_not_show_the_address_and_lasts_three_days(self, account_site, monkeypatch):
        path = self.link(account_site)
        assert "lea" not in path
        assert account_site.get(path).status_code == 200
        later = (clock.machine_now() + timedelta(days=3, seconds=2)).timestamp()
        monkeypatch.setattr("django.core.signing.time.time", lambda: later)

        answer = account_site.get(path)
        assert answer.status_code == 410
        assert "Ce lien ne sert plus" in words(answer)

    @pytest.mark.parametrize("forged", ["x", "x:y:z", sealed("something else", "lea@exemple.fr"), "é" * 40])
    def test_a_forged_link_opens_nothing(self, account_site, forged):
        assert account_site.get(f"{CREATE}{forged}/").status_code == 410
        assert account_site.post(f"{CREATE}{forged}/", {"password": PASSWORD}).status_code == 410
        assert not User.objects.exists()

    def test_a_link_changed_by_one_sign_opens_nothing(self, account_site):
        path = f"{CREATE}{sealed(NEW_ACCOUNT, 'lea@exemple.fr')}/"
        assert account_site.get(path).status_code == 200

        place = path.index(":") - 10
        assert (
            account_site.get(path[:place] + ("A" if path[place] != "A" else "B") + path[place + 1 :]).status_code == 410
        )

    @pytest.mark.parametrize("password", ["court", "q1w2e3r4t5y6", "lea@exemple.fr", ""])
    def test_a_weak_password_is_refused(self, account_site, password):
        answer = account_site.post(self.link(account_site), {"password": password})

        assert answer.status_code == 422
        assert not User.objects.exists()

    def test_each_address_is_written_to_a_few_times_an_hour(self, account_site):
        answers = [account_site.post(CREATE, {"email": "lea@exemple.fr"}).status_code for _ in range(4)]

        assert answers == [303, 303, 303, 429]

    def test_the_host_of_the_request_is_not_in_the_letter(self, account_site):
        path = self.link(account_site)

        assert path.startswith(CREATE)
        assert mail.outbox[-1].body.count("http://compte.localhost") >= 1

    def test_an_agent_is_told_whom_to_ask_and_nothing_is_posted_there(self, account_site):
        from_the_office = f"{CREATE}?next=/oidc/autorisation%3Fclient_id%3Dmairie"

        assert "ouverts par l’administrateur" in words(account_site.get(from_the_office))
        assert account_site.post(from_the_office, {"email": "agent@exemple.fr"}).status_code == 405
        assert queued("letters.account_asked") == []


class hashing:  # noqa: N801  used as a verb
    """Note each time that a password is hashed or checked: what a clock would measure."""

    def __init__(self, into):
        self.into = into

    def __enter__(self):
        self.encode = Argon2PasswordHasher.encode
        into, encode = self.into, self.encode

        def noted(hasher, *args):
            into.append(1)
            return encode(hasher, *args)

        Argon2PasswordHasher.encode = noted
        return self

    def __exit__(self, *_trouble):
        Argon2PasswordHasher.encode = self.encode


class TestTheCode:
    def test_one_signs_in_first(self, account_site):
        assert account_site.get(JOIN)["Location"] == f"/compte/connexion/?next={JOIN}"

    @pytest.mark.parametrize(
        "typed", [lambda code: code, str.lower, lambda code: f" {code[:4]} {code[4:8]}-{code[8:]}. "]
    )
    def test_a_code_is_taken_as_people_type_it(self, parent, town, typed):
        code = make_code(make_guardian(town, "Léa"))

        answer = parent.post(JOIN, {"code": typed(code.code)})

        assert answer["Location"] == f"http://famille.localhost/{town.slug}/actualites/?rattache=1"
        assert members() == [("parent@exemple.fr", "Léa")]

    def test_every_code_that_does_not_serve_is_answered_in_the_same_words_at_the_same_cost(self, parent, town):
        codes = {
            "unknown": "2222-2222-2222",
            "expired": make_code(make_guardian(town), days=0).code,
            "revoked": make_code(make_guardian(town), revoked_at=clock.machine_now()).code,
            "used": make_code(make_guardian(town), used_at=clock.machine_now()).code,
        }
        parent.post(JOIN, {"code": "2222-2222-2222"})
        answers = {}
        for why, code in codes.items():
            with CaptureQueriesContext(connection) as counted:
                answer = parent.post(JOIN, {"code": code})
            said = words(answer).replace(code, "CODE")
            answers[why] = (answer.status_code, said.replace(code.replace("-", ""), "CODE"), len(counted))

        assert len(set(answers.values())) == 1, answers
        assert next(iter(answers.values()))[0] == 422
        malformed = parent.post(JOIN, {"code": "OIL1-0000"})
        assert words(malformed).replace("OIL1-0000", "CODE") == next(iter(answers.values()))[1]

    def test_ten_guesses_an_hour_for_an_account(self, parent, town):
        code = make_code(make_guardian(town)).code
        for _time in range(10):
            assert parent.post(JOIN, {"code": "2222-2222-2222"}).status_code == 422

        assert parent.post(JOIN, {"code": code}).status_code == 429
        assert members() == []

    def test_slips_of_the_finger_do_not_use_up_the_guesses(self, parent, town):
        code = make_code(make_guardian(town)).code
        for _time in range(15):
            assert parent.post(JOIN, {"code": code[:-1] + ("2" if code[-1] != "2" else "3")}).status_code == 422

        assert parent.post(JOIN, {"code": code}).status_code == 303

    def test_sixty_guesses_an_hour_from_one_place_whatever_the_account(self, db):
        answers = []
        for _account in range(7):
            client = Client(headers={"host": "compte.localhost"})
            client.force_login(make_user())
            answers += [client.post(JOIN, {"code": "2222-2222-2222"}).status_code for _ in range(10)]

        assert answers == [422] * 60 + [429] * 10

    def test_a_code_of_another_town_brings_there_and_says_so(self, parent, town):
        make_family(town, user=parent.user)
        there = make_authority("JolieVille")
        code = make_code(make_guardian(there, name="Durand"))

        done = parent.post(JOIN, {"code": code.code}, follow=True)

        assert "la famille Durand, à JolieVille" in words(done)

    def test_the_code_of_the_other_guardian_is_not_spent(self, parent, town):
        family = make_family(town, user=parent.user)
        code = make_code(make_guardian(town, "Paul", family=family))

        answer = parent.post(JOIN, {"code": code.code})

        assert answer.status_code == 422
        assert "Votre compte a déjà accès à cette famille" in words(answer)
        other = Client(headers={"host": "compte.localhost"})
        other.force_login(make_user())
        assert other.post(JOIN, {"code": code.code}).status_code == 303

    @pytest.mark.parametrize("typed", ["", " ", "x" * 61])
    def test_nothing_or_too_much_is_said(self, parent, typed):
        assert parent.post(JOIN, {"code": typed}).status_code == 422

    def test_what_was_typed_never_reaches_the_journal_or_the_log(self, parent, town, caplog):
        code = make_code(make_guardian(town)).code
        parent.post(JOIN, {"code": code})

        lines = str(list(AuditEntry.objects.values()))
        assert code not in lines
        assert "parent@exemple.fr" not in lines
        assert code not in caplog.text


def asked(town, **changed):
    return {
        "authority": town.slug,
        "child_first_name": "Zoé",
        "child_last_name": "Durand",
        "birth_date": "2018-05-06",
        "first_name": "Paul",
        "last_name": "Durand",
        "phone": "0612345678",
        "words": "Nous avons emménagé.",
        **changed,
    }


class TestAsking:
    URL = f"{JOIN}demande/"

    def test_a_request_waits_and_shows_on_the_page(self, parent, town):
        done = parent.post(self.URL, asked(town), follow=True)

        assert done.redirect_chain[-1][0] == JOIN
        assert "Zoé Durand En attente" in words(done)
        with tenancy.every_authority():
            request = JoinRequest.objects.get()
        assert (request.user, request.child_birth_date, request.phone) == (
            parent.user, date(2018, 5, 6), "06 12 34 56 78",
        )  # fmt: skip

    def test_whether_the_child_is_known_does_not_show(self, parent, town):
        from tests.factories.town import make_child

        make_child(make_family(town, "Durand"), "Zoé", birth_date=date(2018, 5, 6))
        other = Client(headers={"host": "compte.localhost"})
        other.force_login(make_user())
        parent.get(JOIN)
        other.get(JOIN)
        answers = []
        for client, name in ((parent, "Durand"), (other, "Inconnu")):
            with CaptureQueriesContext(connection) as counted:
                answer = client.post(self.URL, asked(town, child_last_name=name))
            answers.append((answer.status_code, answer["Location"], len(counted)))

        assert answers[0] == answers[1]

    def test_one_request_at_a_time_in_a_town(self, parent, town):
        parent.post(self.URL, asked(town))

        again = parent.post(self.URL, asked(town))

        assert again.status_code == 409
        assert "Vous avez déjà une demande en attente" in words(again)
        assert parent.post(self.URL, asked(make_authority("Ailleurs"))).status_code == 303

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("authority", ""),
            ("authority", "nulle-part"),
            ("birth_date", "hier"),
            ("birth_date", "2090-01-01"),
            ("birth_date", "1950-01-01"),
            ("child_first_name", ""),
            ("first_name", "x" * 61),
            ("phone", "abc"),
            ("words", "x" * 501),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_written(self, parent, town, field, typed):
        answer = parent.post(self.URL, asked(town, **{field: typed}))

        assert answer.status_code == 422
        with tenancy.every_authority():
            assert not JoinRequest.objects.exists()

    def test_a_closed_authority_is_not_asked(self, parent):
        shut = make_authority("Fermée", is_open=False)

        assert parent.post(self.URL, asked(shut)).status_code == 422

    def test_five_requests_an_hour(self, parent):
        answers = [parent.post(self.URL, asked(make_authority(f"Ville {n}"))).status_code for n in range(6)]

        assert answers == [303] * 5 + [429]

    def test_an_account_without_a_family_is_led_there(self, parent, family_site):
        assert f'href="{JOIN}"' in parent.get("/").content.decode()
        family_site.force_login(parent.user)
        page = family_site.get("/").content.decode()

        assert f'href="{JOIN}"' in page
        assert f'href="{self.URL}"' in page
