"""Generations and suggestions are seen, found and stopped from whichever worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from blossomer.db import tables
from blossomer.db.generations import SILENT_SECONDS, GenerationLog
from blossomer.db.store import DatabaseStore
from blossomer.errors import UserError
from blossomer.services import remote_runs
from blossomer.services.events import (
    Completed,
    Failed,
    GenerationEvent,
    GenerationRequest,
    Ideas,
    Partial,
    StageEvent,
    SuggestionRequest,
    Written,
)
from blossomer.services.feed import RunStarted
from blossomer.services.remote_runs import RemoteRun
from blossomer.services.runs import AnyRun
from blossomer.services.runtime import Runtime, Workspace, kept, kept_one
from tests.database.rows import somebodys_store
from tests.support.documents import CONFIG, INPUTS, company_data
from tests.support.redis import RedisServer
from tests.workers.conftest import MakeWorker, die, until

REQUEST = GenerationRequest("company", INPUTS)
MADE_BY = {"writer": "model", "model": "openai/x", "input_tokens": 7, "output_tokens": 9}


async def after(events: AsyncIterator[GenerationEvent]) -> GenerationEvent:
    """The next event."""
    return await asyncio.wait_for(anext(events), 10)


async def rest(events: AsyncIterator[GenerationEvent]) -> list[GenerationEvent]:
    """All that come."""
    async with asyncio.timeout(10):
        return [event async for event in events]


class Writer:
    """What one worker writes, as far as the test lets it."""

    def __init__(self, runtime: Runtime) -> None:
        self.events: asyncio.Queue[GenerationEvent] = asyncio.Queue()
        self.started = self.closed = 0
        assert runtime.workspace is not None
        runtime.workspace.runs._generate = self.generate

    async def generate(
        self, _request: GenerationRequest, *, key: str, keep: Any
    ) -> AsyncIterator[Any]:
        self.started += 1
        try:
            while True:
                event = await self.events.get()
                yield await kept(event, keep) if isinstance(event, Completed) else event
                if isinstance(event, Completed | Failed):
                    return
        finally:
            self.closed += 1

    def say(self, *events: GenerationEvent) -> None:
        for event in events:
            self.events.put_nowait(event)


class World:
    """Two workers, what they write, and a user."""

    def __init__(self, one: Runtime, two: Runtime, store: DatabaseStore) -> None:
        self.one, self.two, self.store = one, two, store
        self.writers = Writer(one), Writer(two)

    def space(self, runtime: Runtime) -> Workspace:
        assert runtime.workspace is not None
        return runtime.workspace

    async def start(self, runtime: Runtime, request: GenerationRequest = REQUEST) -> AnyRun:
        return await self.space(runtime).runs.start(self.store.user_id, request, key="k")

    async def found(self, runtime: Runtime) -> AnyRun:
        run = await self.space(runtime).runs.find(self.store.user_id, "company")
        assert run is not None
        return run

    async def status(self, run_id: str) -> str:
        row = await GenerationLog(self.store).one("company", UUID(run_id))
        assert row is not None
        return str(row["status"])


@pytest.fixture
async def world(redis: RedisServer, worker: MakeWorker, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(remote_runs, "WATCH_SECONDS", 0.2)
    one, two = await worker(redis), await worker(redis)
    return World(one, two, await somebodys_store(one.engine))


async def test_a_generation_is_seen_from_another_worker_as_it_is_written(world: World) -> None:
    with world.space(world.two).feed.reader(world.store.user_id) as news:
        await world.space(world.two).feed.joined(world.store.user_id, "")
        run = await world.start(world.one)
        assert await asyncio.wait_for(news.get(), 5) == RunStarted("company", run.id)
    world.writers[0].say(StageEvent("read", "Opening"), Partial({"company_name": "Ac"}, "x"))
    await until(world.writers[0].events.empty)
    seen = await world.found(world.two)
    assert isinstance(seen, RemoteRun)
    assert (seen.id, seen.request.inputs) == (run.id, INPUTS)
    events = seen.events()
    assert await after(events) == StageEvent("read", "Opening")
    assert await after(events) == Partial({"company_name": "Ac"}, "x")
    world.writers[0].say(Partial({"company_name": "Acme"}, "y"))
    assert await after(events) == Partial({"company_name": "Acme"}, "y")
    world.writers[0].say(Completed(company_data(), MADE_BY))
    assert isinstance(await after(events), Completed)
    kept = await world.store.newest(CONFIG)
    assert kept is not None
    assert seen.document_id == kept["id"]
    assert await rest(events) == []
    assert await world.space(world.two).runs.find(world.store.user_id, "company") is None


async def test_of_two_starts_at_once_on_two_workers_one_begins(world: World) -> None:
    first, second = await asyncio.gather(world.start(world.one), world.start(world.two))
    assert first.id == second.id
    assert {type(first).__name__, type(second).__name__} == {"Run", "RemoteRun"}
    await until(lambda: sum(writer.started for writer in world.writers) == 1)
    other = GenerationRequest("account", INPUTS, parents={"company": "c"})
    third = await world.space(world.two).runs.start(world.store.user_id, other, key="k")
    assert third.id != first.id


async def test_it_can_be_cancelled_from_another_worker(world: World) -> None:
    run = await world.start(world.one)
    world.writers[0].say(StageEvent("read", "Opening"))
    seen = await world.found(world.two)
    events = seen.events()
    assert await after(events) == StageEvent("read", "Opening")
    await world.space(world.two).runs.cancel("somebody else", run.id)
    assert await world.status(run.id) == "running"
    await world.space(world.two).runs.cancel(world.store.user_id, run.id)
    assert await rest(events) == []
    await until(lambda: world.writers[0].closed == 1)
    assert await world.status(run.id) == "cancelled"
    assert await world.store.newest(CONFIG) is None


async def test_what_was_cancelled_while_it_was_being_kept_is_not_kept(world: World) -> None:
    run = await world.start(world.one)
    # Redis has lost the word; the row has it.
    await GenerationLog(world.store).end(UUID(run.id), "cancelled", {})
    world.writers[0].say(Completed(company_data(), MADE_BY))
    await until(lambda: world.writers[0].closed == 1)
    assert await world.store.newest(CONFIG) is None
    assert await world.status(run.id) == "cancelled"


async def test_a_failure_is_told_elsewhere_with_its_words(world: World) -> None:
    await world.start(world.one)
    seen = await world.found(world.two)
    world.writers[0].say(Failed(UserError("host_not_found", "No such website.", "Check it.")))
    (failed,) = await rest(seen.events())
    assert isinstance(failed, Failed)
    assert (failed.error.code, failed.error.action) == ("host_not_found", "Check it.")


async def test_a_worker_that_dies_in_the_middle_is_noticed_and_it_can_be_begun_again(
    world: World,
) -> None:
    run = await world.start(world.one)
    world.writers[0].say(StageEvent("write", "Writing"))
    seen = await world.found(world.two)
    events = seen.events()
    assert await after(events) == StageEvent("write", "Writing")
    await die(world.one)
    await _silence(world, run)
    assert await rest(events) == []
    row = await world.space(world.two).runs.latest(world.store.user_id, "company")
    assert row is not None
    assert (row["status"], row["inputs"], row["seen_at"]) == ("interrupted", INPUTS, None)
    again = await world.start(world.two)
    assert again.id != run.id


async def _silence(world: World, run: AnyRun) -> None:
    """What its heartbeat is like when its worker has been gone for long enough."""
    async with world.store.transaction() as session:
        long_ago = tables.Generation.alive_at - timedelta(seconds=SILENT_SECONDS + 1)
        await session.execute(
            update(tables.Generation)
            .where(tables.Generation.id == UUID(run.id))  # type: ignore[arg-type]
            .values(alive_at=long_ago)
        )


async def test_with_redis_away_it_is_seen_how_it_ends(
    own_redis: RedisServer, worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_runs, "WATCH_SECONDS", 0.1)
    one, two = await worker(own_redis), await worker(own_redis)
    world = World(one, two, await somebodys_store(one.engine))
    await world.start(one)
    seen = await world.found(two)
    own_redis.kill()
    world.writers[0].say(Completed(company_data(), MADE_BY))
    assert [type(event) for event in await rest(seen.events())] == [Completed]
    kept = await world.store.newest(CONFIG)
    assert kept is not None
    assert seen.document_id == kept["id"]


SUGGEST = SuggestionRequest("account", parents={"company": "c1"})


class Suggested:
    """A suggestion that one worker carries out as far as the test lets it."""

    def __init__(self, runtime: Runtime) -> None:
        self.go = asyncio.Event()
        self.started = self.closed = 0
        assert runtime.workspace is not None
        self.runs = runtime.workspace.suggestions
        self.runs._suggest, self.runs._keep = self.suggest, self.keep

    async def suggest(
        self, _request: SuggestionRequest, *, key: str, keep: Any
    ) -> AsyncIterator[Any]:
        self.started += 1
        try:
            yield StageEvent("read", "Reading")
            yield Ideas(("One", "Two"))
            yield await kept_one(Written(0, {}, {}, {}), keep)
            await self.go.wait()
            yield await kept_one(Written(1, {}, {}, {}), keep)
        finally:
            self.closed += 1

    async def keep(self, *_: Any) -> dict[str, str]:
        return {"id": "kept"}

    async def states(self, user_id: str) -> list[str]:
        await self.runs.look(user_id, "c1")
        run = self.runs.latest(user_id, "account", "c1")
        if run is None:
            return []
        over = ["over"] if run.progress.is_over else []
        error = [run.progress.error.code] if run.progress.error else []
        return [item.state for item in run.progress.items] + over + error


async def test_suggestions_are_seen_found_stopped_and_dismissed_from_another_worker(
    world: World,
) -> None:
    one, two, user = Suggested(world.one), Suggested(world.two), world.store.user_id

    async def there(*states: str) -> None:
        async def are() -> bool:
            return await two.states(user) == list(states)

        await until(are)

    await one.runs.begin(user, SUGGEST, key="k")
    await there("done", "writing")
    run = await two.runs.begin(user, SUGGEST, key="k")
    assert (run.is_ours, two.started) == (False, 0)
    one.go.set()
    await there("done", "done", "over")
    await two.runs.dismiss(user, "account", "c1")
    assert await two.states(user) == []
    assert await one.states(user) == []
    one.go.clear()
    await two.runs.begin(user, SUGGEST, key="k")
    await until(lambda: two.started == 1)
    await one.runs.look(user, "c1")
    await one.runs.cancel(user, "account", "c1")
    await until(lambda: two.closed == 1)


async def test_suggestions_of_a_dead_worker_are_told_and_can_be_begun_again(world: World) -> None:
    one, two, user = Suggested(world.one), Suggested(world.two), world.store.user_id
    await one.runs.begin(user, SUGGEST, key="k")
    await until(lambda: one.started == 1)

    async def is_going() -> bool:
        return await two.states(user) == ["done", "writing"]

    await until(is_going)
    await die(world.one)
    assert await two.states(user) == ["done", "writing", "over", "interrupted"]
    run = await two.runs.begin(user, SUGGEST, key="k")
    assert run.is_ours
