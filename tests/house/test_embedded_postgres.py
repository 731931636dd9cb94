"""The embedded server in the states that killed processes leave it in."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from marelle.foundation.child_processes import birth, wait_for_end
from marelle.foundation.embedded_postgres import DatabaseServerFailed, EmbeddedPostgres
from tests.embedded import copy_with_owners

OWNER = """
import sys, time
from pathlib import Path
from marelle.foundation.embedded_postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), fsync=False)
server.start()
print(server.url("postgres"), flush=True)
time.sleep(60)
"""


@pytest.fixture
def folder():
    made = Path(tempfile.mkdtemp(prefix="marelle-launcher-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def initialised():
    """The files of a server that was started once and stopped: initialising each would cost more than its test."""
    made = Path(tempfile.mkdtemp(prefix="marelle-launcher-"))
    made.chmod(0o755)
    embedded = EmbeddedPostgres(made / "postgres", fsync=False)
    embedded.start()
    embedded.stop()
    yield embedded.data_dir
    shutil.rmtree(made)


@pytest.fixture
def server(folder, initialised):
    embedded = EmbeddedPostgres(folder / "été's postgres", fsync=False)
    copy_with_owners(initialised, embedded.data_dir)
    embedded.start()
    yield embedded
    embedded.stop()


def answer(url):
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT lower('ÉTÉ')").fetchone()[0]


def test_it_serves_a_database_of_its_own_and_keeps_it(server):
    server.create_database("enfants")
    server.create_database("enfants")
    server.stop()
    server.start()

    assert answer(server.url("enfants")) == "été"


def test_two_folders_have_two_servers(server, folder):
    neighbour = EmbeddedPostgres(folder / "neighbour", fsync=False)
    neighbour.start()
    try:
        server.create_database("ours")

        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(neighbour.url("ours"))
    finally:
        neighbour.stop()


def test_another_object_finds_the_running_server(server):
    assert EmbeddedPostgres(server.data_dir).url("postgres") == server.url("postgres")


def test_a_stopped_server_has_no_address_and_leaves_no_socket(server):
    socket_folder = Path((server.data_dir / "socket.folder").read_text())
    assert socket_folder.is_dir()

    server.stop()

    assert not socket_folder.exists()
    with pytest.raises(DatabaseServerFailed):
        server.url()


def test_a_process_number_used_again_by_another_program_does_not_keep_it_from_starting(server):
    server.stop()
    (server.data_dir / "postmaster.pid").write_text(
        f"{os.getppid()}\n{server.data_dir}\n0\n5432\n/nowhere\n\n\nready\n"
    )

    server.start()

    assert answer(server.url("postgres")) == "été"


def test_it_ends_with_the_process_that_started_it_and_starts_again_at_once(folder):
    data_dir = folder / "postgres"
    with subprocess.Popen([sys.executable, "-c", OWNER, data_dir], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout.readline()
        pid = int((data_dir / "postmaster.pid").read_text().splitlines()[0])
        mark = birth(pid)
        owner.kill()

    successor = EmbeddedPostgres(data_dir, fsync=False)
    successor.start()
    try:
        assert birth(pid) != mark
        assert answer(successor.url("postgres")) == "été"
    finally:
        successor.stop()


def test_it_starts_after_its_server_was_killed(server):
    pid = int((server.data_dir / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    server._process.wait()

    server.start()

    assert answer(server.url("postgres")) == "été"


def test_an_initialisation_killed_half_way_is_done_again(folder):
    data_dir = folder / "postgres"
    (data_dir / "initialising" / "base").mkdir(parents=True)
    embedded = EmbeddedPostgres(data_dir, fsync=False)
    embedded.start()
    try:
        assert answer(embedded.url("postgres")) == "été"
    finally:
        embedded.stop()


def test_a_folder_of_another_version_is_refused_in_one_sentence(server):
    server.stop()
    (server.data_dir / "PG_VERSION").write_text("9\n")

    with pytest.raises(DatabaseServerFailed, match="PostgreSQL 9"):
        server.start()


def test_waiting_for_an_end_gives_up_in_time():
    assert not wait_for_end(lambda: False, seconds=0.05)
