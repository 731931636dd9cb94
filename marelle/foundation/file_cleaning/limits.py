"""What the process that reads a file may use: set by itself, after its imports, before the first byte of the file."""

from __future__ import annotations

import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

CPU_SECONDS: Final = 20
WALL_SECONDS: Final = 60
STANDARD_STREAMS: Final = 3
_APART_BYTES: Final = 256 * 1024 * 1024  # what Python and the libraries map, where it cannot be asked


def confine(more_memory: int) -> None:
    """Will hold this process to so many bytes more than it has, to a few seconds, and to its three open streams.

    Without another file descriptor it opens no file and no socket, so that code smuggled in by a file reaches neither
    the disk nor the network. Raises OSError or ValueError where a limit cannot be set.
    """
    _limit(resource.RLIMIT_AS, _mapped() + more_memory)
    _limit(resource.RLIMIT_CPU, CPU_SECONDS)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)  # a core holds the document
    _limit(resource.RLIMIT_NOFILE, STANDARD_STREAMS)
    with suppress(OSError, ValueError):  # an administrator is not held to it
        _limit(resource.RLIMIT_NPROC, 0)
    signal.alarm(WALL_SECONDS)  # should whoever started it be gone


def _limit(what: int, most: int) -> None:
    resource.setrlimit(what, (most, most))


def _mapped() -> int:
    """Will return the size of the address space of this process, in bytes."""
    if sys.platform != "linux":
        return _APART_BYTES
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")
