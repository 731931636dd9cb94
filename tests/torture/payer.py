"""A parent who books, pays (perhaps on a second page) and comes back, in a process: `python -m tests.torture.payer`.

Each line of its input is a basket and `after` or `before`: the number of the statement at which the process kills
itself by SIGKILL, null never. It answers « killed » or « done », and how many statements there were. Each is a fork of
a program that never opened a connection. PayFiP is its stand-in, at `payfip`: what the page does, it is told to do.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import urllib.request
from datetime import datetime, timedelta


def pay(basket):
    from marelle.connectors.payfip.gateway import PayFiP
    from marelle.domain.authorities.models import Authority
    from marelle.domain.catalog.queries import offer_of
    from marelle.domain.families.queries import children_of
    from marelle.domain.payments import asking
    from marelle.domain.payments.models import PaymentAttempt
    from marelle.domain.payments.operations.attempts import begin_again
    from marelle.domain.payments.operations.checkout import check_out
    from marelle.foundation import tenancy
    from marelle.foundation.actors import Actor, ActorKind

    at = datetime.fromisoformat(basket["at"])
    by = Actor(ActorKind.FAMILY, basket["user"])
    gateways = {"payfip": PayFiP(f"{basket['payfip']}/tpa/services/securite", f"{basket['payfip']}/tpa/paiementws.web")}
    with tenancy.scope({basket["authority"]}):
        authority = Authority.objects.get(pk=basket["authority"])
        done = check_out(
            user=basket["user"],
            family=basket["family"],
            children=tuple(children_of(basket["family"], on=at.date())),
            offer=offer_of(authority),
            key=basket["key"],
            revision=basket["revision"],
            gateways=gateways,
            by=by,
            at=at,
        )

        def begin(key, at):
            return asking.begin(
                PaymentAttempt.objects.get(pk=key),
                gateways=gateways,
                notify_url=f"{basket['payfip']}/nobody",
                return_url=f"{basket['payfip']}/nobody",
                by=by,
                at=at,
            )

        for one in done.attempts:
            paying, page = one.pk, begin(one.pk, at)
            if basket["goes_back"]:
                later = at + timedelta(minutes=3)
                paying = begin_again(PaymentAttempt.objects.get(pk=one.pk), gateways=gateways, by=by, at=later).pk
                page = begin(paying, later)
            order = json.dumps({"pay": {"idop": page.provider_id, "outcome": basket["outcome"]}}).encode()
            told = urllib.request.Request(
                f"{basket['payfip']}/controle", data=order, headers={"Content-Type": "application/json"}
            )
            urllib.request.urlopen(told, timeout=10).read()
            # When it is believed that who gave up does not come back.
            asking.ask(PaymentAttempt.objects.get(pk=paying), gateways=gateways, by=by, at=at + timedelta(minutes=9))


class Killer:
    """Count the statements, and end the process before or after one of them."""

    def __init__(self, *, before, after):
        self.before, self.after, self.count = before, after, 0

    def __call__(self, execute, sql, parameters, many, context):
        if self.count == self.before:
            os.kill(os.getpid(), signal.SIGKILL)
        result = execute(sql, parameters, many, context)
        if self.count == self.after:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1
        return result


def main():
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marelle.config.settings")
    django.setup()
    from django.db import connection

    # What each fork would load again, connections apart.
    for name in ("connectors.payfip.soap", "domain.payments.operations.checkout", "domain.payments.asking"):
        importlib.import_module(f"marelle.{name}")
    for line in sys.stdin:
        basket = json.loads(line)
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            killer = Killer(before=basket["before"], after=basket["after"])
            try:
                with connection.execute_wrapper(killer):
                    pay(basket)
            except BaseException as error:  # noqa: BLE001  a fork must never go back into the loop
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
            os.write(writing, str(killer.count).encode())
            os._exit(0)
        os.close(writing)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        statements = int(os.read(reading, 20) or 0)
        os.close(reading)
        outcome = {0: "done", -signal.SIGKILL: "killed"}.get(status, "failed")
        print(json.dumps([outcome, statements]), flush=True)


if __name__ == "__main__":
    main()
