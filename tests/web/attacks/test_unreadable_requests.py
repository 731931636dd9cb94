"""Requests that cannot even be read."""

from __future__ import annotations

import io

import pytest

from tests.web.attacks.town import FAMILY, place, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


@pytest.mark.parametrize(
    "attack",
    [
        lambda client, path: client.get(path, headers={"content-type": "text/plain; charset=hex"}),
        lambda client, path: client.get(
            f"{path}?site=%5Cud800", headers={"content-type": "text/plain; charset=unicode_escape"}
        ),
        lambda client, path: client.generic(
            "POST", path, "was=%5Cud800", "application/x-www-form-urlencoded; charset=utf-7"
        ),
        lambda client, path: client.generic("POST", path, "x", "multipart/form-data; boundary=x; charset=hex"),
        lambda client, path: client.generic("POST", path, "--x\r\n", "multipart/form-data"),
        lambda client, path: client.post(path, {f"n{n}": "" for n in range(12_001)}),
        lambda client, path: client.post(path, {"na\x00me": "x"}),
        lambda client, path: client.get(f"{path}?na%00me=x"),
        lambda client, path: client.get(path, headers={"cookie": 'session="aaaaaaaaaaaaaaaa\\000"'}),
    ],
    ids=[
        "a charset that is not one",
        "halves of characters asked for",
        "UTF-7",
        "a charset of parts",
        "no boundary",
        "12,001 fields",
        "NUL in a field's name",
        "NUL in a query's name",
        "NUL in a cookie, in octal",
    ],
)
@pytest.mark.parametrize("path", ["/", "/compte/connexion/", "/{slug}/reservations/"])
def test_a_request_that_cannot_be_read_is_refused_before_anybody_reads_it(town, path, attack):
    with undone() as statements:
        answer = attack(place(FAMILY, town.user), path.format(slug=town.slug))

    assert answer.status_code == 400
    assert "Cette demande n’a pas été comprise" in answer.content.decode()
    assert not statements


@pytest.mark.parametrize("as_sent", [str, lambda text: io.BytesIO(text.encode())], ids=["a long body", "a large file"])
@pytest.mark.parametrize("path", ["/", "/compte/connexion/", "/{slug}/reservations/"])
def test_a_request_that_weighs_too_much_is_refused_before_anybody_reads_it(town, path, as_sent):
    with undone() as statements:
        answer = place(FAMILY, town.user).post(path.format(slug=town.slug), {"was": as_sent("x" * 2_700_000)})

    assert answer.status_code == 413
    assert "Cet envoi est trop lourd" in answer.content.decode()
    assert not statements


@pytest.mark.parametrize(
    "kind", ["application/json", "text/xml", "", "application/x-www-form-urlencoded; charset=UTF-8"]
)
def test_another_kind_of_content_is_an_empty_form(town, kind):
    before = town.rows()

    answer = place(FAMILY, town.user).generic("POST", f"/{town.slug}/panier/valider/", '{"key": "x"}', kind)

    assert answer.status_code == 409
    assert town.rows() == before


@pytest.mark.parametrize("broken", ["%ff%fe", "%ed%a0%80", "%c0%80", "%", "%zz"])
def test_bytes_that_are_no_text_find_nothing(town, broken):
    client = place(FAMILY, town.user)

    assert client.generic("GET", f"/{town.slug}/actualites/{broken}/").status_code == 404
    assert (
        client.generic("GET", f"/{town.slug}/reservations/", QUERY_STRING=f"site={broken}&semaine={broken}").status_code
        == 200
    )
