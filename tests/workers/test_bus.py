"""What workers tell each other, who is there, and what happens when Redis goes away."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from blossomer.db import removal
from blossomer.entities.merge import Change
from blossomer.services.bus import Bus
from blossomer.services.feed import (
    Added,
    Feed,
    Missed,
    NotSaved,
    Removed,
    RunStarted,
    Saved,
    SignedOut,
    Suggesting,
)
from tests.support.redis import RedisServer
from tests.workers.conftest import settings_for, until

NEWS = (
    Saved("company", "c1", (Change(path=("data", "x"), value=["é", 1]),), frozenset({2**61})),
    NotSaved("company", "c1", frozenset({1}), "missing"),
    Added("account", "a1", "Acme"),
    Removed("account", "a1"),
    RunStarted("company", "r1"),
    Suggesting("account", "c1"),
    SignedOut("s1"),
)


async def test_news_reach_pages_on_other_workers_in_order_and_nobody_else(
    buses: tuple[Bus, Bus],
) -> None:
    here, there = Feed(buses[0]), Feed(buses[1])
    with there.reader("ada") as ada, there.reader("bob") as bob, here.reader("ada") as own:
        await there.joined("ada", "page")
        for news in NEWS:
            here.publish("ada", news)
        assert [await asyncio.wait_for(ada.get(), 5) for _ in NEWS] == list(NEWS)
        assert [own.get_nowait() for _ in NEWS] == list(NEWS)
        assert own.empty()
        assert bob.empty()


async def test_a_page_that_reads_the_database_first_misses_nothing_in_between(
    buses: tuple[Bus, Bus],
) -> None:
    here, there = Feed(buses[0]), Feed(buses[1])
    await there.joined("ada", "her page")
    here.publish("ada", Removed("company", "c1"))
    with there.reader("ada") as end:
        here.publish("ada", Removed("company", "c2"))
        await until(lambda: end.qsize() == 2)
    with there.reader("ada", "her page") as news:
        assert [news.get_nowait(), news.get_nowait()] == [
            Removed("company", "c1"),
            Removed("company", "c2"),
        ]
    with there.reader("ada", "her page") as again:
        assert again.empty()


async def test_it_is_known_who_is_there(buses: tuple[Bus, Bus]) -> None:
    one, two = buses
    assert await one.is_there(two.worker)
    assert await one.is_there(one.worker)
    assert not await one.is_there("nobody")
    await two.leave()
    assert not await one.is_there(two.worker)
    assert not await two.is_there(two.worker)


async def test_only_one_is_the_first_and_only_one_is_alone(buses: tuple[Bus, Bus]) -> None:
    one, two = buses
    assert [await one.first("it", 60), await two.first("it", 60)] == [True, False]
    order = []

    async def work(bus: Bus, name: str) -> None:
        async with bus.alone("work", 5):
            order.append(f"{name} begins")
            await asyncio.sleep(0.02)
            order.append(f"{name} ends")

    await asyncio.gather(*(work(bus, str(n)) for n, bus in enumerate([one, two, one])))
    assert [step.split()[1] for step in order] == ["begins", "ends"] * 3


async def test_what_is_done_once_a_day_is_done_by_one(
    buses: tuple[Bus, Bus], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    async def purge(_engine: object) -> int:
        done.append("purged")
        return 0

    monkeypatch.setattr(removal, "purge_deleted", purge)
    tasks = [asyncio.create_task(removal.purge_daily(Any, bus.first)) for bus in buses]  # type: ignore[arg-type]
    await until(lambda: bool(done))
    assert await buses[0].first("purge", 60) is False
    for task in tasks:
        task.cancel()
    assert done == ["purged"]


async def test_without_redis_there_is_nobody_else() -> None:
    bus = Bus()
    await bus.start()
    bus.tell("anything", {})
    assert (bus.is_shared, bus.is_connected, await bus.first("it", 60)) == (False, True, None)
    assert not await bus.is_there("somebody")
    async with bus.alone("work", 5):
        pass
    await bus.stop()


async def test_redis_goes_away_and_comes_back(own_redis: RedisServer) -> None:
    one, two = Bus(settings_for(own_redis)), Bus(settings_for(own_redis))
    lost: list[str] = []
    two.on_lost.append(lambda: lost.append("lost"))
    here, there = Feed(one), Feed(two)
    await one.start()
    await two.start()
    with there.reader("ada") as news:
        await there.joined("ada", "")
        own_redis.kill()
        await until(lambda: not (one.is_connected or two.is_connected))
        assert lost == ["lost"]
        here.publish("ada", Removed("company", "lost on the way"))
        assert await one.is_there(two.worker)  # nobody is declared dead because Redis is
        assert await one.first("it", 60) is None
        own_redis.start()
        await until(lambda: one.is_connected and two.is_connected)
        assert await asyncio.wait_for(news.get(), 5) == Missed()
        await there.joined("ada", "")
        here.publish("ada", Removed("company", "c1"))
        told = await asyncio.wait_for(news.get(), 5)
        while told == Missed():  # the one that could not be heard says so, too
            told = await asyncio.wait_for(news.get(), 5)
        assert told == Removed("company", "c1")
    await one.stop()
    await two.stop()


async def test_a_redis_that_hangs_is_noticed(own_redis: RedisServer) -> None:
    bus = Bus(settings_for(own_redis, redis_answer_seconds=0.1))
    await bus.start()
    assert bus.is_connected
    own_redis.hang()
    await until(lambda: not bus.is_connected)
    own_redis.go_on()
    await until(lambda: bus.is_connected)
    await bus.stop()


async def test_a_worker_may_start_before_its_redis(own_redis: RedisServer) -> None:
    own_redis.kill()
    bus = Bus(settings_for(own_redis))
    await bus.start()
    assert not bus.is_connected
    own_redis.start()
    await until(lambda: bus.is_connected)
    await bus.stop()
