"""What waits for an agent, queue by queue: how many, since when, until when, and the page where it is treated.

A queue is a value of `QUEUES`. Most are rows of a table, counted all together in one statement (`OfRows`); the others
(`Computed`) ask a rule, or count what is in no table. Another one is one more value: the page, the menu and the home
page of agents follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, Protocol

from django.db.models import Count, DateField, DateTimeField, Min, Value
from django.db.models.functions import Cast

from marelle.domain.accounts.rules.roles import gives
from marelle.domain.billing.queries.review import roles_with_money
from marelle.domain.billing.queries.unpaid import families_to_follow, letters_to_print
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.queries.doubles import doubles_count
from marelle.domain.families.queries.joining import join_requests
from marelle.domain.families.queries.profile import waiting_changes
from marelle.domain.news.queries.messages import lost_addresses
from marelle.domain.onboarding.queries.imports import unfinished_imports
from marelle.domain.payments.queries.attempts import places_held_at_desk
from marelle.domain.payments.queries.direct_debits import batches_to_send
from marelle.domain.payments.queries.refunds import open_refunds
from marelle.domain.payments.queries.statements import lines_to_settle
from marelle.domain.procedures.queries.inbox import services_within, waiting_applications
from marelle.domain.reservations.queries.absences import awaiting_certificate, recent_absences
from marelle.domain.reservations.queries.attendance import unfinished_sheets
from marelle.domain.reservations.queries.custody import disputed_proposals
from marelle.domain.reservations.queries.families import families_within
from marelle.domain.reservations.queries.requests import pending_requests
from marelle.domain.reservations.queries.waiting import waits_with_a_free_place
from marelle.web.doors import EVERY_AGENT
from marelle.web.office.absences.views import AWAITED, SHOWN_FOR
from marelle.web.office.need_to_know import changes_known
from marelle.web.office.surroundings import ROLES, reach, url_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from django.db.models import QuerySet

    from marelle.web.doors import OfficeVisit


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in a queue: how many, the moment the oldest came, and the first day by which one must be treated."""

    count: int
    since: datetime | None = None
    by: date | None = None


NOTHING: Final = Waiting(0)
# The page of sheets looks further back; here, what one may still remember.
SHEETS_LOOKED_AT: Final = timedelta(days=14)


class Queue(Protocol):
    """Something that agents treat, one after the other.

    `presses_within` and `presses_after` say when it presses: so long before its day, or so long after the oldest came.
    """

    @property
    def code(self) -> str:
        """Will return its name, which nobody reads."""

    @property
    def label(self) -> str:
        """Will return what it is called on the page."""

    @property
    def alone(self) -> str:
        """Will return what it is called when one thing waits in it."""

    @property
    def by_words(self) -> str:
        """Will return what happens on the first day by which one must be treated; empty when there is no such day."""

    @property
    def presses_within(self) -> timedelta:
        """Will return how long before that day it presses."""

    @property
    def presses_after(self) -> timedelta:
        """Will return how long the oldest may wait before it presses."""

    def is_hers(self, visit: OfficeVisit, work: Work) -> bool:
        """Will tell whether the agent treats it: the right that opens its page."""

    def url(self, visit: OfficeVisit, waiting: Waiting) -> str:
        """Will return where it is treated."""


