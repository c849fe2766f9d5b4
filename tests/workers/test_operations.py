"""What programs do meets the same state, whichever worker they ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import pytest

from blossomer.db.idempotency import DatabaseAnswers, Given
from blossomer.entities import ENTITIES
from blossomer.errors import UserError
from blossomer.services.events import Ideas, StageEvent, SuggestionEvent, SuggestionRequest, Written
from blossomer.services.idempotency import Once, claim_once
from blossomer.services.identity.model import Identity
from blossomer.services.operations import Operations, SuggestionNews
from blossomer.services.runtime import Runtime
from tests.database.rows import somebodys_store
from tests.support.documents import company_document, entity_data
from tests.support.redis import RedisServer
from tests.workers.conftest import MakeWorker

COMPANY, ACCOUNT = ENTITIES["company"], ENTITIES["account"]


async def two(worker: MakeWorker, redis: RedisServer) -> tuple[list[Runtime], list[Operations]]:
    runtimes = [await worker(redis), await worker(redis)]
    assert runtimes[0].engine is not None
    user = (await somebodys_store(runtimes[0].engine)).user_id
    identity = Identity(user, None, None, "free")
    return runtimes, [Operations(runtime, identity) for runtime in runtimes]


async def test_a_suggestion_is_followed_from_another_worker(
    worker: MakeWorker, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtimes, (here, there) = await two(worker, redis)
    go_on, asked = asyncio.Event(), []

    async def suggest(
        request: SuggestionRequest, *, key: str, keep: Callable[[Written], Awaitable[None]]
    ) -> AsyncIterator[SuggestionEvent]:
        asked.append(key)
        yield StageEvent("write", "Looking")
        yield Ideas(("One",))
        await go_on.wait()
        data = entity_data(ACCOUNT, "One")
        written = Written(0, data, {"model": "m"}, {"name": "One"})
        await keep(written)
        yield written

    for runtime in runtimes:
        assert runtime.workspace is not None
        monkeypatch.setattr(runtime.workspace.suggestions, "_suggest", suggest)
    made = await here._store.create(COMPANY, {**company_document(), "id": str(uuid4())})
    first = await here.suggest(COMPANY, made["id"])
    mine = asyncio.create_task(first.result())
    async with asyncio.timeout(20):
        second = await there.suggest(COMPANY, made["id"])
        seen: list[SuggestionNews] = []
        async for news in second.events():
            seen.append(news)
            if news.documents:
                go_on.set()
        told = await mine
    assert len(asked) == 1
    assert seen[-1].is_over
    assert seen[-1].documents == told.documents
    (document,) = told.documents
    assert (document.state, document.name) == ("done", "One")
    assert (await there.read(ACCOUNT, document.id)).document["name"] == "One"


async def test_a_key_is_claimed_for_all_workers(worker: MakeWorker, redis: RedisServer) -> None:
    _, (here, there) = await two(worker, redis)
    answers = [DatabaseAnswers(operations._store) for operations in (here, there)]
    found = await asyncio.gather(
        *(claim_once(answers[n % 2], "key", "f") for n in range(6)), return_exceptions=True
    )
    (once,) = (each for each in found if isinstance(each, Once))
    assert {each.code for each in found if isinstance(each, UserError)} == {"still_working"}

    async def work() -> Given:
        return Given(200, {}, b"{}")

    given = await once.carry_out(work)
    for each in answers:
        assert await claim_once(each, "key", "f") == given
