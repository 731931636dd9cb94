"""`marelle worker`: does the jobs that wait in the database, until it is stopped."""

from __future__ import annotations

import argparse

from marelle.commands.refusal import Refused

SHUTDOWN_SECONDS = 4  # what a job that is running may still take


def configure(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--concurrency", type=int, default=2, metavar="N", help="tâches à la fois (2)")
    parser.add_argument("--one-shot", action="store_true", help="s'arrête quand plus rien n'attend")


def run(options: argparse.Namespace) -> int:
    """Work until SIGINT or SIGTERM, or until nothing waits; raise Refused when the database cannot serve."""
    from procrastinate import exceptions
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    if not isinstance(app.connector, DjangoConnector):
        raise TypeError(app.connector)
    with app.replace_connector(app.connector.get_worker_connector()):
        try:
            app.run_worker(
                concurrency=options.concurrency,
                wait=not options.one_shot,
                shutdown_graceful_timeout=SHUTDOWN_SECONDS,
            )
        except exceptions.ConnectorException as error:
            said = str(error.__cause__ or error).strip().splitlines()[0]
            raise Refused(f"les tâches ne peuvent pas utiliser la base de données : {said}") from error
    return 0
