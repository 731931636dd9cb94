"""« Sécurité du compte »: where the account is open, and closing it elsewhere."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import SecurityEvent, Session
from marelle.foundation import clock
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.web.account.people import (
    CONFIRM,
    PASSWORD,
    SAFARI,
    SECURITY,
    SIGN_IN,
    browser,
    confirm,
    letters,
    make_person,
    sign_in,
    signed_in,
    text_of,
)

pytestmark = pytest.mark.django_db
EVERYWHERE = "/compte/securite/sessions/fermer/"


@pytest.fixture
def elena():
    return make_person()


def ends(page: str) -> list[str]:
    """Return the addresses of the buttons that close a device."""
    return re.findall(r'action="(/compte/securite/sessions/[0-9a-f]+/fermer/)"', page)


def test_it_shows_the_devices_by_words(elena):
    sign_in(browser("compte", SAFARI))
    here = signed_in()

    page = text_of(here.get(SECURITY))

    assert "Firefox sur Windows" in page
    assert "Safari sur iPhone" in page
    assert page.count("Celui-ci") == 1
    assert len(ends(page)) == 1


def test_it_names_no_key_of_a_session(elena):
    here = signed_in()
    sign_in(browser("compte", SAFARI))

    page = text_of(here.get(SECURITY))

    assert not [key for key in Session.objects.values_list("session_key", flat=True) if key in page]


def test_another_device_is_closed_by_its_button(elena):
    other, here = browser("compte", SAFARI), signed_in()
    sign_in(other)
    (button,) = ends(text_of(here.get(SECURITY)))

    said = text_of(here.post(button, follow=True))

    assert "Cet appareil est déconnecté." in said
    assert "Safari sur iPhone" not in said
    assert other.get(SECURITY)["Location"].startswith(SIGN_IN)
    assert here.get(SECURITY).status_code == 200
    assert AuditEntry.objects.get(verb="end_sessions").details == {"ended": 1}
    assert "était déjà déconnecté" in text_of(here.post(button, follow=True))


def test_nobody_closes_the_device_of_somebody_else(elena):
    make_person("paul@exemple.fr")
    paul, here = browser(), signed_in()
    other = browser("compte", SAFARI)
    sign_in(other)
    (button,) = ends(text_of(here.get(SECURITY)))
    sign_in(paul, "paul@exemple.fr")

    assert "était déjà déconnecté" in text_of(paul.post(button, follow=True))
    assert other.get(SECURITY).status_code == 200


def test_signing_out_everywhere_keeps_this_device_if_asked(elena):
    other, here = browser("compte", SAFARI), signed_in()
    sign_in(other)

    said = text_of(here.post(EVERYWHERE, {"keep": "this"}, follow=True))

    assert "Vos autres appareils sont déconnectés." in said
    assert other.get(SECURITY)["Location"].startswith(SIGN_IN)
    (letter,) = letters()
    assert letter.to == ["elena@exemple.fr"]
    assert letter.subject == "Sécurité de votre compte : déconnexion de tous les appareils"
    assert "depuis Firefox sur Windows" in letter.body.replace("\N{NO-BREAK SPACE}", " ")


def test_signing_out_everywhere_closes_this_one_too_otherwise(elena):
    other, here = browser("compte", SAFARI), signed_in()
    sign_in(other)

    assert here.post(EVERYWHERE, {})["Location"] == SIGN_IN
    assert here.get(SECURITY)["Location"].startswith(SIGN_IN)
    assert other.get(SECURITY)["Location"].startswith(SIGN_IN)
    assert not Session.objects.filter(user=elena).exists()


def test_a_session_left_open_is_not_enough_for_what_matters(elena):
    here, other = browser(), browser("compte", SAFARI)
    sign_in(here)
    sign_in(other)

    assert here.post(EVERYWHERE, {})["Location"] == f"{CONFIRM}?next=%2Fcompte%2Fsecurite%2F"
    assert here.get(EVERYWHERE)["Location"] == f"{CONFIRM}?next=%2Fcompte%2Fsecurite%2Fsessions%2Ffermer%2F"
    assert other.get(SECURITY).status_code == 200
    assert "Ce n’est pas votre mot de passe actuel." in text_of(confirm(here, "autre chose"))
    assert here.get(EVERYWHERE).status_code == 302
    assert confirm(here, next=EVERYWHERE)["Location"] == EVERYWHERE
    assert here.get(EVERYWHERE).status_code == 200


def test_proving_again_lasts_ten_minutes(elena, settings):
    here = signed_in()
    assert here.get(EVERYWHERE).status_code == 200

    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0

    assert here.get(EVERYWHERE).status_code == 302


def test_when_it_was_seen_is_written_once_a_quarter_of_an_hour_by_pages_that_only_read(elena):
    here = signed_in()
    before = Session.objects.get(user=elena).seen_at
    here.get(SECURITY)
    assert Session.objects.get(user=elena).seen_at == before
    past = clock.machine_now() - timedelta(minutes=16)
    with permitted("test"):
        Session.objects.filter(user=elena).update(seen_at=past)

    with CaptureQueriesContext(
        connection,
    ) as first:
        here.get(SECURITY)
    seen = Session.objects.get(user=elena).seen_at
    with CaptureQueriesContext(connection) as second:
        here.get(SECURITY)

    def writes(queries):
        return [one["sql"] for one in queries if one["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]

    (one,) = writes(first)
    assert "session_data" not in one
    assert writes(second) == []
    assert seen > past + timedelta(minutes=15)


def test_a_session_that_is_over_is_not_listed(elena):
    here, other = signed_in(), browser("compte", SAFARI)
    sign_in(other)
    with permitted("test"):
        Session.objects.exclude(session_key=here.session.session_key).update(
            expire_date=clock.machine_now() - timedelta(hours=1)
        )

    assert "Safari" not in text_of(here.get(SECURITY))


def test_changing_the_password_closes_the_others_and_is_told(elena):
    here, other = browser(), browser("compte", SAFARI)
    sign_in(here)
    sign_in(other)

    here.post("/compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": "encore trois petits chats"})

    page = text_of(here.get(SECURITY))
    assert "Safari" not in page
    assert "Mot de passe changé" in page
    assert other.get(SECURITY)["Location"].startswith(SIGN_IN)
    (letter,) = letters()
    assert letter.subject == "Sécurité de votre compte : mot de passe changé"
    assert "http://compte.localhost/compte/securite/" in letter.body
    assert "http://compte.localhost/compte/mot-de-passe/oublie/" in letter.body


def test_a_letter_leaves_once_though_its_task_runs_twice(elena):
    from marelle.jobs.accounts import security_event

    here = signed_in()
    here.post(EVERYWHERE, {"keep": "this"})
    assert len(letters()) == 1
    event = SecurityEvent.objects.get(kind="signed_out_everywhere")

    assert event.told_at
    security_event(event=event.pk)
    assert letters() == []


def test_what_is_old_is_forgotten_each_night(elena):
    from marelle.jobs.accounts import forget_sessions

    here = signed_in()
    here.post(EVERYWHERE, {"keep": "this"})
    past = clock.machine_now() - timedelta(days=366)
    with permitted("test"):
        SecurityEvent.objects.create(user=elena, kind="code_used", happened_at=past)
        Session.objects.create(session_key="passee", session_data="", expire_date=past, seen_at=past)

    forget_sessions(timestamp=0)

    assert [one.kind for one in SecurityEvent.objects.all()] == ["signed_out_everywhere"]
    assert [one.user_id for one in Session.objects.all()] == [elena.pk]


def test_the_page_is_reached_from_the_post_of_an_agent(elena):
    agent = browser("mairie")
    agent.force_login(elena)

    assert SECURITY in text_of(agent.get("/mon-poste/"))
    assert agent.get(SECURITY)["Location"] == f"http://compte.localhost{SECURITY}"


@pytest.mark.parametrize(
    "password", ["azertyuiop12", "Motdepasse2026!", "190519851985", "soleilsoleil", "aaaaaaaaaaaa"]
)
def test_a_long_password_that_anybody_would_try_is_refused(elena, password):
    here = browser()
    sign_in(here)

    said = text_of(here.post("/compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": password}))

    assert 'class="error"' in said
    elena.refresh_from_db()
    assert elena.check_password(PASSWORD)
