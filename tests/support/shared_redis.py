"""A Redis of the tests' own, on a free port, that can be killed, hung, and started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from tests.redis_server import find_redis


class SharedRedis:
    """One Redis server; empty after each start.

    Attributes:
        url: Its address, the same after another start.
    """

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._folder = Path(tempfile.mkdtemp(prefix="bl-redis-"))
        self._process: subprocess.Popen[str] | None = None

    @staticmethod
    def program() -> str | None:
        """The server's program; None when there is none."""
        # What `make test` has looked for need not be looked for, or installed, once more.
        return os.environ["REDIS_SERVER"] if "REDIS_SERVER" in os.environ else find_redis()

    def start(self) -> None:
        """Return when it serves."""
        program = self.program()
        assert program
        command = [program, "--port", str(self._port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--appendonly", "no", "--dir", str(self._folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "Ready to accept connections" in line:
                return
        raise AssertionError("Redis did not start")

    def kill(self) -> None:
        """End it at once; it refuses connections then."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def hang(self) -> None:
        """Let it accept connections and answer nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Undo ``hang``."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        """End it for good."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)
