"""What is offered, made at once from a choice of the office: rows that no file ever said."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from marelle.domain.authorities.models import Authority, Regie
from marelle.domain.authorities.operations import Outcome, Said, add_rows, touch_catalog
from marelle.domain.catalog.models import Service
from marelle.domain.catalog.operations.offer import NAMED_BY
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def add_offer_rows(
    authority: Authority, model: type[Any], wanted: Collection[Said], *, by: Actor, at: datetime
) -> Outcome[Any]:
    """Will make services, activities, templates or products that are not there; `model` is one of `NAMED_BY`."""
    return add_rows(authority, model, NAMED_BY[model], wanted, by=by, at=at)


@operation
def attach_services(authority: Authority, regie: Regie, *, by: Actor, at: datetime) -> int:
    """Will give the services that have no régie this one; return how many."""
    attached = Service.objects.filter(authority=authority, regie=None).update(regie=regie)
    if attached:
        touch_catalog(authority, by=by, at=at)
        audit.record(
            "attach_services", authority=authority.pk, of="regie", key=regie.pk, by=by, at=at, attached=attached
        )
    return attached
