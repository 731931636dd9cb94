"""A family tells that a child does not come, takes it back; an agent records the certificate. The place stays taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marelle.domain.catalog.rules.absences import Cause
from marelle.domain.reservations.models import Absence, Reservation
from marelle.domain.reservations.operations.locking import lock_children
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, read_planning
from marelle.domain.reservations.rules.absences import NotTold, certifying, telling, withdrawing
from marelle.foundation import audit, outbox
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.families.models import Child
    from marelle.domain.reservations.queries.planning import Planning
    from marelle.foundation.actors import Actor


class UnableToTellError(Exception):
    """The absence cannot be told, or no longer be withdrawn: `no` says why. Nothing was written."""

    def __init__(self, no: NotTold) -> None:
        """Will keep why."""
        super().__init__(no)
        self.no = no


class UnableToRecordCertificateError(Exception):
    """The certificate is of a moment to come, or the absence was withdrawn meanwhile; nothing was written."""


@operation
def report_absence(
    child: Child, *, key: DayKey, family: int, offer: Offer, cause: Cause, words: str, by: Actor, at: datetime
) -> Absence:
    """Will record that `child` does not come on that reserved day, for `cause`, and have the family written to.

    `words` are the family's own. Raises UnableToTellError.
    """
    lock_children([child.pk])
    planning = _planning(child, key, family, offer)
    no = telling(planning.facts(key), at=at, seen=planning.seen.get(key))
    if no is not None:
        raise UnableToTellError(no)
    absence = Absence.objects.create(
        authority_id=offer.authority,
        reservation_id=planning.booked[key].pk,
        cause=cause.value,
        told_at=at,
        told_by_id=by.key,
        words=words.strip(),
    )
    outbox.post("letters.absence_told", authority=offer.authority, absence=absence.pk)
    audit.record("report_absence", authority=offer.authority, of="absence", key=absence.pk, by=by, at=at)
    return absence


@operation
def withdraw_absence(child: Child, *, key: DayKey, family: int, offer: Offer, by: Actor, at: datetime) -> None:
    """Will take back what was told, as long as the service is not over: the child comes. Raises UnableToTellError."""
    lock_children([child.pk])
    planning = _planning(child, key, family, offer)
    no = withdrawing(planning.facts(key), at=at)
    if no is not None:
        raise UnableToTellError(no)
    absence = Absence.objects.get(reservation=planning.booked[key].pk, withdrawn_at__isnull=True)
    absence.withdrawn_at = at
    absence.save(update_fields=["withdrawn_at"])
    audit.record("withdraw_absence", authority=offer.authority, of="absence", key=absence.pk, by=by, at=at)


@operation
def record_certificate(absence: Absence, *, received_at: datetime | None, by: Actor, at: datetime) -> None:
    """Will record when the certificate of an absence came; None undoes it. Raises UnableToRecordCertificateError."""
    if received_at is not None and received_at > at:
        raise UnableToRecordCertificateError
    lock_children(Reservation.objects.filter(pk=absence.reservation_id).values_list("child_id", flat=True))
    absence.refresh_from_db(fields=["withdrawn_at", "certificate_at"])
    if absence.withdrawn_at is not None:
        raise UnableToRecordCertificateError
    if absence.certificate_at == received_at:
        return
    absence.certificate_at = received_at
    absence.save(update_fields=["certificate_at"])
    audit.record(
        "record_certificate" if received_at is not None else "forget_certificate",
        authority=absence.authority_id,
        of="absence",
        key=absence.pk,
        by=by,
        at=at,
    )


@dataclass(frozen=True, slots=True)
class CertifiedTogether:
    """What became of each absence (keys): certificate recorded, already had one, withdrawn by the family meanwhile."""

    recorded: tuple[int, ...] = ()
    already: tuple[int, ...] = ()
    withdrawn: tuple[int, ...] = ()


@operation
def record_certificates(
    absences: Collection[int], *, received_at: datetime, authority: int, by: Actor, at: datetime
) -> CertifiedTogether:
    """Will record, for several absences (keys) of an authority (key), that their certificates came at one moment.

    One that has a certificate keeps it. As many statements for one as for many. Raises
    UnableToRecordCertificateError when it is of a moment to come.
    """
    if received_at > at:
        raise UnableToRecordCertificateError
    rows = Absence.objects.filter(pk__in=list(absences))
    lock_children(rows.values_list("reservation__child", flat=True))
    found = list(rows.values_list("pk", "withdrawn_at", "certificate_at"))
    withdrawn = sorted(key for key, gone_at, _paper in found if gone_at is not None)
    already = sorted(key for key, gone_at, paper in found if gone_at is None and paper is not None)
    recorded = sorted({key for key, _gone_at, _paper in found} - {*withdrawn, *already})
    if recorded:
        Absence.objects.filter(pk__in=recorded).update(certificate_at=received_at)
        audit.record_all("record_certificate", authority=authority, of="absence", keys=recorded, by=by, at=at)
    return CertifiedTogether(tuple(recorded), tuple(already), tuple(withdrawn))


@dataclass(frozen=True, slots=True)
class CertifiedDays:
    """What a certificate was put on: absences (keys) recorded with it, those told before that took it.

    `days` are all that it covers, those that had it already included; `refused` those that it does not, and why.
    """

    told: tuple[int, ...] = ()
    given: tuple[int, ...] = ()
    days: tuple[DayKey, ...] = ()
    refused: tuple[tuple[DayKey, NotTold], ...] = ()


@operation
def certify_days(
    child: Child,
    *,
    family: int,
    first_day: date,
    last_day: date,
    offer: Offer,
    received_at: datetime,
    by: Actor,
    at: datetime,
) -> CertifiedDays:
    """Will put a medical certificate on each day that `family` (key) reserved for `child` from a day to a day.

    An absence that was told takes it (of an unsaid cause, it becomes an illness); where none was, an illness is
    recorded for the family, told when the certificate was received: what that is worth is the règlement's to say.
    Nobody is written to. Half a dozen statements, whatever the number of days. Raises UnableToRecordCertificateError
    when it is of a moment to come.
    """
    if received_at > at:
        raise UnableToRecordCertificateError
    lock_children([child.pk])
    rows = (
        Reservation.objects.active()
        .filter(child=child, family=family, date__range=(first_day, last_day))
        .order_by("date", "product_id")
        .values_list("product_id", "date")
    )
    keys = [DayKey(child.pk, product, day) for product, day in rows if product in offer.product_by_pk]
    if not keys:
        return CertifiedDays()
    planning = read_planning(
        [ChildFacts(child.pk, child.birth_date)],
        [offer.product_by_pk[pk] for pk in sorted({key.product for key in keys})],
        keys[0].date,
        keys[-1].date,
        offer=offer,
        family=family,
        user=None,
    )
    checked = [(key, certifying(planning.facts(key), at=at, seen=planning.seen.get(key))) for key in keys]
    covered = [key for key, no in checked if no is None]
    reservations = [planning.booked[key].pk for key in covered]
    absences = {
        one.reservation_id: one
        for one in Absence.objects.filter(reservation__in=reservations, withdrawn_at__isnull=True)
    }
    given = [one for one in absences.values() if one.certificate_at is None or received_at < one.certificate_at]
    unsaid = [one.pk for one in given if one.cause == Cause.OTHER.value]
    Absence.objects.filter(pk__in=[one.pk for one in given]).update(certificate_at=received_at)
    if unsaid:
        Absence.objects.filter(pk__in=unsaid).update(cause=Cause.ILLNESS.value)
    told = Absence.objects.bulk_create(
        Absence(
            authority_id=offer.authority,
            reservation_id=reservation,
            cause=Cause.ILLNESS.value,
            told_at=received_at,
            told_by_id=by.key,
            certificate_at=received_at,
        )
        for reservation in reservations
        if reservation not in absences
    )
    done = CertifiedDays(
        tuple(one.pk for one in told),
        tuple(one.pk for one in given),
        tuple(covered),
        tuple((key, no) for key, no in checked if no is not None),
    )
    if done.told or done.given:
        audit.record(
            "record_certificates",
            authority=offer.authority,
            of="absence",
            key=None,
            by=by,
            at=at,
            absences=sorted((*done.told, *done.given)),
            told=len(done.told),
        )
    return done


def _planning(child: Child, key: DayKey, family: int, offer: Offer) -> Planning:
    return read_planning(
        [ChildFacts(child.pk, child.birth_date)],
        [offer.product_by_pk[key.product]],
        key.date,
        key.date,
        offer=offer,
        family=family,
        user=None,
    )
