"""What is not kept any longer than `data_retention.yaml` says."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import DateField, Exists, OuterRef, Q
from django.db.models.functions import Coalesce, TruncDate

from marelle.domain.authorities.models import Authority
from marelle.domain.families.models import SupportingDocument
from marelle.domain.families.operations.documents import forget_document
from marelle.domain.families.rules.documents import kept_before
from marelle.domain.procedures.models import ApplicationDocument
from marelle.domain.procedures.rules.states import OPEN, State
from marelle.foundation.actors import Actor
from marelle.foundation.models import RowChange
from marelle.foundation.writes import operation

AT_ONCE = 200
KEPT_FOR: Final = timedelta(days=365)  # what rows said before their changes


@operation
def purge_documents(authority: Authority, *, on: date, by: Actor, at: datetime) -> int:
    """Will erase documents that ended to be valid long enough before `on` (local); tells how many.

    Those of a draft or of an application that waits are left until it is closed. So many at once: whoever calls goes on
    until there are none.
    """
    in_use = ApplicationDocument.objects.filter(
        document=OuterRef("pk"), application__state__in=[State.DRAFT, *sorted(OPEN)]
    )
    came_on = TruncDate("uploaded_at", tzinfo=authority.zone)
    old = (
        SupportingDocument.objects.alias(ended_on=Coalesce("valid_until", came_on, output_field=DateField()))
        .filter(
            ~Exists(in_use),
            Q(is_health=False, ended_on__lt=kept_before(on, is_health=False))
            | Q(is_health=True, ended_on__lt=kept_before(on, is_health=True)),
        )
        .order_by("pk")
    )
    return sum(forget_document(document, by=by, at=at) for document in old[:AT_ONCE])


@operation
def forget_old_changes(*, by: Actor, at: datetime) -> int:
    """Will forget what rows said more than a year before `at` (machine time); the lines of the journal stay."""
    forgotten, _tables = RowChange.objects.filter(recorded_at__lt=at - KEPT_FOR).delete()
    return forgotten
