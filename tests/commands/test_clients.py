"""`marelle clients`, as the operator types it."""

from __future__ import annotations

import re
from argparse import ArgumentParser

import pytest
from allauth.idp.oidc.models import Client

from marelle.commands import clients
from marelle.commands.refusal import Refused
from marelle.domain.accounts.queries import is_secret_of
from marelle.foundation.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def marelle(capsys):
    """Type a line, and read what is answered."""

    def typed(*line):
        parser = ArgumentParser()
        clients.configure(parser)
        assert clients.run(parser.parse_args(line)) == 0
        return capsys.readouterr().out

    return typed


RETURN, LEFT = "https://piscine.example/retour", "https://piscine.example/au-revoir"


def add(marelle, *more):
    return marelle("add", "La piscine", "--redirect-uri", RETURN, "--post-logout-uri", LEFT, *more)


def test_a_site_is_declared_and_its_secret_said_once(marelle):
    said = add(marelle, "--email")

    name, secret = re.search(r"client_id +(\S+)\n +client_secret +(\S+)", said).groups()
    row = Client.objects.get(pk=name)
    assert is_secret_of(row, secret)
    assert secret not in row.secret
    assert (row.get_scopes(), row.skip_consent, row.type) == (["openid", "email"], False, "confidential")
    assert "http://compte.localhost" in said
    assert secret not in str(list(AuditEntry.objects.values()))
    listed = marelle("list")
    assert {name, RETURN, LEFT} <= set(re.split(r"[\s,]+", listed))
    assert secret not in listed


def test_without_being_told_to_it_is_not_given_the_address(marelle):
    add(marelle)

    assert Client.objects.get().get_scopes() == ["openid"]


def test_a_new_secret_voids_the_old(marelle):
    old = re.search(r"client_secret +(\S+)", add(marelle))[1]
    new = re.search(r"client_secret +(\S+)", marelle("secret", Client.objects.get().pk))[1]

    assert [is_secret_of(Client.objects.get(), one) for one in (old, new)] == [False, True]


def test_a_site_is_removed(marelle):
    add(marelle)

    marelle("remove", Client.objects.get().pk)

    assert "Aucun site" in marelle("list")


def test_ours_are_kept_up_to_date_and_left_alone(marelle, settings):
    assert "3 changés" in marelle("own")
    assert "0 changé)" in marelle("own")
    settings.FAMILY_URL = "https://famille.example"
    assert "1 changé)" in marelle("own")
    assert Client.objects.get(pk="famille").get_redirect_uris() == ["https://famille.example/compte/retour/"]
    assert "Aucun site" in marelle("list")

    for action in ("secret", "remove"):
        with pytest.raises(Refused, match="famille"):
            marelle(action, "famille")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param(["add", "X"], "adresse de retour", id="no address"),
        pytest.param(["add", "", "--redirect-uri", RETURN], "nom du site", id="no name"),
        pytest.param(["add", "x" * 101, "--redirect-uri", RETURN], "nom du site", id="long name"),
        pytest.param(["add", "X", "--redirect-uri", "http://piscine.example/"], "https://", id="plain http"),
        pytest.param(["add", "X", "--redirect-uri", "https://*.example/"], "https://", id="asterisk"),
        pytest.param(["add", "X", "--redirect-uri", RETURN, "--post-logout-uri", "x"], "« x »", id="bad leaving"),
        pytest.param(["secret", "inconnu"], "inconnu", id="secret of nobody"),
        pytest.param(["remove", "inconnu"], "inconnu", id="removing nobody"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(marelle, line, said):
    with pytest.raises(Refused, match=said):
        marelle(*line)

    assert not Client.objects.exists()
