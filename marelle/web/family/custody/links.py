"""The ways to the calendars of custody from other screens, and what waits there for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.reservations.models import CustodyProposal
from marelle.domain.reservations.queries.custody import waiting_proposals
from marelle.domain.reservations.rules.custody_sentences import of_name
from marelle.foundation.french_dates import in_full
from marelle.web.family.custody import wording
from marelle.web.family.custody.finding import url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marelle.domain.families.models import Child
    from marelle.web.doors import FamilyVisit


def custody_links(visit: FamilyVisit, children: Iterable[Child]) -> list[tuple[str, str]]:
    """Will return a way to the calendar of each of these children, who live in two homes."""
    if visit.standing is not None and not visit.standing.sees("custody"):
        return []
    return [
        (str(wording.CALENDAR_OF).format(child=child.first_name), url(visit, "custody", child=child.public_id))
        for child in children
    ]


def proposals_to_answer(visit: FamilyVisit) -> list[tuple[str, str]]:
    """Will return what the other home asked of this one and is not answered; nothing to an agent in its place."""
    if visit.standing is not None:
        return []
    return [
        (what_is_asked(one, visit.family.pk), url(visit, "custody_proposal", proposal=one.public_id))
        for one in waiting_proposals([visit.family.pk], on=visit.today)
        if one.to_home_id == visit.family.pk
    ]


def what_is_asked(proposal: CustodyProposal, family: int) -> str:
    """Will say in a sentence what a proposal asks, as a home (key) reads it."""
    sentence = (wording.WE_ASKED if proposal.from_home_id == family else wording.ASKED_US)[
        CustodyProposal.Kind(proposal.kind)
    ]
    day = in_full(proposal.starts_on, year=True) if proposal.starts_on else ""
    return str(sentence).format(child=proposal.child.first_name, of_child=of_name(proposal.child.first_name), day=day)
