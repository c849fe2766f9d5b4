"""The product as people run it: the launcher in a process of its own, with a folder of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.support.ports import unused_port

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0
STOP_SECONDS = 30.0

_OF_A_DEVELOPER = (
    "OPENAI_", "ANTHROPIC_", "GEMINI_", "LLM_", "FIRECRAWL_", "DATABASE_", "REDIS_", "STACK_",
    "AUTH_", "SECRET_KEY", "PUBLIC_URL", "EXTRA_ORIGINS",
)  # fmt: skip


class Server:
    """One start of ``python -m blossomer.launcher``; may be stopped and started again.

    Args:
        data_dir: Its DATA_DIR.
        settings: Environment variables.

    Attributes:
        url: Where it is reached, without a slash at the end; the same after a restart.
        host_port: For example ``localhost:41234``.
    """

    def __init__(self, data_dir: Path, settings: dict[str, str]) -> None:
        self.port = unused_port()
        self.host_port = f"localhost:{self.port}"
        self.url = f"http://{self.host_port}"
        self._log = data_dir.with_suffix(".log")
        # What a developer has in the environment must not reach the tests.
        kept = {k: v for k, v in os.environ.items() if not k.startswith(_OF_A_DEVELOPER)}
        # Without compiled files a model library takes ten seconds to load, at every start.
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        self._environment = {
            **kept,
            "DATA_DIR": str(data_dir),
            "PORT": str(self.port),
            "ENVIRONMENT": "development",
            "WEBSITE_CACHE_HOURS": "0",
            "LOG_LEVEL": "INFO",
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Return when it serves."""
        with self._log.open("ab") as log:
            began = log.tell()
            self._process = subprocess.Popen(  # noqa: ASYNC220 - returns at once
                [sys.executable, "-m", "blossomer.launcher", "run", "--with-parent"],
                cwd=PROJECT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        async with asyncio.timeout(START_SECONDS):
            while b"is ready at" not in self._log.read_bytes()[began:]:
                if self._process.poll() is not None:
                    raise AssertionError(f"The server did not start:\n{self.log()[-4000:]}")
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """End it as Ctrl-C or a service manager would, and wait for that."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(self._process.wait, STOP_SECONDS)

    async def kill(self) -> None:
        """End everything at once, the database included, as a loss of power would."""
        assert self._process is not None
        launcher = psutil.Process(self._process.pid)
        for process in (*launcher.children(recursive=True), *self.database_processes(), launcher):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        await asyncio.to_thread(self._process.wait, STOP_SECONDS)

    def processes(self) -> list[psutil.Process]:
        """What the launcher has started."""
        assert self._process is not None
        return psutil.Process(self._process.pid).children(recursive=True)

    def database_processes(self) -> list[psutil.Process]:
        """The embedded database's postmaster, then its children."""
        folder = Path(self._environment["DATA_DIR"])
        location = folder / "postgres.location"
        home = Path(location.read_text().strip()) if location.exists() else folder / "postgres"
        try:
            pid = int((home / "data" / "postmaster.pid").read_text().splitlines()[0])
        except FileNotFoundError:
            return []
        postmaster = psutil.Process(pid)
        return [postmaster, *postmaster.children(recursive=True)]

    async def restart(self) -> None:
        """Stop and start: what is kept in memory, counters included, is new."""
        await self.stop()
        await self.start()

    def log(self) -> str:
        """Everything it has printed."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    async def models(self) -> list[str]:
        """Names of the models it would ask."""
        async with httpx.AsyncClient(base_url=self.url, timeout=20) as client:
            health = (await client.get("/health/ready")).json()
        return [str(entry.get("model", entry)) for entry in health["models"]]

    async def generate(self, **body: Any) -> httpx.Response:
        """``POST /demo/companies/generate-ai``."""
        async with httpx.AsyncClient(base_url=self.url, timeout=90) as client:
            return await client.post("/demo/companies/generate-ai", json=body)
