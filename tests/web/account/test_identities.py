"""FranceConnect and ProConnect on the account site: known, unknown, tied by proof, left; never by an address alone."""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.test import Client

from marelle.domain.accounts.models import Identity, SecurityEvent, Session, User
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.jobs import accounts as letters
from marelle.web.account.identities import journeys
from standins.franceconnect.provider import Mood
from tests.factories.joining import make_guardian, make_invitation
from tests.factories.town import make_agent, make_authority, make_user
from tests.franceconnect import as_franceconnect, as_proconnect
from tests.web.account.proofs import code_of

pytestmark = pytest.mark.django_db

PASSWORD = "trois petits chats verts"
LOGIN, SECURITY = "/compte/connexion/", "/compte/securite/"
BEGIN, RETURN = "/compte/franceconnect/", "/compte/franceconnect/retour/"
UNKNOWN, ATTACH = "/compte/franceconnect/inconnu/", "/compte/franceconnect/rattacher/"
AGENTS_BEGIN = "/compte/proconnect/"
SIRET = "21770154900016"
GOING_ON = "/oidc/autorisation?client_id=famille&scope=openid"


@pytest.fixture
def plugged(settings, fc):
    settings.FRANCECONNECT = as_franceconnect(fc)
    return fc


@pytest.fixture
def plugged_agents(settings, pc):
    settings.PROCONNECT = as_proconnect(pc)
    return pc


@pytest.fixture
def elena():
    with permitted("factory"):
        return User.objects.create_user("elena@exemple.fr", PASSWORD)


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def away(client, begin=BEGIN, **fields):
    """Press the button, and return where the browser is sent."""
    response = client.post(begin, fields)
    assert response.status_code == 303
    return response["Location"]


def local(url):
    """Return the path of an address of ours, for the test client."""
    assert url.startswith("http://compte.localhost/")
    return url.removeprefix("http://compte.localhost")


def comes(client, server, person="elena", begin=BEGIN, **fields):
    """Go there, be this person, come back."""
    return client.get(local(server.come_back_as(away(client, begin, **fields), person)))


def tie(user, server, person="elena", provider="franceconnect"):
    (client,) = server.provider.clients.values()
    subject = server.provider.subject(person, client)
    with permitted("factory"):
        return Identity.objects.create(
            user=user,
            provider=provider,
            issuer=server.provider.issuer,
            subject=subject,
            linked_at=user.created_at or T0,
        )


T0 = "2026-11-01T08:00:00Z"


def is_in(client):
    return int(client.session.get("_auth_user_id", 0)) or None


def sign_in(client, user, **more):
    return client.post(LOGIN, {"login": user.email, "password": PASSWORD, **more})


