"""The database of this folder: the one at DATABASE_URL, else the embedded one, started for as long as it is needed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from marelle.commands.refusal import Refused
from marelle.config.environment import database_settings, var_folder
from marelle.foundation.embedded_postgres import EmbeddedPostgres, data_folder


@contextmanager
def opened_database() -> Iterator[None]:
    """Make DATABASE_URL name a running database inside: given, already running for `marelle run`, or started here."""
    given = os.environ.get("DATABASE_URL")
    if given:
        database_settings(given)
        yield
        return
    var = var_folder(os.environ)
    with _turn(var) as is_ours:
        server = EmbeddedPostgres(data_folder(var / "postgres"))
        if not is_ours:
            with database_named(server):
                yield
            return
        with started_server(server):
            yield


@contextmanager
def started_server(server: EmbeddedPostgres) -> Iterator[None]:
    """Start the embedded server and name it by DATABASE_URL inside; stop it at the end."""
    try:
        server.start()
        server.create_database("marelle")
        with database_named(server):
            yield
    finally:
        server.stop()


@contextmanager
def database_named(server: EmbeddedPostgres) -> Iterator[None]:
    """Make DATABASE_URL name this running server inside."""
    os.environ |= {"DATABASE_URL": server.url(), "MARELLE_EMBEDDED": "1"}
    try:
        yield
    finally:
        del os.environ["DATABASE_URL"], os.environ["MARELLE_EMBEDDED"]


@contextmanager
def folder_taken(var: Path, who: str) -> Iterator[None]:
    """Hold the folder for one server and its programs; refuse when it is held. The system lets go when we end."""
    with _turn(var) as is_ours:
        if not is_ours:
            holder = (var / "lock").read_text().strip() or "une autre commande de Marelle"
            raise Refused(f"ce dossier est déjà utilisé par {holder}. Arrêtez-la d'abord.")
        (var / "lock").write_text(who)
        try:
            yield
        finally:
            (var / "lock").write_text("")


@contextmanager
def _turn(var: Path) -> Iterator[bool]:
    """Tell whether the folder is ours until the end: False when another process holds it."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        lock = (var / "lock").open("a")
    except OSError as error:
        raise Refused(f"le dossier {var} ne peut pas être écrit par cet utilisateur.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
