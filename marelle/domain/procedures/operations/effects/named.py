"""The rows that values name, as they are when the acceptance acts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from marelle.domain.authorities.models import Regie
from marelle.domain.families.models import Child
from marelle.domain.procedures.models import Application
from marelle.domain.procedures.operations.effects.done import UnableToApplyError
from marelle.domain.procedures.rules.answers import Value


def children_named(application: Application, values: Mapping[str, Value], code: str) -> list[Child]:
    """Will return the children of the family whom a field names, the eldest first. Raises UnableToApplyError."""
    said = several(values[code])
    found = (
        Child.objects.filter(public_id__in=said, custodies__family=application.family_id)
        .order_by("birth_date", "pk")
        .distinct()
    )
    children = list(found)
    if not children or len(children) != len(said):
        message = "Un des enfants n’est plus au dossier de la famille."
        raise UnableToApplyError(message)
    return children


def several(value: Value) -> tuple[str, ...]:
    """Will return the public names that a field chose, one or many."""
    if isinstance(value, str):
        return (value,)
    assert isinstance(value, tuple)  # noqa: S101  the definition says so
    return tuple(str(one) for one in value)


def regie_named(values: Mapping[str, Value], code: str = "regie") -> Regie:
    """Will return the régie that a field names. Raises UnableToApplyError."""
    found = Regie.objects.filter(code=values[code]).first()
    if found is None:
        message = "Cette régie n’existe plus."
        raise UnableToApplyError(message)
    return found


def day(values: Mapping[str, Value], code: str) -> date:
    """Will return the day that a field says."""
    value = values[code]
    assert isinstance(value, date)  # noqa: S101  the definition says so
    return value


def day_if_said(values: Mapping[str, Value], code: str) -> date | None:
    """Will return the day that a field says, None when nothing is."""
    return day(values, code) if code in values else None


def cents(values: Mapping[str, Value], code: str) -> int:
    """Will return the amount, in cents, that a field says; 0 when it says nothing."""
    value = values.get(code, 0)
    assert isinstance(value, int)  # noqa: S101  the definition says so
    return value


def text(values: Mapping[str, Value], code: str) -> str:
    """Will return the words of a field; nothing when it has none."""
    value = values.get(code, "")
    return value if isinstance(value, str) else ""
