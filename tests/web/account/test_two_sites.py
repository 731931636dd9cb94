"""One account, several sites: signing in on one is being signed in on the others, and leaving one is leaving all."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Session, User
from marelle.foundation import clock
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.web.account import journey
from tests.factories.town import make_agent, make_authority, make_family
from tests.sites import ACCOUNT, FAMILY, INVOICES, OFFICE, SAFARI, Browser
from tests.web.account.people import PASSWORD, make_person, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("back_channel")]
SIGN_IN = f"{ACCOUNT}/compte/connexion/"
SECURITY = f"{ACCOUNT}/compte/securite/"
AGAIN = "La connexion n’a pas abouti"


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def town():
    return make_authority(slug="dammartin")


@pytest.fixture
def elena(town):
    """A parent of the town, and one of its agents."""
    user = make_person()
    make_family(town, user=user)
    make_agent(town, user=user)
    return user


CHILDREN, POST = f"{FAMILY}/mes-enfants/", f"{OFFICE}/mon-poste/"


def signed_in(*more, user_agent=None) -> Browser:
    """Return a browser that has signed in for the families' site, and then has opened these addresses."""
    here = Browser(user_agent) if user_agent else Browser()
    here.opens(CHILDREN)
    here.signs_in()
    assert here.url == CHILDREN
    for url in more:
        here.opens(url)
        assert here.url == url
    return here


def is_out(browser, url) -> bool:
    """Tell whether a protected page asks who one is."""
    browser.opens(url)
    return browser.url.startswith(SIGN_IN)


def opens_nothing(here) -> bool:
    """Tell whether the session of the families' site is nobody's, before the account site is asked again."""
    return here.on(FAMILY).get(urlsplit(CHILDREN).path).status_code == 302


def confirm(here, then=SECURITY):
    here.sends(f"{SECURITY}confirmer/", {"password": PASSWORD, "next": urlsplit(then).path})
    assert here.url == then


class TestComingIn:
    def test_a_protected_page_leads_to_the_account_site_and_back_to_it(self, elena):
        here = Browser()

        assert "Se connecter" in text_of(here.opens(f"{CHILDREN}?semaine=2026-11-23"))
        assert here.url.startswith(SIGN_IN)
        page = here.signs_in()

        assert (here.url, page.status_code) == (f"{CHILDREN}?semaine=2026-11-23", 200)
        above, below = Session.objects.filter(user=elena).order_by("site")
        assert (above.site, below.site, above.sid) == ("account", "family", below.sid)
        assert above.sid
        assert below.device == above.device == "Firefox sur Windows"

    def test_from_one_site_to_another_without_a_page(self, elena):
        here = signed_in()

        page = here.opens(POST)

        assert (here.url, page.status_code) == (POST, 200)
        assert {one.site for one in Session.objects.filter(user=elena)} == {"account", "family", "office"}
        assert len(set(Session.objects.filter(user=elena).values_list("sid", flat=True))) == 1

    def test_from_the_account_site_too(self, elena):
        here = Browser()
        here.opens(SIGN_IN)
        page = here.signs_in()
        assert here.url == f"{ACCOUNT}/"
        assert f"{FAMILY}/compte/connexion/?next=/dammartin/actualites/" in text_of(page)
        assert f"{OFFICE}/compte/connexion/?next=/" in text_of(page)
        assert f"{INVOICES}/compte/connexion/?next=/" in text_of(page)

        here.opens(f"{FAMILY}/compte/connexion/?next=/dammartin/actualites/")

        assert here.url == f"{FAMILY}/dammartin/actualites/"

    def test_the_invoices_site_is_one_of_them(self, elena):
        here = signed_in()
        here.opens(f"{INVOICES}/compte/connexion/?next=/aide/")

        assert here.url == f"{INVOICES}/aide/"
        assert here.on(INVOICES).session[SESSION_KEY] == str(elena.pk)

    def test_a_page_open_to_all_forces_no_trip(self, elena):
        here = Browser()

        assert here.opens(f"{FAMILY}/").status_code == 200
        assert here.went == [f"{FAMILY}/"]
        assert "session" not in here.on(FAMILY).cookies

    def test_who_is_signed_in_already_goes_on_at_once(self, elena):
        here = signed_in()

        here.opens(f"{FAMILY}/compte/connexion/?next=/mes-enfants/")

        assert here.went == [f"{FAMILY}/compte/connexion/?next=/mes-enfants/", CHILDREN]

    @pytest.mark.parametrize(
        "elsewhere", ["https://mechant.exemple/", "//mechant.exemple", "/\\mechant.exemple", OFFICE]
    )
    def test_it_never_leads_elsewhere(self, elena, elsewhere):
        here = Browser()
        here.opens(f"{FAMILY}/compte/connexion/?next={elsewhere}")
        here.signs_in()

        assert f"{FAMILY}/" in here.went
        assert all(url.startswith((FAMILY, ACCOUNT)) for url in here.went)

    def test_the_secrets_stay_in_the_session(self, elena):
        here = Browser()
        here.opens(CHILDREN)
        asked = parse_qs(urlsplit(next(url for url in here.went if "/oidc/autorisation" in url)).query)
        ((state, (nonce, verifier, following, _begun)),) = here.on(FAMILY).session[journey.KEPT].items()

        assert (asked["state"], asked["nonce"], following) == ([state], [nonce], "/mes-enfants/")
        assert not [url for url in here.went if verifier in url]
        here.signs_in()
        assert here.on(FAMILY).session[journey.KEPT] == {}

    def test_several_tabs_may_wait_and_each_goes_where_it_was(self, elena):
        here = Browser()
        here.opens(CHILDREN)
        first = here.page, here.url
        here.opens(f"{FAMILY}/dammartin/actualites/")
        here.signs_in()
        assert here.url == f"{FAMILY}/dammartin/actualites/"

        here.page, here.went = first[0], [first[1]]
        here.signs_in()
        assert here.url == CHILDREN

    def test_a_session_that_only_waits_is_short(self, elena):
        here = Browser()
        here.opens(CHILDREN)
        assert here.on(FAMILY).session.get_expiry_age() <= 2 * 3600

        here.signs_in()
        assert here.on(FAMILY).session.get_expiry_age() > 13 * 24 * 3600

    def test_signing_in_changes_the_name_of_the_session(self, elena):
        here = Browser()
        here.opens(CHILDREN)
        before = here.on(FAMILY).session.session_key
        here.signs_in()

        assert here.on(FAMILY).session.session_key != before
        assert not Session.objects.filter(pk=before).exists()


