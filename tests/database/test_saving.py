"""Changes reach the database in order, whatever happens to it meanwhile."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from sqlalchemy import event

from blossomer.db.embedded import start_embedded
from blossomer.db.engine import POOL_SIZE, create_engine
from blossomer.db.migrate import migrate
from blossomer.db.roles import prepare_database
from blossomer.db.store import DatabaseStore
from blossomer.entities.merge import Change
from blossomer.services.feed import Feed, Missed, NotSaved, Removed, Saved
from blossomer.services.saving import WRITES_AT_ONCE, Saver
from tests.database.rows import somebodys_store
from tests.support.documents import CONFIG, company_document

CAPABILITIES = ("data", "capabilities")


def saver_for(engine) -> tuple[Saver, Feed]:
    feed = Feed()
    return Saver(lambda user_id: DatabaseStore(engine, user_id), feed), feed


def written(value: object) -> list[Change]:
    return [Change(path=CAPABILITIES, value=[value])]


async def test_what_was_put_is_written_and_told(engine, store):
    kept = await store.create(CONFIG, company_document())
    saver, feed = saver_for(engine)
    with feed.reader(store.user_id) as news:
        ticket = saver.put(store.user_id, "company", kept["id"], written("Mine"))
        told = await asyncio.wait_for(news.get(), 5)
    assert isinstance(told, Saved)
    assert ticket in told.tickets
    assert (await store.get(CONFIG, kept["id"]))["data"]["capabilities"] == ["Mine"]
    assert not saver.waits(store.user_id, "company", kept["id"])


async def test_the_last_of_many_wins_and_all_are_in_the_history(engine, store):
    kept = await store.create(CONFIG, company_document())
    saver, _ = saver_for(engine)
    for number in range(30):
        saver.put(store.user_id, "company", kept["id"], written(f"Text {number}"))
    assert await saver.finish(10)
    assert (await store.get(CONFIG, kept["id"]))["data"]["capabilities"] == ["Text 29"]
    texts = [entry.value[0] for entry in await store.history(CONFIG, kept["id"], CAPABILITIES)]
    assert texts[:30] == [f"Text {number}" for number in reversed(range(30))]


async def test_a_document_that_is_gone_is_told_and_holds_nothing_up(engine, store):
    saver, feed = saver_for(engine)
    with feed.reader(store.user_id) as news:
        ticket = saver.put(store.user_id, "company", str(uuid4()), written("Mine"))
        told = await asyncio.wait_for(news.get(), 5)
    assert told == NotSaved("company", told.document_id, frozenset({ticket}), "missing")
    assert await saver.finish(1)


async def test_what_the_database_refuses_is_told_and_holds_nothing_up(engine, store):
    kept = await store.create(CONFIG, company_document())
    saver, feed = saver_for(engine)
    with feed.reader(store.user_id) as news:
        saver.put(store.user_id, "company", kept["id"], [Change(path=("id",), value="x")], "undone")
        saver.put(store.user_id, "company", kept["id"], written("Mine"))
        refused = await asyncio.wait_for(news.get(), 5)
        saved = await asyncio.wait_for(news.get(), 5)
    assert (refused.reason, type(saved)) == ("refused", Saved)


async def test_many_at_once_leave_connections_to_others(engine, store):
    kept = [await store.create(CONFIG, company_document(f"Company {n}")) for n in range(40)]
    saver, feed = saver_for(engine)
    in_use, most = 0, 0

    def taken(*_: object) -> None:
        nonlocal in_use, most
        in_use += 1
        most = max(most, in_use)

    def given_back(*_: object) -> None:
        nonlocal in_use
        in_use -= 1

    event.listen(engine.sync_engine.pool, "checkout", taken)
    event.listen(engine.sync_engine.pool, "checkin", given_back)
    try:
        with feed.reader(store.user_id) as news:
            for document in kept:
                saver.put(store.user_id, "company", document["id"], written("Mine"))
            for _ in kept:
                assert isinstance(await asyncio.wait_for(news.get(), 5), Saved)
    finally:
        event.remove(engine.sync_engine.pool, "checkout", taken)
        event.remove(engine.sync_engine.pool, "checkin", given_back)
    assert most == WRITES_AT_ONCE < POOL_SIZE


async def test_who_was_first_is_written_first(engine, store, monkeypatch):
    monkeypatch.setattr("blossomer.services.saving.WRITES_AT_ONCE", 1)
    kept = [await store.create(CONFIG, company_document(f"Company {n}")) for n in range(12)]
    saver, feed = saver_for(engine)
    with feed.reader(store.user_id) as news:
        for document in kept:
            saver.put(store.user_id, "company", document["id"], written("Mine"))
        told = [(await asyncio.wait_for(news.get(), 5)).document_id for _ in kept]
    assert told == [document["id"] for document in kept]


async def test_who_waits_long_for_a_turn_is_told_and_keeps_their_place(engine, store, monkeypatch):
    monkeypatch.setattr("blossomer.services.saving.TURN_SECONDS", 0.05)
    kept = await store.create(CONFIG, company_document())
    saver, feed = saver_for(engine)
    for _ in range(WRITES_AT_ONCE):
        await saver._turns.acquire()
    with feed.reader(store.user_id) as news:
        ticket = saver.put(store.user_id, "company", kept["id"], written("Mine"))
        late = await asyncio.wait_for(news.get(), 5)
        assert late == NotSaved("company", kept["id"], frozenset({ticket}), "unavailable")
        saver._turns.release()
        told = await asyncio.wait_for(news.get(), 5)
    assert isinstance(told, Saved)
    assert told.tickets == {ticket}


async def test_a_database_that_is_gone_for_a_while_costs_nothing(own_cluster):
    server, folder = own_cluster
    urls = prepare_database(server)
    migrate(urls.owner, urls.app)
    engine = create_engine(urls.app)
    store = await somebodys_store(engine)
    kept = await store.create(CONFIG, company_document())
    saver, feed = saver_for(engine)
    reasons = []
    with feed.reader(store.user_id) as news:
        await asyncio.to_thread(server.stop)
        for number in range(5):
            saver.put(store.user_id, "company", kept["id"], written(f"Typed {number}"))
            told = await asyncio.wait_for(news.get(), 15)
            reasons.append(told.reason)
        await asyncio.to_thread(start_embedded, folder)
        while not isinstance(told, Saved):
            told = await asyncio.wait_for(news.get(), 15)
    assert set(reasons) == {"unavailable"}
    assert (await store.get(CONFIG, kept["id"]))["data"]["capabilities"] == ["Typed 4"]
    history = await store.history(CONFIG, kept["id"], CAPABILITIES)
    assert [entry.value for entry in history][:5] == [[f"Typed {n}"] for n in (4, 3, 2, 1, 0)]
    await engine.dispose()


async def test_a_page_that_is_far_behind_is_told_to_read_again():
    feed = Feed()
    with feed.reader("somebody") as news:
        for number in range(500):
            feed.publish("somebody", Removed("company", str(number)))
        feed.publish("somebody-else", Removed("company", "theirs"))
        heard = []
        while True:
            try:
                heard.append(await asyncio.wait_for(news.get(), 0.05))
            except TimeoutError:
                break
    assert any(isinstance(item, Missed) for item in heard)
    assert heard[-1] == Removed("company", "499")
    assert Removed("company", "theirs") not in heard
