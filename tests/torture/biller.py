"""A worker that bills, in a process of its own, and may be killed: `python -m tests.torture.biller`.

Each line of its input is a run (`authority`, `run`: keys) and `delay`: after so many seconds the process is killed by
SIGKILL, null never. It answers « killed » or « done » and the seconds taken. Each try is a fork of a program that never
opened a connection, and does what the queue's task does.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time


def main():
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marelle.config.settings")
    django.setup()
    from marelle.jobs.tasks import go_on_billing

    for line in sys.stdin:
        asked = json.loads(line)
        start = time.perf_counter()
        pid = os.fork()
        if pid == 0:
            try:
                go_on_billing(authority=asked["authority"], run=asked["run"])
            except BaseException as error:  # noqa: BLE001  a fork must never go back into the loop
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        if asked["delay"] is not None:
            time.sleep(asked["delay"])
            os.kill(pid, signal.SIGKILL)  # not waited for yet: the number is still its own
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        outcome = {0: "done", -signal.SIGKILL: "killed"}.get(status, "failed")
        print(json.dumps([outcome, time.perf_counter() - start]), flush=True)


if __name__ == "__main__":
    main()
