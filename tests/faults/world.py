"""Everything the product depends on, real and behind lines that can fail, and two workers of it."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

import psutil
from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.api.local_issuer.accounts import LocalAccounts, Person
from blossomer.db.embedded import EmbeddedServer, start_embedded
from blossomer.db.engine import create_engine
from blossomer.db.migrate import migrate
from blossomer.db.roles import DatabaseUrls, prepare_database
from blossomer.db.store import DatabaseStore
from blossomer.entities import entity_config
from tests.browser.server import START_SECONDS, Server
from tests.faults.people import EDITED, Page, Program, local_port, new_client
from tests.support.documents import CONFIG, company_data, entity_data, keep_family
from tests.support.fake_models import KEY, MODELS, FakeProviders
from tests.support.fixture_site import FixtureSite
from tests.support.line import Line
from tests.support.member import sign_in
from tests.support.redis import RedisServer

PROVIDERS = tuple(MODELS)

WORKERS = 2

LIMIT = 500
"""Generations an hour, of whoever it is."""

PATIENCE = {
    "DATABASE_ANSWER_SECONDS": "2.5",
    "REDIS_ANSWER_SECONDS": "0.5",
    "PAGE_SILENCE_SECONDS": "3",
    "WORKER_SILENCE_SECONDS": "4",
    "WEBSITE_TIME_BUDGET_SECONDS": "4",
    "LLM_FIRST_TOKEN_SECONDS": "1.5",
    "LLM_SILENCE_SECONDS": "1",
    "LLM_ATTEMPT_DEADLINE_SECONDS": "5",
    "LLM_TOTAL_DEADLINE_SECONDS": "8",
    "BREAKER_FAILURES": "2",
    "BREAKER_RECOVERY_SECONDS": "0.5",
}
"""The product waits as long as it is told to; here, not long."""


class World:
    """Postgres, Redis, three providers of models, a website, and a server of two workers.

    Attributes:
        lines: To what can be cut off, by name: ``postgres``, the providers, ``website``.
        redis: Itself: it can be killed and hung.
        server: The product.
    """

    def __init__(self) -> None:
        self._parts = ExitStack()
        self._folder = Path(tempfile.mkdtemp(prefix="bl-"))
        self._folder.chmod(0o711)
        self._cluster: EmbeddedServer | None = None
        self.lines: dict[str, Line] = {}
        self.redis = RedisServer()
        self.models = FakeProviders()
        self.site = FixtureSite()
        self.engine: AsyncEngine | None = None
        self._member: Member | None = None
        self._members = 0

    async def start(self) -> None:
        """Return when everything works."""
        self._cluster = await asyncio.to_thread(start_embedded, self._folder)
        urls = await asyncio.to_thread(prepare_database, self._cluster)
        await asyncio.to_thread(migrate, urls.owner, urls.app)
        self.engine = create_engine(urls.app)
        for part in (self.redis, self.models, self.site):
            self._parts.enter_context(part)
        self._answer_well()
        targets: dict[str, int | Path] = {
            "postgres": self._cluster.socket / ".s.PGSQL.5432",
            "website": int(self.site.host_port.rpartition(":")[2]),
        }
        for name in PROVIDERS:
            targets[name] = urlsplit(self.models.base_url(name)).port or 0
        for name, target in targets.items():
            self.lines[name] = self._parts.enter_context(Line(target))
        self.server = Server(self._folder / "data", self._settings(urls))
        await self.server.start()

    def _settings(self, urls: DatabaseUrls) -> dict[str, str]:
        address = urlsplit(urls.app)
        line = self.lines["postgres"]
        settings = {
            **PATIENCE,
            "WORKERS": str(WORKERS),
            "TRUSTED_PROXY_HOPS": "1",
            "DATABASE_URL": f"postgresql://{address.username}:{address.password}@{line.host_port}"
            f"{address.path}?sslmode=disable",
            "MIGRATE_AT_START": "false",
            "REDIS_URL": self.redis.url,
            "FETCH_ALLOW_HOSTS": self.lines["website"].host_port,
            "LLM_MODELS": ",".join(MODELS.values()),
            "ANONYMOUS_GENERATIONS_PER_HOUR": str(LIMIT),
            "FREE_GENERATIONS_PER_HOUR": str(LIMIT),
        }
        for name in PROVIDERS:
            there = urlsplit(self.models.base_url(name))
            address_here = f"http://{self.lines[name].host_port}{there.path}"
            settings |= {f"{name.upper()}_API_KEY": KEY, f"{name.upper()}_BASE_URL": address_here}
        return settings

    def _answer_well(self) -> None:
        # Of every kind of document that is asked for here, all fields at once; and not many words,
        # each of which is an event.
        account = entity_config("account")
        fields = company_data() | entity_data(account)
        asked = {*CONFIG.writer_schema("").model_fields, *account.writer_schema("").model_fields}
        text = json.dumps({name: fields[name] for name in fields if name in asked})
        for name in PROVIDERS:
            self.models.reply(name, text)

    def only(self, provider: str) -> None:
        """Let the others turn down whatever they are asked, so that everything rests on one."""
        self.models.reset()
        for name in PROVIDERS:
            if name != provider:
                self.models.fail(name, 400)
        self._answer_well()

    def every_provider(self) -> None:
        """Undo ``only``."""
        self.models.reset()
        self._answer_well()

    def crash_postgres(self) -> None:
        """Kill all of its processes, as a loss of power would."""
        assert self._cluster is not None
        postmaster = psutil.Process(self._cluster.pid)
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):  # they end without the first one, too
                process.kill()
        psutil.wait_procs(processes, 10)

    def start_postgres(self) -> None:
        """Start it again, at the same socket."""
        assert self._cluster is not None
        self._cluster = start_embedded(self._folder, socket=self._cluster.socket)

    @property
    def website(self) -> str:
        """Address of the website."""
        return f"http://{self.lines['website'].host_port}"

    async def health(self) -> dict[str, Any]:
        """What ``GET /health/ready`` says; it has looked within the last second."""
        async with new_client(self.server.url) as client:
            return dict((await client.get("/health/ready")).json())

    def workers(self) -> list[psutil.Process]:
        """The processes that serve."""
        granian = [p for p in self.server.processes() if "granian" in p.cmdline()]
        return [p for p in granian if p.ppid() in {each.pid for each in granian}]

    def worker_at(self, port: int) -> psutil.Process:
        """The worker that has the connection of a client's port."""
        for worker in self.workers():
            for connection in worker.net_connections("tcp"):
                if connection.raddr and connection.raddr.port == port:
                    return worker
        raise AssertionError(f"nobody is connected to port {port}")

    async def all_workers_serve(self) -> None:
        """Return when each worker has answered."""
        seen: set[int] = set()
        async with asyncio.timeout(START_SECONDS):
            while len(seen) < WORKERS:
                async with new_client(self.server.url) as client:
                    seen.add(self.worker_at(await local_port(client)).pid)
                await asyncio.sleep(0.1)

    async def somebody(self) -> Member:
        """Who is there for as long as everything goes well: pages that outlive all of it."""
        if self._member is None:
            self._members += 1
            self._member = await Member(self, self._members).__aenter__()
        return self._member

    async def dismiss(self) -> None:
        """Let somebody else come next."""
        member, self._member = self._member, None
        if member is not None:
            await member.__aexit__(None, None, None)

    async def stop(self) -> None:
        """End everything."""
        await self.dismiss()
        await self.server.stop()
        if self.engine is not None:
            await self.engine.dispose()
        self._parts.close()
        if self._cluster is not None:
            self._cluster.stop()
        shutil.rmtree(self._folder)


