"""The certificates of absences: what they make of days by the règlement, of drafts in review, of what was invoiced."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from marelle.domain.billing.operations.corrections import UnableToCorrectError, correct
from marelle.domain.billing.operations.redrafting import draft_anew, hold_regies
from marelle.domain.billing.operations.runs import UnableToBillError
from marelle.domain.billing.queries.corrections import correction_of, invoices_with, period_of, runs_of
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Custody
from marelle.domain.families.queries.profile import homes_on
from marelle.domain.reservations.operations.absences import certify_days, record_certificate, record_certificates
from marelle.domain.reservations.operations.locking import lock_children
from marelle.domain.reservations.queries.absences import readings_of, told_absences
from marelle.domain.reservations.queries.reserved_days import reserved_days
from marelle.domain.reservations.rules.sentences import reading_sentence, untold_sentence
from marelle.foundation import audit
from marelle.foundation.french_dates import without_weekday
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.billing.models import BillingRun, Invoice
    from marelle.domain.catalog.queries import Offer
    from marelle.domain.families.models import Child, Family
    from marelle.domain.reservations.models import Absence
    from marelle.domain.reservations.operations.absences import CertifiedDays, CertifiedTogether
    from marelle.domain.reservations.queries.planning import DayKey
    from marelle.domain.reservations.rules.absences import Untold
    from marelle.foundation.actors import Actor


class WhyNotCertified(StrEnum):
    """Why a certificate is not recorded at all, in words."""

    OTHER_AUTHORITY = "Cet enfant et cette famille ne sont pas de la même collectivité."
    REVERSED = "La fin vient avant le début : vérifiez les deux jours."
    FUTURE = "Le certificat ne peut pas être reçu à un moment à venir."
    RUN_UNDER_WAY = "Une facturation est en cours. Réessayez dans quelques minutes."
    CHANGED = "Une facture a changé à l’instant. Réessayez."


class UnableToCertifyError(Exception):
    """Nothing was written; `why` says what stands against it."""

    def __init__(self, why: WhyNotCertified) -> None:
        """Will keep why."""
        super().__init__(why.name)
        self.why = why


@dataclass(frozen=True, slots=True)
class CertifiedDay:
    """A day that a certificate covers, and what the règlement makes of it: « Non facturé. »."""

    date: date
    product: int
    product_name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class NotCertified:
    """A reserved day that a certificate does not cover, and why, in words."""

    date: date
    product: int
    product_name: str
    reason: Untold
    sentence: str


@dataclass(frozen=True, slots=True)
class Certified:
    """What a certificate came to.

    Absences recorded with it, and those told before that took it. `days` are all that it covers, again when it had been
    recorded already. `credit_notes` are those that it made; `to_review` the invoices that are out and whose difference
    is not in favour of the family, or is of days of another period: an agent corrects them.
    """

    absences_recorded: int
    certificates_recorded: int
    days: tuple[CertifiedDay, ...]
    credit_notes: tuple[Invoice, ...]
    not_possible: tuple[NotCertified, ...]
    to_review: tuple[Invoice, ...] = ()


@operation
def certify_illness(
    child: Child, *, family: Family, first_day: date, last_day: date, received_at: datetime, by: Actor, at: datetime
) -> Certified:
    """Will record that `child` was ill from a day to a day, by a certificate received at `received_at` (aware).

    On the days that `family` reserved, those of another home left alone: see `certify_days`. The règlement says what
    each costs; what is not invoiced yet is billed so, a draft in review is made again, and a credit note gives back
    what an invoice that is out asked too much. The same certificate again records nothing more. Raises
    UnableToCertifyError.
    """
    if child.authority_id != family.authority_id:
        raise UnableToCertifyError(WhyNotCertified.OTHER_AUTHORITY)
    if last_day < first_day:
        raise UnableToCertifyError(WhyNotCertified.REVERSED)
    if received_at > at:
        raise UnableToCertifyError(WhyNotCertified.FUTURE)
    authority = family.authority
    offer = offer_of(authority)
    lock_children([child.pk])
    products = {one.product for one in reserved_days(child, family, first_day, last_day)} & set(offer.product_by_pk)
    runs = _held(products, offer)
    done = certify_days(
        child,
        family=family.pk,
        first_day=first_day,
        last_day=last_day,
        offer=offer,
        received_at=received_at,
        by=by,
        at=at,
    )
    credit_notes, to_review = _give_back(done.days, family=family, offer=offer, received_at=received_at, by=by, at=at)
    if done.told or done.given:
        other_homes = {home for day in {first_day, last_day} for home in homes_on(day, [child.pk]).get(child.pk, ())}
        credited = {one.regie_id for one in credit_notes}
        for regie, run in runs.items():
            if regie not in credited:
                draft_anew(run, family.pk, authority=authority, by=by, at=at)
            # A day given back out of a package may be for the other home, which pays it.
            for home in sorted(other_homes - {family.pk}):
                draft_anew(run, home, authority=authority, by=by, at=at)
    for one in credit_notes:
        # Each has its own line in the journal: this one says what it came of.
        audit.record(
            "credit_absences", authority=authority.pk, of="invoice", key=one.pk, by=by, at=at, cents=one.total_cents
        )
    return Certified(
        absences_recorded=len(done.told),
        certificates_recorded=len(done.given),
        days=_read(done, offer, at),
        credit_notes=credit_notes,
        not_possible=tuple(
            NotCertified(
                key.date,
                key.product,
                offer.product_by_pk[key.product].name,
                no.reason,
                " ".join(untold_sentence(no)),
            )
            for key, no in done.refused
        ),
        to_review=to_review,
    )


@operation
def prove_absence(
    absence: Absence, *, received_at: datetime | None, authority: Authority, by: Actor, at: datetime
) -> None:
    """Will record when the certificate of an absence came (None undoes it), and draft its homes again in a review.

    What is out stays as it is: see `overtaken_by`. Raises UnableToRecordCertificateError, UnableToCertifyError while a
    run is being drafted or issued.
    """
    runs = _hold_for([absence], offer_of(authority))
    record_certificate(absence, received_at=received_at, by=by, at=at)
    _draft_homes_anew([absence], runs, authority=authority, by=by, at=at)


@operation
def prove_absences(
    absences: Sequence[Absence], *, received_at: datetime, authority: Authority, by: Actor, at: datetime
) -> CertifiedTogether:
    """Will do as `prove_absence` for several absences whose certificates came at one moment; see `record_certificates`.

    Raises UnableToRecordCertificateError, UnableToCertifyError.
    """
    runs = _hold_for(absences, offer_of(authority))
    keys = [one.pk for one in absences]
    done = record_certificates(keys, received_at=received_at, authority=authority.pk, by=by, at=at)
    recorded = [one for one in absences if one.pk in done.recorded]
    _draft_homes_anew(recorded, runs, authority=authority, by=by, at=at)
    return done


def _hold_for(absences: Sequence[Absence], offer: Offer) -> dict[int, BillingRun | None]:
    lock_children({one.reservation.child_id for one in absences})
    products = {one.reservation.product_id for one in absences} & set(offer.product_by_pk)
    return _held(products, offer) if products else {}


def _draft_homes_anew(
    absences: Sequence[Absence],
    runs: dict[int, BillingRun | None],
    *,
    authority: Authority,
    by: Actor,
    at: datetime,
) -> None:
    """Will draft again every home of these children: a day given back out of a package may be for the other one."""
    if not any(runs.values()):
        return
    families = {one.reservation.family_id for one in absences}
    families |= set(
        Custody.objects.filter(child__in={one.reservation.child_id for one in absences}).values_list(
            "family_id", flat=True
        )
    )
    for run in runs.values():
        for family in sorted(families):
            draft_anew(run, family, authority=authority, by=by, at=at)


def _held(products: set[int], offer: Offer) -> dict[int, BillingRun | None]:
    try:
        return hold_regies(products, offer=offer)
    except UnableToBillError:
        raise UnableToCertifyError(WhyNotCertified.RUN_UNDER_WAY) from None


def _give_back(
    keys: tuple[DayKey, ...],
    *,
    family: Family,
    offer: Offer,
    received_at: datetime,
    by: Actor,
    at: datetime,
) -> tuple[tuple[Invoice, ...], tuple[Invoice, ...]]:
    """Will credit what was asked too much for these days; returns the credit notes, and the invoices to review."""
    if not keys:
        return (), ()
    days: dict[tuple[int, int], set[date]] = {}
    for key in keys:
        days.setdefault((key.child, key.product), set()).add(key.date)
    services = {offer.product_by_pk[key.product].activity.service.pk for key in keys}
    had = invoices_with(days, family=family.pk)
    invoices = {one.pk: one for one in (*had, *runs_of([key.date for key in keys], services, family=family.pk))}
    reason = f"Justificatif d’absence reçu le {without_weekday(received_at.astimezone(offer.zone).date(), year=True)}"
    credit_notes, to_review = [], []
    for _pk, invoice in sorted(invoices.items()):
        mine = had.get(invoice, {})
        period = period_of(invoice)
        if any(day not in period for each in mine.values() for day in each):
            # Carried over from another month: its own period does not judge them again.
            to_review.append(invoice)
            continue
        # A month is judged whole, packages and caps included; of what was paid on booking, these days alone.
        only = mine if invoice.run is None else None
        billed = correction_of(invoice, authority=family.authority, only=only, at=at)
        if billed is None or billed.draft is None or not any(line.total for line in billed.draft.lines):
            continue
        if billed.draft.total >= 0:
            to_review.append(invoice)
            continue
        try:
            credit_notes.append(
                correct(
                    invoice,
                    authority=family.authority,
                    reason=reason,
                    expected=billed.draft.total,
                    only=only,
                    by=by,
                    at=at,
                )
            )
        except UnableToCorrectError:
            raise UnableToCertifyError(WhyNotCertified.CHANGED) from None
    return tuple(credit_notes), tuple(to_review)


def _read(done: CertifiedDays, offer: Offer, at: datetime) -> tuple[CertifiedDay, ...]:
    if not done.days:
        return ()
    absences = {
        (one.reservation.product_id, one.reservation.date): one
        for one in told_absences().filter(
            reservation__child=done.days[0].child,
            reservation__date__in={key.date for key in done.days},
            reservation__product__in={key.product for key in done.days},
        )
    }
    readings = readings_of(absences.values(), offer=offer, at=at)
    return tuple(
        CertifiedDay(
            key.date,
            key.product,
            offer.product_by_pk[key.product].name,
            reading_sentence(readings.get(absences[key.product, key.date].pk), zone=offer.zone),
        )
        for key in done.days
    )
