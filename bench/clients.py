"""A client as small as can be, so that it takes little of the cores that the server needs.

Run as a program (`python -m bench.clients`) it reads one job as JSON on its input and writes what happened as JSON:
many clients then cost the measuring process nothing. It imports nothing of Marelle.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """What came back, and how many seconds it took."""

    status: int
    seconds: float
    body: bytes
    headers: dict[str, str]


class Client:
    """One connection kept open, as a browser keeps its own."""

    def __init__(self, port: int, host: str) -> None:
        """Will speak to `host` on the loopback."""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._host = host

    def ask(self, method: str, path: str, *, cookies: str = "", body: str = "", by_script: bool = False) -> Answer:
        """Will send a request and read the whole answer, gzipped if the server likes to; `by_script`, as htmx does."""
        headers = {"Host": self._host, "Accept-Encoding": "gzip", "Cookie": cookies}
        if by_script:
            headers["HX-Request"] = "true"
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        start = time.perf_counter()
        self._connection.request(method, path, body or None, headers)
        response = self._connection.getresponse()
        content = response.read()
        seconds = time.perf_counter() - start
        return Answer(response.status, seconds, content, {name.lower(): value for name, value in response.getheaders()})

    def close(self) -> None:
        """Will close the connection."""
        self._connection.close()


def many(
    port: int,
    host: str,
    requests: Sequence[dict[str, str]],
    *,
    connections: int,
    seconds: float | None = None,
    count: int | None = None,
    reconnect_every: int = 0,
) -> dict[str, Any]:
    """Will have another process send `requests` over and over on so many connections at once.

    Until `seconds` have passed, or `count` were sent. Returns `seconds` (in all), `latencies`, `answered_at` (seconds
    after the start), and `statuses` (how many of each).
    """
    job = {
        "port": port, "host": host, "requests": list(requests), "connections": connections, "seconds": seconds,
        "count": count, "reconnect_every": reconnect_every,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "bench.clients"], input=json.dumps(job), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _work(job: dict[str, Any]) -> dict[str, Any]:
    requests, deadline_seconds, count = job["requests"], job["seconds"], job["count"]
    latencies: list[float] = []
    answered_at: list[float] = []
    statuses: dict[str, int] = {}
    lock = threading.Lock()
    todo = iter(range(count if count is not None else 10**9))
    ready = threading.Barrier(job["connections"] + 1)
    start = [0.0]

    def one_client() -> None:
        client = Client(job["port"], job["host"])
        mine = 0
        ready.wait()
        while True:
            with lock:
                turn = next(todo, None)
            if turn is None or (deadline_seconds and time.perf_counter() - start[0] > deadline_seconds):
                break
            mine += 1
            if job["reconnect_every"] and mine % job["reconnect_every"] == 0:
                client.close()
            asked = requests[turn % len(requests)]
            try:
                answer = client.ask(
                    asked.get("method", "GET"),
                    asked["path"],
                    cookies=asked.get("cookies", ""),
                    body=asked.get("body", ""),
                )
                status, taken = str(answer.status), answer.seconds
            except OSError as error:
                status, taken = type(error).__name__, 0.0
                client.close()
            with lock:
                latencies.append(taken)
                answered_at.append(time.perf_counter() - start[0])
                statuses[status] = statuses.get(status, 0) + 1
        client.close()

    threads = [threading.Thread(target=one_client) for _ in range(job["connections"])]
    for thread in threads:
        thread.start()
    start[0] = time.perf_counter()
    ready.wait()
    for thread in threads:
        thread.join()
    return {
        "seconds": time.perf_counter() - start[0],
        "latencies": latencies,
        "answered_at": answered_at,
        "statuses": statuses,
    }


if __name__ == "__main__":
    json.dump(_work(json.load(sys.stdin)), sys.stdout)
