"""What a run brings up to date before it serves: the tables, the static files, the demonstration."""

from __future__ import annotations

import hashlib
from pathlib import Path

from marelle.commands.refusal import Refused

OLDEST_POSTGRES = 15


def prepare(var: Path, *, is_demonstration: bool) -> None:
    """Bring all up to date, Django being set up; raise Refused if the database cannot serve."""
    from django.db import Error, OperationalError, connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int")
            (server_version,) = cursor.fetchone()
        if server_version < OLDEST_POSTGRES * 10_000:
            raise Refused(f"PostgreSQL {OLDEST_POSTGRES} ou plus récent est nécessaire.")
        migrate_if_needed()
        refuse_what_other_sites_cannot_trust()
        keep_own_clients_up_to_date()
        collect_static_if_changed(var)
        if is_demonstration:
            load_demonstration_if_empty()
    except OperationalError as error:
        raise Refused(f"la base de données ne peut pas être atteinte : {_first_line(error)}") from error
    except Error as error:
        raise Refused(f"la base de données ne se laisse pas préparer : {_first_line(error)}") from error
    finally:
        connection.close()


def migrate_if_needed() -> None:
    """Apply the migrations that are missing; looking takes a fraction of a second."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from marelle.foundation.writes import permitted

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        print("Préparation de la base…", flush=True)
        with permitted("migrate"):
            call_command("migrate", interactive=False, verbosity=0)


def refuse_what_other_sites_cannot_trust() -> None:
    """Raise Refused if a check of the account site fails: its keys, the cache that its processes share."""
    from django.core.checks import run_checks

    for found in run_checks(tags=["provider"]):
        raise Refused(f"{found.msg}.")


def keep_own_clients_up_to_date() -> None:
    """Write where our own sites are, if that has changed: the account site sends people nowhere else."""
    from marelle.domain.accounts.operations.clients import keep_own_clients, own_addresses
    from marelle.foundation.actors import SYSTEM
    from marelle.foundation.clock import machine_now

    keep_own_clients(own_addresses(), by=SYSTEM, at=machine_now())


def collect_static_if_changed(var: Path) -> None:
    """Gather, name by content and compress the static files, if one has changed since the last time."""
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    seen = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            seen.update(f"{name} {found.st_mtime_ns} {found.st_size}\n".encode())
    mark = var / "static.fingerprint"
    if (var / "static").is_dir() and mark.exists() and mark.read_text() == seen.hexdigest():
        return
    mark.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    mark.write_text(seen.hexdigest())


def load_demonstration_if_empty() -> None:
    """Load the authorities of the demonstration into a database that has none."""
    from marelle.commands import load

    if load.is_empty():
        print("Chargement de la démonstration…", flush=True)
        load.load_demonstration()


def _first_line(error: Exception) -> str:
    lines = str(error).strip("'\" \n").splitlines()
    return lines[0] if lines else repr(error)
