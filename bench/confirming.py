"""Clients that confirm baskets, in a process of their own: as Django does, or as the plain script does.

`python -m bench.confirming SCRIPT` reads jobs on its input, one JSON object a line, and answers each with one line.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

CLIENTS_EACH = 4


class Workers:
    """Processes of four clients each; a job is shared between them and timed from the first start to the last end."""

    def __init__(self, script: Path, count: int = 2) -> None:
        """Will start them."""
        self._running = [
            subprocess.Popen(
                [sys.executable, "-m", "bench.confirming", str(script)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(count)
        ]

    def confirm(self, how: str, baskets: list[dict[str, Any]]) -> float:
        """Will have all the baskets confirmed, `how` being "django" or "psycopg"; returns baskets a second."""
        for turn, worker in enumerate(self._running):
            self._say(worker, {"how": how, "baskets": baskets[turn :: len(self._running)]})
        start_at = time.monotonic() + 0.1  # what the monotonic clock says is the same in all the processes
        for worker in self._running:
            worker.stdout.readline()  # ready: children read, connections open
            self._say(worker, {"start": start_at})
        ends = [json.loads(worker.stdout.readline()) for worker in self._running]
        for end in ends:
            assert "error" not in end, end
        return len(baskets) / (max(end["ended_at"] for end in ends) - start_at)

    def stop(self) -> None:
        """Will end them."""
        for worker in self._running:
            worker.stdin.close()
        for worker in self._running:
            worker.wait(10)
            worker.stdout.close()

    def _say(self, worker: subprocess.Popen[str], words: dict[str, Any]) -> None:
        worker.stdin.write(json.dumps(words) + "\n")
        worker.stdin.flush()


def main() -> None:
    """Will answer jobs until the input ends."""
    import django

    django.setup()
    import psycopg

    script = pickle.loads(Path(sys.argv[1]).read_bytes())
    own = threading.local()

    def plain(values: dict[str, Any]) -> None:
        if not hasattr(own, "connection"):
            own.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        script.run(own.connection, values)

    with ThreadPoolExecutor(CLIENTS_EACH) as clients:
        for line in sys.stdin:
            job = json.loads(line)
            ready = [_ready(basket) for basket in job["baskets"]] if job["how"] == "django" else job["baskets"]
            print("{}", flush=True)
            start = json.loads(sys.stdin.readline())["start"]
            time.sleep(max(0, start - time.monotonic()))
            try:
                list(clients.map(confirm if job["how"] == "django" else plain, ready))
                print(json.dumps({"ended_at": time.monotonic()}), flush=True)
            except Exception as error:  # noqa: BLE001  the measuring process says it
                print(json.dumps({"error": repr(error)}), flush=True)


def _ready(basket: dict[str, Any]) -> dict[str, Any]:
    """Will read what the web hands to the operation: the children and the offer."""
    from bench.portal import AT
    from marelle.domain.authorities.models import Authority
    from marelle.domain.catalog.queries import offer_of
    from marelle.domain.families.queries import children_of
    from marelle.foundation import tenancy

    authority = Authority.objects.get(pk=basket["authority"])
    with tenancy.scope({authority.pk}):
        children = tuple(children_of(basket["family"], on=AT.date()))
        return {**basket, "children": children, "offer": offer_of(authority)}


def confirm(basket: dict[str, Any]) -> None:
    """Will confirm one basket with the operation itself."""
    from bench.portal import AT
    from marelle.domain.reservations.operations.baskets import Confirmed, confirm_basket
    from marelle.foundation import tenancy
    from marelle.foundation.actors import Actor, ActorKind

    with tenancy.scope({basket["authority"]}):
        outcome = confirm_basket(
            user=basket["user"],
            family=basket["family"],
            children=basket["children"],
            offer=basket["offer"],
            key=basket["key"],
            revision=basket["revision"],
            by=Actor(ActorKind.FAMILY, basket["user"]),
            at=AT,
        )
    assert isinstance(outcome, Confirmed), outcome


if __name__ == "__main__":
    main()