class TestAJourneyThatFails:
    def back(self, here):
        """Sign in, and return the address by which the browser came back."""
        here.opens(CHILDREN)
        here.signs_in()
        return next(url for url in here.went if "/compte/retour/" in url)

    def refused(self, here, url):
        before = here.on(FAMILY).session.get(SESSION_KEY)
        page = here.opens(url)
        assert AGAIN in text_of(page)
        assert "Recommencer" in text_of(page)
        assert here.on(FAMILY).session.get(SESSION_KEY) == before
        return page.status_code

    def test_a_state_that_this_browser_did_not_draw(self, elena):
        url = self.back(Browser())

        assert self.refused(Browser(), url) == 400
        assert self.refused(Browser(), f"{FAMILY}/compte/retour/") == 400
        assert self.refused(Browser(), f"{FAMILY}/compte/retour/?code=x&state=y") == 400

    def test_the_same_return_twice(self, elena):
        here = Browser()
        url = self.back(here)

        assert self.refused(here, url) == 400
        assert here.opens(CHILDREN).status_code == 200

    def test_a_code_that_has_served(self, elena):
        here = Browser()
        served = parse_qs(urlsplit(self.back(here)).query)["code"][0]
        other = Browser()
        other.opens(CHILDREN)
        (state,) = other.on(FAMILY).session[journey.KEPT]

        assert self.refused(other, f"{FAMILY}/compte/retour/?code={served}&state={state}") == 403
        assert is_out(other, CHILDREN)

    @pytest.mark.parametrize(
        ("said", "status"),
        [
            ("error=access_denied", 403),
            ("error=temporarily_unavailable", 503),
            ("code=x&iss=https://mechant.exemple", 403),
            ("code=", 403),
            ("code=inconnu", 403),
        ],
    )
    def test_an_error_is_said_calmly_and_one_may_begin_again(self, elena, said, status):
        here = Browser()
        here.opens(CHILDREN)
        (state,) = here.on(FAMILY).session[journey.KEPT]

        assert self.refused(here, f"{FAMILY}/compte/retour/?{said}&state={state}") == status
        assert 'href="/compte/connexion/?next=%2Fmes-enfants%2F"' in text_of(here.page)

    def test_one_that_lasted_too_long(self, elena, monkeypatch):
        here = Browser()
        here.opens(CHILDREN)
        monkeypatch.setattr(journey, "LASTS", timedelta(0))
        here.signs_in()

        assert here.page.status_code == 410
        assert AGAIN in text_of(here.page)

    def test_an_account_site_that_does_not_answer(self, elena, settings):
        settings.ACCOUNT_BACK_CHANNEL = "http://127.0.0.1:9"
        here = Browser()
        here.opens(CHILDREN)
        here.signs_in()

        assert here.page.status_code == 503
        assert "ne répond pas" in text_of(here.page)

    def test_an_account_closed_meanwhile(self, elena):
        here = Browser()
        here.opens(CHILDREN)
        here.signs_in()
        with permitted("test"):
            User.objects.filter(pk=elena.pk).update(is_active=False)

        assert is_out(here, POST)


