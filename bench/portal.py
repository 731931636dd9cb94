"""A portal of our own for the time of the measures: database, generated authority, web processes; then all is gone."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from marelle.commands.ports import free_port
from marelle.commands.processes import Programs
from marelle.commands.run import _wait_until_healthy, _web_command
from marelle.foundation.embedded_postgres import EmbeddedPostgres

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority

HOST = "famille.localhost"
# A Monday with four weeks of school before it and after it, whatever the day of the measure.
VISITED = date(2026, 11, 16)
AT = datetime(2026, 11, 16, 7, 0, tzinfo=UTC)
# Django takes a token that equals its cookie: what a form of ours would carry.
CSRF = "b" * 32


@dataclass(frozen=True)
class Portal:
    """The running portal: its port, the address of its database, its authority."""

    port: int
    database: str
    authority: Authority
    web_pid: int

    def workers(self) -> list[int]:
        """Will return the process numbers of the web processes."""
        children = Path(f"/proc/{self.web_pid}/task/{self.web_pid}/children").read_text().split()
        return [int(pid) for pid in children if "granian" in _command(int(pid)) or "spawn_main" in _command(int(pid))]

    def processor_seconds(self) -> float:
        """Will return the processor's time that the web processes have used: what a busy machine does not falsify."""
        ticks = 0
        for pid in self.workers():
            after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(after_name[11]) + int(after_name[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def database(families: int) -> Iterator[tuple[str, Authority]]:
    """Start an embedded server that writes as in production, with a generated authority; give its address."""
    folder = Path(tempfile.mkdtemp(prefix="marelle-bench-"))
    folder.chmod(0o711)  # the server may run as another user, who walks through
    server = EmbeddedPostgres(folder / "postgres")
    try:
        server.start()
        server.create_database("marelle")
        os.environ |= {
            "DATABASE_URL": server.url("marelle"),
            "MARELLE_EMBEDDED": "1",
            "MARELLE_VAR": str(folder / "var"),
            "MARELLE_DEMONSTRATION": "",
            "MARELLE_FAMILY_HOSTS": HOST,
            "MARELLE_OFFICE_HOSTS": "mairie.localhost",
            "MARELLE_PUBLIC_SCHEME": "",
            "MARELLE_BUSINESS_DAYS_AHEAD": str((VISITED - datetime.now(ZoneInfo("Europe/Paris")).date()).days),
            "DJANGO_SETTINGS_MODULE": "marelle.config.settings",
        }
        yield os.environ["DATABASE_URL"], _prepared(families)
    finally:
        _close_connections()
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def served(database_url: str, authority: Authority) -> Iterator[Portal]:
    """Serve it with two web processes, by the very command of `marelle run`."""
    port = free_port()
    os.environ["MARELLE_PUBLIC_PORT"] = str(port)
    record = Path(os.environ["MARELLE_VAR"]) / "bench.json"
    programs = Programs(record)
    try:
        programs.start("le serveur web", _web_command("127.0.0.1", port))
        _wait_until_healthy(programs, "127.0.0.1", port)
        ((pid, _birth),) = json.loads(record.read_text())
        yield Portal(port, database_url, authority, pid)
    finally:
        programs.stop()


def cookies_of(user: int, site: str = "") -> str:
    """Will sign an account (key) in as the account site and another do, and return the cookies of the latter.

    The other is the families' site unless said.
    """
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from marelle.domain.accounts.models import Site, User
    from marelle.web.account.sessions import SID, SITE, SessionStore

    account, sid = User.objects.get(pk=user), secrets.token_hex(16)
    for signed_in in (Site.ACCOUNT, site or Site.FAMILY):  # the second lives as long as the first
        session = SessionStore()
        session[SESSION_KEY] = str(user)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        session[SITE], session[SID] = signed_in, sid
        session.create()
    return f"session={session.session_key}; csrf={CSRF}"


def _prepared(families: int) -> Authority:
    import django

    django.setup()
    from marelle.commands.generate import generate_authority
    from marelle.commands.preparation import prepare
    from marelle.foundation.actors import SYSTEM

    prepare(Path(os.environ["MARELLE_VAR"]), is_demonstration=False)
    start = time.perf_counter()
    authority = generate_authority(families=families, seed=1, by=SYSTEM, at=AT)
    print(f"# {families} families generated in {time.perf_counter() - start:.1f} s", flush=True)
    return authority


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
