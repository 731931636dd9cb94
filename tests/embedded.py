"""A pytest plugin: the throw-away database server of a test run, and the surroundings the settings read.

It is loaded by `-p tests.embedded` (pyproject.toml), and must act before pytest-django reads the settings. The workers
of pytest-xdist inherit what the first process has set; Django makes one test database for each on this one server.
A developer's own DATABASE_URL is never used. MARELLE_TEST_POSTGRES names the folder of another PostgreSQL's programs.
"""

import base64
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from marelle.foundation.child_processes import birth
from marelle.foundation.embedded_postgres import EmbeddedPostgres

PREFIX = "marelle-tests-"
SURROUNDINGS = {
    "SECRET_KEY": "for tests only",
    "MARELLE_ENCRYPTION_KEYS": base64.urlsafe_b64encode(b"32 bytes known to every test ...").decode(),
    "MARELLE_FAMILY_HOSTS": "famille.localhost",
    "MARELLE_OFFICE_HOSTS": "mairie.localhost",
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
    server.start()
    os.environ |= SURROUNDINGS | {"DATABASE_URL": server.url("postgres"), "MARELLE_VAR": str(folder / "var")}


def _remove_leftovers():
    """Delete the folders of test runs that were killed; their servers ended with them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and birth(int(pid)) is None:
            shutil.rmtree(folder, ignore_errors=True)
