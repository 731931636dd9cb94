"""Writes happen inside operations and nowhere else; a guard on each connection holds everybody to it."""

from __future__ import annotations

import functools
import re
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from django.db import transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper

P = ParamSpec("P")
R = TypeVar("R")

# What cannot be a statement: comments, texts, and the bodies between dollars.
_NOT_A_STATEMENT = re.compile(
    r"--[^\n]*|/\*.*?\*/|\bE'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$", re.IGNORECASE | re.DOTALL
)
# A write anywhere in a statement, and its table. « FOR UPDATE » locks; « DO UPDATE » belongs to the INSERT before it.
_WRITES = re.compile(
    r"(?:\b(?:INSERT INTO|DELETE FROM|MERGE INTO|(?<!\bFOR )(?<!\bKEY )(?<!\bDO )UPDATE)|(?:^|;) ?(?:TRUNCATE|COPY))"
    r'(?: TABLE)?(?: ONLY)? \(?(?:"?\w+"?\.)?"?(\w+)',
    re.IGNORECASE,
)
# Tables that a library writes by itself: sessions, the sign-in library, its shared cache, the queue's own bookkeeping.
_FREE_TABLES = re.compile(
    r"(?:marelle_cache|account_|socialaccount_|mfa_|allauth_idp_oidc_|accounts_(?:user|session)|procrastinate_|django_|auth_)",
    re.IGNORECASE,
)
_permitted: ContextVar[str] = ContextVar("write_permitted", default="")
_inside_operation: ContextVar[bool] = ContextVar("inside_operation", default=False)
_reading_only: ContextVar[bool] = ContextVar("reading_only", default=False)


class WriteOutsideOperationError(RuntimeError):
    """Something tried to write outside a named operation, or during a request that only reads."""


class FailureIgnoredError(RuntimeError):
    """An operation caught what an inner one raised and went on: everything is undone, and that must not pass unseen."""


@contextmanager
def permitted(reason: str) -> Iterator[None]:
    """Will let statements inside write; `reason` names who: an operation, `migrate`, a test's factory."""
    token = _permitted.set(reason)
    try:
        yield
    finally:
        _permitted.reset(token)


@contextmanager
def reading_only() -> Iterator[None]:
    """Will refuse every write inside, operations included: for GET and HEAD."""
    token = _reading_only.set(True)
    try:
        yield
    finally:
        _reading_only.reset(token)


@contextmanager
def writing_after_all() -> Iterator[None]:
    """Will let operations write again inside a request that reads.

    For `doors.provider_call`, `doors.sent_back`, and the one line that `web.documents` writes of a reading.
    """
    token = _reading_only.set(False)
    try:
        yield
    finally:
        _reading_only.reset(token)


def require_permission(what: str) -> None:
    """Will raise WriteOutsideOperationError unless an operation is under way and the request may write."""
    if not _permitted.get() or _reading_only.get():
        message = f"{what} outside an operation"
        raise WriteOutsideOperationError(message)


def require_no_operation(what: str) -> None:
    """Will raise RuntimeError inside an operation: for what takes seconds, which its locks must not wait for."""
    if _inside_operation.get():
        message = f"{what} inside an operation"
        raise RuntimeError(message)


def operation(function: Callable[P, R]) -> Callable[P, R]:
    """Will run `function` as a named write: one transaction, which composes inside an outer one, with the guard open.

    No savepoint is made inside an outer operation: an exception undoes the whole, never a half.
    """

    @functools.wraps(function)
    def inside_transaction(*args: P.args, **kwargs: P.kwargs) -> R:
        if _reading_only.get():
            message = f"{function.__qualname__} was called by a request that only reads"
            raise WriteOutsideOperationError(message)
        is_outermost = not _inside_operation.get()
        token = _inside_operation.set(True)
        try:
            with transaction.atomic(savepoint=is_outermost), permitted(function.__qualname__):
                result = function(*args, **kwargs)
                if transaction.get_rollback():
                    message = f"{function.__qualname__} went on after an operation inside it had failed"
                    raise FailureIgnoredError(message)
                return result
        finally:
            _inside_operation.reset(token)

    inside_transaction.is_operation = True  # type: ignore[attr-defined]  # read by the house tests
    return inside_transaction


@functools.lru_cache(maxsize=2048)
def _is_write(sql: str) -> bool:
    """Will tell whether a statement writes in a table of ours; the same few texts come again at every request."""
    said = " ".join(_NOT_A_STATEMENT.sub(" ", sql).split())
    return any(not _FREE_TABLES.match(table) for table in _WRITES.findall(said))


def guard(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001
    """Will let a statement through unless it writes where nothing may."""
    if (not _permitted.get() or _reading_only.get()) and _is_write(sql):
        message = f"a write outside an operation: {sql[:120]}"
        raise WriteOutsideOperationError(message)
    return execute(sql, params, many, context)


def guard_connection(*, connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Will put the guard on a connection that has just opened."""
    if guard not in connection.execute_wrappers:
        connection.execute_wrappers.append(guard)
