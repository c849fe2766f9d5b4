"""A limit is one count, whichever worker counts."""

from __future__ import annotations

import asyncio

import pytest

from blossomer.errors import UserError
from blossomer.services.limits import GenerationLimits, Ticket
from tests.support.redis import RedisServer
from tests.workers.conftest import settings_for


async def test_exactly_as_many_as_allowed_are_counted_over_all_workers(redis: RedisServer) -> None:
    settings = settings_for(redis, free_generations_per_hour=25)
    workers = [GenerationLimits(settings) for _ in range(2)]

    async def take(number: int) -> Ticket | None:
        try:
            return await workers[number % 2].take("free:exact")
        except UserError as refusal:
            assert refusal.code == "rate_limited"
            return None

    taken = [ticket for ticket in await asyncio.gather(*map(take, range(80))) if ticket]
    assert len(taken) == 25
    await workers[0].give_back(taken[0])
    assert (await workers[1].remaining("free:exact")).left == 1
    assert await take(1) is not None
    with pytest.raises(UserError):
        await workers[0].take("free:exact")
