"""Effects on the days of children: enrolled, ill, gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from marelle.domain.billing.operations.certificates import UnableToCertifyError, certify_illness
from marelle.domain.billing.operations.leaving import UnableToLeaveError, leave_authority
from marelle.domain.catalog.models import Activity
from marelle.domain.procedures.models import Application
from marelle.domain.procedures.operations.effects.done import Done, UnableToApplyError
from marelle.domain.procedures.operations.effects.named import children_named, day, day_if_said, several
from marelle.domain.procedures.rules.answers import Value
from marelle.domain.reservations.operations.enrollments import UnableToEnrollError, enroll
from marelle.foundation.actors import Actor
from marelle.foundation.french_dates import in_full, without_weekday
from marelle.foundation.money import in_euros


def enroll_children(application: Application, values: Mapping[str, Value], *, by: Actor, at: datetime) -> Done:
    """Will enroll children in activities, from a day, to the end of the activity unless said."""
    children = children_named(application, values, "children")
    said = several(values["activities"])
    activities = list(Activity.objects.filter(public_id__in=said).order_by("position", "name", "pk"))
    if len(activities) != len(said):
        message = "Une des activités n’est plus proposée."
        raise UnableToApplyError(message)
    starts_on, ends_on = day(values, "starts_on"), day_if_said(values, "ends_on")
    sentences, rows = [], []
    for child in children:
        for activity in activities:
            first = max(starts_on, activity.starts_on)
            try:
                enrollment = enroll(child, activity, starts_on=first, ends_on=ends_on, by=by, at=at)
            except UnableToEnrollError as error:
                message = f"{child.first_name}, {activity.name} : {error.why.value}"
                raise UnableToApplyError(message) from None
            since = without_weekday(first, year=True)
            sentences.append(f"{child.first_name} peut réserver {activity.name} à partir du {since}.")
            rows.append(("enrollment", enrollment.pk))
    return Done(tuple(sentences), tuple(rows))


def certify(application: Application, values: Mapping[str, Value], *, by: Actor, at: datetime) -> Done:
    """Will record a certificate, received when the application was, and what the règlement makes of each day."""
    (child,) = children_named(application, values, "child")
    try:
        done = certify_illness(
            child,
            family=application.family,
            first_day=day(values, "first_day"),
            last_day=day(values, "last_day"),
            received_at=application.submitted_at or at,
            by=by,
            at=at,
        )
    except UnableToCertifyError as error:
        raise UnableToApplyError(error.why.value) from None
    sentences = [f"{in_full(one.date)}, {one.product_name} : {one.sentence}" for one in done.days]
    sentences += [f"{in_full(one.date)}, {one.product_name} : {one.sentence}" for one in done.not_possible]
    sentences += [f"Avoir {one.number} de {in_euros(-one.total_cents)}." for one in done.credit_notes]
    sentences += [f"La facture {one.number} reste à revoir par la régie." for one in done.to_review]
    if not sentences:
        sentences = [f"Aucun jour réservé pour {child.first_name} pendant cette absence : rien ne change."]
    return Done(tuple(sentences), (("child", child.pk), *(("invoice", one.pk) for one in done.credit_notes)))


def leave(application: Application, values: Mapping[str, Value], *, by: Actor, at: datetime) -> Done:
    """Will end what the family has at the authority after its last day."""
    last_day = day(values, "last_day")
    try:
        left = leave_authority(application.family, last_day=last_day, by=by, at=at)
    except UnableToLeaveError as error:
        raise UnableToApplyError(error.why.value) from None
    sentences = [f"Dernier jour : {in_full(last_day, year=True)}."]
    sentences += [
        f"{words} : {count}."
        for words, count in (
            ("Inscriptions arrêtées", left.enrollments_ended),
            ("Réservations annulées", left.reservations_cancelled),
        )
        if count
    ]
    if left.credited_cents:
        sentences.append(f"Rendu à la famille : {in_euros(left.credited_cents)}.")
    sentences += sorted({one.why.value for one in left.kept})
    return Done(tuple(sentences), tuple(("child", child.pk) for child in left.children))
