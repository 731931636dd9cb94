"""Which sites people may be sent to, and by what name a site of others knows them."""

from __future__ import annotations

import pytest

from marelle.domain.accounts.rules.clients import is_good_address, is_own, pairwise


@pytest.mark.parametrize(
    "address",
    [
        "https://piscine.example/retour",
        "https://piscine.example:8443/retour?site=1",
        "https://piscine.example",
        "http://localhost:3000/callback",
        "http://famille.localhost:8000/compte/retour/",
        "http://127.0.0.1:9/x",
        "http://[::1]:9/x",
    ],
)
def test_people_may_be_sent_to_a_whole_address_of_https_or_of_their_own_machine(address):
    assert is_good_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "piscine.example",
        "//piscine.example/retour",
        "http://piscine.example/retour",
        "http://localhost.piscine.example/",
        "http://notlocalhost/",
        "https://",
        "https:///retour",
        "https://*.piscine.example/retour",
        "https://piscine.example/*",
        "https://piscine.example/retour#x",
        "https://elena@piscine.example/retour",
        "https://piscine.example@pirate.example/",
        "https://piscine.example:port/",
        "https://piscine.example:99999/",
        "https://piscine.example/re tour",
        "https://piscine.example/retour\n",
        "https://piscine.example/é",
        "https://[::1/",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://piscine.example/",
        "HTTPS://piscine.example/",
        f"https://piscine.example/{'x' * 500}",
    ],
)
def test_nor_to_anything_else(address):
    assert not is_good_address(address)


def test_ours_are_ours():
    assert [is_own(name) for name in ("famille", "mairie", "factures", "piscine", "")] == [True] * 3 + [False] * 2


def test_two_sites_cannot_tell_that_they_know_the_same_person():
    names = {pairwise(salt, person) for salt in ("one", "two") for person in ("elena", "david")}

    assert len(names) == 4
    assert pairwise("one", "elena") in names
    assert all(len(name) == 32 for name in names)
