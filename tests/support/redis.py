"""A real Redis server for tests, on a port of its own, which a test may stop, hang and restart."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Self

import pytest

from tests.redis_server import MISSING, find_redis

STOP_SECONDS = 10.0


class RedisServer:
    """One server. A context manager; skips the test when no Redis can be found.

    Args:
        folder: Where it may write.
    """

    def __init__(self, folder: Path) -> None:
        # What `make test` has looked for need not be looked for, or installed, once more.
        self._server = os.environ["REDIS_SERVER"] if "REDIS_SERVER" in os.environ else find_redis()
        if not self._server:
            pytest.skip(MISSING)
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.thaw()
        self.stop()

    def url(self, database: int = 0) -> str:
        """Its address, for REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Return when it answers. It has forgotten what it knew."""
        assert self._server is not None
        self._process = subprocess.Popen(
            [self._server, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--dir", str(self._folder)],
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "Ready to accept connections" in line:
                return
        raise AssertionError("Redis did not start")

    def stop(self) -> None:
        """End it: connections are refused from now on."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(STOP_SECONDS)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def freeze(self) -> None:
        """Let it hang: connections are taken, and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
