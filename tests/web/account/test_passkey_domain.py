"""To which domain passkeys belong: what an operator may write, and what is refused before any browser sees it."""

import os

import pytest

from marelle.config.environment import BadEnvironment, read

TOWN = {"MARELLE_ACCOUNT_HOSTS": "compte.ville.fr,www.compte.ville.fr"}


def domain(said: str, **hosts: str) -> str:
    return read({**os.environ, **TOWN, **hosts, "MARELLE_PASSKEY_DOMAIN": said}).passkey_domain


@pytest.mark.parametrize(
    ("said", "understood"), [("", ""), ("ville.fr", "ville.fr"), (" Ville.FR ", "ville.fr")], ids=repr
)
def test_one_that_stands_above_the_account_site_is_taken(said, understood):
    assert domain(said) == understood


def test_it_may_be_the_very_name_of_the_account_site():
    assert domain("compte.ville.fr") == "compte.ville.fr"


@pytest.mark.parametrize(
    "said", ["autre.fr", "lle.fr", "famille.ville.fr", "x.compte.ville.fr", "fr", "https://ville.fr", ".ville.fr", "*"]
)
def test_any_other_is_refused_in_one_sentence(said):
    with pytest.raises(
        BadEnvironment, match=r"MARELLE_PASSKEY_DOMAIN n'est pas valable : domaine de compte\.ville\.fr attendu"
    ):
        domain(said)


def test_agents_are_asked_for_no_more_than_a_password_unless_said():
    assert not read(os.environ).needs_second_factor
    assert read({**os.environ, "MARELLE_AGENTS_SECOND_FACTOR": "1"}).needs_second_factor
