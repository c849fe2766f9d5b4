"""The server process: started, watched, stopped, and taken over when its launcher was killed."""

from __future__ import annotations

import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from blossomer.launcher.console import LauncherError
from blossomer.processes import wait_until_ended

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 90.0
STOP_SECONDS = 9.0
WORKER_STOP_SECONDS = 8
"""Of these: what waits is written, what runs is noted as interrupted. The rest is the server's."""
OPEN_FILES = 16_384
LOOPBACK = ("127.0.0.1", "::1")


def listen_address(host: str) -> str:
    """The address to bind for a HOST; ``localhost`` is never looked up."""
    return "127.0.0.1" if host == "localhost" else host


def check_port(host: str, port: int) -> None:
    """Refuse a port that somebody else has, before any long work.

    For ``localhost`` both loopback addresses must be free: browsers try either.

    Raises:
        LauncherError: The port is taken, or the address is not one of this machine.
    """
    addresses = LOOPBACK if host == "localhost" else (host,)
    for address in addresses:
        try:
            found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)
            family, kind, protocol, _, target = found[0]
            with socket.socket(family, kind, protocol) as probe:
                # As the server does: a port whose last connections are still closing is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(target)
                probe.listen(1)
        except PermissionError:
            raise LauncherError(
                f"Port {port} is reserved for the system: choose one above 1023 with PORT."
            ) from None
        except OSError as error:
            if address == "::1" and error.errno not in _TAKEN:
                continue  # this machine has no IPv6
            if error.errno in _TAKEN:
                raise LauncherError(
                    f"Port {port} is taken by another program: stop it, or choose another port, "
                    f"for example `make run PORT={port + 1}`."
                ) from None
            raise LauncherError(f"HOST is {host}, which is no address of this machine.") from None


_TAKEN = {98, 48}  # EADDRINUSE on Linux and on macOS


class Server:
    """One server process and the record by which a later start finds it.

    Args:
        data_dir: Folder of the record.
        host: Address to bind.
        port: Port to bind.
        workers: Processes that serve.
        page_silence: Seconds without a sign of life after which a page takes its worker for gone.
    """

    def __init__(
        self,
        data_dir: Path,
        host: str,
        port: int,
        workers: int = 1,
        page_silence: float = 25.0,
    ) -> None:
        self._record = data_dir / "server.json"
        self._host = listen_address(host)
        self._port = port
        self._workers = workers
        self._page_silence = page_silence
        self._process: subprocess.Popen[bytes] | None = None

    def take_over(self) -> bool:
        """Stop the server that a killed launcher left behind; True if there was one.

        The record alone proves nothing, since process numbers are given anew: the start time must
        agree too. Its group is asked as well, because a server may die and leave its worker.
        """
        try:
            record = json.loads(self._record.read_text())
            members = [
                process
                for process in psutil.process_iter(["pid", "create_time"])
                if _group(process.info["pid"]) == record["pid"]
                and process.info["create_time"] >= record["started"] - 1.0
            ]
        except (OSError, ValueError, KeyError, TypeError):
            return False
        leader = [process for process in members if process.pid == record["pid"]]
        if leader and abs(leader[0].create_time() - record["started"]) > 1.0:
            members = []
        members = wait_until_ended(members, 0)
        _stop_group(members, record["pid"])
        self._record.unlink(missing_ok=True)
        return bool(members)

    def start(self, pages: Path, settings: dict[str, str]) -> None:
        """Start serving.

        Args:
            pages: Folder of the built pages.
            settings: Environment variables of the server, secrets included; they are not put on
                the command line, which every user of the machine can read.
        """
        environment = {
            **os.environ,
            **settings,
            "REFLEX_ENV_MODE": "prod",
            "REFLEX_WEB_WORKDIR": str(pages),
            "REFLEX_DIR": str(pages.parent / "reflex"),
            "REFLEX_TELEMETRY_ENABLED": "false",
            "REFLEX_CHECK_LATEST_VERSION": "false",
            # Serve the pages as they were built; no JavaScript runtime is needed or looked for.
            "__REFLEX_SKIP_COMPILE": "true",
            "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
            "PYTHONUNBUFFERED": "1",
            # By Reflex's own numbers a page would wait for two and a half minutes for a worker
            # that hangs, and say nothing: it counts from one sign of life to the next.
            "REFLEX_SOCKET_INTERVAL": str(round(self._page_silence * 0.4, 3)),
            "REFLEX_SOCKET_TIMEOUT": str(round(self._page_silence * 0.6, 3)),
        }
        command = [sys.executable, "-m", "granian", "blossomer.blossomer:app", "--factory"]
        command += ["--interface", "asgi", "--ws", "--log-level", "warning"]
        command += ["--host", self._host, "--port", str(self._port)]
        command += ["--workers", str(self._workers)]
        if self._workers > 1:
            # One that dies is replaced; the others go on meanwhile.
            command += ["--respawn-failed-workers"]
        command += ["--workers-kill-timeout", str(WORKER_STOP_SECONDS)]
        command += ["--backpressure", str(_raised_open_files() // 2)]
        self._process = subprocess.Popen(  # noqa: S603 - our own arguments
            command,
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.DEVNULL,
            # Its own group: Ctrl-C reaches the launcher alone, and the group can be ended whole.
            start_new_session=True,
        )
        started = psutil.Process(self._process.pid).create_time()
        partial = self._record.with_suffix(".partial")
        partial.write_text(json.dumps({"pid": self._process.pid, "started": started}))
        partial.rename(self._record)

    def wait_until_ready(self) -> None:
        """Return when the server answers.

        Raises:
            LauncherError: It ended before, or takes too long.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self.check_alive()
            if self._answers():
                return
            time.sleep(0.1)
        raise LauncherError(f"The server did not answer within {START_SECONDS:.0f} seconds.")

    def check_alive(self) -> None:
        """Raise when the server has ended by itself.

        Raises:
            LauncherError: With its exit status.
        """
        if self._process is not None and (status := self._process.poll()) is not None:
            raise LauncherError(
                f"The server ended by itself (status {status}); the lines above say why."
            )

    def stop(self) -> None:
        """End the server and everything it started."""
        if self._process is None:
            return
        members = [
            process for process in psutil.process_iter() if _group(process.pid) == self._process.pid
        ]
        _stop_group(members, self._process.pid)
        self._process.wait()
        self._record.unlink(missing_ok=True)

    def _answers(self) -> bool:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104
        connection = http.client.HTTPConnection(host, self._port, timeout=5)
        try:
            connection.request("GET", "/health")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True


def _raised_open_files() -> int:
    """Raise the number of files that what is started from here may have open; returns it.

    Each visitor holds a websocket and a connection or two. Where the limit is usually 1,024, some
    hundred visitors, or one who means ill, would leave no place for the others.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):
            return soft  # the system allows less than it says
    return wanted


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return -1


def _stop_group(members: list[psutil.Process], leader: int) -> None:
    """Ask the leader to end its group, then end what is left of it."""
    for process in members:
        if process.pid != leader:
            # A worker hears of it at once, and not only when its last request has been answered.
            with suppress(psutil.Error):
                process.send_signal(signal.SIGUSR1)
    first = [process for process in members if process.pid == leader] or members
    for targets, number in ((first, signal.SIGTERM), (members, signal.SIGKILL)):
        for process in targets:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        if not wait_until_ended(members, STOP_SECONDS):
            return