class TestLeaving:
    @pytest.mark.parametrize("site", [FAMILY, OFFICE, ACCOUNT])
    def test_one_site_is_leaving_all(self, elena, site):
        here = signed_in(POST)
        other = signed_in(user_agent=SAFARI)

        here.sends(f"{site}/compte/deconnexion/")

        assert here.page.status_code == 200
        assert here.url in {f"{site}/", SIGN_IN, f"{SIGN_IN}?next=/", f"{SIGN_IN}?next=%2F"} or site == OFFICE
        assert is_out(here, CHILDREN)
        assert is_out(here, POST)
        assert is_out(here, SECURITY)
        assert not is_out(other, CHILDREN)

    def test_a_link_does_not_sign_out(self, elena):
        here = signed_in()

        assert "Se déconnecter" in text_of(here.opens(f"{FAMILY}/compte/deconnexion/"))
        assert not is_out(here, CHILDREN)

    def test_a_copy_of_a_cookie_opens_nothing_afterwards(self, elena):
        here, copy = signed_in(), Browser()
        copy.on(FAMILY).cookies["session"] = here.on(FAMILY).session.session_key
        assert not is_out(copy, CHILDREN)
        here.sends(f"{FAMILY}/compte/deconnexion/")

        assert is_out(copy, CHILDREN)

    def test_a_session_ended_in_the_list_is_out_everywhere_at_once(self, elena):
        there = signed_in(POST, user_agent=SAFARI)
        here = signed_in(SECURITY)
        page = text_of(here.page)
        assert "Safari sur iPhone" in page
        assert "Espace famille, Espace agents." in page
        assert page.count("/fermer/") == 2  # the telephone's, and that of all; this device has none

        (handle,) = {one for one in page.split('"') if one.startswith("/compte/securite/sessions/") and len(one) > 45}
        here.sends(f"{ACCOUNT}{handle}")

        assert "Cet appareil est déconnecté." in text_of(here.page)
        assert is_out(there, CHILDREN)
        assert is_out(there, POST)
        assert not is_out(here, CHILDREN)
        assert AuditEntry.objects.get(verb="end_sessions").details == {"ended": 3}

    @pytest.mark.parametrize("keep", ["this", "none"])
    def test_signing_out_everywhere(self, elena, keep):
        there = signed_in(POST, user_agent=SAFARI)
        here = signed_in(POST, SECURITY)
        confirm(here)

        here.sends(f"{SECURITY}sessions/fermer/", {"keep": keep})

        assert [is_out(there, CHILDREN), is_out(there, POST)] == [True, True]
        assert [is_out(here, CHILDREN), is_out(here, POST)] == [keep == "none"] * 2

    def test_a_new_password_keeps_this_device_on_its_sites_and_no_other(self, elena):
        there, here = signed_in(user_agent=SAFARI), signed_in(POST, SECURITY)

        here.sends(
            f"{ACCOUNT}/compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": "encore trois petits chats"}
        )

        assert "Votre mot de passe est changé" in text_of(here.page)
        assert here.opens(CHILDREN).status_code == 200
        assert here.went == [CHILDREN]
        assert is_out(there, CHILDREN)

    def test_when_the_session_of_the_account_site_is_over_the_others_are(self, elena):
        here = signed_in()
        with permitted("test"):
            Session.objects.filter(site="account").update(expire_date=clock.machine_now() - timedelta(seconds=1))

        assert is_out(here, CHILDREN)

    @pytest.mark.parametrize("changed", [{"sid": "autre"}, {"sid": ""}, {"user": None}])
    def test_a_session_that_no_session_of_the_account_site_holds_opens_nothing(self, elena, changed):
        here = signed_in()
        with permitted("test"):
            Session.objects.filter(site="family").update(**changed)

        assert opens_nothing(here)

    def test_that_of_somebody_else_does_not_hold_it(self, elena):
        here = signed_in()
        with permitted("test"):
            Session.objects.filter(site="account").update(user=make_person("paul@exemple.fr"))

        assert opens_nothing(here)

    def test_what_no_session_holds_is_forgotten_each_night(self, elena):
        from marelle.jobs.accounts import forget_sessions

        signed_in(POST)
        with permitted("test"):
            Session.objects.filter(site="account").delete()
        forget_sessions(timestamp=0)

        assert not Session.objects.filter(user=elena).exists()


