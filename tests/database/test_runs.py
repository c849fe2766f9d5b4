"""Generations of signed-in users survive their page, and their row says what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from blossomer.db import tables
from blossomer.db.generations import SILENT_SECONDS, GenerationLog
from blossomer.db.store import DatabaseStore
from blossomer.entities.merge import Change
from blossomer.errors import UserError
from blossomer.services import runs as runs_module
from blossomer.services.events import Completed, Failed, GenerationRequest, Partial, StageEvent
from blossomer.services.feed import Feed
from blossomer.services.runs import Runs
from blossomer.services.runtime import kept
from blossomer.services.saving import Saver
from tests.support.documents import CONFIG, INPUTS, company_data, company_document

REQUEST = GenerationRequest("company", INPUTS)
MADE_BY = {"writer": "model", "model": "openai/x", "input_tokens": 7, "output_tokens": 9}


class Writer:
    """A generation that goes on when the test says so."""

    def __init__(self, outcome=None) -> None:
        self.outcome = outcome or Completed(company_data(), MADE_BY)
        self.go = asyncio.Event()
        self.away = asyncio.Event()
        """Until then it has something to put away after its outcome."""
        self.away.set()
        self.started = 0
        self.closed = 0

    async def generate(self, request: GenerationRequest, *, key: str, keep) -> AsyncIterator:
        self.started += 1
        try:
            yield StageEvent("read", "Opening the website")
            yield Partial({"company_name": "Ac"}, "company_name")
            await self.go.wait()
            is_result = isinstance(self.outcome, Completed)
            yield await kept(self.outcome, keep) if is_result else self.outcome
        finally:
            await self.away.wait()
            self.closed += 1


@pytest.fixture
def parts(engine):
    writer, feed = Writer(), Feed()
    saver = Saver(lambda user_id: DatabaseStore(engine, user_id), feed)
    return writer, Runs(writer.generate, lambda user: DatabaseStore(engine, user), feed, saver)


async def all_of(run) -> list:
    return [event async for event in run.events()]


async def row_of(store: DatabaseStore):
    async with store.transaction() as session:
        return (await session.execute(select(tables.Generation))).scalar_one()


async def test_a_result_is_kept_though_nobody_watches(parts, store):
    writer, runs = parts
    run = await runs.start(store.user_id, REQUEST, key="k")
    writer.go.set()
    await all_of(run)
    kept = await store.newest(CONFIG)
    assert (kept["id"], kept["status"], kept["inputs"]) == (run.document_id, "draft", INPUTS)
    row = await row_of(store)
    assert (row.status, str(row.entity_id), row.model) == ("completed", kept["id"], "openai/x")
    assert (row.input_tokens, row.output_tokens) == (7, 9)
    usage = await GenerationLog(store).usage()
    assert (usage.generations, usage.output_tokens) == (1, 9)


async def test_whoever_comes_later_is_told_what_is_known_so_far(parts, store):
    writer, runs = parts
    run = await runs.start(store.user_id, REQUEST, key="k")
    await asyncio.sleep(0.05)
    late = asyncio.create_task(all_of(run))
    await asyncio.sleep(0)
    assert runs.running(store.user_id, "company") is run
    writer.go.set()
    kinds = [type(event) for event in await late]
    assert kinds == [StageEvent, Partial, Completed]
    assert [type(event) for event in await all_of(run)] == kinds


async def test_one_that_has_its_outcome_is_over_though_it_is_still_being_put_away(parts, store):
    writer, runs = parts
    writer.away.clear()
    first = await runs.start(store.user_id, REQUEST, key="k")
    writer.go.set()
    await all_of(first)
    assert writer.closed == 0
    assert runs.running(store.user_id, "company") is None
    assert await runs.find(store.user_id, "company") is None
    second = await runs.start(store.user_id, REQUEST, key="k")
    assert second is not first
    writer.away.set()
    await all_of(second)
    assert {each.id for each in await store.listed(CONFIG)} == {
        first.document_id,
        second.document_id,
    }


async def test_a_second_start_finds_the_first(parts, store):
    writer, runs = parts
    first, second = await asyncio.gather(
        runs.start(store.user_id, REQUEST, key="k"), runs.start(store.user_id, REQUEST, key="k")
    )
    assert first is second
    writer.go.set()
    await all_of(first)
    assert writer.started == 1


async def test_cancelling_stops_it_and_keeps_nothing(parts, store):
    writer, runs = parts
    run = await runs.start(store.user_id, REQUEST, key="k")
    await asyncio.sleep(0.05)
    await runs.cancel("somebody else", run.id)
    assert runs.running(store.user_id, "company") is run
    await runs.cancel(store.user_id, run.id)
    assert writer.closed == 1
    assert not any(isinstance(event, Completed | Failed) for event in await all_of(run))
    assert await store.newest(CONFIG) is None
    assert (await row_of(store)).status == "cancelled"


async def test_the_end_of_the_server_is_an_interruption(parts, store):
    _, runs = parts
    await runs.start(store.user_id, REQUEST, key="k")
    await asyncio.sleep(0.05)
    await runs.stop()
    assert (await row_of(store)).status == "interrupted"


async def test_one_whose_server_was_killed_is_found_interrupted(parts, store):
    _, runs = parts
    log = GenerationLog(store)
    await log.begin(uuid4(), entity="company", inputs=INPUTS)
    assert (await runs.latest(store.user_id, "company"))["status"] == "running"
    async with store.transaction() as session:
        long_ago = tables.Generation.alive_at - timedelta(seconds=SILENT_SECONDS + 1)
        await session.execute(update(tables.Generation).values(alive_at=long_ago))
    row = await runs.latest(store.user_id, "company")
    assert (row["status"], row["inputs"], row["seen_at"]) == ("interrupted", INPUTS, None)
    await runs.seen(store.user_id, str(row["id"]))
    assert (await runs.latest(store.user_id, "company"))["seen_at"] is not None


async def test_a_failure_is_noted_with_its_words(parts, store):
    writer, runs = parts
    writer.outcome = Failed(UserError("host_not_found", "No such website.", "Check it."))
    run = await runs.start(store.user_id, REQUEST, key="k")
    writer.go.set()
    assert [type(event) for event in await all_of(run)][-1] is Failed
    row = await row_of(store)
    assert (row.status, row.error["code"]) == ("failed", "host_not_found")


async def test_a_card_written_again_changes_that_card_only(parts, store):
    writer, runs = parts
    kept = await store.create(CONFIG, company_document())
    after = {**kept["data"], "capabilities": ["New: one"]}
    writer.outcome = Completed(after, MADE_BY)
    request = GenerationRequest("company", INPUTS, only="capabilities", current=kept["data"])
    run = await runs.start(store.user_id, request, key="k", document_id=kept["id"])
    meanwhile = [Change(path=("data", "objections"), value=["Mine"])]
    await store.patch(CONFIG, kept["id"], meanwhile)
    writer.go.set()
    await all_of(run)
    data = (await store.get(CONFIG, kept["id"]))["data"]
    assert (data["capabilities"], data["objections"]) == (["New: one"], ["Mine"])


async def test_a_card_that_a_person_changed_meanwhile_stays_theirs(parts, store):
    writer, runs = parts
    kept = await store.create(CONFIG, company_document())
    writer.outcome = Completed({**kept["data"], "capabilities": ["New: one"]}, MADE_BY)
    request = GenerationRequest("company", INPUTS, only="capabilities", current=kept["data"])
    run = await runs.start(store.user_id, request, key="k", document_id=kept["id"])
    await store.patch(CONFIG, kept["id"], [Change(path=("data", "capabilities"), value=["Mine"])])
    writer.go.set()
    await all_of(run)
    assert (await store.get(CONFIG, kept["id"]))["data"]["capabilities"] == ["Mine"]


async def test_a_document_deleted_meanwhile_is_told(parts, store):
    writer, runs = parts
    kept = await store.create(CONFIG, company_document())
    writer.outcome = Completed({**kept["data"], "capabilities": ["New: one"]}, MADE_BY)
    request = GenerationRequest("company", INPUTS, only="capabilities", current=kept["data"])
    run = await runs.start(store.user_id, request, key="k", document_id=kept["id"])
    await store.delete(CONFIG, kept["id"])
    writer.go.set()
    last = (await all_of(run))[-1]
    assert isinstance(last, Failed)
    assert last.error.code == "document_missing"


async def test_a_draft_is_kept_after_its_time_unless_it_was_discarded(parts, store, monkeypatch):
    monkeypatch.setattr(runs_module, "KEEP_SECONDS", 0.05)
    writer, runs = parts
    writer.go.set()
    await all_of(await runs.start(store.user_id, REQUEST, key="k"))
    discarded = await store.newest(CONFIG)
    await store.delete(CONFIG, discarded["id"])
    await all_of(await runs.start(store.user_id, REQUEST, key="k"))
    async with asyncio.timeout(5):
        while (await store.newest(CONFIG))["status"] != "saved":  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert [entry.id for entry in await store.listed(CONFIG)] != [discarded["id"]]


async def test_what_is_cancelled_elsewhere_while_it_is_kept_ends_as_cancelled_and_not_as_failed(
    parts, store
):
    writer, runs = parts
    run = await runs.start(store.user_id, REQUEST, key="k")
    await asyncio.sleep(0.05)
    # As another worker does, which cannot be heard by this one at the moment.
    await GenerationLog(store).end(UUID(run.id), "cancelled", {})
    writer.go.set()
    assert not any(isinstance(event, Completed | Failed) for event in await all_of(run))
    assert await store.newest(CONFIG) is None
    assert (await row_of(store)).status == "cancelled"
    assert runs.running(store.user_id, "company") is None
