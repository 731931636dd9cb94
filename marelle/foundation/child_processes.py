"""Programs that we start and that must not outlive us, and the ones that did all the same."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_STEP_SECONDS = 0.02


def stop_with_parent(stop_signal: signal.Signals) -> Callable[[], None]:
    """Return what a child runs between fork and exec, so that it receives this signal when we end in any way.

    Only Linux can; elsewhere it does nothing. The caller must start the child from its main thread: the kernel watches
    the thread that forked. All is looked up here, before the fork, so that the child only calls into the kernel.
    """
    parent = os.getpid()

    def in_child() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(stop_signal))
            if os.getppid() != parent:  # it ended before the request was made
                os.kill(os.getpid(), stop_signal)

    return in_child


def stop_with_own_parent(stop_signal: signal.Signals) -> None:
    """Make this process receive the signal when the one that started it ends."""
    if _LIBC is not None:
        parent = os.getppid()
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:
            os.kill(os.getpid(), stop_signal)


def birth(pid: int) -> str | None:
    """Return what tells this process from a later one of the same number, or None if it does not run."""
    if sys.platform == "linux":
        try:
            after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        state, started = after_name[0], after_name[19]
        return None if state in "ZX" else started
    shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip() or None


def wait_for_end(has_ended: Callable[[], bool], seconds: float) -> bool:
    """Return True as soon as it has ended, False after so many seconds."""
    deadline = time.monotonic() + seconds
    while not has_ended():
        if time.monotonic() > deadline:
            return False
        time.sleep(_STEP_SECONDS)
    return True


def stop_group(pid: int, birth_mark: str, *, seconds: float) -> None:
    """End a process that leads its own group, and the group: politely, then, after so many seconds, by force."""

    def has_ended() -> bool:
        return birth(pid) != birth_mark

    if not has_ended():
        _signal_group(pid, signal.SIGTERM)
        if not wait_for_end(has_ended, seconds):
            _signal_group(pid, signal.SIGKILL)
            wait_for_end(has_ended, seconds)


def _signal_group(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, number)
