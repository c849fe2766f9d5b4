"""A real Redis server for tests, on a port of its own, that can be killed, hung, started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import pytest

from tests.redis_server import MISSING, find_redis
from tests.support.ports import unused_port


class RedisServer:
    """One server, which is empty after each start. A context manager.

    Skips the test when no Redis can be found.

    Attributes:
        url: Its address, for REDIS_URL; the same after another start.
    """

    def __init__(self) -> None:
        # What `make test` has looked for need not be looked for, or installed, once more.
        self._server = os.environ["REDIS_SERVER"] if "REDIS_SERVER" in os.environ else find_redis()
        if not self._server:
            pytest.skip(MISSING)
        self._port = unused_port()
        self.url = self.url_of(0)
        self._folder = Path(tempfile.mkdtemp(prefix="bl-redis-"))
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url_of(self, database: int) -> str:
        """The address of one of its sixteen databases."""
        return f"redis://127.0.0.1:{self._port}/{database}"

    def start(self) -> None:
        """Return when it answers."""
        assert self._server is not None
        command = [self._server, "--port", str(self._port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--appendonly", "no", "--dir", str(self._folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "Ready to accept connections" in line:
                return
        raise AssertionError("Redis did not start")

    def kill(self) -> None:
        """End it at once, hung or not: it refuses connections from now on."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def hang(self) -> None:
        """Let it accept connections and answer nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Undo ``hang``."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
