"""An authority says what families may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marelle.domain.authorities.models import Authority
from marelle.domain.procedures.models import Procedure, ProcedureVersion, ServiceInCharge
from marelle.domain.procedures.rules.definitions import WrongDefinitionError, read_definition, written
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


class PublishedMeanwhileError(Exception):
    """Somebody else published a version of the procedure since it was read. Nothing was written."""


@operation
def publish_procedure(
    authority: Authority,
    code: str,
    content: Mapping[str, Any],
    *,
    position: int | None = None,
    expected: int | None = None,
    by: Actor,
    at: datetime,
) -> ProcedureVersion:
    """Will put a procedure in force, new or in a new version, for the applications to come.

    The same content again is the version in force. `expected` is the number of the version that an agent changes, 0
    when she makes a new procedure; None asks nothing. Raises WrongDefinitionError, also for a service in charge that
    the authority does not have, and PublishedMeanwhileError.
    """
    definition = read_definition(content)
    if not ServiceInCharge.objects.filter(code=definition.service).exists():
        raise WrongDefinitionError({"service": "Choisissez le service qui répond, parmi ceux de la collectivité."})
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    count = Procedure.objects.count()
    procedure, is_new = Procedure.objects.get_or_create(
        authority=authority, code=code, defaults={"position": count if position is None else position}
    )
    kept = written(definition)
    current = ProcedureVersion.objects.filter(procedure=procedure).order_by("-number").first()
    if current is not None and current.content == kept:
        return current
    if expected is not None and expected != (0 if current is None else current.number):
        raise PublishedMeanwhileError(code)
    version = ProcedureVersion.objects.create(
        authority=authority,
        procedure=procedure,
        number=1 if current is None else current.number + 1,
        title=definition.title,
        category=definition.category,
        content=kept,
        published_at=at,
        published_by_id=by.key,
    )
    if not is_new:
        procedure.current_number = version.number
        procedure.save(update_fields=["current_number"])
    audit.record(
        "publish_procedure",
        authority=authority.pk,
        of="procedure",
        key=procedure.pk,
        by=by,
        at=at,
        number=version.number,
        code=code,
    )
    return version


@operation
def open_procedure(procedure: Procedure, *, is_open: bool, by: Actor, at: datetime) -> bool:
    """Will offer a procedure to families or withdraw it; what was sent goes on. Tells whether it changed."""
    count = Procedure.objects.filter(pk=procedure.pk, is_open=not is_open).update(is_open=is_open)
    if count:
        audit.record(
            "open_procedure" if is_open else "shut_procedure",
            authority=procedure.authority_id,
            of="procedure",
            key=procedure.pk,
            by=by,
            at=at,
        )
    return bool(count)


@operation
def move_procedure(procedure: Procedure, *, places: int, by: Actor, at: datetime) -> bool:
    """Will move a procedure in the list that families read, up (negative) or down; tells whether it moved.

    Places are given anew to all of them, so that two never share one.
    """
    Authority.objects.select_for_update(no_key=True).get(pk=procedure.authority_id)
    rows = list(Procedure.objects.order_by("position", "pk"))
    here = rows.index(procedure)
    there = min(max(here + places, 0), len(rows) - 1)
    if here == there:
        return False
    rows.insert(there, rows.pop(here))
    for position, row in enumerate(rows):
        row.position = position
    Procedure.objects.bulk_update(rows, ["position"])
    audit.record(
        "move_procedure",
        authority=procedure.authority_id,
        of="procedure",
        key=procedure.pk,
        by=by,
        at=at,
        position=there,
    )
    return True


@operation
def save_service(
    authority: Authority, code: str, said: Mapping[str, str], *, by: Actor, at: datetime
) -> ServiceInCharge:
    """Will write who answers applications: name, contacts, role, named agent; made when there is none of this code."""
    service, is_new = ServiceInCharge.objects.select_for_update(of=("self",)).get_or_create(
        authority=authority, code=code, defaults=dict(said)
    )
    changed = [name for name, value in said.items() if getattr(service, name) != value]
    if not is_new and not changed:
        return service
    for name in changed:
        setattr(service, name, said[name])
    if changed:
        service.save(update_fields=changed)
    audit.record(
        "save_service", authority=authority.pk, of="serviceincharge", key=service.pk, by=by, at=at, fields=changed
    )
    return service
