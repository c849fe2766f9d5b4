"""The day's tokens: counted everywhere, shared, kept over a restart, and new at midnight UTC."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from blossomer.errors import UserError
from blossomer.services.redis import open_redis
from blossomer.services.token_budget import FILE_NAME, TokenBudget
from tests.support.fake_models import model_settings
from tests.support.redis import RedisServer


class Now:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


async def spent(budget: TokenBudget, *tokens: int) -> None:
    for number in tokens:
        budget.spend(number)
    await budget.flush()


async def test_when_it_is_used_up_no_model_may_be_asked_until_midnight(tmp_path: Path) -> None:
    now = Now()
    budget = TokenBudget(1_000, folder=tmp_path, now=now)
    await budget.require_left()
    await spent(budget, 400, 599)
    await budget.require_left()
    await spent(budget, 1)
    with pytest.raises(UserError) as refusal:
        await budget.require_left()
    assert (refusal.value.code, refusal.value.status) == ("budget_used_up", 503)
    assert refusal.value.retry_after == 4 * 3600
    assert "4 hours" in refusal.value.action

    now.moment += timedelta(hours=4)
    await budget.require_left()
    state = await budget.state()
    assert (state.used, state.left, state.resets_in_seconds) == (0, 1_000, 24 * 3600)


async def test_what_was_used_counts_at_once_in_this_process() -> None:
    budget = TokenBudget(100)
    budget.spend(100)
    with pytest.raises(UserError):
        await budget.require_left()


async def test_without_a_limit_nothing_is_counted_or_written(tmp_path: Path) -> None:
    budget = TokenBudget(0, folder=tmp_path)
    await spent(budget, 10**9)
    await budget.require_left()
    assert not (tmp_path / FILE_NAME).exists()


async def test_a_restart_begins_no_new_day_and_a_damaged_file_stops_nothing(tmp_path: Path) -> None:
    now = Now()
    await spent(TokenBudget(1_000, folder=tmp_path, now=now), 700)
    again = TokenBudget(1_000, folder=tmp_path, now=now)
    assert (await again.state()).used == 700
    await spent(again, 100)
    assert (await TokenBudget(1_000, folder=tmp_path, now=now).state()).left == 200

    for damaged in ("", "{", "[]", '{"day": "2026-11-25", "tokens": "x"}', "null"):
        (tmp_path / FILE_NAME).write_text(damaged)
        fresh = TokenBudget(1_000, folder=tmp_path, now=now)
        await spent(fresh, 5)
        assert (await fresh.state()).used == 5


async def test_a_folder_that_cannot_be_written_to_is_counted_in_memory(tmp_path: Path) -> None:
    budget = TokenBudget(100, folder=tmp_path / "missing")
    await spent(budget, 100)
    with pytest.raises(UserError):
        await budget.require_left()


async def test_servers_share_one_budget_in_redis(new_redis_url: str) -> None:
    redis = open_redis(model_settings(redis_url=new_redis_url))
    one, other = (TokenBudget(10_000, redis=redis) for _ in range(2))
    await asyncio.gather(*(spent(each, *[10] * 50) for each in (one, other, one, other)))
    assert (await one.state()).used == (await other.state()).used == 2_000
    await spent(other, 8_000)
    for each in (one, other):
        with pytest.raises(UserError):
            await each.require_left()
    assert redis is not None
    await redis.aclose()


async def test_what_could_not_be_told_to_redis_is_told_later(own_redis: RedisServer) -> None:
    redis = open_redis(model_settings(redis_url=own_redis.url))
    budget = TokenBudget(1_000, redis=redis)
    own_redis.kill()
    await spent(budget, 600)
    assert (await budget.state()).used == 600
    await budget.require_left()
    own_redis.start()
    await spent(budget, 300)
    fresh = TokenBudget(1_000, redis=redis)
    assert (await fresh.state()).used == 900
    assert redis is not None
    await redis.aclose()


@pytest.mark.parametrize("where", ["file", "redis"])
async def test_what_is_just_being_told_is_counted_once(
    where: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    redis = None
    if where == "redis":
        url = request.getfixturevalue("new_redis_url")
        redis = open_redis(model_settings(redis_url=url))
    budget = TokenBudget(10**6, redis=redis, folder=tmp_path)
    total = 0
    for _ in range(200):
        budget.spend(7)
        total += 7
        states = await asyncio.gather(*(budget.state() for _ in range(3)))
        assert {state.used for state in states} == {total}
    await budget.flush()
    assert (await budget.state()).used == total
    if redis is not None:
        await redis.aclose()
