"""The tasks of the profile: the letter that follows an agent's answer, and the photos that are no longer kept."""

from __future__ import annotations

from marelle.domain.authorities.models import Authority
from marelle.domain.families.models import ProposedChange
from marelle.domain.families.operations.photos import AT_ONCE, purge_photos
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import for_authority, tasks
from marelle.letters import about_profile
from marelle.letters.models import Letter
from marelle.letters.sending import send


@for_authority("letters.change_decided")
def change_decided(authority: Authority, *, change: int) -> None:
    """Will write the answer to a proposed change to whoever proposed it."""
    row = ProposedChange.objects.select_related("family", "guardian", "child").get(pk=change)
    send(
        Letter.Kind.CHANGE_DECIDED,
        about_profile.change_decided(row, authority),
        about=row.pk,
        family=row.family,
        reader=row.proposed_by_id,
        by=SYSTEM,
        at=clock.business_now(),
    )


@tasks.periodic(cron="35 3 * * *")
@tasks.task(name="families.photos", queueing_lock="families.photos")
def purge_old_photos(timestamp: int) -> None:
    """Will erase, each night, the photos that are a year old or to which nobody agrees any more."""
    now = clock.business_now()
    for authority in Authority.objects.defer("logo", "palette_css").order_by("pk"):
        with tenancy.scope({authority.pk}):
            while purge_photos(authority, by=SYSTEM, at=now) == AT_ONCE:
                pass
