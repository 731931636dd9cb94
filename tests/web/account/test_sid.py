"""The session of the account site has a name of its own, by which those it opens on other sites are tied to it."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from marelle.domain.accounts.models import Session
from marelle.web.account.sessions import note_opening
from tests.web.account.people import browser, make_person, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def elena():
    return make_person()


def session_of(user):
    return Session.objects.get(user=user)


def test_a_session_of_the_account_site_is_named_when_it_is_opened(elena):
    sign_in(browser("compte"))

    session = session_of(elena)
    assert (session.site, len(session.sid)) == ("account", 32)
    assert session.sid != session.session_key


def test_the_name_survives_the_changes_of_the_key(elena):
    client = browser("compte")
    sign_in(client)
    before = session_of(elena)

    store = client.session
    store.cycle_key()
    store.save()

    after = session_of(elena)
    assert after.session_key != before.session_key
    assert after.sid == before.sid


def test_signing_in_again_in_the_same_session_keeps_its_name(elena):
    client = browser("compte")
    sign_in(client)
    before = session_of(elena).sid

    request = RequestFactory().post("/")
    request.site, request.session = "account", client.session
    note_opening(request=request)
    request.session.save()

    assert session_of(elena).sid == before


def test_two_sessions_of_one_account_have_two_names(elena):
    sign_in(browser("compte"))
    sign_in(browser("compte"))

    names = set(Session.objects.filter(user=elena).values_list("sid", flat=True))
    assert len(names) == 2
    assert "" not in names


def test_another_account_in_the_same_browser_has_another_name(elena):
    client = browser("compte")
    sign_in(client)
    before = session_of(elena).sid
    client.post("/compte/deconnexion/")
    other = make_person("autre@exemple.fr")

    sign_in(client, "autre@exemple.fr")

    assert session_of(other).sid not in {"", before}