class Member:
    """Somebody new, with a document that is edited, two tabs, and a program.

    Attributes:
        editing: The tab that shows the document.
        writing: Another one, in which companies are generated.
        program: What works for them.
        account: Id of the document.
        companies: Ids of what they have had before the present scene.
        used: Generations that are counted of their address, and of them, before it.
    """

    def __init__(self, world: World, number: int) -> None:
        self._world = world
        self._parts: list[Any] = []
        self.address = f"203.0.113.{number}"
        self.user = Person(f"{uuid4().hex}@example.com", "")
        self.used = (0, 0)

    async def __aenter__(self) -> Self:
        world = self._world
        url = world.server.url
        cookie = await sign_in(url, self.user.email, address=self.address)
        assert world.engine is not None
        self.store = DatabaseStore(world.engine, self.user.id)
        kept = await keep_family(self.store, EDITED)
        self.account = kept[EDITED]["id"]
        self.companies = {kept["company"]["id"]}
        accounts = LocalAccounts(world._folder / "data" / "local-issuer")
        token = accounts.access_token(accounts.new_session(self.user))
        self.editing = Page(url, f"/app/accounts/{self.account}", cookie, self.address)
        self.writing = Page(url, f"/app/company/{kept['company']['id']}", cookie, self.address)
        self.program = Program(url, token, self.address)
        for part in (self.editing, self.writing, self.program):
            self._parts.append(await part.__aenter__())
        for page in (self.editing, self.writing):
            await page.shows("a document", lambda p: p.get("phase") == "ready")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for part in reversed(self._parts):
            await part.__aexit__(kind, error, traceback)
