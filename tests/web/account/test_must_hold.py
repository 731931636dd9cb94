"""What must hold whoever tries: no account is told from none, attempts are counted, a session is never handed over.

`counted_work` and `same_answer` are for every page that takes an address or a code from somebody who is not signed in.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern

from marelle.domain.accounts.models import Session
from tests.web.account.people import (
    CONFIRM,
    PASSWORD,
    SECURITY,
    SIGN_IN,
    browser,
    confirm,
    make_person,
    sign_in,
    text_of,
)
from tests.web.account.test_second_factors import ALONE, STEP, activate
from tests.web.account.work import counted_work

pytestmark = pytest.mark.django_db
FORGOTTEN = "/compte/mot-de-passe/oublie/"


@pytest.fixture
def elena():
    return make_person()


def same_answer(first, second, *, but: tuple[str, ...]) -> None:
    """Check that two answers are one and the same, once what each visitor typed, and her tokens, are left out."""

    def bare(response):
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text_of(response))
        for typed in but:
            page = page.replace(typed, "…")
        headers = {k: v for k, v in response.headers.items() if k not in {"X-Reference", "Content-Length", "Expires"}}
        return response.status_code, page, headers

    assert bare(first) == bare(second)


class TestNobodyIsToldFromNobody:
    """Same words, same headers, same work: what differs between an account and none is noise."""

    KNOWN, UNKNOWN = "elena@exemple.fr", "personne@exemple.fr"

    @pytest.fixture
    def everybody(self, elena):
        make_person("ferme@exemple.fr", is_active=False)
        make_person("sans@exemple.fr", None)

    @pytest.mark.parametrize("email", [KNOWN, "ferme@exemple.fr", "sans@exemple.fr"])
    def test_at_signing_in(self, everybody, email):
        with counted_work() as work:
            known = sign_in(browser(), email, "faux")
            for_known = list(work)
        with counted_work() as work:
            unknown = sign_in(browser(), self.UNKNOWN, "faux")

        same_answer(known, unknown, but=(email, self.UNKNOWN))
        assert len(for_known) == len(work) == 1

    @pytest.mark.parametrize("email", [KNOWN, "ferme@exemple.fr", "sans@exemple.fr"])
    def test_when_attempts_are_too_many(self, everybody, email):
        tried = []
        for visitor, one in enumerate((email, self.UNKNOWN)):
            there = browser(REMOTE_ADDR=f"192.0.2.{visitor}")  # the limit of a visitor is another one
            tried.append([sign_in(there, one, "faux") for _ in range(6)])

        for known, unknown in zip(*tried, strict=True):
            same_answer(known, unknown, but=(email, self.UNKNOWN))
        assert "Trop d’essais" in text_of(tried[0][5])

    @pytest.mark.parametrize("email", [KNOWN, "ferme@exemple.fr", "sans@exemple.fr"])
    def test_at_a_forgotten_password(self, everybody, email):
        with counted_work() as work:
            known = browser().post(FORGOTTEN, {"email": email}, follow=True)
            unknown = browser().post(FORGOTTEN, {"email": self.UNKNOWN}, follow=True)

        same_answer(known, unknown, but=(email, self.UNKNOWN))
        assert work == []
        assert [letter.to for letter in mail.outbox] == [[email], [self.UNKNOWN]]

    def test_at_a_passkey_alone(self, elena):
        """Its question names nobody, so that it cannot depend on who asks."""
        assert browser().get(ALONE).json()["publicKey"]["allowCredentials"] == []

    def test_the_second_proof_is_only_spoken_of_after_the_right_password(self, elena):
        from tests.web.account.people import signed_in

        activate(signed_in())
        wrong = sign_in(browser(), self.KNOWN, "faux")

        same_answer(wrong, sign_in(browser(), self.UNKNOWN, "faux"), but=(self.KNOWN, self.UNKNOWN))

    def test_the_witness_sees_a_page_that_forgets_to_hash(self, elena):
        """Were nothing hashed for an unknown address, the counts would differ: an account that exists costs one."""
        with counted_work() as work:
            sign_in(browser(), self.UNKNOWN, "")

        assert work == []


class TestAttemptsAreCounted:
    def test_of_one_account_wherever_they_come_from(self, elena):
        for n in range(5):
            sign_in(browser(REMOTE_ADDR=f"192.0.2.{n}"), password="faux")

        assert "Trop d’essais" in text_of(sign_in(browser(REMOTE_ADDR="192.0.2.99")))

    def test_of_one_visitor_whoever_is_tried(self, elena):
        there = browser()
        for n in range(10):
            sign_in(there, f"n{n}@exemple.fr", "faux")

        assert "Trop d’essais" in text_of(sign_in(there, "autre@exemple.fr", "faux"))
        assert sign_in(browser(REMOTE_ADDR="192.0.2.1")).status_code == 302

    def test_of_letters_to_one_address(self, elena):
        for email in ("elena@exemple.fr", "personne@exemple.fr"):
            statuses = [browser().post(FORGOTTEN, {"email": email}).status_code for _ in range(6)]
            assert statuses == [302] * 5 + [429]

    def test_of_proving_again_who_one_is(self, elena):
        here = browser()
        sign_in(here)
        statuses = [confirm(here, "faux").status_code for _ in range(11)]

        assert statuses == [200] * 10 + [429]
        assert confirm(here).status_code == 429

    def test_of_passkeys(self):
        there = browser()
        statuses = [there.post(ALONE, {"credential": "{}"}).status_code for _ in range(31)]

        assert statuses == [422] * 30 + [429]

    def test_what_the_visitor_claims_of_its_address_is_not_believed(self, elena):
        """Without a proxy of ours in front, its header is the visitor's own."""
        for n in range(10):
            there = browser(HTTP_X_FORWARDED_FOR=f"192.0.2.{n}")
            sign_in(there, f"n{n}@exemple.fr", "faux")

        assert "Trop d’essais" in text_of(sign_in(browser(), "autre@exemple.fr", "faux"))


