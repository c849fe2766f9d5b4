"""A provider of identity on loopback, and the parts that use it, over the real database."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp

from blossomer.api.app import create_api
from blossomer.api.local_issuer import create_local_issuer
from blossomer.api.middleware import wrap
from blossomer.api.page_guard import PageGuard
from blossomer.db.roles import DatabaseUrls
from blossomer.errors import UserError
from blossomer.services.identity import open_identity
from blossomer.services.identity.cipher import Cipher
from blossomer.services.identity.model import Identity, Tokens
from blossomer.services.identity.sessions import SessionService
from blossomer.services.identity.stack import StackClient
from blossomer.services.identity.verifier import TokenVerifier
from blossomer.services.runtime import Runtime, build_runtime, set_runtime
from blossomer.settings import Settings
from tests.support.fake_stack import PROJECT, FakeStack

SECRET = "for-tests-only-for-tests-only-for-tests-only"


@pytest.fixture
def stack() -> Iterator[FakeStack]:
    with FakeStack() as fake:
        yield fake


class Time:
    """The time, which passes only when a test says so (beside the database's own)."""

    def __init__(self) -> None:
        self.passed = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.passed

    def clock(self) -> float:
        return datetime.now(UTC).timestamp() + self.passed.total_seconds()

    def pass_by(self, **amount: float) -> None:
        self.passed += timedelta(**amount)


class Service:
    """A service of sessions and what is around it."""

    def __init__(self, stack: FakeStack, engine: AsyncEngine, database: DatabaseUrls) -> None:
        self.stack = stack
        self.engine = engine
        self.database = database
        self.time = Time()
        self.http = httpx.AsyncClient()
        self.ended: list[tuple[str, str]] = []
        self.sessions = self.another()
        self.sessions.on_end.append(lambda *ids: self.ended.append(ids))

    def another(self, secret: str = SECRET) -> SessionService:
        """The same service, as it is in another process or after a restart."""
        settings = Settings(_env_file=None, **self.stack.settings)  # type: ignore[call-arg]
        client = StackClient(
            self.http,
            settings,
            api_url=self.stack.url,
            browser_url=self.stack.url,
            project_id=PROJECT,
        )
        return SessionService(
            self.engine,
            client,
            TokenVerifier(PROJECT, (self.stack.url,), self.http, self.time.clock),
            Cipher(secret, "refresh tokens"),
            settings,
            now=self.time.now,
            clock=self.time.clock,
        )

    def tokens(self) -> Tokens:
        """Tokens of the person who signs in now."""
        refresh = self.stack.new_session()
        return Tokens(self.stack.token(refresh_token_id=refresh), refresh)

    async def sign_in(self) -> tuple[str, Identity]:
        """Sign in, and return the header with the cookie."""
        secret, identity, _ = await self.sessions.begin(self.tokens())
        return f"theme=dark; blossomer={secret}", identity

    def row(self, statement: str, user_id: str, **values: Any) -> list[tuple[Any, ...]]:
        """Run a statement as the serving role in the name of a user."""
        with psycopg.connect(self.database.app) as connection:
            connection.execute("SELECT set_config('app.user_id', %s, true)", [user_id])
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
async def service(
    stack: FakeStack, engine: AsyncEngine, database: DatabaseUrls
) -> AsyncIterator[Service]:
    service = Service(stack, engine, database)
    yield service
    stack.recover()
    await service.sessions.close()
    await service.http.aclose()


async def refusal(call: Any) -> UserError:
    """The error in words that an awaitable ends with."""
    with pytest.raises(UserError) as caught:
        await call
    assert caught.value.message
    assert caught.value.action
    return caught.value


class App:
    """The API, its outer layer and a page, with everything that signs people in.

    Attributes:
        settings: What it was started with.
        sessions: Its sessions.
    """

    def __init__(self, settings: Settings, runtime: Runtime, asgi: ASGIApp) -> None:
        self.settings = settings
        self.runtime = runtime
        self.asgi = asgi
        assert runtime.sessions is not None
        self.sessions: SessionService = runtime.sessions

    def browser(
        self, *, origin: str = "http://localhost:3000", address: str = "203.0.113.7", **headers: str
    ) -> httpx.AsyncClient:
        """A browser that keeps cookies and sends the headers that browsers send."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.asgi, client=(address, 1234)),
            base_url=origin,
            headers={"Accept": "text/html", **headers},
        )


OpenApp = Callable[..., AbstractAsyncContextManager[App]]


@pytest.fixture
def open_app(engine: AsyncEngine, tmp_path: Path) -> Iterator[OpenApp]:
    """Start the application; on this machine's issuer unless the settings say otherwise."""

    @asynccontextmanager
    async def opened(**values: Any) -> AsyncIterator[App]:
        settings = Settings(_env_file=None, **{"data_dir": tmp_path / "data", **values})  # type: ignore[call-arg]
        runtime = build_runtime(settings)
        set_runtime(runtime)
        issuer = create_local_issuer(settings)
        api = create_api(settings, local_issuer=issuer)
        api.mount("", HTMLResponse("<h1>a page</h1>"))
        guarded = PageGuard(api, lambda: runtime.sessions)
        async with open_identity(runtime, engine, local_issuer=issuer):
            yield App(settings, runtime, wrap(guarded, settings=settings, pages=tmp_path))

    yield opened
    set_runtime(None)


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a form."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


async def follow(browser: httpx.AsyncClient, answer: httpx.Response) -> httpx.Response:
    """Where a redirect leads, without following a further one."""
    assert answer.is_redirect, answer.text
    return await browser.get(answer.headers["location"])


async def sign_in(
    browser: httpx.AsyncClient, *, email: str = "ada@example.com", query: str = ""
) -> httpx.Response:
    """Sign in on the local issuer; the answer of our callback."""
    answer = await follow(browser, await browser.get(f"/auth/login/google{query}"))
    assert answer.status_code == 200, answer.text
    answer = await browser.post(
        answer.url,
        data={**fields(answer.text), "email": email, "name": "Ada", "answer": "go"},
        headers={"Origin": str(browser.base_url).rstrip("/")},
    )
    return await follow(browser, answer)


async def who(browser: httpx.AsyncClient) -> dict[str, Any]:
    """What ``GET /auth/session`` says."""
    answer = await browser.get("/auth/session")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
