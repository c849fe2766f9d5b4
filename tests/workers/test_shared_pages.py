"""What a page holds reaches whichever worker its next connection does; no dead one keeps it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import reflex as rx
from reflex.state import StateUpdate

from blossomer.services.bus import Bus
from blossomer.services.events import GenerationRequest, SuggestionRequest
from blossomer.services.mending import MendRequest
from blossomer.services.redis import PREFIX, open_redis
from blossomer.settings import Settings
from blossomer.state.entity_page import EntityPageState
from blossomer.state.generating import Going
from blossomer.state.mending import Mending
from blossomer.state.shared_pages import KEPT_SECONDS, SharedStates, SharedTabs, share_pages
from tests.support.documents import company_document
from tests.support.redis import RedisServer
from tests.workers.conftest import settings_for, until


class Worker:
    """One worker's part of what pages hold."""

    def __init__(self, redis: RedisServer, bus: Bus) -> None:
        self.bus = bus
        client = open_redis(settings_for(redis))
        assert client is not None
        self.redis: Any = client
        self.states = SharedStates(redis=client, token_expiration=KEPT_SECONDS, bus=bus)
        self.tabs = SharedTabs(client, bus)
        self.heard: list[tuple[Any, str]] = []

    async def emit(self, update: StateUpdate, token: str) -> None:
        self.heard.append((update.delta, token))

    def page(self, tab: str) -> Any:
        return self.states.modify_state(rx.BaseStateToken(ident=tab, cls=EntityPageState))

    async def die(self) -> None:
        self.bus._has_left = False
        for task in self.bus._tasks:
            task.cancel()
        await asyncio.gather(*self.bus._tasks, return_exceptions=True)
        await self.bus._ear.aclose()  # type: ignore[union-attr]
        self.bus._tasks = []
        self.bus._connected.clear()


@pytest.fixture
async def workers(
    redis: RedisServer, buses: tuple[Bus, Bus]
) -> AsyncIterator[tuple[Worker, Worker]]:
    pair = Worker(redis, buses[0]), Worker(redis, buses[1])
    yield pair
    for worker in pair:
        await worker.tabs.close()


@pytest.fixture
def tab() -> str:
    return f"{PREFIX}tab:{uuid4().hex}"


async def test_one_worker_goes_on_where_another_was(
    workers: tuple[Worker, Worker], tab: str
) -> None:
    one, two = workers
    document = company_document()
    async with one.page(tab) as root:
        state = await root.get_state(EntityPageState)
        state._owner, state.entity = "ada", "company"
        state._documents = {document["id"]: document}
        state._unconfirmed = {2**61: [{"path": ["data", "x"], "value": 1}]}
    async with two.page(tab) as root:
        state = await root.get_state(EntityPageState)
        assert (state._owner, state.entity) == ("ada", "company")
        assert state._documents[document["id"]] == document
        assert list(state._unconfirmed) == [2**61]
    keys = [key.decode() async for key in one.redis.scan_iter(f"{tab}*")]
    assert keys
    lives = [await one.redis.ttl(key) for key in keys]
    assert all(0 < seconds <= KEPT_SECONDS for seconds in lives)


async def test_everything_that_a_page_may_hold_can_be_kept(
    workers: tuple[Worker, Worker], tab: str
) -> None:
    one, two = workers
    request = GenerationRequest("company", {"website_url": "https://acme.example"}, parents={})
    mend = MendRequest(text="x", finding="y", entity="company", data={}, context={})
    async with one.page(tab) as root:
        state = await root.get_state(EntityPageState)
        state._going = Going("run", request, has_begun=True, worker="w")
        state._failed = request
        state._requests = {"run": SuggestionRequest("account", parents={"company": "c"})}
        state._mend = Mending("run", "d", "card", "0", mend, has_begun=True, worker="w")
        state._turn_to("company")
        state._show(company_document())
    async with two.page(tab) as root:
        state = await root.get_state(EntityPageState)
        assert state._going.request == request
        assert state._requests["run"].entity == "account"
        assert state._mend.request.text == "x"


