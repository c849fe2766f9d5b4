"""Workers without pages: two runtimes over one Redis and one database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from blossomer.db.engine import create_engine
from blossomer.db.roles import DatabaseUrls
from blossomer.services.bus import Bus
from blossomer.services.runtime import Runtime, build_runtime
from blossomer.settings import Settings
from tests.support.redis import RedisServer

SECRET = "s" * 40


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisServer]:
    """A Redis for all tests of this folder but those that stop it."""
    with RedisServer() as server:
        yield server


def settings_for(redis: RedisServer, **more: object) -> Settings:
    """The settings of a worker."""
    return Settings(_env_file=None, redis_url=redis.url, secret_key=SECRET, **more)  # type: ignore[call-arg,arg-type]


MakeWorker = Callable[..., Awaitable[Runtime]]


@pytest.fixture
async def worker(database: DatabaseUrls) -> AsyncIterator[MakeWorker]:
    """Makes workers with a workspace."""
    runtimes: list[Runtime] = []

    async def make(redis: RedisServer, **more: object) -> Runtime:
        runtime = build_runtime(settings_for(redis, **more))
        await runtime.bus.start()
        runtime.engine = create_engine(database.app)
        runtime.open_workspace(runtime.engine)
        runtimes.append(runtime)
        return runtime

    yield make
    for runtime in runtimes:
        give_up(runtime)
        await runtime.stop()
        await runtime.bus.stop()
        if runtime.engine is not None:
            await runtime.engine.dispose()


def give_up(runtime: Runtime) -> None:
    """Let what a test has kept from being written not be waited for."""
    if runtime.workspace is not None:
        for line in runtime.workspace.saver._lines.values():
            if line.task is not None:
                line.task.cancel()


async def die(runtime: Runtime) -> None:
    """What the others see of a worker that is killed: its connection to Redis is gone."""
    for task in runtime.bus._tasks:
        task.cancel()
    await asyncio.gather(*runtime.bus._tasks, return_exceptions=True)
    runtime.bus._tasks = []
    runtime.bus._connected.clear()
    assert runtime.bus._ear is not None
    await runtime.bus._ear.aclose()


async def until(
    condition: Callable[[], Awaitable[bool]] | Callable[[], bool], seconds: float = 10
) -> None:
    """Wait for something that another task, process or server does."""
    async with asyncio.timeout(seconds):
        while True:
            held = condition()
            if isinstance(held, Awaitable):
                held = await held
            if held:
                return
            await asyncio.sleep(0.01)


@pytest.fixture
async def buses(redis: RedisServer) -> AsyncIterator[tuple[Bus, Bus]]:
    """The lines of two workers."""
    pair = (Bus(settings_for(redis)), Bus(settings_for(redis)))
    for bus in pair:
        await bus.start()
    yield pair
    for bus in pair:
        await bus.stop()
