"""Files kept outside the database and outside what a web server can reach: under opaque names, encrypted.

A folder of this machine, or a bucket that speaks S3 when one is set. A name is drawn at random and says nothing; what
is kept is a token of `encryption`, which holds the name too, so that one file cannot be put in the place of another.

A file is stored before the row that names it is committed. Should that transaction be undone, or a row go by a cascade,
nobody names the file any more: `sweep` forgets such files a day later. A row that is deleted on purpose posts
`forget_later` in its transaction.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol

from django.apps import apps
from django.conf import settings
from django.db import models

from marelle.foundation import outbox
from marelle.foundation.encryption import decrypt_bytes, encrypt_bytes, other_tokens, rotate_bytes

log = logging.getLogger("marelle.files")
NAME_BYTES: Final = 16
NAME_LENGTH: Final = 2 * NAME_BYTES
ORPHAN_AGE: Final = timedelta(days=1)
S3_SECONDS: Final = 10
BATCH: Final = 500
# Below this many files without a row a sweep does its work; above, only if most files have one.
FEW: Final = 20
_NAME: Final = re.compile(rf"[0-9a-f]{{{NAME_LENGTH}}}")
_DRAFT: Final = ".draft-"


class NoSuchFileError(LookupError):
    """No file is kept under this name."""


class FilesUnavailableError(Exception):
    """The place where files are kept does not answer, or is full; try again later."""


class S3Access(Protocol):
    """A bucket, and who we are for it; a value that can be compared."""

    @property
    def endpoint(self) -> str: ...
    @property
    def bucket(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def secret(self) -> str: ...
    @property
    def region(self) -> str: ...


class Place(Protocol):
    """Where tokens are kept by name. Each raises FilesUnavailableError."""

    def write(self, name: str, token: bytes) -> None:
        """Will keep a token for good before it returns; whole, or not at all."""

    def read(self, name: str) -> bytes:
        """Will return the token. Raises NoSuchFileError."""

    def remove(self, name: str) -> None:
        """Will remove it; nothing if it is not there."""

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Will give each name and when it was last written (aware), in any order."""

    def remove_drafts(self, before: datetime) -> None:
        """Will remove what a writer that was killed before `before` has left half written."""


