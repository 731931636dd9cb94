"""A program that presses *Valider* in a process of its own, and may kill it: `python -m tests.torture.presser`.

Each line of its input is a basket, with `delay`: after so many seconds the process is killed by SIGKILL, null never.
`is_leaking` takes the transaction away. It answers « killed » or « done » and the seconds taken. Each press is a fork
of a program that never opened a connection, so that a hundred of them take seconds.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from contextlib import nullcontext
from datetime import datetime


def press(basket):
    from marelle.domain.authorities.models import Authority
    from marelle.domain.catalog.queries import offer_of
    from marelle.domain.families.queries import children_of
    from marelle.domain.reservations.operations.baskets import confirm_basket
    from marelle.foundation import tenancy
    from marelle.foundation.actors import Actor, ActorKind

    at = datetime.fromisoformat(basket["at"])
    authority = Authority.objects.get(pk=basket["authority"])
    with tenancy.scope({authority.pk}):
        confirm_basket(
            user=basket["user"],
            family=basket["family"],
            children=tuple(children_of(basket["family"], on=at.date())),
            offer=offer_of(authority),
            key=basket["key"],
            revision=basket["revision"],
            by=Actor(ActorKind.FAMILY, basket["user"]),
            at=at,
        )


def leak(execute, sql, parameters, many, context):
    """Commit after each statement: what Valider would be without its transaction."""
    result = execute(sql, parameters, many, context)
    context["connection"].connection.commit()
    return result


def main():
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marelle.config.settings")
    django.setup()
    from django.db import connection

    for line in sys.stdin:
        basket = json.loads(line)
        start = time.perf_counter()
        pid = os.fork()
        if pid == 0:
            try:
                with connection.execute_wrapper(leak) if basket["is_leaking"] else nullcontext():
                    press(basket)
            except BaseException as error:  # noqa: BLE001  a fork must never go back into the loop
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        if basket["delay"] is not None:
            time.sleep(basket["delay"])
            os.kill(pid, signal.SIGKILL)  # not waited for yet: the number is still its own
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        outcome = {0: "done", -signal.SIGKILL: "killed"}.get(status, "failed")
        print(json.dumps([outcome, time.perf_counter() - start]), flush=True)


if __name__ == "__main__":
    main()
