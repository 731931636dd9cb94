"""The terms of a shared custody, and days exchanged: agreed by both homes, or decided by an agent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from marelle.domain.catalog.rules.price_steps import Priced
from marelle.domain.catalog.rules.pricing import PriceRule
from marelle.domain.families.models import Child
from marelle.domain.reservations.models import (
    CancellationRequest,
    CustodyDay,
    CustodyProposal,
    CustodyTurn,
    Reservation,
    SharedCustody,
    WaitingListEntry,
)
from marelle.domain.reservations.operations.locking import lock_children
from marelle.domain.reservations.queries.custody import (
    agreed_days,
    homes_together,
    open_proposals,
    other_home,
    responsible_homes,
    standing_terms,
)
from marelle.domain.reservations.queries.custody_effects import (
    mark_of_custody,
    mark_of_holidays,
    moves_of,
    reserved_ahead,
    turns_after,
    waits_ahead,
)
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, read_planning
from marelle.domain.reservations.rules.custody import (
    MOST_DAYS,
    WRITTEN_AGAIN,
    WRITTEN_AHEAD,
    CustodyTerms,
    DaysFault,
    TermsFault,
    as_json,
    fault_of_terms,
    faults_of_days,
    is_unanswered,
    terms_from,
)
from marelle.foundation import audit, outbox
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from marelle.domain.catalog.queries import Offer
    from marelle.foundation.actors import Actor

STATE = CustodyProposal.State
KIND = CustodyProposal.Kind


class UnableToSettleCustodyError(Exception):
    """The terms, or the days, are not taken: `fault` says why, in words. Nothing was written."""

    def __init__(self, fault: TermsFault | DaysFault | str) -> None:
        """Will keep why."""
        super().__init__(str(fault))
        self.fault = fault


class AlreadyAnsweredError(Exception):
    """Somebody answered the proposal, or took it back, before: `proposal` says what came of it. Nothing was written."""

    def __init__(self, proposal: CustodyProposal) -> None:
        """Will keep it."""
        super().__init__(proposal.pk)
        self.proposal = proposal


class CustodyChangedMeanwhileError(Exception):
    """The terms, or the days set, are no longer those that whoever settles looked at. Nothing was written."""


NOT_SHARED = "Cet enfant ne vit pas dans ces deux foyers ce jour-là."
PAST = "Un calendrier de garde change à partir d’un jour à venir."
GONE = "Ce jour n’est plus un de vos jours."
TOO_FAR = "Un calendrier de garde change à partir d’un jour qui n’est pas à plus de deux ans d’ici."
NO_TERMS = "Aucun calendrier de garde n’est réglé pour ce jour : réglez d’abord la garde alternée."
ASKED_ALREADY = "Un autre calendrier est déjà proposé pour cet enfant : répondez d’abord à celui-là."


@operation
def settle_custody(
    child: int,
    *,
    first_home: int,
    second_home: int,
    terms: CustodyTerms | None,
    starts_on: date,
    origin: SharedCustody.Origin = SharedCustody.Origin.DECIDED,
    moves: bool = True,
    tells: bool = True,
    seen: str | None = None,
    offer: Offer,
    by: Actor,
    at: datetime,
) -> SharedCustody:
    """Will note the terms under which a child (key) lives with two families (keys) from a day on; None: without terms.

    Those that were to begin that day or later never count; days agreed one by one from that day on neither. With
    `moves`, what is reserved of days that change hands goes with them (`move_days`). With `tells`, both homes are
    written to. The same again writes nothing.
    `seen` is what `queries.custody_effects.mark_of_custody` said when whoever settles looked. Raises
    UnableToSettleCustodyError, CustodyChangedMeanwhileError.
    """
    lock_children([child])
    _check_seen(child, seen)
    together = [homes for period, homes in homes_together(child) if starts_on in period]
    if not together or set(together[0]) != {first_home, second_home}:
        raise UnableToSettleCustodyError(NOT_SHARED)
    today = at.astimezone(offer.zone).date()
    if starts_on > today + WRITTEN_AHEAD:
        raise UnableToSettleCustodyError(TOO_FAR)
    if terms is not None:
        fault = fault_of_terms(terms, services=[service.pk for service in offer.services])
        if fault is not None:
            raise UnableToSettleCustodyError(fault)
    kept = None if terms is None else as_json(terms)
    standing = [one for one in standing_terms(child) if one.starts_on <= starts_on]
    later = SharedCustody.objects.filter(child=child, withdrawn_at__isnull=True, starts_on__gte=starts_on)
    now = standing[-1] if standing else None
    if (
        now is not None
        and (now.first_home_id, now.second_home_id, now.terms) == (first_home, second_home, kept)
        and not later.filter(starts_on__gt=starts_on).exists()
    ):
        return now
    later.update(withdrawn_at=at)
    CustodyDay.objects.filter(child=child, date__gte=starts_on, withdrawn_at__isnull=True).update(withdrawn_at=at)
    row = SharedCustody.objects.create(
        authority_id=offer.authority,
        child_id=child,
        first_home_id=first_home,
        second_home_id=second_home,
        starts_on=starts_on,
        terms=kept,
        origin=origin,
        settled_at=at,
        settled_by_id=by.key,
    )
    _write_turns(child, since=starts_on, offer=offer, today=today)
    moved = move_days([child], offer=offer, at=at) if moves else 0
    if tells:
        outbox.post("letters.custody_settled", authority=offer.authority, custody=row.pk)
    audit.record(
        "settle_custody", authority=offer.authority, of="child", key=child, by=by, at=at,
        starts_on=starts_on.isoformat(), homes=[first_home, second_home], origin=origin.value, moved=moved,
    )  # fmt: skip
    return row


@operation
def decide_days(
    child: int, *, days: Mapping[date, int | None], seen: str | None = None, offer: Offer, by: Actor, at: datetime
) -> int:
    """Will set as the town hall that each of `days` is of a family (key) of a child (key); returns how many changed.

    None: of the one that the terms say. What is reserved of days that change hands goes with them. `seen` as in
    `settle_custody`. Raises UnableToSettleCustodyError, CustodyChangedMeanwhileError.
    """
    lock_children([child])
    _check_seen(child, seen)
    today = at.astimezone(offer.zone).date()
    fault = _fault_of_decided(child, days, today)
    if fault is not None:
        raise UnableToSettleCustodyError(fault)
    agreed = agreed_days(child, since=min(days))
    changed = {day: home for day, home in days.items() if agreed.get(day) != home}
    if not changed:
        return 0
    _set_days(child, changed, proposal=None, offer=offer, by=by, at=at)
    moved = move_days([child], offer=offer, at=at)
    outbox.post(
        "letters.custody_days_set",
        authority=offer.authority,
        child=child,
        homes=sorted({home for _period, both in homes_together(child) for home in both}),
        days=[day.toordinal() for day in sorted(changed)],
        about=max(CustodyDay.objects.filter(child=child, date__in=list(changed)).values_list("pk", flat=True)),
    )
    audit.record(
        "decide_custody_days", authority=offer.authority, of="child", key=child, by=by, at=at,
        days=[day.isoformat() for day in sorted(changed)], moved=moved,
    )  # fmt: skip
    return len(changed)


@operation
def propose_custody(
    child: int,
    *,
    from_home: int,
    terms: CustodyTerms,
    starts_on: date,
    words: str,
    offer: Offer,
    by: Actor,
    at: datetime,
) -> CustodyProposal:
    """Will ask the other home of a child (key) for other terms from a day on, where the home that asks is the first.

    The other home is told. Raises UnableToSettleCustodyError.
    """
    lock_children([child])
    to_home = other_home(child, from_home, on=starts_on)
    if to_home is None:
        raise UnableToSettleCustodyError(NOT_SHARED)
    today = at.astimezone(offer.zone).date()
    if starts_on <= today:
        raise UnableToSettleCustodyError(PAST)
    if starts_on > today + WRITTEN_AHEAD:
        raise UnableToSettleCustodyError(TOO_FAR)
    fault = fault_of_terms(terms, services=[service.pk for service in offer.services])
    if fault is not None:
        raise UnableToSettleCustodyError(fault)
    if open_proposals().filter(child=child, kind=KIND.CALENDAR).exists():
        raise UnableToSettleCustodyError(ASKED_ALREADY)
    return _ask(
        KIND.CALENDAR,
        authority_id=offer.authority,
        child_id=child,
        from_home_id=from_home,
        to_home_id=to_home,
        terms=as_json(terms),
        starts_on=starts_on,
        words=words,
        by=by,
        at=at,
    )


@operation
def propose_days(
    child: int,
    *,
    from_home: int,
    gives: Collection[date],
    takes: Collection[date],
    words: str,
    offer: Offer,
    by: Actor,
    at: datetime,
) -> CustodyProposal:
    """Will ask the other home of a child (key) to take some days and to leave others. It is told.

    Raises UnableToSettleCustodyError.
    """
    lock_children([child])
    today = at.astimezone(offer.zone).date()
    days = sorted({*gives, *takes})
    if not days:
        raise UnableToSettleCustodyError(DaysFault.NO_DAYS)
    to_home = other_home(child, from_home, on=days[0])
    if to_home is None:
        raise UnableToSettleCustodyError(NOT_SHARED)
    _check_days(child, from_home, to_home, gives=gives, takes=takes, but=None, offer=offer, today=today)
    return _ask(
        KIND.DAYS,
        authority_id=offer.authority,
        child_id=child,
        from_home_id=from_home,
        to_home_id=to_home,
        gives=sorted(set(gives)),
        takes=sorted(set(takes)),
        words=words,
        by=by,
        at=at,
    )


@operation
def withdraw_proposal(proposal: CustodyProposal, *, by: Actor, at: datetime) -> None:
    """Will take back what nobody decided yet; the other home is told. Raises AlreadyAnsweredError."""
    row = _open_one(proposal, CustodyProposal.OPEN)
    _close(row, STATE.WITHDRAWN, answered_at=at, answered_by_id=by.key)
    _write_to_homes(row, "withdrawn")
    audit.record(
        "withdraw_custody_proposal", authority=row.authority_id, of="custody_proposal", key=row.pk, by=by, at=at
    )


@operation
def answer_proposal(
    proposal: CustodyProposal, *, agrees: bool, words: str, offer: Offer, by: Actor, at: datetime
) -> CustodyProposal:
    """Will note what the other home answers: agreed, and it holds at once; or not.

    Days that it does not want stay as they are; terms that it does not want wait for the town hall. The home that asked
    is told. Raises AlreadyAnsweredError; UnableToSettleCustodyError when it can no longer be as it was asked.
    """
    row = _open_one(proposal, (STATE.PENDING,))
    said = {"answered_at": at, "answered_by_id": by.key, "answer": words}
    if agrees:
        _apply(row, origin=SharedCustody.Origin.AGREED, offer=offer, by=by, at=at)
        _close(row, STATE.AGREED, **said)
    else:
        _close(row, STATE.DISPUTED if row.kind == KIND.CALENDAR else STATE.REFUSED, **said)
    _write_to_homes(row, "answered")
    audit.record(
        "answer_custody_proposal", authority=row.authority_id, of="custody_proposal", key=row.pk, by=by, at=at,
        state=row.state,
    )  # fmt: skip
    return row


@operation
def decide_proposal(
    proposal: CustodyProposal,
    *,
    accepts: bool,
    words: str,
    starts_on: date | None = None,
    instead: CustodyTerms | None = None,
    seen: str | None = None,
    offer: Offer,
    by: Actor,
    at: datetime,
) -> CustodyProposal:
    """Will decide as the town hall what the homes dispute, or what one of them leaves without an answer.

    Terms begin on the day that was asked, or on `starts_on`. `instead`: other terms than those that were asked, of the
    same homes in the same order; what was asked is dismissed then. Both homes are told, with `words`. `seen` as in
    `settle_custody`. Raises AlreadyAnsweredError, UnableToSettleCustodyError, CustodyChangedMeanwhileError.
    """
    row = _open_one(proposal, CustodyProposal.OPEN)
    _check_seen(row.child_id, seen)
    if instead is not None:
        begins = starts_on or row.starts_on
        if begins is None or begins <= at.astimezone(offer.zone).date():
            raise UnableToSettleCustodyError(PAST)
        settle_custody(
            row.child_id,
            first_home=row.from_home_id,
            second_home=row.to_home_id,
            terms=instead,
            starts_on=begins,
            offer=offer,
            by=by,
            at=at,
        )
        return _decided(row, STATE.DISMISSED, words=words, by=by, at=at)
    if starts_on is not None and row.kind == KIND.CALENDAR:
        row.starts_on = starts_on
        row.save(update_fields=["starts_on"])
    if accepts:
        _apply(row, origin=SharedCustody.Origin.DECIDED, offer=offer, by=by, at=at)
    return _decided(row, STATE.DECIDED if accepts else STATE.DISMISSED, words=words, by=by, at=at)


@operation
def end_late_proposals(*, offer: Offer, by: Actor, at: datetime) -> int:
    """Will end what the other home left without an answer; returns how many.

    Days of which one has come stay as they are. Terms wait for the town hall: silence blocks nobody.
    """
    today = at.astimezone(offer.zone).date()
    late = [row.pk for row in open_proposals().filter(state=STATE.PENDING) if _is_late(row, today, offer)]
    rows = CustodyProposal.objects.select_for_update(of=("self",)).filter(pk__in=late, state=STATE.PENDING)
    for row in rows.order_by("pk"):
        if row.kind == KIND.CALENDAR:
            _close(row, STATE.DISPUTED)
        else:
            _close(row, STATE.EXPIRED, answered_at=at)
        _write_to_homes(row, "unanswered")
        audit.record(
            "end_custody_proposal", authority=row.authority_id, of="custody_proposal", key=row.pk, by=by, at=at,
            state=row.state,
        )  # fmt: skip
    return len(late)


@operation
def extend_turns(*, offer: Offer, by: Actor, at: datetime) -> int:
    """Will write again, from tomorrow on, whose days they are, where holidays were published or corrected since.

    And where half a year went by. Days that are past, and today, stay as they were. Returns for how many children.
    """
    today = at.astimezone(offer.zone).date()
    standing = SharedCustody.objects.filter(withdrawn_at__isnull=True)
    late = standing.filter(
        ~Q(written_with=mark_of_holidays(offer)) | Q(written_until__lt=today + WRITTEN_AHEAD - WRITTEN_AGAIN)
    )
    children = sorted(set(late.values_list("child", flat=True)))
    for child in children:
        lock_children([child])
        _write_turns(child, since=today + timedelta(days=1), offer=offer, today=today)
    return len(children)


def move_days(children: Sequence[int], *, offer: Offer, at: datetime) -> int:
    """Will make the home that answers for a day answer for what is reserved of it; returns how many reservations went.

    Of (locked) children (keys), for days after today, for what is paid afterwards: what was paid on booking, or waits
    for it, stays with who paid. Nothing is taken nor given back: the child comes as it was to, at what the règlement
    made of the booking. It is priced for the home that takes it. Waits of days that are no longer one's own end, and
    what was asked to be cancelled of them is refused.
    """
    today = at.astimezone(offer.zone).date()
    last = today + WRITTEN_AHEAD
    homes = responsible_homes(children, first=today, last=last, authority=offer.authority)
    reserved = reserved_ahead(children, today=today).select_for_update(of=("self",), no_key=True)
    moves = moves_of(reserved, waits_ahead(children, today=today), homes, offer)
    for home, rows in moves.moved.items():
        Reservation.objects.filter(pk__in=[row.pk for row in rows]).update(family=home)
        _price(home, rows, offer=offer)
    # The other home asked: what that would leave due is not for this one to pay.
    moved = [row.pk for rows in moves.moved.values() for row in rows]
    asked = CancellationRequest.objects.filter(reservation__in=moved, state=CancellationRequest.State.PENDING)
    asked.update(state=CancellationRequest.State.REFUSED, decided_at=at, reason=GONE)
    WaitingListEntry.objects.filter(pk__in=[row.pk for row in moves.over]).update(left_at=at)
    return moves.count


def _price(home: int, rows: Sequence[Reservation], *, offer: Offer) -> None:
    """Will price what a home (key) takes as if it had just reserved it, at what the règlement made of the booking.

    What has no price, for want of a quotient for instance, is priced when its month is billed.
    """
    days = [row.date for row in rows]
    # Its children together: a price may depend on who of them comes that day.
    children = Child.objects.filter(custodies__family=home).distinct().values_list("pk", "birth_date")
    planning = read_planning(
        [ChildFacts(pk, birth_date) for pk, birth_date in children],
        [offer.product_by_pk[pk] for pk in sorted({row.product_id for row in rows})],
        min(days),
        max(days),
        offer=offer,
        family=home,
        user=None,
    )
    for row in rows:
        voted = planning.tariff_price(DayKey(row.child_id, row.product_id, row.date))
        ordinary = voted.cents if isinstance(voted, Priced) else None
        cents = PriceRule.from_code(row.price_rule).applied_to(ordinary)
        row.price_cents = cents
        row.surcharge_cents = cents - ordinary if cents is not None and ordinary is not None else 0
    Reservation.objects.bulk_update(rows, ["price_cents", "surcharge_cents"], batch_size=500)


def _is_late(row: CustodyProposal, today: date, offer: Offer) -> bool:
    asked = row.asked_at.astimezone(offer.zone).date()
    return is_unanswered(asked, starts_on=row.starts_on, days=(*row.gives, *row.takes), today=today)


def _check_days(
    child: int,
    from_home: int,
    to_home: int,
    *,
    gives: Collection[date],
    takes: Collection[date],
    but: CustodyProposal | None,
    offer: Offer,
    today: date,
) -> None:
    """Will raise UnableToSettleCustodyError when a home cannot give and take these days.

    `but` is the proposal itself.
    """
    days = sorted({*gives, *takes})
    homes = responsible_homes([child], first=days[0], last=days[-1], authority=offer.authority)
    whose = {day: homes.home(child, day) for day in days}
    rows = open_proposals().filter(child=child, kind=KIND.DAYS)
    faults = faults_of_days(
        gives,
        takes,
        mine=[day for day, home in whose.items() if home == from_home],
        theirs=[day for day, home in whose.items() if home == to_home],
        asked=[day for row in rows if row != but for day in (*row.gives, *row.takes)],
        today=today,
    )
    if faults:
        raise UnableToSettleCustodyError(faults[0])


def _ask(kind: CustodyProposal.Kind, *, by: Actor, at: datetime, **what: Any) -> CustodyProposal:
    row = CustodyProposal.objects.create(
        kind=kind,
        asked_at=at,
        asked_by_id=by.key,
        **what,
    )
    _write_to_homes(row, "asked")
    audit.record(
        "propose_custody", authority=row.authority_id, of="custody_proposal", key=row.pk, by=by, at=at, kind=kind.value
    )
    return row


def _open_one(proposal: CustodyProposal, states: Sequence[str]) -> CustodyProposal:
    """Will hold the child, then the proposal. Raises AlreadyAnsweredError."""
    lock_children([proposal.child_id])
    row = CustodyProposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if row.state not in states:
        raise AlreadyAnsweredError(row)
    return row


def _decided(
    row: CustodyProposal, state: CustodyProposal.State, *, words: str, by: Actor, at: datetime
) -> CustodyProposal:
    _close(row, state, decided_at=at, decided_by_id=by.key, decision=words)
    _write_to_homes(row, "decided")
    audit.record(
        "decide_custody_proposal", authority=row.authority_id, of="custody_proposal", key=row.pk, by=by, at=at,
        state=row.state,
    )  # fmt: skip
    return row


def _check_seen(child: int, seen: str | None) -> None:
    """Will raise CustodyChangedMeanwhileError when the custody of a (locked) child (key) is not as it was seen."""
    if seen is not None and seen != mark_of_custody(child):
        raise CustodyChangedMeanwhileError


def _fault_of_decided(child: int, days: Mapping[date, int | None], today: date) -> DaysFault | str | None:
    """Will say why an agent cannot set these days of a child (key)."""
    if not days:
        return DaysFault.NO_DAYS
    if len(days) > MOST_DAYS:
        return DaysFault.TOO_MANY
    if min(days) <= today:
        return DaysFault.PAST
    if max(days) > today + WRITTEN_AHEAD:
        return DaysFault.TOO_FAR
    together = homes_together(child)
    homes = {day: next((both for period, both in together if day in period), ()) for day in days}
    if any(not homes[day] or (home is not None and home not in homes[day]) for day, home in days.items()):
        return NOT_SHARED
    versions = standing_terms(child)
    terms = {day: next((one for one in reversed(versions) if one.starts_on <= day), None) for day in days}
    is_settled = all(one is not None and one.terms is not None for one in terms.values())
    return None if is_settled else NO_TERMS


def _set_days(
    child: int,
    days: Mapping[date, int | None],
    *,
    proposal: CustodyProposal | None,
    offer: Offer,
    by: Actor,
    at: datetime,
) -> None:
    """Will write whose days of a (locked) child (key) these are, in place of what was said of them, and the turns."""
    CustodyDay.objects.filter(child=child, date__in=list(days), withdrawn_at__isnull=True).update(withdrawn_at=at)
    CustodyDay.objects.bulk_create(
        CustodyDay(
            authority_id=offer.authority,
            child_id=child,
            family_id=family,
            date=day,
            proposal=proposal,
            set_at=at,
            set_by_id=by.key,
        )
        for day, family in sorted(days.items())
        if family is not None
    )
    _write_turns(child, since=min(days), offer=offer, today=at.astimezone(offer.zone).date())


def _close(row: CustodyProposal, state: CustodyProposal.State, **said: object) -> None:
    row.state = state
    for name, value in said.items():
        setattr(row, name, value)
    row.save(update_fields=["state", *(name.removesuffix("_id") for name in said)])


def _write_to_homes(row: CustodyProposal, what: str) -> None:
    outbox.post("letters.custody_proposal", authority=row.authority_id, proposal=row.pk, what=what)


def _apply(row: CustodyProposal, *, origin: SharedCustody.Origin, offer: Offer, by: Actor, at: datetime) -> None:
    today = at.astimezone(offer.zone).date()
    if row.kind == KIND.CALENDAR:
        if row.terms is None or row.starts_on is None or row.starts_on <= today:
            raise UnableToSettleCustodyError(PAST)
        settle_custody(
            row.child_id,
            first_home=row.from_home_id,
            second_home=row.to_home_id,
            terms=terms_from(row.terms),
            starts_on=row.starts_on,
            origin=origin,
            tells=False,
            offer=offer,
            by=by,
            at=at,
        )
        return
    _check_days(
        row.child_id,
        row.from_home_id,
        row.to_home_id,
        gives=row.gives,
        takes=row.takes,
        but=row,
        offer=offer,
        today=today,
    )
    days: dict[date, int | None] = {
        **dict.fromkeys(row.gives, row.to_home_id),
        **dict.fromkeys(row.takes, row.from_home_id),
    }
    _set_days(row.child_id, days, proposal=row, offer=offer, by=by, at=at)
    move_days([row.child_id], offer=offer, at=at)


def _write_turns(child: int, *, since: date, offer: Offer, today: date) -> None:
    """Will write the turns of a (locked) child (key) from a day on; those before stay."""
    CustodyTurn.objects.filter(child=child, starts_on__gte=since).delete()
    rows = turns_after(
        child,
        since=since,
        versions=standing_terms(child),
        agreed=agreed_days(child, since=since),
        offer=offer,
        today=today,
    )
    CustodyTurn.objects.bulk_create(rows, batch_size=1000)
    SharedCustody.objects.filter(child=child, withdrawn_at__isnull=True).update(
        written_with=mark_of_holidays(offer), written_until=max(today, since) + WRITTEN_AHEAD
    )
