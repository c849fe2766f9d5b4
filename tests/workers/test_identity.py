"""Signing in and out over several workers: begun on one, finished on another, ended on all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from blossomer.db.engine import create_engine
from blossomer.db.roles import DatabaseUrls
from blossomer.errors import UserError
from blossomer.services.identity import open_identity
from blossomer.services.identity.model import Identity, Tokens
from blossomer.services.identity.sessions import SessionService
from blossomer.services.identity.sign_in import SignIn
from blossomer.services.runtime import Runtime, build_runtime
from tests.support.fake_stack import FakeStack, Person
from tests.support.redis import RedisServer
from tests.workers.conftest import settings_for, until

BACK = "https://app.example/handler/oauth-callback"


@pytest.fixture
def stack() -> Iterator[FakeStack]:
    with FakeStack() as fake:
        yield fake


MakeIdentity = Callable[[], Awaitable[Runtime]]


@pytest.fixture
async def make(
    redis: RedisServer, stack: FakeStack, database: DatabaseUrls
) -> AsyncIterator[MakeIdentity]:
    """Makes workers that can sign people in."""
    async with AsyncExitStack() as parts:

        async def make() -> Runtime:
            runtime = build_runtime(settings_for(redis, **stack.settings))
            await runtime.bus.start()
            parts.push_async_callback(runtime.bus.stop)
            engine = create_engine(database.app)
            parts.push_async_callback(engine.dispose)
            await parts.enter_async_context(open_identity(runtime, engine))
            return runtime

        yield make


def sessions(runtime: Runtime) -> SessionService:
    assert runtime.sessions is not None
    return runtime.sessions


def sign_in_of(runtime: Runtime) -> SignIn:
    assert runtime.sign_in is not None
    return runtime.sign_in


async def sign_in(runtime: Runtime, stack: FakeStack) -> tuple[str, Identity]:
    refresh = stack.new_session()
    tokens = Tokens(stack.token(refresh_token_id=refresh), refresh)
    secret, identity, _ = await sessions(runtime).begin(tokens)
    return f"blossomer={secret}", identity


async def test_what_is_begun_on_one_is_finished_on_another_and_serves_once(
    make: MakeIdentity,
) -> None:
    one, two, three = await make(), await make(), await make()
    url, cookie = sign_in_of(one).begin(
        "google", mode="signin", wanted="/app/companies", redirect_uri=BACK, cookie=""
    )
    state = parse_qs(urlsplit(url).query)["state"][0]
    attempt, _ = await sign_in_of(two).accept(cookie, state)
    assert attempt.return_path == "/app/companies"
    with pytest.raises(UserError) as refused:
        await sign_in_of(three).accept(cookie, state)
    assert refused.value.code == "sign_in_mismatch"
    names = [name async for name in one.bus.redis.scan_iter("*sign-in*")]
    assert names
    assert not any(state.encode() in name for name in names)


async def test_a_session_that_ends_on_one_ends_on_all_at_once(
    make: MakeIdentity, stack: FakeStack
) -> None:
    one, two = await make(), await make()
    cookie, identity = await sign_in(one, stack)
    assert await sessions(two).identify(cookie) == identity  # and knows it for some seconds
    await sessions(one).end(cookie)

    async def is_out() -> bool:
        return await sessions(two).identify(cookie) is None

    await until(is_out, seconds=2)


async def test_signing_out_everywhere_reaches_every_worker(
    make: MakeIdentity, stack: FakeStack
) -> None:
    one, two = await make(), await make()
    cookies = [(await sign_in(worker, stack))[0] for worker in (one, two, one)]
    for cookie in cookies:
        assert await sessions(one).identify(cookie)
        assert await sessions(two).identify(cookie)
    await sessions(two).end_all(stack.person.id)

    async def all_out() -> bool:
        return [await sessions(one).identify(cookie) for cookie in cookies] == [None] * 3

    await until(all_out, seconds=2)


async def test_a_deleted_account_is_not_revived_by_a_token_on_any_worker(
    make: MakeIdentity, stack: FakeStack
) -> None:
    stack.person = Person()
    one, two = await make(), await make()
    token = stack.token(refresh_token_id=stack.new_session())
    identity = await sessions(one).identify_bearer(token)
    assert await sessions(two).identify_bearer(token) == identity
    await sessions(one).delete_account(identity)
    late = await make()
    for worker in (one, two, late):
        with pytest.raises(UserError) as refused:
            await sessions(worker).identify_bearer(token)
        assert refused.value.code == "invalid_token"


async def test_a_refresh_token_is_used_by_one_worker_at_a_time(
    make: MakeIdentity, stack: FakeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = [await make() for _ in range(3)]
    cookie, identity = await sign_in(workers[0], stack)
    later = sessions(workers[0])._now() + timedelta(hours=2)
    for worker in workers:
        sessions(worker)._now = lambda: later
        sessions(worker)._renewal._now = lambda: later
    monkeypatch.setattr(
        "blossomer.services.identity.renewal.verified_until",
        lambda *_: later + timedelta(minutes=5),
    )
    before = len(stack.asked)
    found = await asyncio.gather(*(sessions(worker).identify(cookie) for worker in workers))
    assert [each and each.user_id for each in found] == [identity.user_id] * 3
    asked = [line for line in stack.asked[before:] if "refresh" in line or "token" in line]
    assert len(asked) == 1, asked
