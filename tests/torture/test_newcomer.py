"""The two commands of the README in a copy of the sources in an empty folder, as root and as a plain user."""

import http.client
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest

from marelle.commands.ports import free_port
from marelle.foundation.child_processes import birth

pytestmark = pytest.mark.torture

PROJECT = Path(__file__).resolve().parents[2]
READY = "Ctrl-C arrête tout."
DEMONSTRATION = "Chargement de la démonstration"
COLD_SECONDS = 90
WARM_SECONDS = 6
# The seconds above are said of a machine that does nothing else: what others ask of it is not ours.
BUSY = 4


def sources():
    """The files of the project: what git would give to whoever clones it, work in progress included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.split("\0") if name and (PROJECT / name).exists()]


@pytest.fixture(params=["us", "a plain user"])
def user(request):
    """As whom the newcomer works: None for ourselves. Whoever runs the tests without being root is a plain user."""
    if request.param == "us":
        return None
    return "nobody" if os.geteuid() == 0 else None


@pytest.fixture
def clone(user):
    folder = Path(tempfile.mkdtemp(prefix="marelle-newcomer-"))
    folder.chmod(0o755)
    project = folder / "marelle"
    for name in sources():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / name, project / name)
    if user:
        subprocess.run(["chown", "-R", user, folder], check=True)
    yield project
    shutil.rmtree(folder)


class Newcomer:
    """Somebody in the folder, with nothing of ours in the environment and no cache of packages."""

    def __init__(self, project, user):
        ours = re.compile(
            r"DATABASE_URL|SECRET_KEY|MARELLE_|EMAIL_|PORT$|ON$|HOST$|DJANGO_|PYTEST_|MAKE|MFLAGS|VIRTUAL_ENV"
        )
        self.project = project
        self.as_user = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
        self.environment = {name: value for name, value in os.environ.items() if not ours.match(name)} | {
            "HOME": str(project.parent),
            "PIP_NO_CACHE_DIR": "1",
            "UV_CACHE_DIR": str(project.parent / "cache"),
        }

    def make(self, *arguments, seconds=600):
        return subprocess.run(
            ["make", *arguments],
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            **self.as_user,
        )

    def runs(self, port):
        return Running(self, port)


class Running:
    """`make run`, from the moment it is typed."""

    def __init__(self, newcomer, port):
        self.port = port
        self.output = Path(tempfile.mkstemp(dir=newcomer.project.parent, prefix="output-")[1])
        started = time.monotonic()
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                ["make", "run", f"PORT={port}"],
                cwd=newcomer.project,
                env=newcomer.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **newcomer.as_user,
            )
        while READY not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < started + COLD_SECONDS * BUSY, self.said()
            time.sleep(0.05)
        self.seconds = time.monotonic() - started
        self.started = [(pid, birth(pid)) for pid in self._descendants()]

    def _descendants(self):
        shown = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        parents = {int(child): int(parent) for child, parent in map(str.split, shown.splitlines())}
        found = {self.process.pid}
        while more := {child for child, parent in parents.items() if parent in found} - found:
            found |= more
        return found

    def said(self):
        return self.output.read_text()

    def healthz(self):
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", "/healthz")
            return connection.getresponse().status

    def ctrl_c(self):
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(30)

    def killed(self):
        """Kill make and the command under it, which can then stop nothing themselves."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)

    def left(self, seconds=10):
        deadline = time.monotonic() + seconds
        while left := [pid for pid, mark in self.started if mark and birth(pid) == mark]:
            if time.monotonic() > deadline:
                return left
            time.sleep(0.1)
        return []


def test_both_commands_work_in_an_empty_folder(clone, user):
    newcomer = Newcomer(clone, user)

    first = newcomer.runs(free_port())
    assert first.healthz() == 200
    assert DEMONSTRATION in first.said()
    first.ctrl_c()
    assert first.left() == []

    second = newcomer.runs(free_port())
    assert second.healthz() == 200
    assert DEMONSTRATION not in second.said()
    second.killed()
    assert second.left() == []

    third = newcomer.runs(free_port())
    assert third.healthz() == 200
    assert DEMONSTRATION not in third.said()
    third.ctrl_c()
    assert third.left() == []

    print(
        f"ready in {first.seconds:.1f} s at first, {second.seconds:.1f} s afterwards, {third.seconds:.1f} s once killed"
    )
    assert second.seconds < WARM_SECONDS * BUSY
    assert "Traceback" not in first.said() + second.said() + third.said()

    reset = newcomer.make("reset")
    assert reset.returncode == 0, reset.stderr

    # A small part of the tests: what is shown here is that the command finds all it needs.
    tested = newcomer.make("test", "TESTS=tests/rules/test_cutoffs.py tests/domain/test_encryption.py")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert " passed" in tested.stdout
