"""`marelle run` and what stands around it, as a newcomer meets them: real processes, a real folder, real ports."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest

from marelle.commands.ports import free_port
from marelle.foundation.child_processes import birth

PROJECT = Path(__file__).resolve().parents[2]
READY = "Ctrl-C arrête tout."
SLOWEST = 240  # seconds that a machine busy with other work may need for anything


@pytest.fixture
def var():
    """A folder like a fresh project's `var`, which the server's user can reach even when we are root."""
    folder = Path(tempfile.mkdtemp(prefix="marelle-launcher-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def port_taken_on_ipv6():
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        return None  # a machine without IPv6 has no such trap
    with server:
        yield server.getsockname()[1]


class Marelle:
    """A run in a folder, seen from outside."""

    def __init__(self, var, port):
        self.port = port
        self.output = Path(tempfile.mkstemp(dir=var, prefix="output-")[1])
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "marelle", "run", "--port", str(port)],
                env=newcomer_environment(var),
                cwd=PROJECT,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + SLOWEST
        while READY not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)
        self.family = descendants(self.process.pid)

    def said(self):
        return self.output.read_text()

    def healthz(self):
        return self.asks(self.port, "127.0.0.1", "/healthz").status

    @property
    def account_port(self):
        return int(re.search(r"Compte +http://compte\.localhost:(\d+)", self.said())[1])

    def asks(self, port, host, path):
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=SLOWEST)) as connection:
            connection.request("GET", path, headers={"Host": f"{host}:{port}"})
            answer = connection.getresponse()
            answer.text = answer.read().decode()
            return answer

    def end(self, number):
        self.process.send_signal(number)
        return self.process.wait(SLOWEST)

    def survivors(self):
        return [pid for pid, mark in self.family if birth(pid) == mark]


def newcomer_environment(var, **more):
    ours = re.compile(r"DATABASE_URL|SECRET_KEY|MARELLE_|EMAIL_|PORT$|ON$|HOST$|DJANGO_|PYTEST_")
    return (
        {name: value for name, value in os.environ.items() if not ours.match(name)} | {"MARELLE_VAR": str(var)} | more
    )


def descendants(pid):
    """The processes started by this one, and by those, each with its birth."""
    shown = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    children = {}
    for line in shown.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    found, to_visit = [], [pid]
    while to_visit:
        reached = children.get(to_visit.pop(), [])
        found += [(child, birth(child)) for child in reached if birth(child)]
        to_visit += reached
    return found


def refusal(var, *arguments, **environment):
    """What a command that must fail says."""
    done = subprocess.run(
        [sys.executable, "-m", "marelle", *arguments],
        env=newcomer_environment(var, **environment),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=SLOWEST,
        check=False,
    )
    assert done.returncode == 1, done
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("marelle : ")
    return done.stderr


def wait_until_gone(marelle, seconds):
    deadline = time.monotonic() + seconds
    while marelle.survivors() and time.monotonic() < deadline:
        time.sleep(0.1)
    return marelle.survivors()


def the_account_site_is_apart(marelle):
    """It answers at its own port, names itself by it, and each group of processes leads to the other's sites."""
    at, issuer = marelle.account_port, f"http://compte.localhost:{marelle.account_port}"
    assert at != marelle.port
    described = json.loads(marelle.asks(at, "compte.localhost", "/.well-known/openid-configuration").text)
    assert described["issuer"] == issuer
    assert marelle.asks(at, "127.0.0.1", "/healthz").status == 200

    led = marelle.asks(marelle.port, "compte.localhost", "/compte/connexion/?next=/")
    assert (led.status, led.headers["Location"]) == (302, f"{issuer}/compte/connexion/?next=/")
    led = marelle.asks(at, "famille.localhost", "/aide/")
    assert (led.status, led.headers["Location"]) == (302, f"http://famille.localhost:{marelle.port}/aide/")


