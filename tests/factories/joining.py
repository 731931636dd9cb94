"""Guardians without an account, and the links and codes that they hold."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

from marelle.domain.families.models import Family, Guardian, Invitation, JoinRequest, MembershipCode
from marelle.foundation import clock, tenancy
from marelle.foundation.writes import permitted

_number = itertools.count(1)


def make_guardian(authority, first_name="Léa", *, family=None, email=None, name="Martin", **fields) -> Guardian:
    """Make a guardian without an account, in a family of its own unless one is given; `email=""` for none."""
    number = next(_number)
    with permitted("factory"), tenancy.scope({authority.pk}):
        if family is None:
            family = Family.objects.create(authority=authority, name=name, code=f"sans-compte-{number}")
        return Guardian.objects.create(
            authority=authority,
            family=family,
            first_name=first_name,
            last_name=name,
            email=f"responsable-{number}@exemple.fr" if email is None else email,
            **fields,
        )


def make_invitation(guardian, *, days=14, **fields) -> Invitation:
    """Make the link that a guardian was sent just now."""
    now = clock.machine_now()
    link = Invitation(
        authority_id=guardian.authority_id,
        family_id=guardian.family_id,
        guardian=guardian,
        email=guardian.email,
        created_at=now,
        expires_at=now + timedelta(days=days),
        **{"sent_at": now, **fields},
    )
    link.keep_digest()
    with permitted("factory"), tenancy.scope({guardian.authority_id}):
        link.save()
    return link


def make_code(guardian, *, delivery="letter", days=60, **fields) -> MembershipCode:
    """Make the code that a guardian may type."""
    now = clock.machine_now()
    code = MembershipCode(
        authority_id=guardian.authority_id,
        family_id=guardian.family_id,
        guardian=guardian,
        delivery=delivery,
        email=guardian.email if delivery == "mail" else "",
        created_at=now,
        expires_at=now + timedelta(days=days),
        **fields,
    )
    code.keep_digest()
    with permitted("factory"), tenancy.scope({guardian.authority_id}):
        code.save()
    return code


def make_join_request(authority, user, **fields) -> JoinRequest:
    """Make a request of an account that waits for an answer."""
    values = {
        "first_name": "Paul",
        "last_name": "Durand",
        "child_first_name": "Zoé",
        "child_last_name": "Durand",
        "child_birth_date": date(2018, 5, 6),
        "asked_at": clock.machine_now(),
        **fields,
    }
    with permitted("factory"), tenancy.scope({authority.pk}):
        return JoinRequest.objects.create(authority=authority, user=user, **values)
