"""Which ports of this machine are free."""

from __future__ import annotations

import errno
import socket

from marelle.commands.refusal import Refused


def refuse_taken(host: str, port: int) -> None:
    """Raise Refused if the address cannot be listened on.

    A name in .localhost is both 127.0.0.1 and ::1 for a browser: on the loopback both must be free, or another
    program's pages would show in place of ours.
    """
    addresses = ["127.0.0.1", "::1"] if host == "127.0.0.1" else [host]
    for address in addresses:
        problem = _problem(address, port)
        if problem == errno.EADDRINUSE:
            raise Refused(f"le port {port} est déjà pris. Arrêtez ce qui l'utilise, ou : make run PORT={port + 10}")
        if problem == errno.EACCES:
            raise Refused(f"le port {port} est réservé à root. Choisissez-en un autre : make run PORT=8000")
        if problem and address != "::1":  # a machine without IPv6 has nothing there
            raise Refused(f"l'adresse {address} n'est pas à cette machine.")


def free_port(wished: int | None = None) -> int:
    """Return the wished port of the loopback if it is free, else any free one."""
    if wished is not None and wished < 65536 and not _problem("127.0.0.1", wished) and not _problem("::1", wished):  # noqa: PLR2004
        return wished
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _problem(address: str, port: int) -> int:
    """Return the system's error number for listening there, 0 if none."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind((address, port))
            probe.listen(1)
    except OSError as error:
        return error.errno or errno.EINVAL
    return 0