class TestASessionIsNeverHandedOver:
    def test_signing_in_changes_its_name(self, elena):
        there = browser()
        session = there.session
        session["left by"] = "somebody"
        session.save()
        before = session.session_key
        there.cookies["session"] = before
        sign_in(there)

        assert there.session.session_key != before
        assert not Session.objects.filter(pk=before).exists()

    def test_so_does_the_second_proof(self, elena):
        from tests.web.account.people import signed_in
        from tests.web.account.proofs import code_of

        secret = activate(signed_in())
        there = browser()
        sign_in(there)
        before = there.session.session_key
        there.post(STEP, {"code": code_of(secret, steps=1)})

        assert there.session.session_key != before
        assert not Session.objects.filter(pk=before).exists()

    def test_a_name_that_somebody_invented_is_not_taken(self, elena):
        there = browser()
        there.cookies["session"] = "choisie-par-un-autre-0123456789"
        sign_in(there)

        assert there.session.session_key != "choisie-par-un-autre-0123456789"

    def test_who_signs_in_after_somebody_finds_nothing_of_her(self, elena):
        make_person("paul@exemple.fr")
        there = browser()
        sign_in(there)
        session = there.session
        session["hers"] = "secret"
        session.save()
        there.post("/compte/deconnexion/")
        sign_in(there, "paul@exemple.fr")

        assert "hers" not in there.session

    def test_signed_out_a_copy_of_the_cookie_opens_nothing(self, elena):
        here, copy = browser(), browser()
        sign_in(here)
        copy.cookies["session"] = here.session.session_key
        assert copy.get(SECURITY).status_code == 200
        here.post("/compte/deconnexion/")

        assert copy.get(SECURITY)["Location"].startswith(SIGN_IN)


ELSEWHERE = (
    "https://mechant.exemple/",
    "//mechant.exemple",
    "http:///mechant.exemple",
    "\\\\mechant.exemple",
    "http://mairie.localhost/",
    "javascript:alert(1)",
    "/\\mechant.exemple",
)


