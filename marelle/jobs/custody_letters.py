"""The letters of a shared custody: which home reads what, each once."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Authority
from marelle.domain.families.models import Child, Family
from marelle.domain.reservations.models import CustodyProposal, SharedCustody
from marelle.domain.reservations.queries.custody import responsible_homes
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import for_authority
from marelle.letters import about_custody
from marelle.letters.models import Letter
from marelle.letters.sending import UnableToSendError, send

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marelle.letters.writing import Draft

STATE, KIND = CustodyProposal.State, Letter.Kind
ANSWERED = (STATE.AGREED, STATE.REFUSED, STATE.DISPUTED)
CLOSED_BY_SILENCE = (STATE.EXPIRED, STATE.DISPUTED)
DECIDED = (STATE.DECIDED, STATE.DISMISSED)


@for_authority("letters.custody_proposal")
def custody_proposal(authority: Authority, *, proposal: int, what: str) -> None:
    """Will write what happened to a proposal to the home, or the homes, that it is news to.

    What is no longer so when the letter is about to leave is not written: another letter says what came after.
    """
    row = CustodyProposal.objects.select_related("child", "from_home", "to_home").get(pk=proposal)
    _write(_letters(row, what, authority), about=row.pk)


@for_authority("letters.custody_settled")
def custody_settled(authority: Authority, *, custody: int) -> None:
    """Will write to both homes what the town hall settled of whose days they are, unless it was settled again since."""
    row = SharedCustody.objects.select_related("child", "first_home", "second_home").get(pk=custody)
    if row.withdrawn_at is None:
        homes = (row.first_home, row.second_home)
        _write(
            [(KIND.CUSTODY_SETTLED, home, about_custody.settled(row, home.pk, authority)) for home in homes],
            about=row.pk,
        )


@for_authority("letters.custody_days_set")
def custody_days_set(authority: Authority, *, child: int, homes: list[int], days: list[int], about: int) -> None:
    """Will write to both homes (keys) of a child (key) whose days some are now, by the town hall.

    `days` are ordinals; `about` is the key of what was set, so that each setting is told once.
    """
    row = Child.objects.get(pk=child)
    said = [date.fromordinal(day) for day in days]
    found = responsible_homes([child], first=said[0], last=said[-1], authority=authority.pk)
    whose = {day: found.home(child, day) for day in said}
    letters = []
    for home in Family.objects.filter(pk__in=homes).order_by("pk"):
        ours = [day for day in said if whose[day] == home.pk]
        theirs = [day for day in said if whose[day] not in {home.pk, None}]
        letters.append((KIND.CUSTODY_DAYS_SET, home, about_custody.days_set(row, ours, theirs, authority)))
    _write(letters, about=about)


def _write(letters: Iterable[tuple[str, Family, Draft]], *, about: int) -> None:
    """Will write each letter; one home is written to whatever becomes of the letter of the other."""
    failed = []
    for kind, family, draft in letters:
        try:
            send(kind, draft, about=about, family=family, by=SYSTEM, at=clock.business_now())
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
