"""A régie joins the online invoices from a day on, or leaves them: who administers it decides, once it was tried."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Regie
from marelle.domain.payments.queries.settings import setting_of, settings_or_desk
from marelle.domain.payments.rules.checklist import is_tried
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.foundation.actors import Actor


class WhyNotJoined(StrEnum):
    """Why a régie does not join, in the words that an agent reads."""

    NOT_TRIED = "Réussissez d’abord un paiement d’essai : voyez Paiement en ligne."
    IN_THE_PAST = "Choisissez aujourd’hui ou un jour à venir."
    HAS_JOINED = "Cette régie a déjà rejoint les factures en ligne."


class UnableToJoinError(Exception):
    """The régie does not join then: `why`. Nothing was written."""

    def __init__(self, why: WhyNotJoined) -> None:
        """Will keep why."""
        super().__init__(why.name)
        self.why = why


@operation
def join_online(regie: Regie, *, since: date, on: date, by: Actor, at: datetime) -> None:
    """Will have a régie join the online invoices from the day `since`, said on the day `on` over there.

    A payment must have succeeded in test, with the number that it has today. A day to come may be changed; once it has
    joined, it can only leave. Raises UnableToJoinError.
    """
    regie = Regie.objects.select_for_update(no_key=True).get(pk=regie.pk)
    if regie.online_from is not None and regie.online_from <= on:
        raise UnableToJoinError(WhyNotJoined.HAS_JOINED)
    if since < on:
        raise UnableToJoinError(WhyNotJoined.IN_THE_PAST)
    if not is_tried(setting_of(settings_or_desk(regie))):
        raise UnableToJoinError(WhyNotJoined.NOT_TRIED)
    regie.online_from = since
    regie.save(update_fields=["online_from"])
    audit.record(
        "join_online", authority=regie.authority_id, of="regie", key=regie.pk, by=by, at=at, since=since.isoformat()
    )


@operation
def leave_online(regie: Regie, *, by: Actor, at: datetime) -> bool:
    """Will have a régie leave the online invoices at once, or not join; returns whether it had a day.

    Nothing of it is paid online any more; what families have begun to pay goes on to its end. A repeat does nothing.
    """
    regie = Regie.objects.select_for_update(no_key=True).get(pk=regie.pk)
    was = regie.online_from
    if was is None:
        return False
    regie.online_from = None
    regie.save(update_fields=["online_from"])
    audit.record(
        "leave_online", authority=regie.authority_id, of="regie", key=regie.pk, by=by, at=at, since=was.isoformat()
    )
    return True