class TestNobodyIsSentElsewhere:
    @pytest.mark.parametrize("elsewhere", ELSEWHERE)
    def test_after_signing_in_or_out_or_proving_again(self, elena, elsewhere):
        here = browser()

        assert sign_in(here, next=elsewhere)["Location"] == "/"
        assert confirm(here, next=elsewhere)["Location"] == "/"
        assert here.post("/compte/deconnexion/", {"next": elsewhere})["Location"] == "/"


class TestTheNameOfTheSite:
    @pytest.mark.parametrize("name", ["mechant.exemple", "compte.localhost.mechant.exemple", "compte.localhost@x.fr"])
    def test_one_that_is_not_ours_is_answered_nothing(self, elena, name):
        there = browser()

        assert there.post(FORGOTTEN, {"email": "elena@exemple.fr"}, headers={"host": name}).status_code == 400
        assert mail.outbox == []

    def test_a_proxy_that_nobody_set_is_not_believed(self, elena):
        browser().post(FORGOTTEN, {"email": "elena@exemple.fr"}, headers={"x-forwarded-host": "mechant.exemple"})

        assert "mechant" not in mail.outbox[0].body
        assert "http://compte.localhost/compte/" in mail.outbox[0].body

    def test_nor_a_port_that_a_visitor_added(self, elena):
        browser().post(FORGOTTEN, {"email": "elena@exemple.fr"}, headers={"host": "compte.localhost:666"})

        assert ":666" not in mail.outbox[0].body


def names_of_the_account() -> list[str]:
    """Return every address of the account that takes no part, by its name."""

    def walk(patterns, path=""):
        for one in patterns:
            here = path + str(one.pattern)
            if isinstance(one, URLPattern):
                if here.startswith("compte/") and not one.pattern.regex.groupindex and "<" not in here:
                    yield one.name
            else:
                yield from walk(one.url_patterns, here)

    return sorted(walk(get_resolver("marelle.config.urls_account").url_patterns))


class TestForms:
    @pytest.mark.parametrize("name", names_of_the_account())
    def test_one_that_another_site_sends_is_refused(self, elena, name):
        there = browser(enforce_csrf_checks=True)
        there.force_login(elena)

        assert there.post(reverse(name, "marelle.config.urls_account")).status_code in {403, 405}

    @pytest.mark.parametrize("site", ["famille", "mairie", "factures"])
    def test_that_of_signing_out_elsewhere_too(self, elena, site):
        there = browser(site, enforce_csrf_checks=True)
        there.force_login(elena)

        assert there.post("/compte/deconnexion/").status_code == 403

    def test_there_are_some(self):
        assert {"account_login", "security_sign_out_everywhere", "mfa_add_webauthn"} <= set(names_of_the_account())


class TestCookies:
    def test_scripts_do_not_read_them_and_other_sites_do_not_send_them(self, elena):
        there = browser()
        there.get(SIGN_IN)
        sign_in(there)

        for name in ("session", "csrf"):
            cookie = there.cookies[name]
            assert cookie["httponly"]
            assert cookie["samesite"] == "Lax"
            assert cookie["path"] == "/"
            assert not cookie["domain"]

    def test_behind_https_they_are_of_https_and_of_this_very_host(self):
        wanted = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")
        wanted += ("SECURE_HSTS_SECONDS", "SESSION_COOKIE_DOMAIN", "ALLAUTH_TRUSTED_PROXY_COUNT")
        ask = f"from django.conf import settings as s; print([getattr(s, n) for n in {wanted!r}])"
        said = subprocess.run(
            [sys.executable, "-c", ask],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "marelle.config.settings",
                "MARELLE_PUBLIC_SCHEME": "https",
                "SECRET_KEY": django_settings.SECRET_KEY,
                "MARELLE_ENCRYPTION_KEYS": django_settings.ENCRYPTION_KEYS[0],
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout

        assert said.strip() == "[True, True, '__Host-session', '__Host-csrf', 31536000, None, 1]"

    def test_nothing_of_a_person_is_in_them(self, elena):
        there = browser()
        sign_in(there)
        there.post(CONFIRM, {"password": PASSWORD})

        assert all("elena" not in cookie.value for cookie in there.cookies.values())
