"""Codes of an application, recovery codes and passkeys, without a browser: on both sites, with what is refused."""

from __future__ import annotations

import json
import re
from html import unescape
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Grant, SecurityEvent
from tests.factories.town import make_agent, make_authority
from tests.web.account.people import (
    CONFIRM,
    FIREFOX,
    PASSWORD,
    SECURITY,
    SIGN_IN,
    browser,
    committed,
    confirm,
    letters,
    make_person,
    sign_in,
    signed_in,
    text_of,
)
from tests.web.account.proofs import Device, code_of, flipped

pytestmark = pytest.mark.django_db
APP, CODES, STEP = "/compte/securite/application/", "/compte/securite/codes/", "/compte/connexion/code/"
ADD, ALONE = "/compte/securite/cles/ajouter/", "/compte/connexion/cle/"


@pytest.fixture
def elena():
    return make_person()


def ascii_start(value) -> str:
    return ascii(value)[:10]


def secret_on(page: str) -> str:
    return re.search(r'<code class="secret">([A-Z2-7]+)</code>', page)[1]


def options_on(response) -> dict:
    return json.loads(unescape(re.search(r'data-options="([^"]+)"', text_of(response))[1]))


def activate(client) -> str:
    """Activate an application of codes, and return its secret."""
    secret = secret_on(text_of(client.get(APP)))
    with committed():
        assert client.post(APP, {"code": code_of(secret)})["Location"] == CODES
    return secret


def recovery_codes(client) -> list[str]:
    return re.findall(r"<code>(\d{4} \d{4})</code>", text_of(client.get(CODES)))


def add_passkey(client, device: Device, name: str = "Téléphone"):
    return client.post(ADD, {"name": name, "credential": device.makes(options_on(client.get(ADD)))})


class TestTheApplication:
    def test_it_is_asked_for_after_the_password(self, elena):
        secret = activate(signed_in())
        there = browser()

        assert sign_in(there)["Location"] == STEP
        assert "_auth_user_id" not in there.session
        assert there.get(SECURITY)["Location"].startswith(SIGN_IN)
        assert "Ce n’est pas le bon code" in text_of(there.post(STEP, {"code": "000000"}))
        assert there.post(STEP, {"code": code_of(secret, steps=1)})["Location"] == "/"
        assert there.get(SECURITY).status_code == 200

    def test_the_page_that_was_asked_for_is_kept(self, elena):
        secret = activate(signed_in())
        there = browser()
        sign_in(there, next="/dammartin/profil/")

        assert there.post(STEP, {"code": code_of(secret)})["Location"] == "/dammartin/profil/"

    def test_a_code_serves_once(self, elena):
        secret = activate(signed_in())
        code = code_of(secret, steps=1)
        there, thief = browser(), browser()
        sign_in(there)
        sign_in(thief)
        assert there.post(STEP, {"code": code}).status_code == 302

        assert "il a déjà servi" in text_of(thief.post(STEP, {"code": f"{code[:3]} {code[3:]}"}))

    def test_a_code_that_is_too_old_is_refused(self, elena):
        secret = activate(signed_in())
        there = browser()
        sign_in(there)

        assert "Ce n’est pas le bon code" in text_of(there.post(STEP, {"code": code_of(secret, steps=-3)}))

    def test_after_five_wrong_codes_one_waits(self, elena):
        secret = activate(signed_in())
        there = browser()
        sign_in(there)
        for _ in range(5):
            there.post(STEP, {"code": "000000"})

        assert "Trop d’essais à la suite" in text_of(there.post(STEP, {"code": code_of(secret, steps=1)}))
        assert "_auth_user_id" not in there.session

    def test_the_wrong_first_code_activates_nothing(self, elena):
        here = signed_in()
        here.get(APP)

        assert "Ce n’est pas le bon code" in text_of(here.post(APP, {"code": "12"}))
        assert not Authenticator.objects.exists()

    def test_it_is_drawn_in_the_page_and_written_too(self, elena):
        page = text_of(signed_in().get(APP))

        assert '<svg class="qr"' in page
        assert "data:image" not in page
        assert len(secret_on(page)) == 32

    def test_its_secret_is_kept_encrypted_and_follows_the_key(self, elena, settings, tmp_path):
        settings.FILES_DIR = tmp_path
        secret = activate(signed_in())
        (held,) = Authenticator.objects.filter(type="totp").values_list("data", flat=True)
        assert secret not in json.dumps(held)

        new, old = Fernet.generate_key().decode(), settings.ENCRYPTION_KEYS[0]
        settings.ENCRYPTION_KEYS = (new, old)
        said = StringIO()
        call_command("rotate_encryption", stdout=said)
        assert "secret de code : 2 lignes" in said.getvalue()

        settings.ENCRYPTION_KEYS = (new,)
        there = browser()
        sign_in(there)
        assert there.post(STEP, {"code": code_of(secret, steps=1)})["Location"] == "/"
        settings.ENCRYPTION_KEYS = (old,)
        with pytest.raises(CommandError, match="aucune clé"):
            call_command("rotate_encryption", stdout=StringIO())

    def test_it_is_told_and_its_end_too(self, elena):
        here = signed_in()
        activate(here)
        here.post(f"{APP}retirer/")

        assert [letter.subject for letter in letters()] == [
            "Sécurité de votre compte : application de codes activée",
            "Sécurité de votre compte : application de codes retirée",
        ]
        assert not Authenticator.objects.exists()
        assert sign_in(browser())["Location"] == "/"

    def test_a_new_password_by_a_link_does_not_do_without_it(self, elena):
        activate(signed_in())
        there = browser()
        elena.set_password("un tout autre secret de Lucia")
        from marelle.foundation.writes import permitted

        with permitted("test"):
            elena.save()

        assert sign_in(there, password="un tout autre secret de Lucia")["Location"] == STEP


