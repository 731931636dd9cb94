"""`python -m standins.mailbox --smtp-port N --http-port M`."""

from __future__ import annotations

import argparse

from aiosmtpd.controller import Controller

from standins.mailbox.letters import Letterbox
from standins.mailbox.page import page_server


def main() -> None:
    """Listen on both ports of the loopback until the process is ended."""
    parser = argparse.ArgumentParser(
        prog="python -m standins.mailbox", description="Boîte aux lettres de démonstration."
    )
    parser.add_argument("--smtp-port", type=int, required=True, help="port où remettre les courriels")
    parser.add_argument("--http-port", type=int, required=True, help="port de la page qui les montre")
    options = parser.parse_args()
    letterbox = Letterbox()
    Controller(letterbox, hostname="127.0.0.1", port=options.smtp_port).start()
    page_server(letterbox, options.http_port).serve_forever()


if __name__ == "__main__":
    main()
