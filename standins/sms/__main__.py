"""`python -m standins.sms --port N`."""

from __future__ import annotations

import argparse

from standins.sms.server import Mood, Server


def main() -> None:
    """Listen on a port of the loopback until the process is ended."""
    parser = argparse.ArgumentParser(
        prog="python -m standins.sms",
        description="Doublure de l’API SMS d’OVHcloud : prend les SMS et n’en envoie aucun.",
    )
    parser.add_argument("--port", type=int, required=True, help="port où répondre")
    parser.add_argument("--mood", choices=list(Mood), default=Mood.GOOD, type=Mood, help="comment répondre")
    options = parser.parse_args()
    server = Server(port=options.port)
    server.mood, server.first_receipt = options.mood, 1
    server.serve_forever()


if __name__ == "__main__":
    main()