class Folder:
    """A folder of ours alone, on this machine or mounted there."""

    def __init__(self, root: Path) -> None:
        """Will keep where it is; it is made with its first file."""
        self.root = root

    def write(self, name: str, token: bytes) -> None:
        """Will write beside, flush, and rename: no reader sees a half, a power cut loses nothing that was kept."""
        path = self._path(name)
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            draft = path.with_name(f"{_DRAFT}{secrets.token_hex(NAME_BYTES)}")
            try:
                with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                    out.write(token)
                    out.flush()
                    os.fsync(out.fileno())
                draft.rename(path)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
            _flush_folder(path.parent)
        except OSError as error:
            raise FilesUnavailableError from error

    def read(self, name: str) -> bytes:
        """Will return the token. Raises NoSuchFileError."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise NoSuchFileError(name) from error
        except OSError as error:
            raise FilesUnavailableError from error

    def remove(self, name: str) -> None:
        """Will remove it."""
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            raise FilesUnavailableError from error

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Will walk the folder."""
        for path in self.root.glob("??/*"):
            if _NAME.fullmatch(path.name):
                with suppress(FileNotFoundError):  # gone meanwhile
                    yield path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def remove_drafts(self, before: datetime) -> None:
        """Will remove drafts of before."""
        for path in self.root.glob(f"??/{_DRAFT}*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()

    def _path(self, name: str) -> Path:
        return self.root / _checked(name)[:2] / name


class Bucket:
    """A bucket of a service that speaks S3."""

    def __init__(self, access: S3Access) -> None:
        """Will keep the way there; nothing is asked of it yet."""
        import obstore  # noqa: PLC0415  fifteen megabytes that a folder does without
        from obstore.store import S3Store  # noqa: PLC0415

        self._client = obstore
        self._store = S3Store(
            access.bucket,
            endpoint=access.endpoint,
            access_key_id=access.key,
            secret_access_key=access.secret,
            region=access.region,
            virtual_hosted_style_request=False,
            disable_bulk_delete=True,  # not every service has it
            client_options={
                "timeout": timedelta(seconds=S3_SECONDS),
                "connect_timeout": timedelta(seconds=S3_SECONDS // 2),
                "allow_http": access.endpoint.startswith("http://"),
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=S3_SECONDS)},
        )

    def write(self, name: str, token: bytes) -> None:
        """Will put it there in one piece."""
        self._ask(self._client.put, self._store, _checked(name), token, use_multipart=False)

    def read(self, name: str) -> bytes:
        """Will return the token. Raises NoSuchFileError."""
        checked = _checked(name)
        try:
            return bytes(
                self._ask(lambda: self._client.get(self._store, checked).bytes(), if_missing=FileNotFoundError)
            )
        except FileNotFoundError as error:
            raise NoSuchFileError(name) from error

    def remove(self, name: str) -> None:
        """Will remove it."""
        with suppress(FileNotFoundError):
            self._ask(self._client.delete, self._store, _checked(name), if_missing=FileNotFoundError)

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Will list the bucket, a page at a time."""
        pages = iter(self._client.list(self._store, chunk_size=BATCH))
        while (page := self._ask(next, pages, None)) is not None:
            yield from ((one["path"], one["last_modified"]) for one in page if _NAME.fullmatch(one["path"]))

    def remove_drafts(self, before: datetime) -> None:
        """Will do nothing: what was not put whole is not there."""

    def _ask(self, call: Any, *args: Any, if_missing: type[Exception] | tuple[()] = (), **options: Any) -> Any:
        """Will call the library; raises FilesUnavailableError, or `if_missing` where that is awaited."""
        try:
            return call(*args, **options)
        except if_missing:
            raise
        except Exception as error:  # noqa: BLE001  the library has a dozen, and its core raises others
            # Its words may hold addresses and names of keys; its kind is enough to know where to look.
            log.error("the bucket of files does not answer: %s", type(error).__name__)  # noqa: TRY400
            raise FilesUnavailableError from None


def place() -> Place:
    """Will return where the settings say that files are kept."""
    return _place(settings.FILES_DIR, settings.FILES_S3)


@lru_cache(maxsize=4)
def _place(folder: Path, access: S3Access | None) -> Place:
    return Folder(folder) if access is None else Bucket(access)


def store(content: bytes) -> str:
    """Will keep `content` encrypted, on the disk for good, and return the name under which it is read again.

    Raises FilesUnavailableError. The row that names it must be committed within a day.
    """
    name = secrets.token_hex(NAME_BYTES)
    place().write(name, encrypt_bytes(name.encode("ascii") + content))
    return name


def read(name: str) -> bytes:
    """Will return the content kept under `name`.

    Raises NoSuchFileError, FilesUnavailableError, and cryptography's InvalidToken when no key opens it.
    """
    content = decrypt_bytes(place().read(name))
    if content[:NAME_LENGTH] != name.encode("ascii"):
        log.critical("the file %s holds another one", name)
        raise NoSuchFileError(name)
    return content[NAME_LENGTH:]


def forget(name: str) -> None:
    """Will remove a file for good; nothing if it is gone already. Raises FilesUnavailableError."""
    place().remove(name)


def forget_later(name: str) -> None:
    """Will have a file removed once the present transaction is committed, and never if it is undone."""
    outbox.post("files.forget", name=name)


class StoredFileField(models.CharField):  # type: ignore[type-arg]
    """The name of a kept file. What bears one is what `sweep` asks before it forgets a file."""

    description = "nom d’un fichier gardé"

    def __init__(self, *args: Any, **options: Any) -> None:
        """Will be as long as a name."""
        options["max_length"] = NAME_LENGTH
        super().__init__(*args, **options)


def sweep(*, at: datetime) -> int:
    """Will forget the files that no row names and that are older than a day at `at` (machine time); returns how many.

    Does nothing, and says so, when most files have no row: the database is not the one that they were kept for, and a
    mistake of settings must not empty it.
    """
    where, before = place(), at - ORPHAN_AGE
    where.remove_drafts(before)
    known, orphans = 0, []
    names = (name for name, written_at in where.names() if written_at < before)
    while batch := list(islice(names, BATCH)):
        named = _named_among(batch)
        known += len(named)
        orphans += [name for name in batch if name not in named]
    if len(orphans) > max(FEW, known):
        log.critical(
            "files: %s have no row and %s have one; none is forgotten. Is it the right database?", len(orphans), known
        )
        return 0
    for name in orphans:
        where.remove(name)
    if orphans:
        log.info("files: %s that no row named are forgotten", len(orphans))
    return len(orphans)


def _named_among(names: Collection[str]) -> set[str]:
    """Will return those of these names that a row bears, of whatever authority."""
    found: set[str] = set()
    for model in apps.get_models():
        for one in model._meta.local_fields:
            if isinstance(one, StoredFileField):
                rows = model._base_manager.filter(**{f"{one.name}__in": names})  # noqa: SLF001  as Django calls it
                found |= set(rows.values_list(one.name, flat=True))
    return found


def rotate_all() -> int:
    """Will put every file under the first key and return how many; raises InvalidToken when no key opens one."""
    where, done = place(), 0
    for name, _written_at in where.names():
        with suppress(NoSuchFileError):  # forgotten meanwhile
            where.write(name, rotate_bytes(where.read(name)))
            done += 1
    return done


def _checked(name: str) -> str:
    """Will return a name of ours; anything else is a path that somebody made up."""
    if not _NAME.fullmatch(name):
        raise NoSuchFileError
    return name


def _flush_folder(folder: Path) -> None:
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


other_tokens["fichier"] = rotate_all
