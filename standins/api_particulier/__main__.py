"""`python -m standins.api_particulier --port N`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from standins.api_particulier.cases import known_cases
from standins.api_particulier.server import Mood, Server


def main() -> None:
    """Listen on a port of the loopback until the process is ended."""
    parser = argparse.ArgumentParser(
        prog="python -m standins.api_particulier",
        description="Doublure d'API Particulier : des réponses fictives, d'autant plus nombreuses que"
        " MARELLE_API_PARTICULIER_CASES nomme le dossier des cas fictifs de l'État.",
    )
    parser.add_argument("--port", type=int, required=True, help="port où répondre")
    parser.add_argument("--mood", choices=list(Mood), default=Mood.GOOD, type=Mood, help="comment répondre")
    options = parser.parse_args()
    named = os.environ.get("MARELLE_API_PARTICULIER_CASES")
    server = Server(
        known_cases(Path(named) if named else None),
        port=options.port,
        token=os.environ.get("MARELLE_API_PARTICULIER_TOKEN") or None,
    )
    server.mood = options.mood
    server.serve_forever()


if __name__ == "__main__":
    main()
