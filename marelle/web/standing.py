"""An agent in a family's place: she sees what it sees, by her rights, for half an hour, and changes nothing.

The session of the families' site keeps where she stands; it opens to her account alone. Her post, her rights and the
family are looked up again at each page, so that what ends in the office ends here. What belongs to a person and not to
a family (drafts and requests, the account) is never shown, nor what her post may not see in the office.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.urls import reverse

from marelle.domain.accounts.models import Grant
from marelle.domain.accounts.queries import agents_of
from marelle.domain.accounts.rules.roles import SENSITIVE, gives
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Guardian, Membership
from marelle.domain.reservations.queries.families import families_within
from marelle.domain.reservations.queries.reach import reach_of
from marelle.foundation import clock, tenancy
from marelle.foundation.derived_secrets import sealed, unsealed

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.domain.accounts.models import Agent, User

PURPOSE: Final = "place"
SESSION_KEY: Final = "place"
LASTS: Final = timedelta(minutes=30)
# From the office's button to the families' site: the time to be signed in there too.
LINK_LASTS: Final = timedelta(minutes=5)
_RESERVATIONS: Final = frozenset({Grant.Role.MANAGE_RESERVATIONS.value})
_BILLS: Final = frozenset({Grant.Role.MANAGE_BILLING.value})
# The pages of the families' site that may be seen from their place, and the rights that each one asks for.
PAGES: Final = {
    **dict.fromkeys(
        ("news", "calendar", "calendar_square", "period", "reglement", "absence", "basket", "confirmation", "custody"),
        _RESERVATIONS,
    ),
    **dict.fromkeys(("invoices", "invoices_paid", "invoice", "invoice_pdf", "payments", "wallet"), _BILLS),
    **dict.fromkeys(
        ("profile", "profile_guardians", "profile_children", "profile_child", "profile_pickups"),
        _RESERVATIONS | SENSITIVE,
    ),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an agent stands: in whose place, and the rights she has in the office. `ends_at` is machine time."""

    agent: Agent
    membership: Membership
    roles: frozenset[str]
    minutes_left: int

    def sees(self, page: str) -> bool:
        """Will tell whether her rights let her see this page (name of its address)."""
        asked = PAGES.get(page)
        return asked is not None and all(gives(self.roles, role) for role in asked)


def link_to_place(agent: Agent, guardian: Guardian) -> str:
    """Will return what the office's button carries to the families' site, for that agent alone."""
    return sealed(PURPOSE, json.dumps([agent.user.public_id, guardian.public_id, clock.machine_now().timestamp()]))


def guardian_of_link(link: str, user: User) -> str | None:
    """Will return the guardian (public id) that a link names; None when it is not for this account, or too old."""
    text = unsealed(PURPOSE, link, days=1)
    if text is None:
        return None
    account, guardian, made_at = json.loads(text)
    is_fresh = clock.machine_now().timestamp() - made_at <= LINK_LASTS.total_seconds()
    return guardian if is_fresh and account == user.public_id else None


def stand(request: HttpRequest, guardian: str) -> None:
    """Will keep in the session in whose place its agent stands."""
    request.session[SESSION_KEY] = [guardian, clock.machine_now().timestamp()]


def step_back(request: HttpRequest) -> str | None:
    """Will forget it; returns whose place it was (public id of the guardian)."""
    kept = request.session.pop(SESSION_KEY, None)
    return kept[0] if kept else None


def standing_of(request: HttpRequest, authority: str) -> Standing | None:
    """Will return in whose place the account of the request stands at an authority (slug); None in nobody's."""
    kept = request.session.get(SESSION_KEY)
    if not kept:
        return None
    guardian, since = kept
    left = since + LASTS.total_seconds() - clock.machine_now().timestamp()
    return find_standing(request.user, authority, guardian, minutes_left=round(left / 60)) if left > 0 else None  # type: ignore[arg-type]  # signed in


def find_standing(user: User, authority: str, guardian: str, *, minutes_left: int) -> Standing | None:
    """Will return what an account may see in a guardian's place; None when its post does not reach her family."""
    with tenancy.every_authority():
        agent = agents_of(user.pk).filter(authority__slug=authority).first()
    if agent is None:
        return None
    roles = frozenset(agent.roles)  # type: ignore[attr-defined]  # annotated by agents_of
    with tenancy.scope({agent.authority_id}):
        reach = reach_of(agent, Grant.Role.MANAGE_RESERVATIONS, offer_of(agent.authority))
        found = Guardian.objects.filter(public_id=guardian, family__in=families_within(reach)).first()
        if found is None:
            return None
        rows = Membership.objects.select_related("authority", "family", "guardian", "user")
        membership = rows.filter(guardian=found).order_by("pk").first() or Membership(
            # Nobody has an account for her yet: she would see the same, and have no basket.
            authority=agent.authority,
            family=found.family,
            guardian=found,
            user=user,
        )
    return Standing(agent, membership, roles, max(1, minutes_left))


def office_address(standing: Standing, office: str) -> str:
    """Will return the page of the family at the office (address of the site given)."""
    at = {"authority": standing.agent.authority.slug, "family": standing.membership.family.public_id}
    return office + reverse("office_family", "marelle.config.urls_office", kwargs=at)
