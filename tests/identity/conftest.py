"""A provider of identity on loopback, and the parts that use it, over the real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.db.roles import DatabaseUrls
from blossomer.errors import UserError
from blossomer.services.identity.cipher import Cipher
from blossomer.services.identity.model import Identity, Tokens
from blossomer.services.identity.sessions import SessionService
from blossomer.services.identity.stack import StackClient
from blossomer.services.identity.verifier import TokenVerifier
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
