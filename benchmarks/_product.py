"""The product as people run it, with a model and a website, each in a process of its own.

What is measured with it is in the benchmarks themselves.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import psutil
from playwright.async_api import Browser, async_playwright, expect

from tests.browser.server import Server
from tests.chromium import find_chromium

PROJECT = Path(__file__).resolve().parents[1]
MODEL_SECONDS = 5.0
"""Time over which the fake model writes an answer, as the goals say."""

PATIENCE_SECONDS = 60.0
"""Longest wait for something to appear on a page."""


@dataclass(frozen=True)
class Product:
    """A running product.

    Args:
        url: Its address, without a slash at the end.
        website: Address of the website that it may read.
        model: Address of the model that it asks.
        data_dir: Its folder.
    """

    url: str
    website: str
    model: str
    data_dir: Path

    async def model_records(self) -> list[dict[str, Any]]:
        """What the model has noted of its requests, in order: see ``PacedRecord``."""
        async with httpx.AsyncClient(timeout=30) as client:
            answer = await client.get(f"{self.model.removesuffix('/v1')}/records")
        return cast(list[dict[str, Any]], answer.json())

    def processes(self) -> list[psutil.Process]:
        """The server and its worker. The database is not among them."""
        leader = int(json.loads((self.data_dir / "server.json").read_text())["pid"])
        return [process for process in psutil.process_iter() if _group(process.pid) == leader]

    def memory(self) -> float:
        """Resident memory of these, in MB (1,000,000 bytes)."""
        return sum(process.memory_info().rss for process in self.processes()) / 1e6

    def processor_seconds(self) -> float:
        """Processor time that these have used so far."""
        times = [process.cpu_times() for process in self.processes()]
        return sum(each.user + each.system for each in times)


@asynccontextmanager
async def product(
    model_seconds: float = MODEL_SECONDS, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Product]:
    """Start everything, and stop it at the end. One generation has been made, so all is loaded.

    Args:
        model_seconds: Time over which the fake model writes an answer.
        settings: Environment variables of the server, in addition.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        _program("tests.support.fixture_site", "--port", "0") as site_says,
        _program("tests.support.fake_models", "--seconds", f"{model_seconds}") as model,
    ):
        website = site_says.rpartition(" ")[2]
        data_dir = Path(folder) / "data"
        server = Server(
            data_dir,
            {
                "FETCH_ALLOW_HOSTS": website.removeprefix("http://"),
                "LLM_MODELS": "openai/paced",
                "OPENAI_BASE_URL": model,
                "OPENAI_API_KEY": "not-a-real-key",
                "ANONYMOUS_GENERATIONS_PER_HOUR": "100000",
                "API_REQUESTS_PER_MINUTE": "100000",
                "SOCKETS_PER_ADDRESS": "100000",
                "ADDRESS_EVENTS_PER_SECOND": "100000",
                "GENERATIONS_AT_ONCE_PER_ADDRESS": "100000",
                **(settings or {}),
            },
        )
        try:
            await server.start()
            answer = await server.generate(website_url=website)
            answer.raise_for_status()
            yield Product(server.url, website, model, data_dir)
        finally:
            await server.stop()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser that does nothing of its own accord."""
    path = os.environ.get("CHROMIUM_PATH") or str(find_chromium())
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", *quiet]
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        await browser.close()


@contextmanager
def _program(module: str, *arguments: str) -> Iterator[str]:
    """Run a module while the block lasts; gives the line that it prints when it serves."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline().strip()
        if not line:
            raise RuntimeError(f"{module} did not start")
        yield line
    finally:
        process.terminate()
        process.wait()


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return -1
