"""What every test stands on: a quiet set-up, the guard on, undefined template variables refused."""

from __future__ import annotations

import gc
from datetime import UTC, datetime

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection, transaction
from django.test import TransactionTestCase, override_settings
from django.urls import set_urlconf
from hypothesis import HealthCheck, settings

from marelle.domain.catalog.queries import forget_offers
from marelle.foundation import clock, tenancy, writes
from marelle.foundation.writes import permitted
from tests.embedded import PREPARED

# No test fails because the machine was busy: how long an example takes to be drawn or tried is nobody's promise.
settings.register_profile("marelle", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("marelle")

# Monday 23 November 2026, 8:00 in Paris: a week of school, before nine.
MONDAY_MORNING = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


END_THE_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings):
    """Each worker's database is a copy of the one that tests/embedded.py has prepared by the migrations."""
    usual = connection.settings_dict["NAME"]
    own = connection.creation._get_test_db_name()
    with django_db_blocker.unblock():
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{own}" TEMPLATE {PREPARED}')
        connection.close()
        django_settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = own
    yield
    with django_db_blocker.unblock():
        # A thread of a test's server may still hold a connection when the last test has ended.
        with connection.cursor() as cursor:
            cursor.execute(END_THE_OTHERS)
        connection.creation.destroy_test_db(usual, verbosity=0)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with the tests that take a minute each: last, one of them would keep a worker alone."""
    items.sort(key=lambda item: item.path.name not in {"test_doors.py", "test_launcher.py"})


def pytest_collection_finish():
    """Will spare the collector what stays for the whole run: Django, and thousands of tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown():
    """The rows of a test that used real transactions are truncated outside any operation.

    What a fixture had opened for its test would be open again for the next ones: it ends inside this permission.
    """
    with permitted("test tear-down"):
        done = yield
    writes._permitted.set("")
    return done


# What the migrations put there for Django itself, the same for ever.
KEPT_TABLES = {"django_migrations", "django_content_type", "auth_permission"}
# The queue's own tables are not Django's.
OF_THE_QUEUE = ("procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers")


def _emptied(_self):
    """Empty the tables where a test with real transactions left rows; who still writes there is waited for.

    Django truncates all of them, then writes again what it knows of each model: ten times as long.
    """
    names = {*connection.introspection.django_table_names(only_existing=True, include_views=False), *OF_THE_QUEUE}
    tables = [connection.ops.quote_name(name) for name in sorted(names - KEPT_TABLES)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables))
        used = [table for (table,) in cursor.fetchall()]
        # Keys are not followed, nor are rows kept that may never be deleted.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in used:
            cursor.execute(f"DELETE FROM {table}")


@pytest.fixture(scope="session", autouse=True)
def _quickly_emptied():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", _emptied)
        yield


@pytest.fixture(scope="session", autouse=True)
def _light_passwords():
    """A password is hashed and checked as everywhere, at the lowest cost: a guess is nobody's gain here."""
    with pytest.MonkeyPatch.context() as patched:
        for cost, lowest in (("time_cost", 1), ("memory_cost", 8), ("parallelism", 1)):
            patched.setattr(Argon2PasswordHasher, cost, lowest)
        yield


@pytest.fixture(autouse=True)
def _django_set_urlconf(request):
    """Let `pytest.mark.urls` name the site of a test, as pytest-django's own fixture of this name would.

    That one also forgets the addresses of all sites, twice a test: they are kept under their module's name, so none is
    mistaken for another, and reading five hundred of them again takes longer than most requests.
    """
    marker = request.node.get_closest_marker("urls")
    if marker is None:
        yield
        return
    (urlconf,) = marker.args
    usual, django_settings.ROOT_URLCONF = django_settings.ROOT_URLCONF, urlconf
    set_urlconf(None)
    yield
    django_settings.ROOT_URLCONF = usual
    set_urlconf(None)


@pytest.fixture(autouse=True)
def _fresh_offers():
    forget_offers()
    yield
    forget_offers()


@pytest.fixture(scope="session", autouse=True)
def _plain_static_files():
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**django_settings.STORAGES, "staticfiles": plain}):
        yield


@pytest.fixture
def monday_morning():
    """Business time stands at Monday 23 November 2026, 8:00 in Paris."""
    with clock.visiting(MONDAY_MORNING):
        yield MONDAY_MORNING


@pytest.fixture(scope="module")
def lasting(django_db_setup, django_db_blocker):
    """Let a module make rows once for all its tests, on that Monday morning: each test is undone inside, then the rows.

    The rows in memory are not undone: a test that changes one takes a copy of it, or updates by a query.
    """
    with django_db_blocker.unblock(), transaction.atomic(), clock.visiting(MONDAY_MORNING):
        yield
        transaction.set_rollback(True)


@pytest.fixture
def in_scope():
    """Open the scope of an authority for the rest of the test: `in_scope(authority)`."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda authority: stack.enter_context(tenancy.scope({authority.pk}))
