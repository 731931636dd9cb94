"""What signs who one is, what is published of it, and what is no key."""

from __future__ import annotations

import base64
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.checks import run_checks

from marelle.config.environment import BadEnvironment, read
from marelle.web.account.provider import keys
from tests.embedded import OIDC_KEY
from tests.factories.town import make_user
from tests.web.account.provider.site import family_site, machine, verified

pytestmark = pytest.mark.django_db


def pem_of(private, kind=serialization.PrivateFormat.PKCS8):
    return private.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode()


def by_a_shared_secret(claims, kid, secret):
    """Sign with what everybody may read, which no library does any more."""

    def written(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    said = b".".join(written(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": kid}, claims))
    return b".".join((said, written(hmac.digest(secret, said, "sha256")))).decode()


@pytest.fixture(scope="module")
def another():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class TestRotation:
    def test_the_first_key_signs_and_all_are_published(self, settings, another):
        family, elena = family_site(), make_user()
        before = family.tokens_of(elena)["id_token"]
        settings.OIDC_KEYS = (pem_of(another), *settings.OIDC_KEYS)
        after = family.tokens_of(elena)["id_token"]

        published = [key["kid"] for key in machine().get("/oidc/cles").json()["keys"]]

        assert [jwt.get_unverified_header(one)["kid"] for one in (after, before)] == published
        assert verified(before, "famille")["sub"] == verified(after, "famille")["sub"]

    def test_a_key_that_is_gone_is_not_believed_any_more(self, settings, another):
        hint = family_site().tokens_of(make_user())["id_token"]
        assert keys.read_hint(hint)

        settings.OIDC_KEYS = (pem_of(another),)

        assert keys.read_hint(hint) is None


class TestHints:
    def test_only_what_we_signed_is_read(self, another):
        hint = family_site().tokens_of(make_user())["id_token"]
        claims, kid = jwt.decode(hint, options={"verify_signature": False}), jwt.get_unverified_header(hint)["kid"]
        public = (
            keys.signing_keys()[0]
            .private.public_key()
            .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        assert keys.read_hint(hint)

        for forged in (
            jwt.encode(claims, "", algorithm="none", headers={"kid": kid}),
            by_a_shared_secret(claims, kid, public),
            jwt.encode(claims, another, algorithm="RS256", headers={"kid": kid}),
            jwt.encode(claims, another, algorithm="RS256", headers={"kid": "other"}),
            keys.sign(claims | {"iss": "https://piscine.example"}),
            keys.sign({name: value for name, value in claims.items() if name != "sid"}),
            keys.sign(claims | {"aud": ["famille"]}),
            *("", "x", "a.b.c", hint[:-2], f"{hint}.x"),
        ):
            assert keys.read_hint(forged) is None, forged


class TestSettings:
    def surroundings(self, **more):
        import os

        return {name: value for name, value in os.environ.items() if name != "MARELLE_OIDC_KEYS"} | more

    def test_a_key_is_made_once_and_kept(self, tmp_path):
        alone = self.surroundings(MARELLE_VAR=str(tmp_path), MARELLE_EMBEDDED="1")
        made = read(alone).oidc_keys

        assert len(made) == 1
        assert read(alone).oidc_keys == made
        assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600

    def test_a_file_of_before_is_completed_and_what_it_holds_stays(self, tmp_path):
        file = tmp_path / "secrets.json"
        file.write_text(json.dumps({"secret_key": "before", "encryption_keys": ["a"]}))
        made = read(self.surroundings(MARELLE_VAR=str(tmp_path))).oidc_keys

        kept = json.loads(file.read_text())
        assert (kept["secret_key"], kept["encryption_keys"], tuple(kept["oidc_keys"])) == ("before", ["a"], made)
        assert file.stat().st_mode & 0o777 == 0o600
        assert [one.name for one in tmp_path.iterdir()] == ["secrets.json"]

    def test_without_a_file_it_is_asked_for(self, tmp_path):
        with pytest.raises(BadEnvironment, match="MARELLE_OIDC_KEYS doit être définie"):
            read(self.surroundings(MARELLE_VAR=str(tmp_path)))

    @pytest.mark.parametrize("between", ["", "\n", ",", " , ", "\\n"])
    def test_several_are_told_apart_however_they_are_written(self, another, between, tmp_path):
        given = between.join([OIDC_KEY, pem_of(another).replace("\n", "\\n"), pem_of(another)])
        read_keys = read(self.surroundings(MARELLE_OIDC_KEYS=given)).oidc_keys

        assert len(read_keys) == 3
        assert read_keys[1] == read_keys[2]

    @pytest.mark.parametrize("given", ["x", OIDC_KEY + "x", OIDC_KEY[:-5], "-----BEGIN PUBLIC KEY-----\nAA==\n"])
    def test_what_is_no_key_is_said(self, given):
        with pytest.raises(BadEnvironment, match="MARELLE_OIDC_KEYS n'est pas valable"):
            read(self.surroundings(MARELLE_OIDC_KEYS=given))


class TestChecks:
    def test_all_is_well_as_it_is(self):
        assert run_checks(tags=["provider"]) == []

    @pytest.mark.parametrize(
        "pems",
        [
            (),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",),
            (pem_of(ec.generate_private_key(ec.SECP256R1())),),
            (pem_of(rsa.generate_private_key(public_exponent=65537, key_size=1024)),),
            (OIDC_KEY, OIDC_KEY),
        ],
        ids=["none", "nonsense", "elliptic", "short", "twice"],
    )
    def test_a_key_that_may_not_sign_is_refused(self, settings, pems):
        settings.OIDC_KEYS = pems

        assert [one.id for one in run_checks(tags=["provider"])] == ["marelle.E003"]

    @pytest.mark.parametrize("backend", ["locmem.LocMemCache", "dummy.DummyCache", "filebased.FileBasedCache"])
    def test_a_cache_that_each_process_has_for_itself_is_refused(self, settings, backend):
        settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}"}}

        assert [one.id for one in run_checks(tags=["provider"])] == ["marelle.E002"]

    def test_a_process_that_starts_does_not_wait_for_its_keys(self):
        keys._loaded.cache_clear()
        began = time.process_time()

        keys.signing_keys()

        assert time.process_time() - began < 0.02