async def test_the_lock_of_a_dead_worker_is_no_lock(
    workers: tuple[Worker, Worker], tab: str
) -> None:
    one, two = workers
    held = one.page(tab)
    await held.__aenter__()
    waiting = asyncio.create_task(_enter(two, tab))
    done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done, "it is alive: the other waits"
    await one.die()
    await asyncio.wait_for(waiting, 5)
    with pytest.raises(Exception, match="Lock expired"):
        async with asyncio.timeout(5):
            await held.__aexit__(None, None, None)


async def _enter(worker: Worker, tab: str) -> None:
    async with worker.page(tab):
        pass


async def test_events_of_one_tab_wait_for_each_other_on_any_worker(
    workers: tuple[Worker, Worker], tab: str
) -> None:
    async def add(worker: Worker) -> None:
        async with worker.page(tab) as root:
            state = await root.get_state(EntityPageState)
            state.notice = state.notice + "x"

    await asyncio.gather(*(add(workers[number % 2]) for number in range(20)))
    async with workers[0].page(tab) as root:
        assert (await root.get_state(EntityPageState)).notice == "x" * 20


async def test_whoever_is_cancelled_while_they_wait_holds_nothing(
    workers: tuple[Worker, Worker], tab: str
) -> None:
    for delay in (0, 0.001, 0.002, 0.005):
        entering = asyncio.create_task(_enter(workers[0], tab))
        await asyncio.sleep(delay)
        entering.cancel()
        await asyncio.gather(entering, return_exceptions=True)
    await asyncio.wait_for(_enter(workers[1], tab), 5)


async def test_a_tab_keeps_its_name_when_its_worker_is_gone_and_a_copy_gets_another(
    workers: tuple[Worker, Worker], tab: str
) -> None:
    one, two = workers
    assert await one.tabs.link_token_to_sid(tab, "first") is None
    copied = await two.tabs.link_token_to_sid(tab, "second")
    assert copied is not None
    assert copied.startswith(f"{PREFIX}tab:")
    assert await two.tabs.link_token_to_sid(copied, "second") is None
    await one.die()
    assert await two.tabs.link_token_to_sid(tab, "third") is None
    assert two.tabs.sid_to_token["third"] == tab


async def test_a_tab_that_comes_back_before_it_was_noticed_to_be_gone_keeps_its_name(
    workers: tuple[Worker, Worker], tab: str
) -> None:
    one, two = workers
    await one.tabs.link_token_to_sid(tab, "first")
    coming = asyncio.create_task(two.tabs.link_token_to_sid(tab, "second"))
    await asyncio.sleep(0.1)
    await one.tabs.disconnect_token(tab, "first")
    assert await coming is None
    # What the first one says late changes nothing.
    await one.tabs.disconnect_token(tab, "first")
    assert await one.tabs.is_token_connected(tab)


async def test_what_a_worker_changes_reaches_the_tab_on_another(
    workers: tuple[Worker, Worker], tab: str
) -> None:
    one, two = workers
    two.tabs.ensure_lost_and_found_task(two.emit)
    await two.bus.joined(f"tabs:{two.bus.worker}")
    await two.tabs.link_token_to_sid(tab, "here")
    update = StateUpdate(delta={"state": {"notice": "told"}})
    assert await one.tabs.emit_lost_and_found(tab, update)
    await until(lambda: two.heard == [({"state": {"notice": "told"}}, tab)])
    assert not await one.tabs.emit_lost_and_found(f"{tab}x", update)


async def test_the_time_of_open_tabs_begins_anew(workers: tuple[Worker, Worker], tab: str) -> None:
    one, _ = workers
    await one.tabs.link_token_to_sid(tab, "sid")
    async with one.page(tab) as root:
        (await root.get_state(EntityPageState)).notice = "x"
    name = EntityPageState.get_full_name()
    await one.redis.expire(f"{tab}_{name}", 5)
    await one.tabs.keep([name])
    assert await one.redis.ttl(f"{tab}_{name}") > 5


def test_without_redis_nothing_is_changed() -> None:
    app: Any = SimpleNamespace(event_namespace=SimpleNamespace(_token_manager="as it was"))
    share_pages(app, Settings(_env_file=None), Bus())  # type: ignore[call-arg]
    assert app.event_namespace._token_manager == "as it was"
