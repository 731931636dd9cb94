"""« Réunir deux comptes »: the other account is proved whole, what moves is shown, then there is one."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from marelle.domain.accounts.models import SecurityEvent, Session, User
from marelle.domain.families.models import Guardian, Membership
from marelle.foundation import clock, tenancy
from marelle.foundation.writes import permitted
from tests.conftest import MONDAY_MORNING
from tests.factories.joining import make_join_request
from tests.factories.town import make_agent, make_authority, make_family
from tests.web.account.people import (
    CONFIRM,
    SAFARI,
    SECURITY,
    SIGN_IN,
    browser,
    letters,
    make_person,
    sign_in,
    signed_in,
    text_of,
)
from tests.web.account.proofs import Device, code_of
from tests.web.account.test_must_hold import same_answer
from tests.web.account.test_second_factors import activate, add_passkey, options_on, recovery_codes
from tests.web.account.work import counted_work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
PROVE = "/compte/securite/reunir/"
MORE = "/compte/securite/reunir/preuve/"
CHOOSE = "/compte/securite/reunir/choisir/"
HERS, OTHERS = "elena@exemple.fr", "elena.factures@exemple.fr"
OTHER_PASSWORD = "quatre grands chiens bleus"


@pytest.fixture
def elena():
    return make_person(HERS)


@pytest.fixture
def other():
    return make_person(OTHERS, OTHER_PASSWORD)


def proves(client: Client, email: str = OTHERS, password: str = OTHER_PASSWORD):
    return client.post(PROVE, {"email": email, "password": password})


def chooses(client: Client, keep: str = "celui-ci", **more):
    return client.post(CHOOSE, {"keep": keep, "is_sure": "on", **more})


def here(**more) -> Client:
    return signed_in("compte", **more)


@pytest.fixture
def proved(elena, other):
    client = here()
    assert proves(client)["Location"] == CHOOSE
    return client


class TestGettingThere:
    def test_it_is_on_the_security_page_of_the_account_site(self, elena):
        assert f'href="{PROVE}"' in text_of(here().get(SECURITY))

    @pytest.mark.parametrize("place", [PROVE, MORE, CHOOSE])
    def test_it_asks_who_one_is_and_that_one_has_just_proved_it(self, elena, other, place):
        assert browser("compte").get(place)["Location"].startswith(SIGN_IN)
        client = here()
        proves(client)
        with permitted("test"):
            for session in Session.objects.filter(user=elena):
                store = Session.get_session_store_class()(session.session_key)
                store["account_authentication_methods"] = []
                store.save()
        assert client.get(place)["Location"].startswith(CONFIRM)
        assert client.post(place, {"keep": "celui-ci", "is_sure": "on"})["Location"].startswith(CONFIRM)
        assert User.objects.filter(is_active=True).count() == 2

    @pytest.mark.parametrize("place", [MORE, CHOOSE])
    def test_without_a_proof_one_begins_at_the_beginning(self, elena, place):
        client = here()
        assert client.get(place)["Location"] == PROVE
        assert client.post(place, {"keep": "celui-ci", "is_sure": "on"})["Location"] == PROVE


class TestTheOtherAccount:
    @pytest.mark.parametrize("email", [OTHERS, "ferme@exemple.fr", "sans@exemple.fr"])
    def test_a_wrong_password_says_nothing_of_whether_it_exists(self, elena, other, email):
        make_person("ferme@exemple.fr", OTHER_PASSWORD, is_active=False)
        make_person("sans@exemple.fr", None)
        client = here()
        with counted_work() as work:
            known = proves(client, email, "faux")
            for_known = list(work)
        with counted_work() as work:
            unknown = proves(client, "personne@exemple.fr", "faux")

        same_answer(known, unknown, but=(email, "personne@exemple.fr"))
        assert known.status_code == 422
        assert len(for_known) == len(work) == 1

    def test_a_closed_account_is_like_an_unknown_one_even_with_its_password(self, elena):
        make_person("ferme@exemple.fr", OTHER_PASSWORD, is_active=False)
        client = here()

        same_answer(
            proves(client, "ferme@exemple.fr"),
            proves(client, "personne@exemple.fr"),
            but=("ferme@exemple.fr", "personne@exemple.fr"),
        )

    def test_tries_are_those_of_the_page_of_signing_in(self, elena, other):
        client = here()
        for _ in range(5):
            proves(client, password="faux")

        assert proves(client).status_code == 429
        assert "Trop d’essais" in text_of(sign_in(browser("compte", REMOTE_ADDR="192.0.2.9"), OTHERS, OTHER_PASSWORD))

    def test_one_account_does_not_try_many_others(self, elena, other):
        client = here()
        for number in range(10):
            assert proves(client, f"voisin-{number}@exemple.fr").status_code == 422

        assert proves(client).status_code == 429

    @pytest.mark.parametrize(
        ("sent", "said"),
        [
            ({"email": HERS.upper(), "password": "x"}, "celle de l’autre"),
            ({"email": "elena", "password": "x"}, "Écrivez une adresse e-mail"),
            ({"email": OTHERS}, "Écrivez le mot de passe"),
            ({"email": OTHERS, "password": "x" * 201}, "inconnus"),
        ],
    )
    def test_what_is_badly_typed_is_told(self, elena, other, sent, said):
        answer = here().post(PROVE, sent)

        assert answer.status_code == 422
        assert said in text_of(answer)

    def test_it_is_proved_by_its_code_too(self, elena, other):
        there = browser("compte", SAFARI)
        sign_in(there, OTHERS, OTHER_PASSWORD)
        there.post(CONFIRM, {"password": OTHER_PASSWORD})
        secret = activate(there)
        client = here()

        assert proves(client)["Location"] == MORE
        assert client.get(CHOOSE)["Location"] == PROVE
        assert client.post(MORE, {"code": "000000"}).status_code == 422
        assert client.get(CHOOSE)["Location"] == PROVE
        assert client.post(MORE, {"code": code_of(secret, steps=1)})["Location"] == CHOOSE
        assert client.get(MORE)["Location"] == CHOOSE
        page = text_of(client.get(CHOOSE))
        assert "son application de codes" in page
        assert "ses codes de secours" in page

    def test_a_recovery_code_does_and_is_told_to_its_owner(self, elena, other):
        there = browser("compte", SAFARI)
        sign_in(there, OTHERS, OTHER_PASSWORD)
        there.post(CONFIRM, {"password": OTHER_PASSWORD})
        activate(there)
        code = recovery_codes(there)[0]
        client = here()
        proves(client)

        assert client.post(MORE, {"code": code})["Location"] == CHOOSE

        assert SecurityEvent.objects.filter(user=other, kind=SecurityEvent.Kind.CODE_USED).count() == 1
        again = here()
        proves(again)
        assert again.post(MORE, {"code": code}).status_code == 422

    def test_its_passkey_does(self, elena, other):
        device = Device("http://compte.localhost")
        there = browser("compte", SAFARI)
        sign_in(there, OTHERS, OTHER_PASSWORD)
        there.post(CONFIRM, {"password": OTHER_PASSWORD})
        add_passkey(there, device)
        client = here()
        proves(client)
        asked = options_on(client.get(MORE))

        assert client.post(MORE, {"credential": "{}"}).status_code == 422
        asked = options_on(client.get(MORE))
        assert client.post(MORE, {"credential": device.signs(asked)})["Location"] == CHOOSE
        assert "sa clé d’accès « Téléphone »" in text_of(client.get(CHOOSE))

    def test_a_proof_lasts_ten_minutes(self, proved, monkeypatch):
        later = clock.machine_now() + timedelta(minutes=11)
        monkeypatch.setattr(clock, "machine_now", lambda: later)

        assert chooses(proved)["Location"].startswith((PROVE, CONFIRM))
        assert User.objects.filter(is_active=True).count() == 2

    def test_a_proof_is_of_who_gave_it(self, proved, other):
        """Signed in as somebody else in the same browser, one has proved nothing."""
        make_person("autre@exemple.fr")
        proved.post("/compte/deconnexion/")
        sign_in(proved, "autre@exemple.fr")
        proved.post(CONFIRM, {"password": "trois petits chats verts"})

        assert proved.get(CHOOSE)["Location"] == PROVE


class TestWhatIsShown:
    @pytest.fixture
    def towns(self, elena, other):
        here, there = make_authority("Dammartin"), make_authority("Guérard")
        make_family(here, "Sanchez", user=elena)
        make_family(there, "Cordoves", user=other)
        make_agent(there, "Elena", "view_day", user=other)
        make_join_request(here, other)
        return here, there

    def test_what_comes_from_each_side(self, towns, proved):
        page = text_of(proved.get(CHOOSE))
        first, second = page.split("Si vous gardez ")[1:]

        assert first.startswith(HERS)
        assert "la famille Cordoves, à Guérard" in first
        assert "le poste d’agent à Guérard, avec ses droits" in first
        assert "la demande de rattachement à Dammartin" in first
        assert f"l’adresse {OTHERS} et son mot de passe" in first
        assert second.startswith(OTHERS)
        assert "la famille Sanchez, à Dammartin" in second
        assert "Guérard" not in second.split("Dans les deux cas")[0]
        assert "On ne peut pas revenir en arrière." in page

    def test_seeing_writes_nothing(self, towns, proved):
        before = SecurityEvent.objects.count(), User.objects.filter(is_active=True).count()
        proved.get(CHOOSE)

        assert (SecurityEvent.objects.count(), User.objects.filter(is_active=True).count()) == before

    @pytest.mark.parametrize(
        ("sent", "said"),
        [
            ({"is_sure": "on"}, "Choisissez l’adresse que vous gardez."),
            ({"keep": "les deux", "is_sure": "on"}, "Choisissez l’adresse que vous gardez."),
            ({"keep": "autre"}, "Cochez la case pour continuer."),
        ],
    )
    def test_nothing_is_done_by_half(self, proved, sent, said):
        answer = proved.post(CHOOSE, sent)

        assert answer.status_code == 422
        assert said in text_of(answer)
        assert User.objects.filter(is_active=True).count() == 2

    def test_two_guardians_of_a_family_are_told_what_to_do(self, elena, other, proved):
        town = make_authority("Dammartin")
        family = make_family(town, "Sanchez", user=elena)
        with permitted("factory"), tenancy.scope({town.pk}):
            second = Guardian.objects.create(authority=town, family=family, first_name="Paul", last_name="Sanchez")
            Membership.objects.create(
                authority=town, user=other, family=family, guardian=second, joined_at=MONDAY_MORNING
            )

        page = text_of(proved.get(CHOOSE))
        answer = chooses(proved)

        assert page.count("Deux responsables de la famille Sanchez, à Dammartin") == 1
        assert "Réunir les deux comptes" not in page
        assert answer.status_code == 409
        assert User.objects.filter(is_active=True).count() == 2

    def test_a_closed_post_leaves_one_of_the_two_choices(self, elena, other, proved):
        town = make_authority("Dammartin")
        make_agent(town, "Elena", "view_day", user=elena)
        closed = make_agent(town, "Elena", "view_day", user=other)
        with permitted("factory"), tenancy.scope({town.pk}):
            closed.is_active = False
            closed.save()

        page = text_of(proved.get(CHOOSE))

        assert "Un poste d’agent fermé à Dammartin" in page
        assert re.findall(r'name="keep" value="([^"]+)"', page) == ["celui-ci"]
        assert chooses(proved, "autre").status_code == 422
        assert chooses(proved, "celui-ci").status_code == 303


class TestMerging:
    def test_the_account_where_one_is_stays_open_here_alone(self, proved, elena, other):
        elsewhere, theirs = browser("compte", SAFARI), browser("compte", SAFARI)
        sign_in(elsewhere)
        sign_in(theirs, OTHERS, OTHER_PASSWORD)

        answer = chooses(proved)

        assert (answer.status_code, answer["Location"]) == (303, SECURITY)
        page = text_of(proved.get(SECURITY))
        assert f"Désormais, connectez-vous avec {HERS}" in page
        assert "Deux comptes réunis en un" in page
        assert elsewhere.get(SECURITY)["Location"].startswith(SIGN_IN)
        assert theirs.get(SECURITY)["Location"].startswith(SIGN_IN)
        assert Session.objects.filter(user__isnull=False).count() == 1
        assert proved.get(CHOOSE)["Location"] == PROVE

    def test_the_other_address_may_stay_and_the_browser_goes_on_with_it(self, proved, elena, other):
        answer = chooses(proved, "autre")

        assert answer.status_code == 303
        page = text_of(proved.get(SECURITY))
        assert f"Désormais, connectez-vous avec {OTHERS}" in page
        assert OTHERS in page
        assert list(Session.objects.filter(user__isnull=False).values_list("user", "site")) == [(other.pk, "account")]
        elena.refresh_from_db()
        assert (elena.is_active, elena.merged_into_id) == (False, other.pk)

    def test_both_addresses_are_written_to(self, proved):
        letters()
        chooses(proved)

        left = {letter.to[0]: letter.body for letter in letters()}
        assert left.keys() == {HERS, OTHERS}
        assert HERS in left[OTHERS]

    def test_the_address_that_ended_is_like_an_unknown_one_at_signing_in(self, proved):
        chooses(proved)
        with counted_work() as work:
            ended = sign_in(browser("compte"), OTHERS, OTHER_PASSWORD)
            for_ended = list(work)
        with counted_work() as work:
            unknown = sign_in(browser("compte"), "personne@exemple.fr", OTHER_PASSWORD)

        same_answer(ended, unknown, but=(OTHERS, "personne@exemple.fr"))
        assert len(for_ended) == len(work) == 1

    def test_and_a_forgotten_password_too(self, proved):
        chooses(proved)
        mail.outbox.clear()
        for email in (OTHERS, "personne@exemple.fr"):
            browser("compte").post("/compte/mot-de-passe/oublie/", {"email": email})

        ended, unknown = mail.outbox
        assert ended.body.replace(OTHERS, "…") == unknown.body.replace("personne@exemple.fr", "…")

    def test_pressed_twice_it_is_done_once_and_told(self, proved, elena, other):
        again = here(user_agent=SAFARI)
        proves(again)
        chooses(proved, "autre")

        answer = again.post(CHOOSE, {"keep": "celui-ci", "is_sure": "on"})

        assert answer["Location"].startswith(SIGN_IN)
        assert User.objects.filter(is_active=True).count() == 1

    def test_an_account_closed_meanwhile_is_told(self, proved, other):
        with permitted("test"):
            User.objects.filter(pk=other.pk).update(is_active=False)

        assert chooses(proved)["Location"] == PROVE