def test_a_run_serves_then_is_killed_then_serves_again_and_stops_all_it_started(var):
    port = free_port()
    killed = Marelle(var, port)
    assert killed.healthz() == 200
    assert len(killed.family) > 5  # the database, the web processes, the jobs, the mail catcher
    secrets = (var / "secrets.json").read_bytes()
    the_account_site_is_apart(killed)

    assert "déjà utilisé" in refusal(var, "run", "--port", str(free_port()))
    assert "déjà utilisé" in refusal(var, "reset")

    killed.end(signal.SIGKILL)
    again = Marelle(var, port)
    assert killed.survivors() == []
    assert again.healthz() == 200
    the_account_site_is_apart(again)
    assert (var / "secrets.json").read_bytes() == secrets
    assert "Chargement de la démonstration" in killed.said()
    assert "Chargement de la démonstration" not in again.said()

    assert again.end(signal.SIGTERM) == 0
    assert wait_until_gone(again, seconds=20) == []
    assert "Traceback" not in again.said()


def test_a_taken_port_is_said_in_one_line(var, taken_port):
    said = refusal(var, "run", "--port", str(taken_port))

    assert f"le port {taken_port} est déjà pris" in said


def test_a_port_taken_on_ipv6_alone_is_said_too(var, port_taken_on_ipv6):
    if port_taken_on_ipv6 is None:
        return

    said = refusal(var, "run", "--port", str(port_taken_on_ipv6))

    assert f"le port {port_taken_on_ipv6} est déjà pris" in said


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        pytest.param(["--port", "abc"], {}, "PORT=abc", id="port that is no number"),
        pytest.param(["--on", "2026-13-01"], {}, "n'est pas une date", id="date that does not exist"),
        pytest.param(["--on", "2026-11-23"], {"DATABASE_URL": "postgresql://a/b"}, "refusée", id="date on a real base"),
        pytest.param([], {"DATABASE_URL": "mysql://a/b"}, "postgresql://", id="another kind of database"),
        pytest.param([], {"DATABASE_URL": "postgresql://a"}, "nom de la base", id="address without a name"),
        pytest.param([], {"DATABASE_URL": "postgresql://u:hidden@127.0.0.1:1/b"}, "atteinte", id="nobody answers"),
        pytest.param([], {"MARELLE_FAMILY_HOSTS": "a b"}, "MARELLE_FAMILY_HOSTS", id="host that is no host"),
        pytest.param([], {"MARELLE_ENCRYPTION_KEYS": "x"}, "Fernet", id="key that is no key"),
        pytest.param([], {"MARELLE_OIDC_KEYS": "x"}, "MARELLE_OIDC_KEYS", id="signing key that is no key"),
        pytest.param(["--account-port", "0"], {}, "ACCOUNT_PORT=0", id="port of the account that is no port"),
    ],
)
def test_a_wrong_surrounding_is_said_in_one_line(var, arguments, environment, expected):
    said = refusal(var, "run", "--port", str(free_port()), *arguments, **environment)

    assert expected in said
    assert "hidden" not in said


def test_reset_leaves_a_real_database_alone(var):
    said = refusal(var, "reset", DATABASE_URL="postgresql://127.0.0.1:1/real")

    assert "DATABASE_URL" in said


def test_the_installation_refuses_a_python_that_is_too_old(tmp_path):
    old = tmp_path / "python"
    old.write_text('#!/bin/sh\ncase "$*" in *"%d.%d"*) echo 3.9 ;; *) exit 1 ;; esac\n')
    old.chmod(0o755)

    done = subprocess.run(
        ["sh", PROJECT / "setup" / "install", "runtime"],
        env=os.environ | {"PYTHON": str(old)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.splitlines() == [done.stderr.strip()]
    assert "3.11" in done.stderr
    assert "3.9" in done.stderr


def test_the_help_lists_every_command():
    shown = subprocess.run(
        [sys.executable, "-m", "marelle", "--help"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout

    assert re.findall(r"^    (\w+) ", shown, flags=re.MULTILINE) == [
        "run",
        "load",
        "export",
        "generate",
        "rules",
        "tariffs",
        "clients",
        "worker",
        "manage",
        "reset",
    ]
