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
BYTECODE = PROJECT / "var" / "bytecode"
PREPARED = "marelle_prepared"  # the database that every worker's is a copy of
# Known to every test, and to whoever reads this: making one takes a quarter of a second.
OIDC_KEY = (
    "-----BEGIN PRIVATE KEY-----"
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC4aiPhaYbNKVKVxGtkKX+wJoatTmyoeshzHZxq98e8vlg1jJ7C"
    "yIzP3gSLcQeaB2ae6T86gTbLVOtdtui/MLtoxYkLYNi1tfxqXkwJmzsWM2Jyl+MlHqFtd7VJZC8JDBSgwv/Fbed3Jx8UrlWUDB9V"
    "UgnfQNrho8JgvQBeNg4MbPZKghzKUSx6cLp6BAH8eF4iyif7FF9B11lgH7cQRGwwVTXJhVx0AqmuLw4YQ1yoVK8C7V7W681sNeuF"
    "X+FYMCR7q6q+h3kEOIjJFKVpfhKRCUFPsA+F6ha3EDhlZDAUDrR1C+2vF4S9fD1BVrf4bbNCbjCSOCRed1bDjMPoh/rJAgMBAAEC"
    "ggEABrnzokQGOo1h482/xTPQqFczCM5mzY+neZjgTkWaBWgmq2oTfrkHd0MjbWOFnvV+PN48oR3MD4cxXUYEJbhfRZGJeFkApFno"
    "cxN++JkXpdv4ZoPkMTgvv8kuZv+qJvvqxfhYS6e1K3kDx4V3bBQckbydEu5Vs0vaxDOH4Qq64RW4S+6aKMW3RO8KsOMRC2OvjMei"
    "raX0prKvmpGW0AEaeY32ploqWuUzRkKxnKoBpEP0qfqGEGV191+Wh3MIAkXdZwW4Brrt/j7irdtz5yzydjC62lhrdFSANUj/edoY"
    "qGgWaJgTuz/v4yl7FJlTZcQv7oW2Z8HFevQumClbTKEK7wKBgQDldT5zuX2T8z1OHBQe+v137S18eJ3dQlnYqRJkpVz95fDvM+iB"
    "OZqhXW0scvOvtV0qfFn6WdvVP2B91yznQrKvgpQfQQG51fAMzkAl4841fp+TncAlHF0QRzmxzuu78fywcLRpXue1zoQKrupGIouY"
    "/xcR/OiQaeEeX6fMYaTEuwKBgQDNvxAPavcFLJl9mOsq1QGbQbBf/zp6eGcmpn/3AdateCCyU6cIUXb5Naa1KITJPxsIL6S7gHKj"
    "RY6YhOmcnvvgwuEduog8F8CyQ/EubZeVCnoeJWeYjPcN8lmEsNUYJfF9Cy2QbbjSPOjbZyrb/FD1WfN3RoYZCQtBREDQgc2ISwKB"
    "gDqv5AtBNAc1PUbPE65gz5duyCV/zBCdOdGaXKP1T3V47Eih5CO5Ef2Xoaaut/kG0A9fwruvY/SEwy8sa8WyX3VYVn4v6DsZps3/"
    "qpSGUWWJP1NIE67qNDtHnFAH9m8Zk2GlUd9pcKYlbcw1tKG/kCjPhZ0KLIlTK0rTeF1j0/qlAoGBAKIz9eJhzrrajWuSKhxLb4fK"
    "AtW7rous7o1vCEVgwrFhmk1cW7vYFbak0HfTqNPLl3Edtn5H5pjHloKxjkb2o9ZvbPB2BT9y7mzb2YFjzvQmHV402PZQc9kf7ekJ"
    "TAZMq5SMQnCxv9qnQGDwdb6WrfCv6JxpEgEcuy3KNFrtam7/AoGAQEUH/MWcasZEPTLhGS+HAvXNOYgXEI9Qpk4YR1gNXBS7Tf1G"
    "W0d7dapx1XJgyegSTbtfhL2VYrbfuQhvqZiXMDTH/RHjDASPsEu5aQ5nbxk3ZOe68guR9N3b4wfqKTkcknwLerJQsZupHKMR1wvX"
    "6pslkSX1yB1HD6dP6jxQow8="
    "-----END PRIVATE KEY-----"
)
SURROUNDINGS = {
    "SECRET_KEY": "for tests only",
    "MARELLE_ENCRYPTION_KEYS": base64.urlsafe_b64encode(b"32 bytes known to every test ...").decode(),
    "MARELLE_OIDC_KEYS": OIDC_KEY,
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
    "MARELLE_FILES_DIR": "",
    "MARELLE_FILES_S3_ENDPOINT": "",
    "MARELLE_FILES_S3_BUCKET": "",
    "MARELLE_FILES_S3_KEY": "",
    "MARELLE_FILES_S3_SECRET": "",
    "MARELLE_FILES_S3_REGION": "",
    "MARELLE_CLAMAV": "",
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
    _keep_bytecode()
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _start(early_config)
    else:
        # Files are a worker's own, as its database is: a key that one changes is not the other's.
        os.environ["MARELLE_FILES_DIR"] = str(Path(os.environ["MARELLE_VAR"]) / "files" / worker)
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
        copy_with_owners(kept, server.data_dir)
    server.start()
    if not kept.exists():
        _prepare(server, kept)
    os.environ["DATABASE_URL"] = server.url("postgres")


def _keep_bytecode():
    """Keep what is compiled in `var`, even where the surroundings want no bytecode beside the sources.

    Compiling all tests and what they import takes half a minute of each worker, and seconds of each program started.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(BYTECODE))
    sys.dont_write_bytecode, sys.pycache_prefix = False, os.environ["PYTHONPYCACHEPREFIX"]


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
    copy_with_owners(server.data_dir, draft / "postgres")
    for outdated in KEPT.glob(f"{kept.name.rpartition('.')[0]}.*"):
        shutil.rmtree(outdated, ignore_errors=True)
    try:
        (draft / "postgres").rename(kept)
    except OSError:  # another run was quicker
        shutil.rmtree(draft / "postgres")
    draft.rmdir()
    server.start()


def copy_with_owners(source, target):
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
