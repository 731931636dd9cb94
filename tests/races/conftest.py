"""Races use real transactions on several connections."""

from __future__ import annotations

import threading

import pytest
from django.db import close_old_connections, connection, connections


@pytest.fixture
def at_once(transactional_db):
    """Run many functions at the same instant on at most `connections` threads; return their results in order."""

    def run(functions, *, connections_at_most=40):
        results = [None] * len(functions)
        todo = list(enumerate(functions))
        lock = threading.Lock()
        ready = threading.Barrier(min(connections_at_most, len(functions)))

        def work():
            try:
                connection.ensure_connection()
                ready.wait(30)
                while True:
                    with lock:
                        if not todo:
                            return
                        index, function = todo.pop(0)
                    try:
                        results[index] = function()
                    except Exception as error:  # noqa: BLE001  the test judges what happened
                        results[index] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work) for _ in range(min(connections_at_most, len(functions)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        close_old_connections()
        return results

    return run
