"""Forms without the token of their page, hosts that are not ours, ways out of our sites."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from django.core import mail

from marelle.foundation.writes import permitted
from tests.web.attacks.town import ACCOUNT, FAMILY, INVOICES, OFFICE, PASSWORD, each_address, place, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


def test_every_form_without_the_token_of_its_page_is_refused(town):
    users = {FAMILY: town.user, OFFICE: town.agent.user, ACCOUNT: town.user, INVOICES: town.user}
    for one in each_address(town):
        if one.form is None:
            continue
        client = place(one.host, users[one.host], enforce_csrf_checks=True)
        for token in ({}, {"csrfmiddlewaretoken": "x" * 64}, {"csrfmiddlewaretoken": ""}):
            with undone() as statements:
                answer = client.post(one.path, {**one.form, **token}, headers={"origin": "https://mechant.exemple"})
            assert answer.status_code == 403, one.name
            assert not statements
            assert "restée ouverte trop longtemps" in answer.content.decode()


@pytest.mark.parametrize(
    "host",
    [
        "mechant.exemple",
        "famille.localhost.mechant.exemple",
        "famille.localhost@mechant.exemple",
        "famille.localhost:80@mechant.exemple",
        "famille.localhost:x",
        "",
        "a\x00b",
        "famille.localhost/../x",
        "[::1",
    ],
)
def test_a_host_that_is_not_ours_gets_nothing(town, host):
    answer = place(host).get("/", headers={"x-forwarded-host": "mechant.exemple"})

    assert answer.status_code == 400
    assert "mechant" not in answer.content.decode()
    assert answer["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "www.famille.localhost", "www.mairie.localhost"])
@pytest.mark.parametrize(
    "path", ["//mechant.exemple/", "/\\mechant.exemple", "/@mechant.exemple/", "/.mechant.exemple"]
)
def test_a_name_that_moved_leads_to_our_own_sites_only(host, path):
    answer = place(host).generic("GET", path)

    assert re.match(r"http://(famille|mairie)\.localhost(:\d+)?/", answer["Location"])


def test_a_host_in_capitals_is_the_same_site(town):
    assert place("MAIRIE.localhost", town.agent.user).get(f"/{town.slug}/journee/").status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://mechant.exemple",
        "//mechant.exemple",
        "///mechant.exemple",
        "/\\mechant.exemple",
        "\\\\mechant.exemple",
        "http:mechant.exemple",
        "https:///mechant.exemple",
        "javascript:alert(1)",
        "data:text/html,x",
        "//mechant.exemple@famille.localhost",
        "//famille.localhost@mechant.exemple",
        "http://mairie.localhost/",
        "//famille.localhost:9/",
        " //mechant.exemple",
        "\t//mechant.exemple",
        "/\t/mechant.exemple",
    ],
)
@pytest.mark.usefixtures("quick_passwords")
def test_next_never_leads_elsewhere(town, elsewhere):
    with permitted("factory"):
        town.user.set_password(PASSWORD)
        town.user.save()
    sent = {"login": town.user.email, "password": PASSWORD, "next": elsewhere}
    signed_in = place(FAMILY, town.user)

    answers = [
        place(ACCOUNT).post("/compte/connexion/", sent),
        place(ACCOUNT).post(f"/compte/connexion/?next={quote(elsewhere)}", {**sent, "next": ""}),
        place(ACCOUNT, town.user).get("/compte/connexion/", {"next": elsewhere}),
        place(ACCOUNT, town.user).post("/compte/deconnexion/", {"next": elsewhere}),
        signed_in.get("/compte/connexion/", {"next": elsewhere}),
    ]

    for answer in answers:
        assert answer.status_code == 302
        assert re.match(r"/(?![/\\\t])", answer["Location"]), answer["Location"]


def test_the_link_of_a_forgotten_password_leads_to_our_own_name_and_port(town):
    place(f"{ACCOUNT}:6666").post("/compte/mot-de-passe/oublie/", {"email": town.user.email})
    links = re.findall(r"https?://\S+", mail.outbox[0].body)
    assert links
    assert all(link.startswith("http://compte.localhost/") for link in links), links
