"""The task of agents: how to come in, told to whoever was just appointed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.accounts.models import Agent
from marelle.domain.accounts.queries import identities_of
from marelle.jobs.tasks import for_authority
from marelle.letters import about_posts
from marelle.letters.sending import send_to_address

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority


@for_authority("letters.agent_appointed")
def agent_appointed(authority: Authority, *, agent: int) -> None:
    """Will write to an agent how to come in, unless her post or her account was closed meanwhile."""
    row = Agent.objects.select_related("user").filter(pk=agent, is_active=True, user__is_active=True).first()
    if row is None:
        return
    has_other_way = identities_of(row.user_id).exists()
    draft = about_posts.appointed(row, authority, has_other_way=has_other_way)
    send_to_address(row.user.email, draft, name=f"agent_appointed.{row.pk}")
