"""An event and what families are told of it: one act, so that nobody is told of what is not, nor told twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.news.models import FamilyMessage
from marelle.domain.news.operations.messages import WrongMessageError, leave
from marelle.domain.news.queries.messages import messages_of_event
from marelle.domain.news.queries.recipients import EVERYTHING, recipients_for
from marelle.domain.news.rules.events import told_words, undone_words
from marelle.domain.news.rules.filters import FamilyFilter
from marelle.domain.news.rules.messages import DAYS_BLANK, unknown_blanks, unknown_in_words
from marelle.domain.news.rules.recipients import Channel
from marelle.domain.reservations.operations.disruptions import declare_disruption, undo_disruption
from marelle.domain.reservations.rules.disruptions import Effect
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.catalog.queries import Offer
    from marelle.domain.news.rules.messages import Words
    from marelle.domain.reservations.models import Disruption
    from marelle.domain.reservations.operations.disruptions import Undone
    from marelle.domain.reservations.rules.disruptions import Said
    from marelle.foundation.actors import Actor


@operation
def declare_and_tell(
    said: Said, *, channels: Collection[Channel], authority: Authority, offer: Offer, by: Actor, at: datetime
) -> Disruption:
    """Will declare an event (`declare_disruption`) and have its families told by these channels; by none: nobody is.

    Each family once, of all its children. Raises WrongMessageError (its own words have a blank that nothing fills),
    WrongDisruptionError, AlreadyDeclaredError.
    """
    unknown = [name for name in unknown_blanks(said.words) if name != DAYS_BLANK]
    if unknown:
        raise WrongMessageError({"words": unknown_in_words(tuple(unknown))})
    disruption = declare_disruption(said, offer=offer, by=by, at=at)
    words = told_words(disruption.title, disruption.words, said.effect, said.starts_on, said.ends_on)
    _tell(disruption, words, channels, authority, by=by, at=at)
    return disruption


@operation
def undo_and_tell(disruption: Disruption, *, authority: Authority, offer: Offer, by: Actor, at: datetime) -> Undone:
    """Will undo an event (`undo_disruption`) and have those who were told of it told so, by the same channels.

    Raises NotStandingError, PlacesMovedError.
    """
    done = undo_disruption(disruption, offer=offer, by=by, at=at)
    row = done.disruption
    first = messages_of_event(row.public_id).first()
    if first is not None:
        words = undone_words(row.title, Effect(row.effect), row.starts_on, row.ends_on)
        _tell(row, words, first.channels, authority, by=by, at=at)
    return done


def _tell(
    disruption: Disruption,
    words: Words,
    channels: Collection[Channel],
    authority: Authority,
    *,
    by: Actor,
    at: datetime,
) -> None:
    if not channels or not disruption.lines.exists():
        return
    message = FamilyMessage.objects.create(
        authority=authority,
        subject=words.subject,
        body=words.body,
        text_body=words.text,
        by_email=Channel.EMAIL in channels,
        by_text=Channel.TEXT in channels,
        criteria=FamilyFilter(disruption=disruption.public_id).as_data(),
        written_at=at,
        written_by_id=by.key,
    )
    # All its families, those of other services than the agent's too: it is about days of theirs.
    found = recipients_for(message, EVERYTHING, authority=authority, on=at.astimezone(authority.zone).date())
    leave(message, found, by=by, at=at)
