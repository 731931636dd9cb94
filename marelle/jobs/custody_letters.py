"""The letters of a shared custody: which home reads what, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Authority
from marelle.domain.reservations.models import CustodyProposal
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import for_authority
from marelle.letters import about_custody
from marelle.letters.models import Letter
from marelle.letters.sending import UnableToSendError, send

if TYPE_CHECKING:
    from marelle.domain.families.models import Family
    from marelle.letters.writing import Draft

STATE, KIND = CustodyProposal.State, Letter.Kind
ANSWERED = (STATE.AGREED, STATE.REFUSED, STATE.DISPUTED)
CLOSED_BY_SILENCE = (STATE.EXPIRED, STATE.DISPUTED)
DECIDED = (STATE.DECIDED, STATE.DISMISSED)


@for_authority("letters.custody_proposal")
def custody_proposal(authority: Authority, *, proposal: int, what: str) -> None:
    """Will write what happened to a proposal to the home, or the homes, that it is news to.

    What is no longer so when the letter is about to leave is not written: another letter says what came after. One home
    is written to whatever becomes of the letter of the other.
    """
    row = CustodyProposal.objects.select_related("child", "from_home", "to_home").get(pk=proposal)
    failed = []
    for kind, family, draft in _letters(row, what, authority):
        try:
            send(kind, draft, about=row.pk, family=family, by=SYSTEM, at=clock.business_now())
        except UnableToSendError as error:
            failed.append(str(error))
    if failed:
        raise UnableToSendError("; ".join(failed))


def _letters(row: CustodyProposal, what: str, authority: Authority) -> list[tuple[str, Family, Draft]]:
    both = [row.from_home, row.to_home]
    if what == "asked" and row.state == STATE.PENDING:
        return [(KIND.CUSTODY_ASKED, row.to_home, about_custody.asked(row, authority))]
    if what == "answered" and row.state in ANSWERED:
        told = both if row.state == STATE.DISPUTED else [row.from_home]
        return [(KIND.CUSTODY_ANSWERED, home, about_custody.answered(row, home.pk, authority)) for home in told]
    if what == "withdrawn" and row.state == STATE.WITHDRAWN:
        return [(KIND.CUSTODY_WITHDRAWN, row.to_home, about_custody.withdrawn(row, authority))]
    if what == "unanswered" and row.state in CLOSED_BY_SILENCE:
        return [(KIND.CUSTODY_UNANSWERED, home, about_custody.unanswered(row, home.pk, authority)) for home in both]
    if what == "decided" and row.state in DECIDED:
        return [(KIND.CUSTODY_DECIDED, home, about_custody.decided(row, home.pk, authority)) for home in both]
    return []
