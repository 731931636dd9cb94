"""Outside the process: starts it for one file, gives it the file, and believes as little as can be of its answer."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from marelle.foundation.file_cleaning.limits import WALL_SECONDS
from marelle.foundation.file_cleaning.outcomes import (
    HEAVIEST_CLEAN,
    HEAVIEST_RAW,
    IMAGES,
    JPEG,
    MOST_PAGES,
    PDF,
    PNG,
    Cleaned,
    Unclean,
    kind_of,
)

if TYPE_CHECKING:
    from typing import IO

log = logging.getLogger("marelle.files")
INSIDE: Final = "marelle.foundation.file_cleaning.inside"
# Each may take two hundred megabytes: so many at once in a process of ours, and a wait that a person accepts.
AT_ONCE: Final = 2
WAIT_SECONDS: Final = 20
_HEADER_BYTES: Final = 200
_places = threading.BoundedSemaphore(AT_ONCE)


def clean(content: bytes, *, square: int = 0) -> Cleaned | Unclean:
    """Will return the file made anew, or why it is not; takes up to some seconds: never inside a transaction.

    With `square`, only an image will do, of which the middle is drawn as a JPEG of so many pixels a side. A file that
    is heavier than HEAVIEST_RAW is TOO_HEAVY; whoever calls says so before. Nothing is written on a disk.
    """
    kind = kind_of(content)
    if kind is None or (square and kind not in IMAGES):
        return Unclean.UNKNOWN_KIND
    if len(content) > HEAVIEST_RAW:
        return Unclean.TOO_HEAVY
    if not _places.acquire(timeout=WAIT_SECONDS):
        log.warning("no file could be cleaned for %s seconds: %s are under way", WAIT_SECONDS, AT_ONCE)
        return Unclean.UNAVAILABLE
    try:
        return _cleaned_apart(content, kind, square)
    finally:
        _places.release()


def _cleaned_apart(content: bytes, kind: str, square: int) -> Cleaned | Unclean:
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", INSIDE, kind, str(square)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # libraries quote what they read
            cwd="/",
            env={},  # ours holds the keys
            start_new_session=True,
        )
    except OSError:
        log.exception("the process that cleans files could not be started")
        return Unclean.UNAVAILABLE
    deadline = threading.Timer(WALL_SECONDS, process.kill)
    deadline.start()
    try:
        with process:
            answer = _exchange(process, content)
            process.kill()  # it has said all; or more than it may
    finally:
        deadline.cancel()
    outcome = _believed(answer)
    if outcome is None:
        # Killed by a limit or by its own fault, or not a word of it is to be believed: the file is the cause.
        log.warning(
            "the process that cleans files ended with %s on %s bytes of %s", process.returncode, len(content), kind
        )
        return Unclean.TOO_MUCH
    return outcome


def _exchange(process: subprocess.Popen[bytes], content: bytes) -> bytes:
    given: IO[bytes] = process.stdin  # type: ignore[assignment]  # both are pipes
    taken: IO[bytes] = process.stdout  # type: ignore[assignment]
    with suppress(BrokenPipeError):  # it ended before it had read all
        given.write(content)
        given.close()
    return taken.read(HEAVIEST_CLEAN + _HEADER_BYTES + 1)


def _believed(answer: bytes) -> Cleaned | Unclean | None:
    """Will read what the process said; None for what it cannot have said in good faith."""
    header, end_of_line, content = answer.partition(b"\n")
    try:
        said = json.loads(header)
        if "fault" in said:
            return Unclean(said["fault"])
        content_type, pages = said["content_type"], said["pages"]
    except (ValueError, KeyError, TypeError):
        return None
    is_sound = (
        bool(end_of_line)
        and content_type in {PDF, JPEG, PNG}
        and kind_of(content) == content_type
        and len(content) <= HEAVIEST_CLEAN
        and isinstance(pages, int)
        and 1 <= pages <= MOST_PAGES
    )
    return Cleaned(content_type, content, pages) if is_sound else None
