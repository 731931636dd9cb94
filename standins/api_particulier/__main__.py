"""`python -m standins.api_particulier --port N`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from standins.api_particulier.cases import cases_by_token, known_cases
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
    parser.add_argument("--franceconnect", default="", help="adresse de FranceConnect, qui connaît les jetons")
    options = parser.parse_args()
    named = os.environ.get("MARELLE_API_PARTICULIER_CASES")
    folder = Path(named) if named else None
    server = Server(
        known_cases(folder),
        by_token=cases_by_token(folder),
        port=options.port,
        franceconnect=options.franceconnect,
        token=os.environ.get("MARELLE_API_PARTICULIER_TOKEN") or None,
    )
    server.mood = options.mood
    server.serve_forever()


if __name__ == "__main__":
    main()
