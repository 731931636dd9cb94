"""A new address: asked from inside, confirmed at both, and nothing said of who has which."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import EmailChange, Session
from marelle.foundation import clock
from marelle.foundation.writes import permitted
from tests.web.account.people import (
    CONFIRM,
    SAFARI,
    SECURITY,
    SIGN_IN,
    browser,
    letters,
    link_of,
    make_person,
    sign_in,
    signed_in,
    text_of,
)

pytestmark = pytest.mark.django_db
ASK = "/compte/securite/adresse/"
NEW = "nouvelle@exemple.fr"


@pytest.fixture
def elena():
    return make_person()


def asked(client, email: str = NEW) -> dict[str, str]:
    """Ask, and return the link that each address received."""
    assert client.post(ASK, {"email": email})["Location"] == SECURITY
    return {letter.to[0]: link_of(letter) for letter in letters()}


def test_nothing_changes_before_both_have_confirmed(elena):
    here = signed_in()
    links = asked(here, "Nouvelle@Exemple.fr")
    assert set(links) == {"elena@exemple.fr", NEW}
    anybody = browser()

    assert "C’est noté, il en manque une" in text_of(anybody.post(links[NEW]))
    elena.refresh_from_db()
    assert elena.email == "elena@exemple.fr"
    assert "Il manque la confirmation à l’adresse actuelle" in text_of(here.get(SECURITY))

    assert "Votre adresse est changée" in text_of(anybody.post(links["elena@exemple.fr"]))
    elena.refresh_from_db()
    assert elena.email == NEW
    told = letters()
    assert {letter.to[0] for letter in told} == {"elena@exemple.fr", NEW}
    assert {letter.subject for letter in told} == {"Sécurité de votre compte : adresse changée"}


def test_then_only_the_new_one_opens_the_account_and_every_device_is_closed(elena):
    with permitted("test"):
        EmailAddress.objects.create(user=elena, email="elena@exemple.fr", verified=True, primary=True)
    here = signed_in()
    links = asked(here)
    for link in links.values():
        here.post(link)

    assert here.get(SECURITY)["Location"].startswith(SIGN_IN)
    assert not Session.objects.filter(user=elena).exists()
    assert "Adresse ou mot de passe inconnus" in text_of(sign_in(browser()))
    assert sign_in(browser(), NEW).status_code == 302


def test_a_program_that_follows_links_spends_nothing(elena):
    links = asked(signed_in())
    scanner = browser(user_agent="scanner")

    with CaptureQueriesContext(connection) as seen:
        pages = [text_of(scanner.get(link)) for link in links.values()]

    assert all("Confirmer cette adresse" in page for page in pages)
    assert not [one for one in seen if "accounts_emailchange" in one["sql"] and "UPDATE" in one["sql"]]
    assert EmailChange.objects.get().old_confirmed_at is None


def test_confirming_twice_at_one_address_is_not_both(elena):
    links = asked(signed_in())
    there = browser()
    there.post(links[NEW])

    assert "il en manque une" in text_of(there.post(links[NEW]))
    assert "il en manque une" in text_of(there.get(links[NEW]))
    elena.refresh_from_db()
    assert elena.email == "elena@exemple.fr"


@pytest.mark.parametrize("spoil", ["the side", "the signature", "the name"])
def test_a_link_that_we_did_not_sign_is_not_followed(elena, spoil):
    link = asked(signed_in())[NEW].strip("/").rpartition("/")[2]
    name, side, signature = link.split("-")
    link = {
        "the side": f"{name}-ancienne-{signature}",
        "the signature": f"{name}-{side}-{'0' * len(signature)}",
        "the name": f"000000000000-{side}-{signature}",
    }[spoil]

    answer = browser().post(f"/compte/adresse/{link}/")

    assert answer.status_code == 410
    assert "Ce lien ne sert plus" in text_of(answer)
    assert EmailChange.objects.get().new_confirmed_at is None


def test_after_two_days_it_is_over(elena):
    links = asked(signed_in())
    past = clock.machine_now() - timedelta(seconds=1)
    with permitted("test"):
        EmailChange.objects.update(expires_at=past)

    assert [browser().get(link).status_code for link in links.values()] == [410, 410]
    assert [browser().post(link).status_code for link in links.values()] == [410, 410]


def test_abandoned_its_links_serve_no_more(elena):
    here = signed_in()
    links = asked(here)

    assert "est abandonné" in text_of(here.post(f"{ASK}abandonner/", follow=True))
    assert browser().post(links[NEW]).status_code == 410
    assert "attend" not in text_of(here.get(SECURITY))


def test_a_second_one_takes_the_place_of_the_first(elena):
    here = signed_in()
    first = asked(here)
    second = asked(here, "autre@exemple.fr")

    assert browser().post(first[NEW]).status_code == 410
    for link in second.values():
        browser().post(link)
    elena.refresh_from_db()
    assert elena.email == "autre@exemple.fr"


def test_an_address_that_has_an_account_is_answered_alike_and_only_its_reader_is_told(elena):
    make_person(NEW)
    here, other = signed_in(), None
    taken = text_of(here.post(ASK, {"email": NEW}, follow=True))
    told = {letter.to[0]: letter for letter in letters()}
    other = signed_in(user_agent=SAFARI)
    free = text_of(other.post(ASK, {"email": "libre@exemple.fr"}, follow=True))

    assert "Deux courriels sont partis" in taken
    assert "Deux courriels sont partis" in free
    assert told[NEW].subject == "Cette adresse a déjà un compte"
    assert "/compte/adresse/" not in told[NEW].body
    assert "/compte/adresse/" in told["elena@exemple.fr"].body


def test_an_address_taken_meanwhile_stays_whose_it_is(elena):
    links = asked(signed_in())
    make_person(NEW)
    browser().post(links[NEW])

    assert browser().post(links["elena@exemple.fr"]).status_code == 410
    elena.refresh_from_db()
    assert elena.email == "elena@exemple.fr"
    assert EmailChange.objects.get().old_confirmed_at is None


def test_the_reader_of_the_new_address_does_not_learn_the_old_one(elena):
    links = asked(signed_in())

    assert "elena@exemple.fr" not in text_of(browser().get(links[NEW]))


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("", "Indiquez votre nouvelle adresse."),
        ("pas une adresse", "Vérifiez cette adresse"),
        ("Elena@exemple.fr", "C’est déjà l’adresse de votre compte."),
        (f"{'a' * 250}@exemple.fr", "caractères"),
    ],
)
def test_what_is_not_a_new_address_is_said_and_nothing_is_written(elena, email, said):
    answer = signed_in().post(ASK, {"email": email})

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not EmailChange.objects.exists()


def test_it_asks_who_one_is_and_five_times_an_hour_at_most(elena):
    left_open = browser()
    sign_in(left_open)
    assert left_open.post(ASK, {"email": NEW})["Location"].startswith(CONFIRM)
    assert not EmailChange.objects.exists()
    here = signed_in()

    statuses = [here.post(ASK, {"email": f"n{n}@exemple.fr"}).status_code for n in range(6)]

    assert statuses == [302] * 5 + [429]


def test_letters_lead_to_the_account_site(elena):
    signed_in().post(ASK, {"email": NEW})

    assert all("http://compte.localhost/compte/adresse/" in letter.body for letter in letters())
