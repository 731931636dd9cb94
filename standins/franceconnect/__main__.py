"""`python -m standins.franceconnect --profile franceconnect --port N --redirect-uri …`."""

from __future__ import annotations

import argparse
import os

from standins.franceconnect.profiles import PROFILES
from standins.franceconnect.provider import Client, Mood
from standins.franceconnect.server import Server

CLIENTS = {
    "franceconnect": ("MARELLE_FRANCECONNECT_CLIENT_ID", "MARELLE_FRANCECONNECT_CLIENT_SECRET"),
    "proconnect": ("MARELLE_PROCONNECT_CLIENT_ID", "MARELLE_PROCONNECT_CLIENT_SECRET"),
}


def main() -> None:
    """Listen on a port of the loopback until the process is ended."""
    parser = argparse.ArgumentParser(
        prog="python -m standins.franceconnect",
        description="Doublure de FranceConnect et de ProConnect : des personnes imaginées, sans mot de passe. Le client"
        " est celui de MARELLE_FRANCECONNECT_CLIENT_ID et MARELLE_FRANCECONNECT_CLIENT_SECRET, ou"
        " de MARELLE_PROCONNECT_CLIENT_ID et MARELLE_PROCONNECT_CLIENT_SECRET.",
    )
    parser.add_argument("--profile", choices=list(PROFILES), required=True, help="qui imiter")
    parser.add_argument("--port", type=int, required=True, help="port où répondre")
    parser.add_argument("--redirect-uri", action="append", required=True, help="adresse de retour déclarée")
    parser.add_argument("--post-logout-uri", action="append", default=[], help="adresse après déconnexion, déclarée")
    parser.add_argument("--mood", choices=list(Mood), default=Mood.GOOD, type=Mood, help="comment répondre")
    options = parser.parse_args()
    id_name, secret_name = CLIENTS[options.profile]
    client = Client(
        os.environ[id_name],
        os.environ[secret_name],
        tuple(options.redirect_uri),
        tuple(options.post_logout_uri),
    )
    server = Server(PROFILES[options.profile], [client], port=options.port)
    server.provider.mood = options.mood
    server.serve_forever()


if __name__ == "__main__":
    main()
