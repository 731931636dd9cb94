"""What an account holds at every authority: to show before two are merged, and for the rule that allows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from marelle.domain.accounts.models import Agent
from marelle.domain.billing.models import FollowedAccount, HiddenInvoice
from marelle.domain.families.models import JoinRequest, Membership
from marelle.domain.families.queries import memberships_of
from marelle.domain.families.queries.removals import families_shut_to
from marelle.domain.payments.models import PaymentAttempt
from marelle.domain.payments.rules.merging import Held
from marelle.domain.reservations.models import BasketLine
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Holding:
    """What an account (key) holds, as rows to show.

    `lines` counts what its basket holds, by family; `requests` are the authorities (keys) whose answer it awaits;
    `shut` the families (keys) that it is kept out of.
    """

    user: int
    memberships: tuple[Membership, ...]
    posts: tuple[Agent, ...]
    lines: Mapping[int, int]
    requests: Mapping[int, str]
    followed: int
    hidden: int
    is_paying: bool
    shut: frozenset[int]

    @property
    def held(self) -> Held:
        """Will return the facts of it that the rule judges."""
        return Held(
            guardians={row.family_id: row.guardian_id for row in self.memberships},
            posts={row.authority_id: row.is_active for row in self.posts},
            is_paying=self.is_paying,
            shut=self.shut,
        )


def holding_of(user: int) -> Holding:
    """Will return what an account (key) holds. Nine statements, whatever there is."""
    with tenancy.every_authority():
        lines = BasketLine.objects.filter(basket__user=user).values_list("basket__family").annotate(Count("pk"))
        waiting = JoinRequest.objects.filter(user=user, state=JoinRequest.State.WAITING)
        posts = Agent.objects.filter(user=user).select_related("authority").order_by("authority__name", "pk")
        return Holding(
            user=user,
            memberships=tuple(memberships_of(user)),
            posts=tuple(posts.defer("authority__logo", "authority__palette_css")),
            lines=dict(lines),
            requests=dict(waiting.order_by("pk").values_list("authority", "authority__name")),
            followed=FollowedAccount.objects.filter(user=user).count(),
            hidden=HiddenInvoice.objects.filter(user=user).count(),
            is_paying=PaymentAttempt.objects.open().filter(user=user).exists(),
            shut=families_shut_to([user]),
        )
