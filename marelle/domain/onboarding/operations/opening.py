"""A town opens its space: an authority with its calendar, its procedures and who will set it up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from marelle.domain.accounts.models import Grant, User
from marelle.domain.accounts.operations.people import open_account, save_agents, save_grants
from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Said, save_authority
from marelle.domain.catalog.operations.calendar import seed_calendar
from marelle.domain.onboarding.models import OpeningLink
from marelle.domain.onboarding.queries.opening import PURPOSE, ForWhom
from marelle.domain.onboarding.rules.opening_town import LINK_DAYS, is_slug, proposed_slug, timezone_of
from marelle.domain.procedures.operations.ready import load_ready
from marelle.foundation import audit, tenancy
from marelle.foundation.actors import Actor
from marelle.foundation.derived_secrets import digest_of_token, sealed
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.school_days import FOUR_DAY_WEEK
from marelle.foundation.writes import operation

# What became of a link is known that long, so that whoever opens it again is told; then its row goes.
KEPT_DAYS: Final = 90


class OpeningLinkUsedError(Exception):
    """The link has opened a town already, or is none. Nothing was written."""


class SlugTakenError(Exception):
    """Another authority has this name in addresses, or the site does. Nothing was written."""


@dataclass(frozen=True, slots=True)
class NewTown:
    """What is said of a town that opens. Without a `slug`, one is made of the name.

    `school_zone` is A, B, C, or empty for a calendar of its own; `contact` how to reach the town hall, by field.
    """

    name: str
    kind: str
    department: str
    school_zone: str
    slug: str = ""
    insee_code: str = ""
    siret: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    """Who will set the town up, and with which password, which an account that exists already does not take."""

    name: str
    email: str
    password: str


@operation
def make_opening_link(whom: ForWhom, *, by: Actor, at: datetime) -> str:
    """Will return the token of a link, good for two days, of which the database keeps a digest. `at` is the machine's.

    Those that nobody can follow any more are forgotten.
    """
    OpeningLink.objects.filter(created_at__lt=at - timedelta(days=KEPT_DAYS)).delete()
    OpeningLink.objects.filter(created_at__lt=at - timedelta(days=LINK_DAYS), opened="").delete()
    said = [whom.email.strip().lower(), whom.name.strip(), new_public_id()]
    token = sealed(PURPOSE, json.dumps(said))
    row = OpeningLink.objects.create(token_digest=digest_of_token(token), created_at=at)
    audit.record("make_opening_link", authority=None, of="openinglink", key=row.pk, by=by, at=at)
    return token


@operation
def open_authority(
    town: NewTown, administrator: FirstAdministrator, *, link: str | None = None, by: Actor, at: datetime
) -> Authority:
    """Will make an authority, not open to the public yet, with its calendar and procedures, and its administrator.

    `link` is the token that is used up by it; None for whoever needs none. The account of an address that has one is
    left as it is. What is said here counts as said by a first file: `load` may say otherwise, until the office does.
    Raises OpeningLinkUsedError, SlugTakenError.
    """
    row = None
    if link is not None:
        row = OpeningLink.objects.select_for_update().filter(token_digest=digest_of_token(link), opened="").first()
        if row is None:
            raise OpeningLinkUsedError
    slug = town.slug or proposed_slug(town.name, town.department, _is_taken)
    if not is_slug(slug) or _is_taken(slug):
        raise SlugTakenError
    said = {
        "name": town.name,
        "kind": town.kind,
        "department": town.department,
        "school_zone": town.school_zone,
        "insee_code": town.insee_code,
        "siret": town.siret,
        "timezone": timezone_of(town.department),
        "taught_weekdays": sorted(FOUR_DAY_WEEK),
        "is_open": False,
        **town.contact,
    }
    authority, _ = save_authority(Said((slug,), said), by=by, at=at)
    with tenancy.scope({authority.pk}):
        seed_calendar(authority, by=by, at=at)
        load_ready(authority, by=by, at=at)
        _appoint(authority, administrator, by=by, at=at)
    if row is not None:
        row.opened = slug
        row.save(update_fields=["opened"])
    audit.record("open_authority", authority=authority.pk, of="authority", key=authority.pk, by=by, at=at)
    return authority


def _is_taken(slug: str) -> bool:
    return Authority.objects.filter(slug=slug).exists()


def _appoint(authority: Authority, administrator: FirstAdministrator, *, by: Actor, at: datetime) -> None:
    email = administrator.email.strip().lower()
    user = User.objects.filter(email=email).first() or open_account(email, administrator.password, by=by, at=at)
    agents = save_agents(authority, [Said((user.pk,), {"name": administrator.name})], by=by, at=at)
    (agent,) = agents.rows.values()
    save_grants(authority, [Said((agent.pk, str(Grant.Role.ADMINISTER), None, ""))], by=by, at=at)
