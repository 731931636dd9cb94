"""Where personal data must not go: logs, cookies, the journal, the queue, addresses."""

from __future__ import annotations

import io
import logging
import re

import pytest
from django.db import IntegrityError, connection
from django.urls import reverse

from marelle.foundation.discreet_logs import DiscreetFormatter
from tests.web.attacks.town import ACCOUNT, FAMILY, OFFICE, URLS, addresses, place, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


def test_a_failure_is_logged_without_what_was_sent_nor_the_row_it_failed_on(town, monkeypatch):
    def fail(*args, **kwargs):
        message = "duplicate key value\nDETAIL:  Failing row contains (12, Bobby, 2017-04-09,\n bobby@exemple.fr).\n"
        raise IntegrityError(message)

    monkeypatch.setattr("marelle.web.family.profile.views.change_profile", fail)
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(DiscreetFormatter("%(message)s"))
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])

    answer = place(FAMILY, town.user).post(
        f"/{town.slug}/profil/?nom=Bobby", {"email": "bobby@exemple.fr", "phone": "06 12 34 56 78"}
    )

    assert answer.status_code == 500
    assert answer["X-Reference"] in answer.content.decode()
    log = written.getvalue()
    assert f"unexpected failure {answer['X-Reference']}: POST profile" in log
    assert "IntegrityError: duplicate key value" in log
    for secret in ("Bobby", "bobby", "06 12", "2017-04-09", town.user.email):
        assert secret not in log


def test_signing_in_leaves_nothing_in_the_log(town, caplog):
    caplog.set_level(logging.INFO)

    place(ACCOUNT).post("/compte/connexion/", {"login": "bobby@exemple.fr", "password": "le secret"})
    place(ACCOUNT).post("/compte/mot-de-passe/oublie/", {"email": "bobby@exemple.fr"})

    assert "bobby" not in caplog.text
    assert "le secret" not in caplog.text


def test_cookies_hold_a_session_and_a_token_and_no_word(town):
    client = place(FAMILY, town.user)

    removal = f"{town.child.public_id}.{town.meal.public_id}.reserve"
    client.post(f"/{town.slug}/panier/retirer/", {"remove": removal})

    assert set(client.cookies) <= {"session", "csrf"}
    assert client.cookies["session"]["httponly"]
    assert client.cookies["session"]["samesite"] == "Lax"
    assert "Retiré du panier" in client.get(f"/{town.slug}/reservations/").content.decode()


def test_the_journal_and_the_queue_hold_keys_codes_and_amounts_only(town):
    family, office, at = place(FAMILY, town.user), place(OFFICE, town.agent.user), f"/{town.slug}"
    known = addresses(town)
    with undone():
        family.post(f"{at}/profil/", {"email": "bobby@exemple.fr", "phone": "06 12 34 56 78"})
        family.post(f"{at}/panier/valider/", {**known["basket_confirm"][2], "words": "des mots de Bobby"})
        family.post(f"{at}/reservations/", {"wait": town.square(product=town.full)})
        for name in (
            "office_answer_cancellation",
            "office_held_place",
            "office_sheet",
            "office_cancel",
            "office_reserve",
        ):
            _who, kwargs, form, _query = known[name]
            office.post(reverse(name, urlconf=URLS[OFFICE], kwargs=kwargs), form)
        with connection.cursor() as cursor:
            cursor.execute("SELECT verb, details::text FROM foundation_auditentry")
            journal = cursor.fetchall()
            cursor.execute("SELECT task_name, args::text FROM procrastinate_jobs")
            queue = cursor.fetchall()

    assert len(journal) >= 7
    assert len(queue) >= 4
    for name, facts in (*journal, *queue):
        assert not re.search(r"obby|exemple|06 12|parce|mots|non\"", facts), name
