"""The count of generations: exact under concurrency, exact when something is given back.

The same tests run against memory and against a real Redis server.
"""

import asyncio
import random
import time
from typing import Any

import pytest

from blossomer.errors import UserError
from blossomer.services.limits import GenerationLimits, Ticket, in_words
from blossomer.settings import Settings
from tests.support.ports import unused_port
from tests.support.redis import RedisServer

KEY = "anonymous:203.0.113.7"


def limits(per_hour: int = 5, redis_url: str | None = None) -> GenerationLimits:
    options: dict[str, Any] = {"redis_url": redis_url} if redis_url else {}
    return GenerationLimits(
        Settings(_env_file=None, anonymous_generations_per_hour=per_hour, **options)  # type: ignore[call-arg]
    )


@pytest.fixture(params=["memory", "redis"])
def storage(request: pytest.FixtureRequest) -> str | None:
    if request.param == "memory":
        return None
    return str(request.getfixturevalue("new_redis_url"))


async def test_the_sixth_in_an_hour_is_refused_and_told_when_to_come_back(
    storage: str | None,
) -> None:
    counter = limits(5, storage)
    for left in (5, 4, 3, 2, 1):
        assert (await counter.remaining(KEY)).left == left
        await counter.take(KEY)

    with pytest.raises(UserError) as refusal:
        await counter.take(KEY)

    assert refusal.value.code == "rate_limited"
    assert refusal.value.status == 429
    assert refusal.value.retry_after is not None
    assert 3_590 <= refusal.value.retry_after <= 3_600
    assert "60 minutes" in refusal.value.action
    remaining = await counter.remaining(KEY)
    assert (remaining.limit, remaining.left) == (5, 0)
    assert 3_590 <= remaining.resets_in_seconds <= 3_600


async def test_each_key_has_its_own_count(storage: str | None) -> None:
    counter = limits(1, storage)
    await counter.take(KEY)
    await counter.take("anonymous:203.0.113.8")
    with pytest.raises(UserError):
        await counter.take(KEY)


async def test_nothing_used_needs_no_reset(storage: str | None) -> None:
    remaining = await limits(5, storage).remaining("anonymous:198.51.100.1")
    assert (remaining.left, remaining.resets_in_seconds) == (5, 0)


async def test_what_is_given_back_can_be_taken_again_and_only_once(storage: str | None) -> None:
    counter = limits(2, storage)
    first = await counter.take(KEY)
    await counter.take(KEY)

    await counter.give_back(first)
    await counter.give_back(first)

    assert (await counter.remaining(KEY)).left == 1
    await counter.take(KEY)
    with pytest.raises(UserError):
        await counter.take(KEY)


async def test_a_burst_gets_exactly_the_limit(storage: str | None) -> None:
    counter = limits(10, storage)
    results = await asyncio.gather(*(counter.take(KEY) for _ in range(60)), return_exceptions=True)
    assert sum(not isinstance(result, BaseException) for result in results) == 10


async def test_taking_and_giving_back_at_once_stays_exact(storage: str | None) -> None:
    counter = limits(20, storage)
    tickets = [await counter.take(KEY) for _ in range(20)]

    async def give_back(index: int) -> int:
        await counter.give_back(tickets[index])
        return -1

    async def take() -> int:
        try:
            await counter.take(KEY)
        except UserError:
            return 0
        return 1

    changes = await asyncio.gather(
        *(task for index in range(12) for task in (give_back(index), take(), take()))
    )

    assert (await counter.remaining(KEY)).left == -sum(changes)
    assert 0 <= -sum(changes) <= 12


async def test_a_place_is_free_again_an_hour_after_it_was_taken(
    storage: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = limits(2, storage)
    start = time.time()
    await counter.take(KEY)
    monkeypatch.setattr(time, "time", lambda: start + 1_800)
    await counter.take(KEY)
    assert (await counter.remaining(KEY)).resets_in_seconds == pytest.approx(1_800, abs=2)

    monkeypatch.setattr(time, "time", lambda: start + 3_605)

    assert (await counter.remaining(KEY)).left == 1
    await counter.take(KEY)
    with pytest.raises(UserError):
        await counter.take(KEY)


async def test_many_visitors_cost_no_threads_and_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def thread(*_: object) -> None:
        raise AssertionError("a thread for counting")

    monkeypatch.setattr(asyncio, "to_thread", thread)
    counter = limits(5)
    for number in range(300):
        await counter.take(f"anonymous:{number}")
    assert (await counter.remaining("anonymous:7")).left == 4

    now = time.time() + 3_700
    monkeypatch.setattr(time, "time", lambda: now)
    await counter.take(KEY)

    assert len(counter._storage.events) == 1  # type: ignore[attr-defined]
    assert (await counter.remaining("anonymous:7")).left == 5


async def test_two_servers_share_one_count_in_redis(redis_url: str) -> None:
    one, other = limits(2, redis_url), limits(2, redis_url)
    ticket = await one.take("anonymous:shared")
    await other.take("anonymous:shared")
    with pytest.raises(UserError):
        await one.take("anonymous:shared")
    await other.give_back(ticket)
    assert (await one.remaining("anonymous:shared")).left == 1


def at_the_moment(patch: pytest.MonkeyPatch, moment: float) -> None:
    """Let what is taken be taken at this moment exactly."""
    patch.setattr(time, "time", lambda: moment)
    patch.setattr(random, "uniform", lambda *_: 0.0)


async def test_what_a_hanging_redis_counts_later_can_be_given_back(own_redis: RedisServer) -> None:
    counter, unclear = limits(5, own_redis.url), list[Ticket]()
    counter.on_unclear = unclear.append
    await counter.take(KEY)
    own_redis.hang()
    for _ in range(2):
        with pytest.raises(UserError) as refusal:
            await counter.take(KEY)
        assert refusal.value.code == "limits_unavailable"
    own_redis.go_on()
    assert len(unclear) == 2
    assert all([await counter.give_back(ticket) for ticket in unclear])
    # A connection that was given up may be read after the one that gives back.
    await asyncio.sleep(0.2)
    assert (await counter.remaining(KEY)).left == 4


async def test_what_was_given_back_before_it_arrived_is_not_counted(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = limits(5, own_redis.url)
    ticket = Ticket(KEY, 1_000_000.25)
    assert await counter.give_back(ticket)
    with monkeypatch.context() as patch:
        at_the_moment(patch, ticket.taken_at)
        with pytest.raises(UserError):
            await counter.take(KEY)
    assert (await counter.remaining(KEY)).left == 5


async def test_what_is_sent_twice_is_counted_once(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter, now = limits(5, own_redis.url), time.time()
    with monkeypatch.context() as patch:
        at_the_moment(patch, now)
        first, second = await counter.take(KEY), await counter.take(KEY)
    assert first == second
    assert (await counter.remaining(KEY)).left == 4
    await counter.give_back(first)
    assert (await counter.remaining(KEY)).left == 5


async def test_a_counter_that_cannot_be_reached_refuses_and_says_whose_fault_it_is() -> None:
    counter = limits(5, f"redis://127.0.0.1:{unused_port()}/0")
    with pytest.raises(UserError) as refusal:
        await counter.take(KEY)
    assert (refusal.value.code, refusal.value.status) == ("limits_unavailable", 503)
    assert "127.0.0.1" not in refusal.value.message + refusal.value.action


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (3600, "60 minutes"),
    ],
)
def test_waiting_times_are_words_for_a_person(seconds: int, words: str) -> None:
    assert in_words(seconds) == words
