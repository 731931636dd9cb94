"""What each of the two asks for: lengths, compulsory parameters, scopes, and how it names a person.

From the published sources of FranceConnect (france-connect/sources) and the documentation of ProConnect for service
providers (numerique-gouv/proconnect-documentation). Neither takes a parameter that it does not know: PKCE's among them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

PEOPLE = Path(__file__).with_name("people.yaml")
FRANCE = "99100"
SECRET = "un-secret-de-doublure"  # noqa: S105  it hides nobody
IDENTITY = ("given_name", "given_name_array", "family_name", "birthdate", "gender", "birthplace", "birthcountry")
Person = Mapping[str, Any]


@dataclass(frozen=True)
class Profile:
    """One of the two providers."""

    name: str
    title: str
    nonce_length: int
    state_length: int
    parameters: frozenset[str]
    acr: str  # compulsory when it is not empty
    scopes: Mapping[str, tuple[str, ...]]
    prompts: tuple[str, ...]
    session_seconds: int
    is_remembered: bool  # a second service is entered without choosing again
    subject: Callable[[str, Person], str] = field(repr=False)


def _pairwise(client: str, person: Person) -> str:
    """Return what one service knows a person by: another service, or another pivot identity, and it is another."""
    said = [name for name in IDENTITY if name != "birthplace" or person.get("birthcountry") == FRANCE]
    identity = hashlib.sha256(json.dumps([person.get(name) for name in said]).encode()).hexdigest()
    return hashlib.sha256(f"{client}{identity}{SECRET}".encode()).hexdigest() + "v1"


def _by_provider(_client: str, person: Person) -> str:
    """Return what her employer's identity provider calls a person, the same for every service."""
    return hashlib.sha256(f"{person.get('idp_id', '')}{person['uid']}{SECRET}".encode()).hexdigest()


_ASKED = frozenset(
    {"client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "acr_values", "claims", "prompt"}
)

FRANCECONNECT = Profile(
    name="franceconnect",
    title="FranceConnect",
    nonce_length=22,
    state_length=1,
    parameters=_ASKED | {"idp_hint"},
    acr="eidas1",
    scopes={
        "openid": ("sub",),
        "identite_pivot": IDENTITY,
        "profile": ("given_name", "given_name_array", "family_name", "birthdate", "gender", "preferred_username"),
        "birth": ("birthplace", "birthcountry"),
        "given_name": ("given_name", "given_name_array"),
        "family_name": ("family_name",),
        "gender": ("gender",),
        "birthdate": ("birthdate",),
        "birthplace": ("birthplace",),
        "birthcountry": ("birthcountry",),
        "email": ("email",),
        "preferred_username": ("preferred_username",),
        "cnaf_quotient_familial": (),
        "cnaf_allocataires": (),
        "cnaf_enfants": (),
        "cnaf_adresse": (),
    },
    prompts=("login", "consent"),
    session_seconds=30 * 60,
    is_remembered=False,
    subject=_pairwise,
)
PROCONNECT = Profile(
    name="proconnect",
    title="ProConnect",
    nonce_length=32,
    state_length=32,
    parameters=_ASKED | {"idp_hint", "login_hint"},
    acr="",
    scopes={
        name: ("sub",) if name == "openid" else (name,)
        for name in (
            "openid",
            "given_name",
            "usual_name",
            "email",
            "uid",
            "siret",
            "siren",
            "organizational_unit",
            "belonging_population",
            "phone",
            "chorusdt",
            "idp_id",
            "custom",
        )
    },
    prompts=("login", "none"),
    session_seconds=12 * 3600,
    is_remembered=True,
    subject=_by_provider,
)
PROFILES = {profile.name: profile for profile in (FRANCECONNECT, PROCONNECT)}


def people_of(profile: Profile) -> dict[str, Person]:
    """Return the fictional people of a profile, by a short name."""
    people: dict[str, Person] = YAML(typ="safe").load(PEOPLE)[profile.name]
    return people
