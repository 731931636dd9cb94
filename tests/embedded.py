"""A pytest plugin: the throw-away database server of a test run, and the surroundings the settings read.

It is loaded by `-p tests.embedded` (pyproject.toml), and must act before pytest-django reads the settings. The workers
of pytest-xdist inherit what the first process has set; each has its own database on this one server, a copy of one that
is prepared by the migrations (tests/conftest.py). A server stopped with that one ready is kept in `var/tests` until a
migration changes: preparing takes eight seconds, copying its files a quarter of one.
A developer's own DATABASE_URL is never used. MARELLE_TEST_POSTGRES names the folder of another PostgreSQL's programs.
"""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from marelle.foundation.child_processes import birth
from marelle.foundation.embedded_postgres import EmbeddedPostgres

PREFIX = "marelle-tests-"
PROJECT = Path(__file__).resolve().parents[1]
KEPT = PROJECT / "var" / "tests"
PREPARED = "marelle_prepared"  # the database that every worker's is a copy of
SURROUNDINGS = {
    "SECRET_KEY": "for tests only",
    "MARELLE_ENCRYPTION_KEYS": base64.urlsafe_b64encode(b"32 bytes known to every test ...").decode(),
    "MARELLE_FAMILY_HOSTS": "famille.localhost",
    "MARELLE_OFFICE_HOSTS": "mairie.localhost",
    "MARELLE_ACCOUNT_HOSTS": "compte.localhost",
    "MARELLE_INVOICES_HOSTS": "factures.localhost",
    "MARELLE_DEMONSTRATION": "",
    "MARELLE_EMBEDDED": "",
    "MARELLE_DEBUG": "",
    "MARELLE_OPERATOR_NAME": "",
    "MARELLE_PUBLIC_SCHEME": "",
    "MARELLE_PUBLIC_PORT": "",
    "MARELLE_BUSINESS_DAYS_AHEAD": "",
    "MARELLE_MAILBOX_URL": "",
    "EMAIL_HOST": "",
    "EMAIL_PORT": "",
    # Nobody listens there: a test that pays starts its own stand-in, and none asks the real services.
    "MARELLE_PAYFIP_URL": "http://127.0.0.1:9/tpa/services/securite",
    "MARELLE_PAYFIP_PAGE_URL": "http://127.0.0.1:9/tpa/paiementws.web",
    "MARELLE_PAYZEN_URL": "http://127.0.0.1:9/vads-payment/",
    "MARELLE_PAYZEN_API_URL": "http://127.0.0.1:9",
}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config):
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _start(early_config)
    return (yield)


def pytest_report_header():
    return f"database: {os.environ.get('MARELLE_TEST_POSTGRES') or 'embedded PostgreSQL'}"


def _start(config):
    _remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    bindir = os.environ.get("MARELLE_TEST_POSTGRES")
    server = EmbeddedPostgres(folder / "postgres", bindir=Path(bindir) if bindir else None, fsync=False)
    # pytest's own user keeps the rest (secrets, static files) beside the server's folder, which may be another user's.
    folder.chmod(0o711)

    def stop():
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)

    config.add_cleanup(stop)
    os.environ |= SURROUNDINGS | {"MARELLE_VAR": str(folder / "var")}
    kept = KEPT / f"{'embedded' if bindir is None else bindir.strip('/').replace('/', '-')}.{_what_prepares()}"
    if kept.exists():
        _copy(kept, server.data_dir)
    server.start()
    if not kept.exists():
        _prepare(server, kept)
    os.environ["DATABASE_URL"] = server.url("postgres")


def _what_prepares():
    """Return a digest of all that an empty database is prepared with."""
    sources = [*PROJECT.glob("marelle/**/migrations/*.py"), *PROJECT.glob("marelle/foundation/*.py")]
    sources += [PROJECT / "requirements" / "dev.txt", Path(__file__)]
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _prepare(server, kept):
    """Run the migrations once, and keep the stopped server's files for the runs to come."""
    server.create_database(PREPARED)
    subprocess.run(
        [sys.executable, "-m", "marelle", "manage", "migrate", "--verbosity=0"],
        env=os.environ | {"DATABASE_URL": server.url(PREPARED), "PYTHONWARNINGS": "ignore"},
        cwd=PROJECT,
        check=True,
    )
    server.stop()
    KEPT.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=KEPT))
    _copy(server.data_dir, draft / "postgres")
    for outdated in KEPT.glob(f"{kept.name.rpartition('.')[0]}.*"):
        shutil.rmtree(outdated, ignore_errors=True)
    try:
        (draft / "postgres").rename(kept)
    except OSError:  # another run was quicker
        shutil.rmtree(draft / "postgres")
    draft.rmdir()
    server.start()


def _copy(source, target):
    """Copy a stopped server's files with their owners."""
    shutil.copytree(source, target)
    for at, _folders, names in os.walk(source):
        there = target / Path(at).relative_to(source)
        for old, new in [(Path(at), there), *((Path(at) / name, there / name) for name in names)]:
            owner = old.stat()
            os.chown(new, owner.st_uid, owner.st_gid)


def _remove_leftovers():
    """Delete the folders of test runs that were killed; their servers ended with them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and birth(int(pid)) is None:
            shutil.rmtree(folder, ignore_errors=True)
