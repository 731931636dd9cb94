"""Each row belongs to an authority, and a query that does not say which authorities it may see is an error.

The scope holds plain keys, so that the ground needs no domain word. Libraries were tried for this; the one that fits
lets `exists()` through without a scope (see docs/decisions), and this must fail closed for every call.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.constraints import BaseConstraint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

EVERY_AUTHORITY = None
_NO_SCOPE: frozenset[int] = frozenset()
_scope: ContextVar[frozenset[int] | None] = ContextVar("authorities", default=_NO_SCOPE)


class UnscopedQueryError(RuntimeError):
    """A query on rows of authorities was made without saying which."""


@contextmanager
def scope(authorities: Iterable[int]) -> Iterator[None]:
    """Will let queries inside see the rows of these authorities (keys) and no others."""
    keys = frozenset(authorities)
    token = _scope.set(keys or frozenset({-1}))
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def every_authority() -> Iterator[None]:
    """Will let queries inside see all the rows: for jobs and commands that work on the whole platform."""
    token = _scope.set(EVERY_AUTHORITY)
    try:
        yield
    finally:
        _scope.reset(token)


def current_scope() -> frozenset[int] | None:
    """Will return the keys in scope, or None for all; raises UnscopedQueryError when no scope is open."""
    keys = _scope.get()
    if keys is not None and not keys:
        message = "open tenancy.scope(...) before querying rows of an authority"
        raise UnscopedQueryError(message)
    return keys


def is_in_scope(authority: int) -> bool:
    """Will tell whether the rows of this authority (key) may be seen here: for statements written by hand."""
    keys = _scope.get()
    return keys is None or authority in keys


class ScopedManager(models.Manager):  # type: ignore[type-arg]
    """The default manager of every model of an authority: refuses to answer outside a scope."""

    use_in_migrations = False

    def get_queryset(self) -> models.QuerySet[Any]:
        """Will return the rows of the authorities in scope; raises UnscopedQueryError without a scope."""
        keys = current_scope()
        rows = super().get_queryset()
        if keys is None:
            return rows
        if len(keys) == 1:
            return rows.filter(authority_id=next(iter(keys)))
        return rows.filter(authority_id__in=keys)


class SameAuthority(BaseConstraint):
    """A composite foreign key (authority, row): rows of two authorities can never meet.

    The referenced model declares `tenant_key(...)`, the unique pair this needs. The constraint is deferred to the end
    of the transaction, as Django's own foreign keys are.
    """

    def __init__(self, *, field: str, name: str) -> None:
        """Will tie `field`, a foreign key of the model, to the model's own authority."""
        super().__init__(name=name)
        self.field = field

    def create_sql(  # type: ignore[override]  # Django takes None too: there is nothing to run at once
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> None:
        """Will add the constraint at the end of the migration, when the pair it points to is there."""
        assert model is not None  # noqa: S101  Django always passes both
        assert schema_editor is not None  # noqa: S101
        quote = schema_editor.quote_name
        foreign_key: Any = model._meta.get_field(self.field)
        target: Any = foreign_key.related_model
        schema_editor.deferred_sql.append(
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)} "
            f"FOREIGN KEY (authority_id, {quote(foreign_key.column)}) "
            f"REFERENCES {quote(target._meta.db_table)} (authority_id, id) "
            "DEFERRABLE INITIALLY DEFERRED"
        )

    def remove_sql(self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        """Will return the statement that drops the constraint."""
        assert model is not None  # noqa: S101
        assert schema_editor is not None  # noqa: S101
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def constraint_sql(self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        """Will return nothing inline: the constraint is always added after its table."""
        self.create_sql(model, schema_editor)
        return ""

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Will leave the judgement to the database."""

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """Will return what a migration writes."""
        path, args, kwargs = super().deconstruct()
        return path, tuple(args), {**kwargs, "field": self.field}

    def __eq__(self, other: object) -> bool:
        """Will compare by name and field."""
        return isinstance(other, SameAuthority) and (self.name, self.field) == (other.name, other.field)

    __hash__ = BaseConstraint.__hash__


def same_authority(*fields: str) -> list[BaseConstraint]:
    """Will return the constraints that tie each foreign key of `fields` to the model's own authority."""
    return [SameAuthority(field=field, name=f"%(app_label)s_%(class)s_{field}_same") for field in fields]


def tenant_key() -> models.UniqueConstraint:
    """Will return the unique pair (authority, id) that rows of other tables point to."""
    return models.UniqueConstraint(fields=("authority", "id"), name="%(app_label)s_%(class)s_tenant")