@dataclass(frozen=True, slots=True)
class Work:
    """What of an agent's work is not said by her roles alone, read once for all the queues."""

    has_services: bool
    bills: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    code: str
    label: str
    # What it is called when one thing waits in it.
    alone: str
    role: str
    name: str
    is_whole: bool = False
    # Another right, without which its page is shut.
    also: str = EVERY_AGENT
    query: str = ""
    by_words: str = ""
    presses_within: timedelta = timedelta(days=1)
    presses_after: timedelta = timedelta(days=7)

    def is_hers(self, visit: OfficeVisit, work: Work) -> bool:
        """Will tell whether the agent treats it."""
        if self.role == ROLES.MANAGE_BILLING:
            return work.bills
        if self.role == EVERY_AGENT:
            return work.has_services
        return visit.may(self.role) and visit.may(self.also) and (not self.is_whole or reach(visit, self.role).is_whole)

    def url(self, visit: OfficeVisit, waiting: Waiting) -> str:
        """Will return where it is treated; what is treated on the page of a day, on the first such day."""
        if self.name == "office_day" and waiting.by is not None:
            return url_of(visit, "office_any_day", day=waiting.by.isoformat())
        return url_of(visit, self.name) + (f"?{self.query}" if self.query else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfRows(_Described):
    """A queue of rows: `rows` are those within the agent's reach, `since` and `by` their columns."""

    rows: Callable[[OfficeVisit], QuerySet[Any]]
    since: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed(_Described):
    """A queue that `count` counts, in its own statements."""

    count: Callable[[OfficeVisit], Waiting]


@dataclass(frozen=True, slots=True)
class Line:
    """A queue of the agent's, and what waits in it."""

    queue: OfRows | Computed
    waiting: Waiting
    presses: bool


def lines_for(visit: OfficeVisit) -> list[Line]:
    """Will return the agent's queues: those that press first, then those whose oldest has waited longest.

    One statement for all the queues of rows, and those of the queues that compute.
    """
    hers = _hers(visit)
    counted = _count_rows(visit, [queue for queue in hers if isinstance(queue, OfRows)])
    lines = []
    for queue in hers:
        waiting = queue.count(visit) if isinstance(queue, Computed) else counted.get(queue.code, NOTHING)
        lines.append(Line(queue, waiting, presses=_presses(queue, waiting, visit)))
    far = datetime.combine(date.max, time(), visit.authority.zone)
    return sorted(lines, key=lambda line: (not line.waiting.count, not line.presses, line.waiting.since or far))


def is_anything_waiting(visit: OfficeVisit) -> bool:
    """Will tell whether the agent has something to treat: it looks no further than the first queue with something.

    The queues of rows in one statement that counts nothing; then, only when all are empty, those that compute, one
    after the other.
    """
    hers = _hers(visit)
    rows = [queue.rows(visit).order_by().values(found=Value(1))[:1] for queue in hers if isinstance(queue, OfRows)]
    if rows and reduce(lambda one, other: one.union(other, all=True), rows).exists():
        return True
    return any(queue.count(visit).count for queue in hers if isinstance(queue, Computed))


def _hers(visit: OfficeVisit) -> list[OfRows | Computed]:
    work = Work(
        has_services=services_within(visit.roles).exists(),
        bills=visit.may(ROLES.MANAGE_BILLING) and gives(roles_with_money(visit.agent), ROLES.MANAGE_BILLING),
    )
    return [queue for queue in QUEUES if queue.is_hers(visit, work)]


def _presses(queue: OfRows | Computed, waiting: Waiting, visit: OfficeVisit) -> bool:
    if not waiting.count:
        return False
    is_near = waiting.by is not None and waiting.by - visit.today <= queue.presses_within
    since = waiting.since.astimezone(visit.authority.zone).date() if waiting.since is not None else visit.today
    return is_near or visit.today - since >= queue.presses_after


def _count_rows(visit: OfficeVisit, queues: Iterable[OfRows]) -> Mapping[str, Waiting]:
    counts = [_counted(queue, visit) for queue in queues]
    if not counts:
        return {}
    rows = reduce(lambda one, other: one.union(other, all=True), counts)
    return {code: Waiting(count, since, by) for code, count, since, by in rows}


def _counted(queue: OfRows, visit: OfficeVisit) -> QuerySet[Any, tuple[str, int, datetime | None, date | None]]:
    by = Min(queue.by) if queue.by else Value(None)
    return (
        queue.rows(visit)
        .order_by()
        .values(queue=Value(queue.code))
        .annotate(found=Count("pk"), oldest=Cast(Min(queue.since), DateTimeField()), first_day=Cast(by, DateField()))
        .values_list("queue", "found", "oldest", "first_day")
    )


def _managed(visit: OfficeVisit) -> frozenset[int]:
    return reach(visit, ROLES.MANAGE_RESERVATIONS).product_keys


def _changes(visit: OfficeVisit) -> QuerySet[Any]:
    families = families_within(reach(visit, ROLES.MANAGE_RESERVATIONS)).order_by()
    return waiting_changes(families).filter(changes_known(visit))


def _certificates(visit: OfficeVisit) -> Waiting:
    told = recent_absences(_managed(visit), since=visit.at - SHOWN_FOR)
    found = awaiting_certificate(told, offer=offer_of(visit.authority), at=visit.at).values()
    limits = [
        reading.certificate_by.moment.astimezone(visit.authority.zone).date()
        for _absence, reading in found
        if reading.certificate_by is not None
    ]
    oldest = min((absence.told_at for absence, _reading in found), default=None)
    return Waiting(len(found), oldest, min(limits, default=None))


def _sheets(visit: OfficeVisit) -> Waiting:
    keys = reach(visit, ROLES.RECORD_ATTENDANCE).product_keys
    found = unfinished_sheets(keys, visit.today - SHEETS_LOOKED_AT, visit.today - timedelta(days=1))
    since = datetime.combine(found[0].date, time(), visit.authority.zone) if found else None
    return Waiting(len(found), since)


def _addresses(visit: OfficeVisit) -> Waiting:
    found = lost_addresses(families_within(reach(visit, ROLES.PUBLISH)))
    return Waiting(len(found), min((one.row.returned_at for one in found), default=None))


def _unpaid(visit: OfficeVisit) -> Waiting:
    count, since = families_to_follow(on=visit.today)
    return Waiting(count, datetime.combine(since, time(), visit.authority.zone) if since else None)


QUEUES: Final[tuple[OfRows | Computed, ...]] = (
    OfRows(
        code="cancellations",
        label="Annulations demandées",
        alone="Annulation demandée",
        role=ROLES.MANAGE_RESERVATIONS,
        name="office_cancellations",
        rows=lambda visit: pending_requests(_managed(visit)),
        since="asked_at",
        by="reservation__date",
        by_words="La première est pour le",
        presses_after=timedelta(days=2),
    ),
    OfRows(
        code="places",
        label="Places libres que l’on attend",
        alone="Place libre que l’on attend",
        role=ROLES.MANAGE_RESERVATIONS,
        name="office_waiting",
        rows=lambda visit: waits_with_a_free_place(_managed(visit), since=visit.today),
        since="asked_at",
        by="date",
        by_words="La première est pour le",
        presses_within=timedelta(days=3),
    ),
    Computed(
        code="sheets",
        label="Présences à pointer",
        alone="Présence à pointer",
        role=ROLES.RECORD_ATTENDANCE,
        name="office_unfinished_sheets",
        count=_sheets,
        presses_after=timedelta(days=3),
    ),
    OfRows(
        code="held",
        label="Places gardées, à régler ou à rendre",
        alone="Place gardée, à régler ou à rendre",
        role=ROLES.MANAGE_RESERVATIONS,
        also=ROLES.VIEW_DAY,
        name="office_day",
        rows=lambda visit: places_held_at_desk(_managed(visit)),
        since="reserved_at",
        by="date",
        by_words="La première est pour le",
    ),
    Computed(
        code="certificates",
        label="Certificats attendus",
        alone="Certificat attendu",
        role=ROLES.MANAGE_RESERVATIONS,
        name="office_absences",
        query=f"certificat={AWAITED}",
        count=_certificates,
        by_words="Le premier délai finit le",
        presses_after=timedelta(days=30),
    ),
    OfRows(
        code="applications",
        label="Demandes des familles",
        alone="Demande d’une famille",
        role=EVERY_AGENT,
        name="office_applications",
        rows=lambda visit: waiting_applications(visit.roles),
        since="submitted_at",
        by="silent_on",
        by_words="Le silence décidera le",
        presses_within=timedelta(days=7),
        presses_after=timedelta(days=14),
    ),
    OfRows(
        code="joining",
        label="Familles à rattacher",
        alone="Famille à rattacher",
        role=ROLES.MANAGE_RESERVATIONS,
        name="office_join_requests",
        is_whole=True,
        rows=lambda _visit: join_requests(is_waiting=True),
        since="asked_at",
    ),
    OfRows(
        code="changes",
        label="Modifications de dossiers",
        alone="Modification d’un dossier",
        role=ROLES.MANAGE_RESERVATIONS,
        name="office_profile_changes",
        rows=_changes,
        since="proposed_at",
    ),
    OfRows(
        code="custody",
        label="Gardes à trancher",
        alone="Garde à trancher",
        role=ROLES.MANAGE_RESERVATIONS,
        name="office_custody_disputes",
        is_whole=True,
        rows=lambda _visit: disputed_proposals(),
        since="asked_at",
        by="starts_on",
        by_words="Le premier calendrier demandé commence le",
        presses_within=timedelta(days=14),
    ),
    Computed(
        code="doubles",
        label="Dossiers qui se ressemblent",
        alone="Paire de dossiers qui se ressemblent",
        role=ROLES.MANAGE_RESERVATIONS,
        name="office_doubles",
        is_whole=True,
        count=lambda visit: Waiting(doubles_count(visit.authority.pk)),
    ),
    Computed(
        code="addresses",
        label="Adresses qui ne répondent plus",
        alone="Adresse qui ne répond plus",
        role=ROLES.PUBLISH,
        name="office_lost_addresses",
        count=_addresses,
        presses_after=timedelta(days=30),
    ),
    Computed(
        code="unpaid",
        label="Familles en retard de paiement",
        alone="Famille en retard de paiement",
        role=ROLES.MANAGE_BILLING,
        name="office_unpaid",
        count=_unpaid,
        presses_after=timedelta(days=60),
    ),
    OfRows(
        code="letters",
        label="Relances à imprimer",
        alone="Relance à imprimer",
        role=ROLES.MANAGE_BILLING,
        name="office_unpaid",
        rows=lambda _visit: letters_to_print(),
        since="sent_at",
    ),
    OfRows(
        code="lines",
        label="Lignes de relevés à rapprocher",
        alone="Ligne de relevé à rapprocher",
        role=ROLES.MANAGE_BILLING,
        name="office_reconciliations",
        rows=lambda _visit: lines_to_settle(),
        since="date",
        presses_after=timedelta(days=14),
    ),
    OfRows(
        code="debits",
        label="Prélèvements à remettre à la banque",
        alone="Prélèvement à remettre à la banque",
        role=ROLES.MANAGE_BILLING,
        name="office_debits",
        rows=lambda _visit: batches_to_send(),
        since="prepared_at",
        by="due_on",
        by_words="Le premier est pour le",
        presses_within=timedelta(days=5),
        presses_after=timedelta(days=30),
    ),
    OfRows(
        code="refunds",
        label="Remboursements demandés",
        alone="Remboursement demandé",
        role=ROLES.MANAGE_BILLING,
        name="office_refunds",
        rows=lambda _visit: open_refunds(),
        since="asked_at",
        presses_after=timedelta(days=14),
    ),
    OfRows(
        code="imports",
        label="Imports à terminer",
        alone="Import à terminer",
        role=ROLES.ADMINISTER,
        name="office_imports",
        is_whole=True,
        rows=lambda _visit: unfinished_imports(),
        since="checked_at",
    ),
)
