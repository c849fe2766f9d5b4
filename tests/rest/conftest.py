"""The whole API in this process, with people who are signed in, over the real database."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp

from blossomer.api.app import create_api
from blossomer.api.middleware import wrap
from blossomer.db.engine import create_engine
from blossomer.db.roles import DatabaseUrls
from blossomer.services.identity import open_identity
from blossomer.services.identity.model import Tokens
from blossomer.services.runtime import Runtime, build_runtime, set_runtime
from blossomer.settings import Settings
from tests.support.fake_models import model_settings
from tests.support.fake_stack import FakeStack, Person
from tests.support.fixture_site import FixtureSite

ORIGIN = "http://localhost:3000"
PASTED = (
    "Quayline plans berths for container terminals before the ships arrive. Harbour masters see "
    "every delay on one screen and move cranes in time. Prices start at 900 euros a month for each "
    "terminal that is connected. Terminals in Bremen, Porto and Gdansk work with it every day."
)


@dataclass
class Somebody:
    """A person who is signed in: by a token, and in a browser."""

    user_id: str
    token: str
    cookie: str

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def browser(self) -> dict[str, str]:
        """What a browser sends from a page of ours."""
        return {"Cookie": self.cookie, "Origin": ORIGIN}


class Rest:
    """The API and people who use it."""

    def __init__(
        self, settings: Settings, runtime: Runtime, stack: FakeStack, app: ASGIApp
    ) -> None:
        self.settings = settings
        self.runtime = runtime
        self.app = app
        self._stack = stack

    async def somebody(self) -> Somebody:
        """Somebody new, who has nothing."""
        assert self.runtime.sessions is not None
        self._stack.person = Person(id=str(uuid4()), email=f"{uuid4().hex[:8]}@example.com")
        refresh = self._stack.new_session()
        token = self._stack.token(refresh_token_id=refresh)
        secret, identity, _ = await self.runtime.sessions.begin(Tokens(token, refresh))
        return Somebody(identity.user_id, token, f"blossomer={secret}")

    def client(self, headers: dict[str, str] | None = None, **more: Any) -> httpx.AsyncClient:
        """A client, whose requests go through the whole application."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=("203.0.113.7", 1234)),
            base_url=ORIGIN,
            headers=headers or {},
            **more,
        )


@pytest.fixture(scope="session")
def rest_stack() -> Iterator[FakeStack]:
    with FakeStack() as stack:
        yield stack


@pytest.fixture(scope="session")
def rest_site() -> Iterator[FixtureSite]:
    with FixtureSite() as site:
        yield site


@pytest.fixture(scope="session")
async def rest_engine(database: DatabaseUrls) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.app)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
async def rest_server(
    rest_engine: AsyncEngine, rest_stack: FakeStack, rest_site: FixtureSite
) -> AsyncIterator[Rest]:
    """One application for all tests here; each works with people of its own."""
    with tempfile.TemporaryDirectory() as folder:
        settings = model_settings(
            data_dir=Path(folder),
            website_cache_hours=0,
            fetch_allow_hosts=rest_site.host_port,
            api_requests_per_minute=1_000_000,
            anonymous_generations_per_hour=100_000,
            free_generations_per_hour=50,
            **rest_stack.settings,
        )
        runtime = build_runtime(settings)
        set_runtime(runtime)
        app = wrap(create_api(settings), settings=settings, pages=Path(folder))
        async with open_identity(runtime, rest_engine):
            runtime.open_workspace(rest_engine)
            yield Rest(settings, runtime, rest_stack, app)
            await runtime.stop()
    set_runtime(None)


@pytest.fixture
def rest(rest_server: Rest) -> Iterator[Rest]:
    """The application, also after other tests have had another one in its place."""
    set_runtime(rest_server.runtime)
    yield rest_server
    set_runtime(None)


@pytest.fixture
async def ada(rest: Rest) -> AsyncIterator[httpx.AsyncClient]:
    """A program of somebody who is signed in."""
    async with rest.client((await rest.somebody()).bearer) as client:
        yield client


@pytest.fixture
async def bob(rest: Rest) -> AsyncIterator[httpx.AsyncClient]:
    """A program of somebody else."""
    async with rest.client((await rest.somebody()).bearer) as client:
        yield client


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The error of an answer, which has the one shape."""
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"code", "message", "action", "request_id"}
    assert error["code"] == code, error
    assert error["message"]
    assert error["action"]
    assert error["request_id"] == answer.headers["x-request-id"]
    return error


def good(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The body of an answer that is no failure."""
    assert answer.status_code == status, answer.text
    content: dict[str, Any] = answer.json()
    return content


async def chain(client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    """A document of each entity, one below the other, in somebody's own words."""
    from blossomer.entities import ENTITIES

    made: dict[str, dict[str, Any]] = {}
    for config in ENTITIES.values():
        body: dict[str, Any] = {"name": f"The {config.label.lower()}", "data": {}}
        if config.kinds:
            body["data"][config.kind_field] = config.kinds[0].value
        if config.parents:
            parent = config.parents[-1].entity
            body["parents"] = {parent: made[parent]["id"]}
        made[config.entity] = good(await client.post(f"/api/{config.path}", json=body), 201)
    return made
