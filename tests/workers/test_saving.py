"""What a worker has taken over is written once, in order, whatever becomes of the worker."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import select

from blossomer.db import tables
from blossomer.db.store import DatabaseStore
from blossomer.entities.merge import Change
from blossomer.errors import UserError
from blossomer.services.feed import Saved
from blossomer.services.runtime import Runtime, Workspace
from blossomer.services.saving_journal import Journal
from tests.database.rows import somebodys_store
from tests.support.documents import CONFIG, company_document
from tests.support.redis import RedisServer
from tests.workers.conftest import MakeWorker, die, until

PATH = ("data", "capabilities")


def written(text: str) -> list[Change]:
    return [Change(path=PATH, value=[text])]


def space(runtime: Runtime) -> Workspace:
    assert runtime.workspace is not None
    return runtime.workspace


async def text_of(store: DatabaseStore, document_id: str) -> str:
    document = await store.get(CONFIG, document_id)
    assert document is not None
    return str(document["data"]["capabilities"][0])


async def edits_of(store: DatabaseStore) -> list[Any]:
    async with store.transaction() as session:
        rows = (await session.execute(select(tables.Version).order_by(tables.Version.id))).scalars()
        return [row.changes[0]["value"] for row in rows if row.origin == "edited"]


def without_database(runtime: Runtime) -> None:
    """Let the writes of a worker wait, as they do while the database does not answer."""

    class Away(DatabaseStore):
        async def patch_once(self, *_: Any, **__: Any) -> Any:
            raise UserError("database_unavailable", "Away.", "Wait.", status=503)

    engine = runtime.engine
    assert engine is not None
    space(runtime).saver._store_for = lambda user: Away(engine, user)


async def test_a_tab_on_another_worker_sees_an_edit(redis: RedisServer, worker: MakeWorker) -> None:
    one, two = await worker(redis), await worker(redis)
    store = await somebodys_store(one.engine)
    kept = await store.create(CONFIG, company_document())
    await space(two).feed.joined(store.user_id, "tab")
    with space(two).feed.reader(store.user_id, "tab") as news:
        ticket = space(one).saver.put(store.user_id, "company", kept["id"], written("Mine"))
        told = await asyncio.wait_for(news.get(), 5)
    assert told == Saved("company", kept["id"], tuple(written("Mine")), frozenset({ticket}))


async def test_no_write_is_carried_out_twice(redis: RedisServer, worker: MakeWorker) -> None:
    one = await worker(redis)
    store = await somebodys_store(one.engine)
    kept = await store.create(CONFIG, company_document())
    first = {1: written("One"), 2: written("Two")}
    assert await store.patch_once(CONFIG, kept["id"], first) == {1, 2}
    assert await store.patch_once(CONFIG, kept["id"], {3: written("Three")}) == {3}
    again = {2: written("Two"), 3: written("Three"), 4: written("Four")}
    assert await store.patch_once(CONFIG, kept["id"], again) == {4}
    assert await store.patch_once(CONFIG, kept["id"], {1: written("One")}) == frozenset()
    assert await edits_of(store) == [["One"], ["Three"], ["Four"]]  # of those before: the last
    many = {number: written(str(number)) for number in range(100, 200)}
    for number, changes in many.items():
        await store.patch_once(CONFIG, kept["id"], {number: changes})
    assert await store.patch_once(CONFIG, kept["id"], {5: written("Old")}) == frozenset()
    assert await store.carried_out(CONFIG, kept["id"], [5, 199, 200]) == {5, 199}
    await asyncio.gather(
        *(store.patch_once(CONFIG, kept["id"], {300: written("At once")}) for _ in range(8))
    )
    assert (await edits_of(store)).count(["At once"]) == 1


async def test_what_a_dead_worker_had_still_to_write_is_written_by_another(
    redis: RedisServer, worker: MakeWorker
) -> None:
    dying, other = await worker(redis), await worker(redis)
    store = await somebodys_store(other.engine)
    kept = await store.create(CONFIG, company_document())
    without_database(dying)
    with space(other).feed.reader(store.user_id) as news:
        for text in ("One", "Two", "Three"):
            space(dying).saver.put(store.user_id, "company", kept["id"], written(text))
        await space(dying).saver.noted()
        await die(dying)
        told = await asyncio.wait_for(news.get(), 10)
        while not isinstance(told, Saved):
            told = await asyncio.wait_for(news.get(), 10)
    assert await text_of(store, kept["id"]) == "Three"
    journal = Journal(other.bus)

    async def is_struck_out() -> bool:
        return not await journal.waiting((store.user_id, "company", kept["id"]))

    await until(is_struck_out)


async def test_what_a_worker_had_before_is_written_before_what_the_next_one_gets(
    redis: RedisServer, worker: MakeWorker
) -> None:
    dying, other = await worker(redis), await worker(redis)
    store = await somebodys_store(other.engine)
    kept = await store.create(CONFIG, company_document())
    without_database(dying)
    space(dying).saver.put(store.user_id, "company", kept["id"], written("Older"))
    await space(dying).saver.noted()
    await dying.bus.leave()
    space(other).saver.put(store.user_id, "company", kept["id"], written("Newer"))
    assert await space(other).saver.finish(10)
    assert await text_of(store, kept["id"]) == "Newer"
    # And the one that was said to be gone changes nothing any more when it gets through.
    space(dying).saver._store_for = lambda _: store
    space(dying).saver.try_now(store.user_id, "company", kept["id"])
    await until(lambda: not space(dying).saver.waits(store.user_id, "company", kept["id"]))
    assert await text_of(store, kept["id"]) == "Newer"


async def test_a_page_that_comes_to_another_worker_brings_what_was_not_confirmed(
    redis: RedisServer, worker: MakeWorker
) -> None:
    dying, other = await worker(redis), await worker(redis)
    store = await somebodys_store(other.engine)
    kept = await store.create(CONFIG, company_document())
    place = (store.user_id, "company", kept["id"])
    saver = space(other).saver
    # Neither written nor noted: the worker was killed in that moment.
    lost = 2**60
    assert await saver.take_up(*place, {lost: written("Brought")}) == {lost}
    await until(lambda: not saver.waits(*place))
    assert await text_of(store, kept["id"]) == "Brought"
    # Written already: nothing is done.
    assert await saver.take_up(*place, {lost: written("Brought")}) == frozenset()
    assert await edits_of(store) == [["Brought"]]
    del dying


async def test_a_worker_that_is_stopped_without_a_database_leaves_its_writes_to_others(
    redis: RedisServer, worker: MakeWorker
) -> None:
    stopping = await worker(redis)
    store = await somebodys_store(stopping.engine)
    kept = await store.create(CONFIG, company_document())
    without_database(stopping)
    saver = space(stopping).saver
    saver.put(store.user_id, "company", kept["id"], written("Left"))
    await stopping.leave()
    assert await saver.finish(0.05)
    await stopping.bus.stop()
    other = await worker(redis)
    del other

    async def is_there() -> bool:
        return await text_of(store, kept["id"]) == "Left"

    await until(is_there)


async def test_without_redis_everything_is_written_all_the_same(
    own_redis: RedisServer, worker: MakeWorker
) -> None:
    one = await worker(own_redis)
    store = await somebodys_store(one.engine)
    kept = await store.create(CONFIG, company_document())
    own_redis.kill()
    for number in range(5):
        space(one).saver.put(store.user_id, "company", kept["id"], written(f"Text {number}"))
        await space(one).saver.noted()
    assert await space(one).saver.finish(20)
    assert await text_of(store, kept["id"]) == "Text 4"
