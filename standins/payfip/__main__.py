"""`python -m standins.payfip --port N`."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime, timedelta

from standins.payfip.moods import Mood
from standins.payfip.server import Server, machine_now
from standins.payfip.till import PARIS


def main() -> None:
    """Listen on a port of the loopback until the process is ended."""
    parser = argparse.ArgumentParser(
        prog="python -m standins.payfip",
        description="Doublure de PayFiP : le service, la page de paiement, les notifications ; aucun argent ne bouge."
        " Les réglages se changent en JSON à l'adresse /controle.",
    )
    parser.add_argument("--port", type=int, required=True, help="port où répondre")
    parser.add_argument("--mood", choices=list(Mood), default=Mood.GOOD, type=Mood, help="comment répondre")
    parser.add_argument("--anyone", action="store_true", help="tout numéro de client de 6 chiffres est connu")
    options = parser.parse_args()
    # The day that the demonstration visits, at the hour it is: as the portal's own business time.
    days_ahead = timedelta(days=int(os.environ.get("MARELLE_BUSINESS_DAYS_AHEAD") or 0))

    def clock() -> datetime:
        wall_clock = machine_now().astimezone(PARIS).replace(tzinfo=None) + days_ahead
        return wall_clock.replace(tzinfo=PARIS).astimezone(UTC)

    server = Server(port=options.port, clock=clock, takes_anyone=options.anyone)
    server.mood = options.mood
    server.serve_forever()


if __name__ == "__main__":
    main()