def kinds(user):
    return list(SecurityEvent.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


class TestTheButton:
    def test_it_stands_beside_the_password_in_the_official_words(self, account_site, plugged):
        page = account_site.get(LOGIN).content.decode()

        assert "S’identifier avec FranceConnect" in page
        assert "Qu’est-ce que FranceConnect ?" in page
        assert 'href="https://franceconnect.gouv.fr/"' in page
        assert "ProConnect" not in page

    def test_the_official_artwork_takes_its_place_once_the_operator_gave_it(
        self, account_site, plugged, settings, tmp_path
    ):
        file = tmp_path / "bouton.svg"
        file.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
        assert account_site.get("/compte/franceconnect/bouton").status_code == 404
        settings.IDENTITY_BUTTONS = {"franceconnect": file, "proconnect": None}

        page = account_site.get(LOGIN).content.decode()
        picture = account_site.get("/compte/franceconnect/bouton")

        assert '<img src="/compte/franceconnect/bouton" alt="S’identifier avec FranceConnect">' in page
        assert (picture.content, picture["Content-Type"]) == (file.read_bytes(), "image/svg+xml")
        assert "sandbox" in picture["Content-Security-Policy"]

    def test_each_site_has_its_own(self, account_site, plugged, plugged_agents):
        family = words(account_site.get(LOGIN, {"next": "/oidc/autorisation?client_id=famille"}))
        office = words(account_site.get(LOGIN, {"next": "/oidc/autorisation?client_id=mairie"}))

        assert ("avec FranceConnect" in family, "avec ProConnect" in family) == (True, False)
        assert ("avec FranceConnect" in office, "avec ProConnect" in office) == (False, True)
        assert "avec ProConnect" in words(account_site.get(LOGIN))

    @pytest.mark.parametrize("path", [BEGIN, AGENTS_BEGIN])
    def test_not_plugged_there_is_neither_button_nor_address(self, account_site, path):
        assert "Connect" not in words(account_site.get(LOGIN)).replace("Se connecter", "")
        assert account_site.post(path).status_code == 404
        assert account_site.get(f"{path}retour/").status_code == 404

    def test_a_link_does_not_send_anybody_away(self, account_site, plugged):
        assert account_site.get(BEGIN).status_code == 405


class TestWhoIsKnown:
    def test_signs_in_and_goes_where_she_was_going(self, account_site, plugged, elena):
        tied = tie(elena, plugged)
        response = comes(account_site, plugged, next=GOING_ON)

        assert (response.status_code, response["Location"]) == (302, GOING_ON)
        assert is_in(account_site) == elena.pk
        tied.refresh_from_db()
        assert tied.last_used_at is not None
        assert kinds(elena) == []

    def test_the_request_is_as_franceconnect_wants_it(self, account_site, plugged):
        asked = dict(parse_qsl(urlsplit(away(account_site)).query))

        assert asked.keys() == {
            "response_type",
            "client_id",
            "redirect_uri",
            "scope",
            "state",
            "nonce",
            "acr_values",
        }
        assert asked["scope"] == "openid given_name family_name"

    def test_nobody_is_sent_out_of_the_site_afterwards(self, account_site, plugged, elena):
        tie(elena, plugged)
        response = comes(account_site, plugged, next="https://mechant.exemple.fr/")

        assert "mechant" not in response["Location"]

    def test_a_second_factor_is_still_asked_for(self, account_site, plugged, elena):
        tie(elena, plugged)
        with permitted("factory"):
            TOTP.activate(elena, "JBSWY3DPEHPK3PXP")
        response = comes(account_site, plugged, next=GOING_ON)

        assert is_in(account_site) is None
        assert "/compte/" in response["Location"]
        done = account_site.post(response["Location"], {"code": code_of("JBSWY3DPEHPK3PXP")})
        assert (is_in(account_site), done["Location"]) == (elena.pk, GOING_ON)
        assert account_site.session[journeys.HELD]["provider"] == "franceconnect"

    def test_the_session_is_another_than_before(self, account_site, plugged, elena):
        tie(elena, plugged)
        url = away(account_site)
        before = account_site.session.session_key
        account_site.get(local(plugged.come_back_as(url, "elena")))

        assert account_site.session.session_key != before

    def test_an_account_that_was_erased_is_nobodys(self, account_site, plugged, elena):
        tie(elena, plugged)
        with permitted("factory"):
            elena.is_active = False
            elena.save()
        comes(account_site, plugged)

        assert is_in(account_site) is None


class TestWhoIsNot:
    def test_is_told_what_to_do_and_no_account_is_looked_for_by_address(self, account_site, plugged):
        """FranceConnect says `elena.sanchez@exemple.fr`, and an account has that address: it is not enough."""
        with permitted("factory"):
            User.objects.create_user("elena.sanchez@exemple.fr", PASSWORD)
        response = comes(account_site, plugged)

        assert response["Location"] == UNKNOWN
        page = words(account_site.get(UNKNOWN))
        assert "Elena SANCHEZ" in page
        assert "Aucun compte n’est encore relié" in page
        assert "elena.sanchez" not in page
        assert is_in(account_site) is None
        assert not Identity.objects.exists()

    def test_the_password_proves_then_a_button_ties(self, account_site, plugged, elena):
        comes(account_site, plugged, next=GOING_ON)
        page = account_site.get(UNKNOWN).content.decode()
        going_on = parse_qs(urlsplit(re.search(r'href="(/compte/connexion/\?next=[^"]+)"', page)[1]).query)["next"][0]
        assert sign_in(account_site, elena, next=going_on)["Location"] == ATTACH

        page = words(account_site.get(ATTACH))
        assert "Elena SANCHEZ" in page
        assert "elena@exemple.fr" in page
        assert not Identity.objects.exists()
        response = account_site.post(ATTACH)

        assert (response.status_code, response["Location"]) == (303, GOING_ON)
        tied = Identity.objects.get()
        (client,) = plugged.provider.clients.values()
        assert (tied.user, tied.issuer) == (elena, plugged.provider.issuer)
        assert tied.subject == plugged.provider.subject("elena", client)
        assert kinds(elena) == ["franceconnect_linked"]
        assert AuditEntry.objects.filter(verb="franceconnect_linked", object_key=elena.pk).exists()

        other = Client(headers={"host": "compte.localhost"})
        comes(other, plugged)
        assert is_in(other) == elena.pk

    def test_its_owner_is_written_to(self, account_site, plugged, elena):
        comes(account_site, plugged)
        sign_in(account_site, elena)
        account_site.post(ATTACH)
        letters.security_event(SecurityEvent.objects.get().pk)

        assert mail.outbox[0].to == ["elena@exemple.fr"]
        assert "FranceConnect relié" in mail.outbox[0].body
        assert "FranceConnect ouvre désormais votre compte" in mail.outbox[0].body

    def test_an_account_that_was_open_before_proves_itself_again(self, account_site, plugged, elena):
        """On a computer that several share, the account that is open may be another person's."""
        sign_in(account_site, elena)
        time.sleep(0.01)
        comes(account_site, plugged)
        response = account_site.post(ATTACH)

        assert response.status_code == 302
        assert "confirmer" in response["Location"]
        assert not Identity.objects.exists()

    def test_an_activation_link_opens_an_account_that_it_offers_to_tie(self, account_site, plugged):
        link = make_invitation(make_guardian(make_authority(), "Léa", email="lea@exemple.fr"))
        comes(account_site, plugged)
        account_site.post(f"/compte/activation/{link.token}/")
        response = account_site.post("/compte/activation/", {"password": "quatre chevaux bien bruns", "phone": ""})

        assert response["Location"] == ATTACH
        done = account_site.post(ATTACH)
        assert Identity.objects.get().user.email == "lea@exemple.fr"
        assert done["Location"] != SECURITY

    def test_who_gives_up_leaves_franceconnect_too(self, account_site, plugged):
        comes(account_site, plugged)
        response = account_site.post("/compte/franceconnect/oublier/")

        assert response["Location"].startswith(f"{plugged.url}/api/v2/session/end?")
        assert account_site.get(UNKNOWN).status_code == 410

    def test_an_identity_that_waits_is_forgotten(self, account_site, plugged, elena, monkeypatch):
        comes(account_site, plugged)
        monkeypatch.setattr(journeys, "PENDING_SECONDS", 0)

        assert account_site.get(UNKNOWN).status_code == 410
        sign_in(account_site, elena)
        assert account_site.post(ATTACH)["Location"] == SECURITY
        assert not Identity.objects.exists()


class TestComingBack:
    def test_a_journey_ends_once(self, account_site, plugged, elena):
        tie(elena, plugged)
        url = local(plugged.come_back_as(away(account_site), "elena"))
        account_site.get(url)
        account_site.post("/compte/deconnexion/")
        again = account_site.get(url)

        assert (again.status_code, is_in(account_site)) == (410, None)
        assert "Cette page a expiré" in words(again)

    def test_another_browser_ends_nothing(self, account_site, plugged, elena):
        tie(elena, plugged)
        url = local(plugged.come_back_as(away(account_site), "elena"))
        other = Client(headers={"host": "compte.localhost"})

        assert other.get(url).status_code == 410
        assert is_in(other) is None

    @pytest.mark.parametrize("spoil", [lambda url: url.replace("state=", "state=x"), lambda url: url.split("&")[0]])
    def test_a_state_that_is_not_ours_ends_nothing(self, account_site, plugged, elena, spoil):
        tie(elena, plugged)
        url = local(plugged.come_back_as(away(account_site), "elena"))

        assert account_site.get(spoil(url)).status_code == 410
        assert not [one for one in plugged.heard if one.path.endswith("/token")]

    def test_a_code_of_another_journey_signs_nobody_in(self, account_site, plugged, elena):
        """Whoever makes a browser bring back her own code is refused by the nonce: it is the other journey's."""
        tie(elena, plugged)
        url = away(account_site)
        other = Client(headers={"host": "compte.localhost"})
        stolen = parse_qs(urlsplit(plugged.come_back_as(away(other), "elena")).query)["code"][0]
        mine = plugged.come_back_as(url, "david")
        spoiled = re.sub(r"code=[^&]+", f"code={stolen}", local(mine))
        response = account_site.get(spoiled)

        assert (response.status_code, is_in(account_site)) == (502, None)

    def test_too_late_is_said_calmly(self, account_site, plugged, elena, monkeypatch):
        tie(elena, plugged)
        url = local(plugged.come_back_as(away(account_site), "elena"))
        monkeypatch.setattr(journeys, "LASTS_SECONDS", 0)

        assert account_site.get(url).status_code == 410

    def test_a_code_that_is_over_is_said_calmly(self, account_site, plugged, elena):
        tie(elena, plugged)
        url = local(plugged.come_back_as(away(account_site), "elena"))
        plugged.clock.ahead = 31
        response = account_site.get(url)

        assert response.status_code == 502
        assert "FranceConnect n’a pas abouti" in words(response)

    def test_who_cancels_comes_back_to_a_calm_page_and_may_go_on(self, account_site, plugged):
        url = local(plugged.give_up(away(account_site, next=GOING_ON)))
        response = account_site.get(url)

        assert response.status_code == 200
        assert "Vous avez annulé" in words(response)
        assert f'value="{GOING_ON.replace("&", "&amp;")}"' in response.content.decode()

    @pytest.mark.parametrize(
        "mood",
        [Mood.WRONG_NONCE, Mood.WRONG_AUDIENCE, Mood.WRONG_ISSUER, Mood.UNSIGNED, Mood.EXPIRED, Mood.GARBAGE],
    )
    def test_what_proves_nothing_signs_nobody_in(self, account_site, plugged, elena, mood):
        tie(elena, plugged)
        tie(make_user(), plugged, "david")
        plugged.provider.mood = mood
        response = comes(account_site, plugged)

        assert (response.status_code, is_in(account_site)) == (502, None)
        assert "Rien n’a changé" in words(response)

    def test_another_issuer_in_the_address_is_refused(self, account_site, plugged, elena):
        tie(elena, plugged)
        url = local(plugged.come_back_as(away(account_site), "elena"))

        assert account_site.get(re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fexemple.fr", url)).status_code == 502

    def test_a_journey_to_the_one_does_not_end_at_the_other(self, account_site, plugged, plugged_agents, elena):
        tie(elena, plugged)
        url = local(plugged.come_back_as(away(account_site), "elena"))

        assert account_site.get(url.replace("/franceconnect/", "/proconnect/")).status_code == 410

    def test_looking_at_the_address_ends_nothing(self, account_site, plugged, elena):
        tie(elena, plugged)
        url = local(plugged.come_back_as(away(account_site), "elena"))

        assert account_site.head(url).status_code == 405
        account_site.get(url)
        assert is_in(account_site) == elena.pk

    def test_six_tabs_and_the_first_is_forgotten(self, account_site, plugged, elena):
        tie(elena, plugged)
        urls = [local(plugged.come_back_as(away(account_site), "elena")) for _ in range(6)]

        assert account_site.get(urls[0]).status_code == 410
        assert account_site.get(urls[5]).status_code == 302


class TestThePageOfSecurity:
    @pytest.fixture
    def inside(self, account_site, elena):
        sign_in(account_site, elena)
        account_site.post("/compte/securite/confirmer/", {"password": PASSWORD})
        return account_site

    def test_it_is_tied_from_there(self, inside, plugged, elena):
        assert "Relier FranceConnect" in words(inside.get(SECURITY))
        response = comes(inside, plugged, begin="/compte/franceconnect/relier/")

        assert response["Location"] == ATTACH
        assert inside.post(ATTACH)["Location"] == SECURITY
        page = words(inside.get(SECURITY))
        assert "FranceConnect est relié à votre compte." in page
        assert "Détacher FranceConnect" in page
        assert Identity.objects.get().user == elena

    def test_without_a_fresh_proof_nothing_is_begun(self, account_site, plugged, elena):
        sign_in(account_site, elena)
        response = account_site.post("/compte/franceconnect/relier/")

        assert "confirmer" in response["Location"]
        assert journeys.KEPT not in account_site.session

    def test_the_identity_of_another_account_is_refused(self, inside, plugged, elena):
        tie(make_user("david@exemple.fr"), plugged)
        comes(inside, plugged, begin="/compte/franceconnect/relier/")
        response = inside.post(ATTACH)

        assert response.status_code == 409
        assert "ouvre déjà un autre compte" in words(response)
        assert "david@" not in words(response)
        assert not Identity.objects.filter(user=elena).exists()

    def test_an_account_has_one_identity_only(self, inside, plugged, elena):
        tie(elena, plugged, "david")
        comes(inside, plugged, begin="/compte/franceconnect/relier/")
        response = inside.post(ATTACH)

        assert (response.status_code, "déjà relié à une autre identité" in words(response)) == (409, True)

    def test_who_signs_out_meanwhile_ends_nothing(self, inside, plugged, elena):
        url = local(plugged.come_back_as(away(inside, "/compte/franceconnect/relier/"), "elena"))
        other = make_user("david@exemple.fr")
        session = inside.session
        kept = session[journeys.KEPT]
        inside.force_login(other)
        session = inside.session
        session[journeys.KEPT] = kept
        session.save()

        assert inside.get(url).status_code == 410
        assert not Identity.objects.exists()

    def test_it_is_untied_after_asking(self, inside, plugged, elena):
        tie(elena, plugged)
        assert "Détacher FranceConnect ?" in words(inside.get("/compte/franceconnect/detacher/"))
        response = inside.post("/compte/franceconnect/detacher/")

        assert response["Location"] == SECURITY
        assert not Identity.objects.exists()
        assert kinds(elena) == ["franceconnect_unlinked"]
        assert "n’ouvre plus votre compte" in words(inside.get(SECURITY))

    def test_the_last_way_in_stays(self, account_site, plugged):
        alone = make_user("seule@exemple.fr")
        with permitted("factory"):
            alone.set_unusable_password()
            alone.save()
        tie(alone, plugged)
        comes(account_site, plugged)
        response = account_site.post("/compte/franceconnect/detacher/")

        assert response.status_code == 409
        assert "seule façon d’ouvrir votre compte" in words(response)
        assert Identity.objects.exists()


class TestLeaving:
    def test_who_came_by_franceconnect_leaves_by_it_and_comes_back(self, account_site, plugged, elena):
        tie(elena, plugged)
        comes(account_site, plugged)
        response = account_site.post("/compte/deconnexion/")
        url = response["Location"]
        asked = dict(parse_qsl(urlsplit(url).query))

        assert url.startswith(f"{plugged.url}/api/v2/session/end?")
        assert asked.keys() == {"id_token_hint", "post_logout_redirect_uri", "state"}
        assert asked["post_logout_redirect_uri"] == "http://compte.localhost/compte/franceconnect/fin/"
        assert is_in(account_site) is None
        assert not Session.objects.filter(user=elena).exists()
        back = plugged.provider.end(parse_qsl(urlsplit(url).query))
        assert account_site.get(local(back))["Location"] == "/"

    def test_who_came_by_a_password_does_not(self, account_site, plugged, elena):
        sign_in(account_site, elena)

        assert account_site.post("/compte/deconnexion/")["Location"] == "/"

    @pytest.mark.parametrize("state", ["", "https://mechant.exemple.fr/", "ImQi:1abc:def"])
    def test_a_state_that_we_did_not_sign_leads_to_the_beginning(self, account_site, plugged, state):
        assert account_site.get("/compte/franceconnect/fin/", {"state": state})["Location"] == "/"

    def test_everywhere_leaves_there_too(self, account_site, plugged, elena):
        tie(elena, plugged)
        comes(account_site, plugged)
        account_site.post("/compte/securite/confirmer/", {"password": PASSWORD})
        response = account_site.post("/compte/securite/sessions/fermer/", {"keep": "none"})

        assert response["Location"].startswith(f"{plugged.url}/api/v2/session/end?")


class TestAgents:
    @pytest.fixture
    def nadia(self):
        town = make_authority(siret=SIRET)
        return make_agent(town, "Nadia Ferrand", user=make_user("nadia.ferrand@exemple.fr"))

    def test_one_is_known_by_address_and_siret_then_tied(self, account_site, plugged_agents, nadia):
        response = comes(account_site, plugged_agents, "nadia", AGENTS_BEGIN, next=GOING_ON)

        assert (response["Location"], is_in(account_site)) == (GOING_ON, nadia.user_id)
        assert Identity.objects.get().user_id == nadia.user_id
        assert kinds(nadia.user) == ["proconnect_linked"]

    def test_tied_her_address_may_change_but_not_her_authority(self, account_site, plugged_agents, nadia):
        comes(account_site, plugged_agents, "nadia", AGENTS_BEGIN)
        account_site.post("/compte/deconnexion/")
        people = plugged_agents.provider.people
        people["nadia"] = {**people["nadia"], "email": "nadia.petit@exemple.fr"}
        comes(account_site, plugged_agents, "nadia", AGENTS_BEGIN)
        assert is_in(account_site) == nadia.user_id

        account_site.post("/compte/deconnexion/")
        people["nadia"] = {**people["nadia"], "siret": "13002526500013"}
        response = comes(account_site, plugged_agents, "nadia", AGENTS_BEGIN)
        assert (response.status_code, is_in(account_site)) == (403, None)

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda agent: type(agent.authority).objects.filter(pk=agent.authority_id).update(siret="13002526500013"),
            lambda agent: type(agent.authority).objects.filter(pk=agent.authority_id).update(siret=""),
            lambda agent: User.objects.filter(pk=agent.user_id).update(email="autre@exemple.fr"),
            lambda agent: User.objects.filter(pk=agent.user_id).update(is_active=False),
            lambda agent: type(agent).objects.filter(pk=agent.pk).update(is_active=False),
        ],
        ids=["another siret", "no siret", "another address", "an erased account", "gone"],
    )
    def test_anybody_else_is_refused_in_one_sentence(self, account_site, plugged_agents, nadia, in_scope, spoil):
        in_scope(nadia.authority)
        with permitted("factory"):
            spoil(nadia)
        response = comes(account_site, plugged_agents, "nadia", AGENTS_BEGIN)

        assert (response.status_code, is_in(account_site)) == (403, None)
        assert "aucun compte d’agent n’a cette adresse dans une collectivité de ce SIRET" in words(response)
        assert not Identity.objects.exists()

    @pytest.mark.parametrize("missing", ["email", "siret"])
    def test_what_was_not_said_is_not_guessed(self, account_site, plugged_agents, nadia, missing):
        people = plugged_agents.provider.people
        people["nadia"] = {key: value for key, value in people["nadia"].items() if key != missing}

        assert comes(account_site, plugged_agents, "nadia", AGENTS_BEGIN).status_code == 403

    def test_a_parent_of_that_address_is_no_agent(self, account_site, plugged_agents):
        make_authority(siret=SIRET)
        make_user("nadia.ferrand@exemple.fr")

        assert comes(account_site, plugged_agents, "nadia", AGENTS_BEGIN).status_code == 403

    def test_another_identity_at_the_same_address_is_refused(self, account_site, plugged_agents, nadia):
        comes(account_site, plugged_agents, "nadia", AGENTS_BEGIN)
        account_site.post("/compte/deconnexion/")
        people = plugged_agents.provider.people
        people["nadia"] = {**people["nadia"], "uid": "7777"}
        response = comes(account_site, plugged_agents, "nadia", AGENTS_BEGIN)

        assert response.status_code == 403
        assert "relié à une autre identité ProConnect" in words(response)
        assert Identity.objects.count() == 1

    def test_who_is_refused_may_leave_proconnect(self, account_site, plugged_agents):
        comes(account_site, plugged_agents, "victor", AGENTS_BEGIN)
        response = account_site.post("/compte/proconnect/oublier/")

        assert response["Location"].startswith(f"{plugged_agents.url}/api/v2/session/end?")

    def test_one_leaves_by_proconnect(self, account_site, plugged_agents, nadia):
        comes(account_site, plugged_agents, "nadia", AGENTS_BEGIN)
        url = account_site.post("/compte/deconnexion/")["Location"]
        back = plugged_agents.provider.end(parse_qsl(urlsplit(url).query))

        assert account_site.get(local(back))["Location"] == "/"