class TestRecoveryCodes:
    def test_ten_come_with_the_first_proof_and_each_serves_once(self, elena):
        here = signed_in()
        activate(here)
        codes = recovery_codes(here)
        there, again = browser(), browser()
        sign_in(there)
        sign_in(again)

        assert len(set(codes)) == 10
        assert there.post(STEP, {"code": codes[3]})["Location"] == "/"
        assert "Ce n’est pas le bon code" in text_of(again.post(STEP, {"code": codes[3]}))
        assert "Il vous en reste 9." in text_of(there.get(SECURITY))
        assert letters()[-1].subject == "Sécurité de votre compte : code de secours utilisé"

    def test_new_ones_take_the_place_of_the_old_and_are_told(self, elena):
        here = signed_in()
        activate(here)
        old = recovery_codes(here)

        assert "Les anciens codes ne serviront plus." in text_of(here.get(f"{CODES}nouveaux/"))
        with committed():
            assert here.post(f"{CODES}nouveaux/")["Location"] == CODES

        assert not set(old) & set(recovery_codes(here))
        assert letters()[-1].subject == "Sécurité de votre compte : nouveaux codes de secours"

    def test_they_are_a_file_too(self, elena):
        here = signed_in()
        activate(here)
        file = here.get(f"{CODES}telecharger/")

        assert file["Content-Type"].startswith("text/plain")
        assert file["Content-Disposition"] == 'attachment; filename="codes-de-secours.txt"'
        assert all(code in text_of(file) for code in recovery_codes(here))

    def test_reading_them_asks_who_one_is_and_writes_nothing(self, elena, settings):
        here = signed_in()
        activate(here)
        with CaptureQueriesContext(connection) as seen:
            recovery_codes(here)

        assert [one["sql"] for one in seen if re.match("(?:INSERT|UPDATE|DELETE).*mfa_", one["sql"])] == []
        settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
        assert here.get(CODES)["Location"].startswith(CONFIRM)

    def test_there_are_none_without_another_proof(self, elena):
        here = signed_in()

        assert here.get(CODES).status_code == 404
        assert "Ajoutez d’abord" in text_of(here.post(f"{CODES}nouveaux/"))