class TestWhatItCosts:
    def test_a_session_is_loaded_and_its_holder_seen_alive_in_one_statement(self, elena):
        here = signed_in()

        def asked(client):
            with CaptureQueriesContext(connection) as queries:
                assert client.get("/mes-enfants/").status_code == 200
            return [one["sql"] for one in queries]

        tied = asked(here.on(FAMILY))
        alone = here.on(FAMILY).__class__(headers={"host": "famille.localhost"})
        alone.force_login(elena)
        assert len(tied) == len(asked(alone))
        assert sum('FROM "accounts_session"' in sql for sql in tied) == 1


class TestAPieceOfAPage:
    """A script that asks for a piece of a page, or sends a square, when the session is over."""

    HEADERS = {"HX-Request": "true", "HX-Current-URL": f"{FAMILY}/dammartin/reservations/?semaine=2026-11-23"}

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_makes_the_browser_go(self, elena, method):
        there = Browser().on(FAMILY)

        answer = getattr(there, method)("/dammartin/reservations/case/", headers=self.HEADERS)
        if answer.status_code == 404:
            answer = getattr(there, method)("/dammartin/panier/", headers=self.HEADERS)

        assert answer.status_code == 200
        assert answer.content == b""
        assert answer["HX-Redirect"] == "/compte/connexion/?next=/dammartin/reservations/%3Fsemaine%3D2026-11-23"

    def test_of_another_site_names_no_page(self, elena):
        there = Browser().on(FAMILY)
        headers = {**self.HEADERS, "HX-Current-URL": "https://mechant.exemple/x"}

        assert there.get("/mes-enfants/", headers=headers)["HX-Redirect"] == "/compte/connexion/?next=/"


class TestWhatFormsLeadTo:
    @pytest.mark.parametrize(
        ("url", "wanted"),
        [
            (f"{FAMILY}/aide/", {ACCOUNT}),
            (f"{OFFICE}/aide/", {ACCOUNT}),
            (f"{INVOICES}/aide/", {ACCOUNT}),
            (SIGN_IN, {FAMILY, OFFICE, INVOICES}),
        ],
    )
    def test_is_said_by_each_page(self, url, wanted):
        """Chromium follows a form from one redirection to the next, and stops where the page did not say it goes."""
        policy = Browser().opens(url)["Content-Security-Policy"]
        (named,) = [one.split() for one in policy.split("; ") if one.startswith("form-action")]
        ours = {FAMILY, OFFICE, INVOICES, ACCOUNT}

        assert set(named) & ours == wanted


class TestTheAddressesOfTheAccountElsewhere:
    @pytest.mark.parametrize("site", [FAMILY, OFFICE, INVOICES])
    @pytest.mark.parametrize(
        "path",
        [
            "/compte/securite/",
            "/compte/creer/?a=b",
            "/compte/mes-donnees/",
            "/compte/rejoindre/",
            "/compte/mot-de-passe/",
        ],
    )
    def test_lead_to_the_same_ones_on_the_account_site(self, site, path):
        answer = Browser().on(site).get(path)

        assert (answer.status_code, answer["Location"]) == (302, f"{ACCOUNT}{path}")
