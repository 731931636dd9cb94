"""A proposal, as the home that asked and the home that was asked read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from marelle.domain.reservations.models import CustodyProposal
from marelle.domain.reservations.rules.custody import Role, last_day_to_answer, terms_from
from marelle.domain.reservations.rules.custody_sentences import Homes, double_weeks_in_words, terms_in_words
from marelle.foundation.french_dates import in_full, listed, moment
from marelle.web.family.custody import wording
from marelle.web.family.custody.finding import url
from marelle.web.family.custody.links import what_is_asked

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.reservations.rules.custody import CustodyTerms
    from marelle.web.doors import FamilyVisit

STATE, KIND = CustodyProposal.State, CustodyProposal.Kind
A_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal: each text is a whole sentence, empty when it has none."""

    title: str
    what: str
    ours: str
    theirs: str
    terms: tuple[str, ...]
    warnings: tuple[str, ...]
    tag: str
    tone: str
    icon: str
    asked: str
    answer_by: str
    words: str
    answer: str
    decision: str
    url: str
    is_ours: bool
    waits_for_us: bool
    withdraw_url: str
    give_back_url: str


def role_of(proposal: CustodyProposal, family: int) -> Role:
    """Will tell which home of a proposal a family (key) is: the one that asks is the first."""
    return Role.FIRST if proposal.from_home_id == family else Role.SECOND


def proposal_view(proposal: CustodyProposal, visit: FamilyVisit, offer: Offer) -> ProposalView:
    """Will say a proposal to a home."""
    is_ours = proposal.from_home_id == visit.family.pk
    is_pending = proposal.state == STATE.PENDING
    kind, state = KIND(proposal.kind), STATE(proposal.state)
    if is_pending:
        tag, tone, icon = wording.WAITS_FOR_THEM if is_ours else wording.WAITS_FOR_US
    else:
        tag, tone, icon = wording.TAGS[state]
    ours, theirs = (proposal.takes, proposal.gives) if is_ours else (proposal.gives, proposal.takes)
    homes = Homes.seen_from(role_of(proposal, visit.family.pk))
    terms = terms_from(proposal.terms) if proposal.terms else None
    asked_at = proposal.asked_at.astimezone(visit.authority.zone)
    due = last_day_to_answer(asked_at.date(), starts_on=proposal.starts_on, days=(*proposal.gives, *proposal.takes))
    can_give_back = (
        kind is KIND.DAYS and state is STATE.AGREED and max(*proposal.gives, *proposal.takes, visit.today) > visit.today
    )
    named = {"proposal": proposal.public_id}
    return ProposalView(
        title=str(wording.TITLES[kind]),
        what=what_is_asked(proposal, visit.family.pk),
        ours=days_in_words(str(wording.BECOME_OURS), ours),
        theirs=days_in_words(str(wording.BECOME_THEIRS), theirs),
        terms=terms_in_words(terms, homes, services=names_of(offer)) if terms else (),
        warnings=_warnings(terms, homes, proposal.starts_on),
        tag=str(tag),
        tone=tone,
        icon=icon,
        asked=str(wording.ASKED_ON).format(when=moment(asked_at)),
        answer_by=str(wording.ANSWER_BY[kind]).format(day=in_full(due)) if is_pending else "",
        words=proposal.words,
        answer=proposal.answer,
        decision=proposal.decision,
        url=url(visit, "custody_proposal", **named),
        is_ours=is_ours,
        waits_for_us=is_pending and not is_ours,
        withdraw_url=url(visit, "custody_withdraw", **named) if is_ours and state in CustodyProposal.OPEN else "",
        give_back_url=url(visit, "custody_give_back", **named) if can_give_back else "",
    )


def days_in_words(sentence: str, days: Iterable[date]) -> str:
    """Will say sorted days in full; nothing when there are none."""
    said = [in_full(day) for day in sorted(days)]
    return sentence.format(days=listed(said)) if said else ""


def names_of(offer: Offer) -> dict[int, str]:
    """Will return the names of the services of the authority, by key."""
    return {service.pk: service.name for service in offer.services}


def _warnings(terms: CustodyTerms | None, homes: Homes, since: date | None) -> tuple[str, ...]:
    if terms is None or since is None:
        return ()
    return double_weeks_in_words(terms, homes, first=since, last=since + A_YEAR)
