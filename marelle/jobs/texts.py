"""The texts that leave by themselves: a place is offered for some hours, and an e-mail is often read too late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from marelle.domain.authorities.models import Authority
from marelle.domain.news.queries.recipients import homes_of
from marelle.domain.news.rules.texts import may_ring_at
from marelle.domain.reservations.queries.waiting import running_offers
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import tasks
from marelle.letters import about_reservations
from marelle.letters.models import FamilyText
from marelle.letters.queries import offers_to_text
from marelle.letters.texting import text_about

if TYPE_CHECKING:
    from marelle.domain.news.texts import TextSender

AT_ONCE = 200


@tasks.periodic(cron="*/5 * * * *")
@tasks.task(name="letters.text_offers", queueing_lock="letters.text_offers")
def text_offers(timestamp: int) -> None:
    """Will text, every five minutes, the families whose offer runs and who were not: never at night, each once.

    What is offered at night is told in the morning, if it still runs: its letter left at once.
    """
    sender = settings.TEXTS
    if sender is None:
        return
    with tenancy.every_authority():
        keys = set(offers_to_text(at=clock.business_now()).values_list("authority_id", flat=True))
    for key in sorted(keys):
        with tenancy.scope({key}):
            if not _text_of(Authority.objects.get(pk=key), sender):
                return  # the provider does not answer: in five minutes


def _text_of(authority: Authority, sender: TextSender) -> bool:
    """Will text the families of an authority; tells whether the provider answers."""
    now = clock.business_now()
    if not may_ring_at(now.astimezone(authority.zone)):
        return True
    offers = offers_to_text(at=now).select_related("entry__child", "entry__product").order_by("expires_at", "pk")
    waiting = list(offers[:AT_ONCE])
    homes = homes_of({made.entry.family_id for made in waiting})
    for made in waiting:
        at = clock.business_now()
        if not running_offers(at=at).filter(pk=made.pk).exists():
            continue  # answered meanwhile
        is_answered = text_about(
            FamilyText.Kind.PLACE_OFFERED,
            made,
            about_reservations.place_offered_text(made, authority),
            home=homes[made.entry.family_id],
            sender=sender,
            by=SYSTEM,
            at=at,
            machine=clock.machine_now,
        )
        if not is_answered:
            return False
    return True