class TestPasskeys:
    def test_one_opens_the_account_without_a_password(self, elena):
        device = Device()
        assert add_passkey(signed_in(), device)["Location"] == CODES
        there = browser()

        options = there.get(ALONE, headers={"accept": "application/json"}).json()
        answer = there.post(ALONE, {"credential": device.signs(options), "next": "/dammartin/profil/"})

        assert options["publicKey"]["userVerification"] == "required"
        assert answer["Location"] == "/dammartin/profil/"
        assert "Firefox sur Windows" in text_of(there.get(SECURITY))
        assert letters()[0].subject == "Sécurité de votre compte : clé d’accès ajoutée"

    def test_its_next_page_is_of_this_site(self, elena):
        device = Device()
        add_passkey(signed_in(), device)
        there = browser()

        options = there.get(ALONE).json()
        answer = there.post(ALONE, {"credential": device.signs(options), "next": "https://mechant.exemple/"})

        assert answer["Location"] == "/"

    def test_it_is_asked_to_stay_in_the_device_and_to_know_its_owner(self, elena):
        options = options_on(signed_in().get(ADD))["publicKey"]

        assert options["authenticatorSelection"]["residentKey"] == "required"
        assert options["authenticatorSelection"]["userVerification"] == "required"
        assert options["rp"] == {"id": "compte.localhost", "name": "Marelle"}
        assert options["user"]["name"] == options["user"]["displayName"] == "elena@exemple.fr"

    def test_it_serves_after_a_password_too(self, elena):
        device = Device()
        add_passkey(signed_in(), device)
        there = browser()
        assert sign_in(there)["Location"] == STEP

        assert there.post(STEP, {"credential": device.signs(options_on(there.get(STEP)))})["Location"] == "/"

    def test_it_proves_again_who_one_is(self, elena):
        device = Device()
        add_passkey(signed_in(), device)
        there = browser()
        there.post(ALONE, {"credential": device.signs(there.get(ALONE).json())})
        way = f"{CONFIRM}cle/"
        assert there.get(ADD)["Location"].startswith(CONFIRM)

        assert "Avec une clé d’accès" in text_of(there.get(CONFIRM))
        answer = there.post(way, {"credential": device.signs(options_on(there.get(way))), "next": ADD})

        assert answer["Location"] == ADD
        assert there.get(ADD).status_code == 200

    @pytest.mark.parametrize(
        "origin", ["https://compte.localhost", "http://mairie.localhost", "http://mechant.exemple"]
    )
    def test_what_was_signed_for_another_address_is_refused(self, elena, origin):
        device = Device()
        add_passkey(signed_in(), device)
        device.origin = origin
        there = browser()

        answer = there.post(ALONE, {"credential": device.signs(there.get(ALONE).json())})

        assert answer.status_code == 422
        assert "Cette clé d’accès n’a pas été reconnue" in text_of(answer)
        assert "_auth_user_id" not in there.session

    def test_what_was_made_for_another_address_is_not_added(self, elena):
        here = signed_in()

        assert "n’a pas été ajoutée" in text_of(add_passkey(here, Device("http://mechant.exemple")))
        assert not Authenticator.objects.exists()

    def test_one_that_does_not_know_its_owner_is_refused(self, elena):
        assert "n’a pas été ajoutée" in text_of(add_passkey(signed_in(), Device(knows_its_owner=False)))
        device = Device()
        add_passkey(signed_in(), device)
        device.flags = Device(knows_its_owner=False).flags
        there = browser()

        assert there.post(ALONE, {"credential": device.signs(there.get(ALONE).json())}).status_code == 422

    @pytest.mark.parametrize("part", ["signature", "authenticatorData", "clientDataJSON"])
    def test_a_bit_that_is_wrong_is_refused(self, elena, part):
        device = Device()
        add_passkey(signed_in(), device)
        there = browser()

        assert (
            there.post(ALONE, {"credential": flipped(device.signs(there.get(ALONE).json()), part)}).status_code == 422
        )

    def test_what_was_signed_once_does_not_serve_again(self, elena):
        device = Device()
        add_passkey(signed_in(), device)
        there, thief = browser(), browser()
        signed = device.signs(there.get(ALONE).json())
        there.post(ALONE, {"credential": signed})
        thief.get(ALONE)

        assert thief.post(ALONE, {"credential": signed}).status_code == 422
        assert browser().post(ALONE, {"credential": signed}).status_code == 422

    def test_it_does_not_open_the_account_of_somebody_else(self, elena):
        paul = make_person("paul@exemple.fr")
        device = Device()
        add_passkey(signed_in(), device)
        there = browser()
        from allauth.account.utils import user_pk_to_url_str
        from fido2.utils import websafe_encode

        name = websafe_encode(user_pk_to_url_str(paul).encode())
        signed = device.signs(there.get(ALONE).json(), handle=name)

        assert there.post(ALONE, {"credential": signed}).status_code == 422

    @pytest.mark.parametrize(
        "credential",
        [
            "",
            "{}",
            "[]",
            "[" * 5000,
            "1",
            "null",
            '"x"',
            "{",
            '{"response": []}',
            '{"response": {"clientDataJSON": "é"}}',
        ]
        + [
            json.dumps({"response": {"clientDataJSON": "eyJvcmlnaW4iOiJodHRwOi8vZmFtaWxsZS5sb2NhbGhvc3QifQ", **more}})
            for more in ({}, {"userHandle": 3}, {"userHandle": "MQ", "signature": 1}, {"attestationObject": "AA"})
        ],
        ids=ascii_start,
    )
    def test_what_no_browser_sends_is_refused_with_words(self, elena, credential):
        there, here = browser(), signed_in()
        there.get(ALONE)
        here.get(ADD)

        assert there.post(ALONE, {"credential": credential}).status_code == 422
        assert "n’a pas été ajoutée" in text_of(here.post(ADD, {"credential": credential}))

    @pytest.mark.parametrize("more", ["\0", "\ud800", float("nan"), float("inf"), "x" * 20_000], ids=ascii_start)
    def test_what_the_database_could_not_keep_is_refused_with_words(self, elena, more):
        here, device = signed_in(), Device()
        made = json.loads(device.makes(options_on(here.get(ADD))))
        made["clientExtensionResults"]["more"] = more

        answer = here.post(ADD, {"name": "Téléphone", "credential": json.dumps(made)})

        assert "n’a pas été ajoutée" in text_of(answer)
        assert not Authenticator.objects.exists()

    def test_a_closed_account_is_told_so(self, elena):
        device = Device()
        add_passkey(signed_in(), device)
        from marelle.foundation.writes import permitted

        elena.is_active = False
        with permitted("test"):
            elena.save()
        there = browser()

        assert (
            there.post(ALONE, {"credential": device.signs(there.get(ALONE).json())})["Location"] == "/compte/inactif/"
        )

    def test_it_is_renamed_and_removed_by_a_name_that_says_nothing(self, elena):
        here = signed_in()
        add_passkey(here, Device())
        rename, remove = re.findall(
            r'href="(/compte/securite/cles/[0-9a-f]+/(?:nom|retirer)/)"', text_of(here.get(SECURITY))
        )

        assert "Renommer « Téléphone »" in text_of(here.get(rename))
        assert "Téléphone d’Elena" in text_of(here.post(rename, {"name": "Téléphone d’Elena"}, follow=True))
        assert "Retirer « Téléphone d’Elena »" in text_of(here.get(remove))
        assert "n’ouvre plus votre compte" in text_of(here.post(remove, follow=True))

        assert not Authenticator.objects.exists()
        assert letters()[-1].subject == "Sécurité de votre compte : clé d’accès retirée"

    def test_that_of_somebody_else_is_not_found(self, elena):
        here = signed_in()
        add_passkey(here, Device())
        rename, remove = re.findall(
            r'href="(/compte/securite/cles/[0-9a-f]+/(?:nom|retirer)/)"', text_of(here.get(SECURITY))
        )
        make_person("paul@exemple.fr")
        paul = browser()
        sign_in(paul, "paul@exemple.fr")
        confirm(paul)

        assert [paul.get(rename).status_code, paul.post(rename, {"name": "x"}).status_code] == [404, 404]
        assert [paul.get(remove).status_code, paul.post(remove).status_code] == [404, 404]
        assert Authenticator.objects.filter(type="webauthn").exists()

    def test_that_of_another_domain_is_not_asked_for_here(self, elena, settings):
        """Made when the sites shared a domain, or on a site where one signed in before the account had its own."""
        settings.PASSKEY_DOMAIN = "localhost"
        add_passkey(signed_in(), Device())
        settings.PASSKEY_DOMAIN = ""
        there = browser()
        sign_in(there)

        assert 'data-passkey="get"' not in text_of(there.get(STEP))

    def test_one_made_for_a_domain_above_serves_as_long_as_the_settings_say_it(self, elena, settings):
        settings.PASSKEY_DOMAIN = "localhost"
        device = Device()
        add_passkey(signed_in(), device)
        there = browser()

        assert there.post(ALONE, {"credential": device.signs(there.get(ALONE).json())})["Location"] == "/"


