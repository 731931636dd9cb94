"""The programs of a run: started together, watched, stopped together, and found again if the run was killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

from marelle.commands.refusal import Refused
from marelle.foundation.child_processes import birth, stop_group, stop_with_parent, wait_for_end

STOP_SECONDS = 5
LEFTOVER_SECONDS = 1  # the system has already asked them to end when the killed run did


class Programs:
    """Programs that end with us. `record` is a file that names them, for the next run in case this one is killed."""

    def __init__(self, record: Path) -> None:
        self._record = record
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def stop_leftovers(self) -> None:
        """Stop what a killed run has left, known by number and birth: a number alone may be reused by now."""
        try:
            left = json.loads(self._record.read_text())
        except (OSError, ValueError):
            return
        for pid, birth_mark in left:
            try:
                stop_group(pid, birth_mark, seconds=LEFTOVER_SECONDS)
            except PermissionError as error:
                message = "un Marelle lancé par un autre utilisateur tourne encore dans ce dossier."
                raise Refused(message) from error
        self._record.unlink()

    def start(self, name: str, command: list[str]) -> None:
        """Start a program under a French name for messages."""
        self._running[name] = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            process_group=0,  # a Ctrl-C in the terminal is for us: we stop them in order
            preexec_fn=stop_with_parent(signal.SIGTERM),  # noqa: PLW1509 — it only calls into the kernel
        )
        self._record.write_text(json.dumps([[child.pid, birth(child.pid)] for child in self._running.values()]))

    def refuse_if_one_has_ended(self) -> None:
        """Raise Refused if a program has ended; it has said why itself."""
        for name, child in self._running.items():
            if child.poll() is not None:
                raise Refused(f"{name} s'est arrêté (code {child.returncode}).")

    def wait(self) -> None:
        """Sleep until a child of ours ends, which none should: raise Refused then."""
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        self.refuse_if_one_has_ended()
        raise Refused("la base embarquée s'est arrêtée.")

    def stop(self) -> None:
        """Stop all, the last started first asked, and what they have started themselves."""
        for child in reversed(self._running.values()):
            child.terminate()
        wait_for_end(lambda: all(child.poll() is not None for child in self._running.values()), STOP_SECONDS)
        for child in self._running.values():
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            child.wait()
        self._running.clear()
        self._record.unlink(missing_ok=True)
