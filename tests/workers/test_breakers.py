"""A model that has failed for one worker is left alone by all, and probed by one of them."""

from __future__ import annotations

import asyncio

import pytest

from blossomer.services.bus import Bus
from blossomer.services.llm.failures import AttemptFailed
from blossomer.services.llm.shared_breakers import Breakers
from blossomer.settings import Settings
from tests.support.redis import RedisServer
from tests.workers.conftest import settings_for, until

FAULT = AttemptFailed("server_error")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def numbers(**more: float) -> Settings:
    settings = {"breaker_failures": 3, "breaker_recovery_seconds": 60.0, **more}
    return Settings(_env_file=None, **settings)  # type: ignore[call-arg,arg-type]


def breakers(bus: Bus | None, model: str, clock: Clock | None = None, **more: float) -> Breakers:
    return Breakers(numbers(**more), [model], clock or Clock(), bus)


async def fail(of: Breakers, model: str) -> None:
    permit = await of.enter(model)
    assert permit is not None
    permit.failed(FAULT)
    permit.released()
    await of.told()


async def test_failures_of_all_workers_count_together(
    buses: tuple[Bus, Bus], request: pytest.FixtureRequest
) -> None:
    model = request.node.name
    one, two = breakers(buses[0], model), breakers(buses[1], model)
    await fail(one, model)
    await fail(two, model)
    assert await one.enter(model) is not None
    await fail(one, model)
    assert await one.enter(model) is None
    assert await two.enter(model) is None
    assert two[model].state == "open"
    assert 59 < two[model].retry_in <= 60
    assert two[model].last_error == "server_error"


async def test_an_idle_worker_hears_of_it_and_one_that_starts_later_asks(
    buses: tuple[Bus, Bus], request: pytest.FixtureRequest
) -> None:
    model = request.node.name
    one, idle = breakers(buses[0], model), breakers(buses[1], model)
    await buses[1].joined("breakers")
    for _ in range(3):
        await fail(one, model)
    await until(lambda: idle[model].state == "open")
    late = breakers(buses[1], model)
    assert late[model].state == "closed"
    await late.refresh()
    assert late[model].state == "open"


async def test_of_all_workers_one_probes(
    buses: tuple[Bus, Bus], request: pytest.FixtureRequest
) -> None:
    model = request.node.name
    many = [breakers(buses[n % 2], model, breaker_recovery_seconds=0.05) for n in range(10)]
    for _ in range(3):
        await fail(many[0], model)
    await asyncio.sleep(0.06)  # by the clock of Redis
    permits = await asyncio.gather(*(each.enter(model) for each in many))
    (probe,) = [permit for permit in permits if permit is not None]
    probe.succeeded()
    for each in many:
        await each.told()
    assert await many[7].enter(model) is not None
    await many[7].refresh()
    assert many[7][model].state == "closed"


async def test_a_probe_that_is_given_up_leaves_its_place_to_another_worker(
    buses: tuple[Bus, Bus], request: pytest.FixtureRequest
) -> None:
    model = request.node.name
    one = breakers(buses[0], model, breaker_recovery_seconds=0.05)
    two = breakers(buses[1], model, breaker_recovery_seconds=0.05)
    for _ in range(3):
        await fail(one, model)
    await asyncio.sleep(0.06)
    probe = await one.enter(model)
    assert probe is not None
    assert await two.enter(model) is None
    probe.released()
    await one.told()
    assert await two.enter(model) is not None


async def test_a_worker_that_dies_while_it_probes_blocks_nobody_for_long(
    buses: tuple[Bus, Bus], request: pytest.FixtureRequest
) -> None:
    model = request.node.name
    more = {"breaker_recovery_seconds": 0.05, "llm_total_deadline_seconds": 0.3}
    one, two = breakers(buses[0], model, **more), breakers(buses[1], model, **more)
    for _ in range(3):
        await fail(one, model)
    await asyncio.sleep(0.06)
    assert await one.enter(model) is not None  # and nothing is heard of it again
    assert await two.enter(model) is None

    async def may_probe() -> bool:
        return await two.enter(model) is not None

    await until(may_probe)


async def test_an_answer_from_before_the_change_does_not_undo_it(
    buses: tuple[Bus, Bus], request: pytest.FixtureRequest
) -> None:
    model = request.node.name
    one, two = breakers(buses[0], model), breakers(buses[1], model)
    slow = await two.enter(model)
    assert slow is not None
    for _ in range(3):
        await fail(one, model)
    slow.succeeded()
    await two.told()
    assert await one.enter(model) is None


async def test_what_is_known_goes_on_while_redis_is_away(own_redis: RedisServer) -> None:
    bus = Bus(settings_for(own_redis))
    clock = Clock()
    model = "openai/x"
    alone = breakers(bus, model, clock)
    for _ in range(2):
        await fail(alone, model)
    own_redis.kill()
    await fail(alone, model)
    assert await alone.enter(model) is None, "the third failure in a row, counted here"
    clock.now += 60
    assert await alone.enter(model) is not None
    await bus.stop()