class TestWhatIsAskedOfAgents:
    @pytest.fixture
    def office(self, elena):
        authority = make_authority()
        make_agent(authority, user=elena)
        return f"/{authority.slug}/journee/"

    @staticmethod
    def at_work(elena):
        there = browser("mairie")
        there.force_login(elena)
        return there

    def test_nothing_more_than_a_password_unless_it_is_set(self, elena, office):
        here, there = signed_in(), self.at_work(elena)

        assert there.get(office).status_code == 200
        assert "Il manque une seconde preuve" not in text_of(here.get(SECURITY))

    def test_when_it_is_set_every_door_leads_to_the_page_until_it_is_there(self, elena, office, settings):
        settings.AGENTS_SECOND_FACTOR = True
        here, there = signed_in(), self.at_work(elena)

        assert there.get(office)["Location"] == SECURITY
        assert there.get(office.replace("journee", "familles"))["Location"] == SECURITY
        assert there.get(SECURITY)["Location"] == f"http://compte.localhost{SECURITY}"
        assert "Il manque une seconde preuve" in text_of(here.get(SECURITY))

        activate(here)
        assert there.get(office).status_code == 200
        assert "Il manque une seconde preuve" not in text_of(here.get(SECURITY))

    def test_without_the_last_of_them_the_doors_are_shut_again(self, elena, office, settings):
        settings.AGENTS_SECOND_FACTOR = True
        here = signed_in()
        activate(here)
        here.post(f"{APP}retirer/")

        assert self.at_work(elena).get(office)["Location"] == SECURITY

    def test_who_may_not_come_in_is_still_told_so(self, elena, settings):
        settings.AGENTS_SECOND_FACTOR = True
        there = make_authority("Ailleurs")
        make_agent(there, "Paul", Grant.Role.VIEW_DAY)

        assert self.at_work(elena).get(f"/{there.slug}/journee/").status_code == 404

    def test_families_are_not_asked(self, elena, settings):
        settings.AGENTS_SECOND_FACTOR = True

        assert "Il manque une seconde preuve" not in text_of(signed_in().get(SECURITY))


def test_an_operator_lets_the_password_alone_serve_again_and_it_is_told(elena):
    activate(signed_in())
    letters()
    said = StringIO()
    call_command("forget_second_factors", "Elena@Exemple.fr", stdout=said)

    assert said.getvalue().startswith("2 ")
    assert sign_in(browser())["Location"] == "/"
    (letter,) = letters()
    assert letter.subject == "Sécurité de votre compte : secondes preuves retirées par l’exploitant"
    assert SecurityEvent.objects.get(kind="factors_forgotten").user == elena
    with pytest.raises(CommandError, match="Aucun compte"):
        call_command("forget_second_factors", "personne@exemple.fr")


def test_an_account_with_nothing_to_prove_with_is_not_shut_out(elena):
    make_person("sans@exemple.fr", None)
    from django.contrib.auth import get_user_model

    there = browser("compte", FIREFOX)
    there.force_login(get_user_model().objects.get(email="sans@exemple.fr"))

    assert there.get(CONFIRM)["Location"] == SECURITY
    assert there.get(APP).status_code == 200
    assert PASSWORD
