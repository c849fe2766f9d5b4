"""Places that are held: exact over workers, and free again when their holder is gone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from redis.asyncio import Redis

from blossomer.services import leases as module
from blossomer.services.leases import Lease, Leases, LeasesUnreachable
from blossomer.services.redis import open_redis
from tests.support.fake_models import model_settings
from tests.support.redis import RedisServer

KEY = "sockets:203.0.113.7"

Worker = Callable[[], Leases]


@pytest.fixture
async def worker(new_redis_url: str) -> AsyncIterator[Worker]:
    """Makes workers that count together."""
    async with AsyncExitStack() as stack:

        def made() -> Leases:
            redis = connected(new_redis_url)
            stack.push_async_callback(redis.aclose)
            worker = Leases(redis)
            stack.push_async_callback(worker.close)
            return worker

        yield made


def connected(url: str) -> Redis:
    redis = open_redis(model_settings(redis_url=url))
    assert redis is not None
    return redis


async def test_in_one_process_there_are_as_many_places_as_there_are() -> None:
    alone = Leases()
    places = [await alone.take(KEY, 2) for _ in range(3)]
    assert places[2] is None
    assert await alone.take("another", 2) is not None
    assert places[0] is not None
    await alone.release(places[0])
    await alone.release(places[0])
    assert await alone.taken(KEY) == 1
    assert await alone.take(KEY, 2) is not None
    assert await alone.take(KEY, 2) is None


async def test_a_burst_over_three_workers_gets_exactly_the_places(worker: Worker) -> None:
    workers = [worker() for _ in range(3)]
    taken = await asyncio.gather(*(workers[n % 3].take(KEY, 7) for n in range(60)))
    places = [place for place in taken if place is not None]
    assert len(places) == 7
    assert await workers[0].taken(KEY) == 7


async def test_what_one_worker_gives_back_another_can_take(worker: Worker) -> None:
    one, other = worker(), worker()
    place = await one.take(KEY, 1)
    assert place is not None
    assert await other.take(KEY, 1) is None
    await one.release(place)
    assert await other.take(KEY, 1) is not None
    assert await one.take(KEY, 1) is None


async def test_places_of_a_killed_worker_are_free_again_and_those_of_a_living_one_are_not(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEASE_SECONDS", 1.0)
    monkeypatch.setattr(module, "RENEW_SECONDS", 0.2)
    killed, living = worker(), worker()
    assert await killed.take(KEY, 2)
    assert await living.take(KEY, 2)
    await killed.close()  # nothing is given back, and nothing renewed
    assert await living.take(KEY, 2) is None
    place: Lease | None = None
    async with asyncio.timeout(10):
        while place is None:
            place = await living.take(KEY, 2)
            await asyncio.sleep(0.02)
    assert await living.take(KEY, 2) is None
    assert await living.taken(KEY) == 2


async def test_a_redis_that_has_forgotten_everything_is_told_again(own_redis: RedisServer) -> None:
    redis = connected(own_redis.url)
    leases = Leases(redis)
    place = await leases.take(KEY, 2)
    assert place is not None
    own_redis.kill()
    own_redis.start()
    assert await leases.taken(KEY) == 0
    await leases.renew()
    assert await leases.taken(KEY) == 1
    other = Leases(redis)
    assert await other.take(KEY, 2)
    assert await other.take(KEY, 2) is None
    for each in (leases, other):
        await each.close()
    await redis.aclose()


async def test_without_redis_each_counts_by_itself_where_that_is_better_than_nothing(
    own_redis: RedisServer,
) -> None:
    redis = connected(own_redis.url)
    leases = Leases(redis)
    kept = await leases.take(KEY, 2)
    assert kept is not None
    own_redis.kill()
    with pytest.raises(LeasesUnreachable):
        await leases.take(KEY, 2)
    assert await leases.take(KEY, 2, alone=True) is not None
    assert await leases.take(KEY, 2, alone=True) is None
    await leases.release(kept)  # raises nothing
    assert await leases.take(KEY, 2, alone=True) is not None
    await leases.close()
    await redis.aclose()


async def test_a_redis_that_hangs_is_not_waited_for_by_everybody(own_redis: RedisServer) -> None:
    redis = connected(own_redis.url)
    passed = 0.0
    leases = Leases(redis, clock=lambda: passed)
    asked = 0
    real = redis.eval

    async def counted(*arguments: object) -> object:
        nonlocal asked
        asked += 1
        raise TimeoutError

    redis.eval = counted  # type: ignore[method-assign, assignment]
    for _ in range(5):
        with pytest.raises(LeasesUnreachable):
            await leases.take(KEY, 5)
    assert asked == 1
    redis.eval = real  # type: ignore[method-assign]
    passed += module.PAUSE_SECONDS
    assert await leases.take(KEY, 5) is not None
    await leases.close()
    await redis.aclose()


async def test_a_place_for_some_seconds_is_free_by_itself(worker: Worker) -> None:
    shared = worker()
    now = 0.0
    alone = Leases(clock=lambda: now)
    for leases in (alone, shared):
        assert await leases.take(KEY, 1, seconds=0.2)
        assert await leases.take(KEY, 1, seconds=0.2) is None
    now = 0.25
    assert await alone.take(KEY, 1, seconds=0.2)
    async with asyncio.timeout(10):
        while await shared.take(KEY, 1, seconds=0.2) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_keys_that_do_not_come_back_are_forgotten() -> None:
    now = 0.0
    leases = Leases(clock=lambda: now)
    for number in range(module.SWEEP_EVERY):
        await leases.take(f"opened:{number}", 1, seconds=60)
    now = 61.0
    for number in range(module.SWEEP_EVERY):
        await leases.take(f"held:{number}", 1, seconds=60)
    assert len(leases._held) <= module.SWEEP_EVERY


async def test_whoever_goes_away_while_a_place_is_asked_for_holds_none() -> None:
    redis = connected("redis://127.0.0.1:9/0")

    async def never(*_: object) -> object:
        return await asyncio.Event().wait()

    redis.eval = never  # type: ignore[method-assign, assignment]
    leases = Leases(redis)
    task = asyncio.create_task(leases.take(KEY, 1))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not leases._held
    await redis.aclose()
