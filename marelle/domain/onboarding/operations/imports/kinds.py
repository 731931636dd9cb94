"""The kinds of import: what each compares, needs to know, writes and undoes. Decision 34 tells how to add one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from marelle.domain.authorities.models import Authority
from marelle.domain.onboarding.operations.imports import rows
from marelle.domain.onboarding.operations.imports.takeover import OfBalances, OfDays, OfInvoices, OfMandates
from marelle.domain.onboarding.queries.imports import family_facts
from marelle.domain.onboarding.rules.imports.class_change import ClassChange
from marelle.domain.onboarding.rules.imports.guardians import GuardiansOfPupils
from marelle.domain.onboarding.rules.imports.households import ChildrenAndGuardians
from marelle.domain.onboarding.rules.imports.kinds import Entry, Kind, Options
from marelle.domain.onboarding.rules.imports.pupils import PupilsOfASchool
from marelle.domain.onboarding.rules.imports.teachers import TeachersOfASchool
from marelle.foundation.actors import Actor


class Handler(Protocol):
    """A kind at work. What it did is texts, numbers and lists: kept encrypted, line by line, and given back to undo."""

    @property
    def kind(self) -> Kind[Any]:
        """Will return the kind: how a file is read and compared."""

    def known(self, authority: Authority, entries: Sequence[Entry], options: Options) -> Any:
        """Will return what the comparison of these entries needs to know, in few statements whatever their number."""

    def write(
        self,
        authority: Authority,
        taken: Sequence[rows.Taken],
        *,
        by: Actor,
        at: datetime,
        tell: Callable[[int], None],
    ) -> Mapping[int, list[rows.Done]]:
        """Will do the acts of these lines, set by set, and return what each did, by its place.

        `tell` is told how far it is (0 to 100). Raises rows.ChangedSinceError: a row is no more as it was compared.
        """

    def undo(
        self, authority: Authority, done: Mapping[int, list[rows.Done]], *, by: Actor, at: datetime
    ) -> Mapping[int, str]:
        """Will undo what lines did, last done first undone; returns what stays, by place: an `ImportLine.Left`."""


@dataclass(frozen=True, slots=True)
class OfRows:
    """A kind whose acts are plain rows of schools and families (`rows.TABLES`)."""

    kind: Kind[Any]

    def known(self, authority: Authority, entries: Sequence[Entry], options: Options) -> Any:
        """Will return families and schools."""
        return family_facts(authority, on=options.on, entries=entries)

    def write(
        self,
        authority: Authority,
        taken: Sequence[rows.Taken],
        *,
        by: Actor,
        at: datetime,
        tell: Callable[[int], None],
    ) -> Mapping[int, list[rows.Done]]:
        """Will write rows; see `rows.write_rows`."""
        return rows.write_rows(authority, taken, by=by, at=at, tell=tell)

    def undo(
        self, authority: Authority, done: Mapping[int, list[rows.Done]], *, by: Actor, at: datetime
    ) -> Mapping[int, str]:
        """Will put rows back; see `rows.undo_rows`."""
        return rows.undo_rows(authority, done, by=by, at=at)


# In the order in which a town brings them.
_KINDS: Final[tuple[Kind[Any], ...]] = (
    PupilsOfASchool(),
    GuardiansOfPupils(),
    TeachersOfASchool(),
    ChildrenAndGuardians(),
    ClassChange(),
)
_TAKEOVERS: Final[tuple[Handler, ...]] = (OfBalances(), OfInvoices(), OfDays(), OfMandates())
HANDLERS: Final[Mapping[str, Handler]] = {
    **{one.code: OfRows(one) for one in _KINDS},
    **{one.kind.code: one for one in _TAKEOVERS},
}
