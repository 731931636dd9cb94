"""`python -m standins.payzen --port N`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from standins.payzen.server import Mood, Post, Server

PARIS = ZoneInfo("Europe/Paris")


def main() -> None:
    """Listen on a port of the loopback until the process is ended."""
    parser = argparse.ArgumentParser(
        prog="python -m standins.payzen",
        description="Doublure de PayZen : une page de paiement sans carte. Son horloge avance de"
        " MARELLE_BUSINESS_DAYS_AHEAD jours, comme celle du portail qui y mène.",
    )
    parser.add_argument("--port", type=int, required=True, help="port où répondre")
    parser.add_argument("--mood", choices=list(Mood), default=Mood.GOOD, type=Mood, help="comment répondre")
    parser.add_argument("--post", choices=list(Post), default=Post.GOOD, type=Post, help="ce que deviennent les avis")
    options = parser.parse_args()
    server = Server(port=options.port, clock=_clock(int(os.environ.get("MARELLE_BUSINESS_DAYS_AHEAD") or 0)))
    server.mood, server.post = options.mood, options.post
    server.tells_of_abandons = True
    server.serve_forever()


def _clock(days_ahead: int) -> Callable[[], datetime]:
    """Return a clock on another day of Paris, at the same hour there."""

    def now() -> datetime:
        wall_clock = datetime.now(PARIS).replace(tzinfo=None) + timedelta(days=days_ahead)  # noqa: TID251
        return wall_clock.replace(tzinfo=PARIS).astimezone(UTC)

    return now


if __name__ == "__main__":
    main()
