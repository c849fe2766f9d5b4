"""Two servers behind a proxy, over one database and one Redis: whichever answers, and dies.

The second one has two workers. The tests go on from each other, in order: starting a server takes
longer than all that is tested with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import httpx
import pytest

from benchmarks import replicas as benchmark
from benchmarks.replicas import Plan, SlowSite, counted_generations, load, lost_edits, people
from tests.browser.company_page import CARDS
from tests.support.member import sign_in, sign_out
from tests.support.replicas import Replicas, replicas
from tests.support.socket_page import SocketPage
from tests.workers.conftest import until

APP, PLAYGROUND = "/app/company", "/playground/company"
CARD = CARDS[0]
VISITORS_LIMIT = 5


@pytest.fixture(scope="module")
def site() -> Iterator[SlowSite]:
    """The website that they may read."""
    with SlowSite() as site:
        yield site


@pytest.fixture(scope="module")
async def world(site: SlowSite) -> AsyncIterator[Replicas]:
    """The two servers."""
    settings = {
        "FETCH_ALLOW_HOSTS": site.host_port,
        "FREE_GENERATIONS_PER_HOUR": "1000",
        "ANONYMOUS_GENERATIONS_PER_HOUR": str(VISITORS_LIMIT),
    }
    async with replicas(1, 2, **settings) as world:
        yield world


def tab(world: Replicas, number: int, path: str, cookie: str) -> SocketPage:
    """A tab whose connection one of the servers has."""
    return SocketPage(world.servers[number].url, path, cookie=cookie, origin=world.url)


async def written(world: Replicas, site: SlowSite) -> tuple[str, str]:
    """Somebody new with a company: their cookie, and its address."""
    cookie = await sign_in(world.url, f"{uuid4().hex}@example.com", keep_alive=False)
    async with tab(world, 0, APP, cookie) as page:
        await page.loaded("empty")
        await page.start(site.base_url)
        await page.until(lambda page: page.redirected, what="the company")
        return cookie, page.redirected[-1]


def is_saved(page: SocketPage) -> bool:
    return bool(page.get("save_state") == "saved")


async def test_signing_in_and_editing_and_signing_out_go_over_both(
    world: Replicas, site: SlowSite
) -> None:
    before = world.balancer.connections.copy()
    cookie, address = await written(world, site)
    used = world.balancer.connections - before
    assert min(used[server.port] for server in world.servers) >= 2, "sign-in went over both"
    async with tab(world, 0, address, cookie) as here, tab(world, 1, address, cookie) as there:
        await here.loaded()
        await there.loaded()
        for page, other, text in ((here, there, "From one"), (there, here, "From the other")):
            await page.edit_first(CARD, text)
            await page.until(is_saved)
            await other.until(lambda page, text=text: text in page.texts(CARD))  # type: ignore[misc]
        await sign_out(world.url, cookie)
        for page in (here, there):
            await page.until(lambda page: page.redirected, what="the way out")
            assert page.texts(CARD) == []


async def test_a_worker_of_several_that_is_killed_is_replaced_and_its_pages_go_on(
    world: Replicas, site: SlowSite
) -> None:
    cookie, address = await written(world, site)
    async with tab(world, 1, address, cookie) as page:
        await page.loaded()
        await page.edit_first(CARD, "Before")
        token, workers = page.token, {worker.pid for worker in world.workers_of(1)}
        world.kill_worker_of(1, page)
        await page.lost()
        await _again(page)
        assert (page.token, page.given_token) == (token, ""), "it is the same tab for the other"
        await page.until(lambda page: "Before" in page.texts(CARD))
        await page.edit_first(CARD, "After")
        await page.until(is_saved)
        await until(
            lambda: len(now := {each.pid for each in world.workers_of(1)}) == 2 and now != workers
        )


async def test_a_death_under_load_loses_no_edit_and_a_generation_is_watched_until_it(
    world: Replicas, site: SlowSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark, "SECONDS_BETWEEN_EDITS", 0.3)
    cookie, address = await written(world, site)
    plan = Plan(seconds=8, between_deaths=0, editors=6, generators=0, visitors=2)
    async with (
        tab(world, 0, address, cookie) as here,
        tab(world, 1, address, cookie) as there,
        tab(world, 0, PLAYGROUND, "") as visitor,
        people(world, site.base_url, plan) as members,
    ):
        await here.loaded()
        await there.loaded()
        site.seconds = 0.7
        await visitor.until(lambda page: page.get("drafts_request"), what="the question for drafts")
        await visitor.start(site.base_url)
        await visitor.until(lambda page: page.get("generating"), what="the visitor's generation")
        working = asyncio.create_task(load(world, site.base_url, plan, members))
        await until(lambda: all(len(member.acknowledged) > 1 for member in members))
        await here.send("write_again")
        await there.until(
            lambda page: any("Read" in stage["detail"] for stage in page.get("stages") or ()),
            what="progress on the other server",
        )
        await world.kill(0)
        tally = await working
        assert await lost_edits(world, members) == 0
        assert tally.again, "somebody was on the one that was killed"
        assert (tally.wrong, tally.stuck) == ([], [])
        assert min(len(member.acknowledged) for member in members) > 3
        site.seconds = 0
        good = tally.answers["200"] + await _until_refused(world, site)
        assert good <= VISITORS_LIMIT
        assert await counted_generations(world) == VISITORS_LIMIT
        await there.until(lambda page: page.failure == "interrupted", what="the end")
        assert not there.get("generating")
        visitor.url = world.servers[1].url
        await visitor.open_again()
        await visitor.until(
            lambda page: page.failure == "interrupted",
            what="what became of the visitor's generation",
        )
        site.seconds = 0.2
        await there.send("try_again")
        await there.until(lambda page: page.get("generating"))
        here.url = world.servers[1].url
        await here.lost()
        await here.open_again()
        await here.until(lambda page: page.get("generating"), what="what the other one writes")
        await there.until(lambda page: not page.get("generating"))
        await here.until(lambda page: not page.get("generating"))
        assert not here.failure


async def test_a_server_that_is_stopped_hands_its_pages_over(
    world: Replicas, site: SlowSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark, "SECONDS_BETWEEN_EDITS", 0.2)
    site.seconds = 0
    await world.servers[0].start()
    plan = Plan(seconds=6, between_deaths=0, editors=6, generators=0, visitors=0)
    async with people(world, site.base_url, plan) as members:
        working = asyncio.create_task(load(world, site.base_url, plan, members))
        await until(lambda: all(member.acknowledged for member in members))
        await world.servers[1].stop()
        tally = await working
        assert await lost_edits(world, members) == 0
        assert tally.again
        assert (tally.wrong, tally.stuck) == ([], [])


async def test_pages_wait_for_a_redis_that_is_away(world: Replicas, site: SlowSite) -> None:
    cookie, address = await written(world, site)
    async with tab(world, 0, address, cookie) as page:
        await page.loaded()
        await page.edit_first(CARD, "Before")
        await page.until(is_saved)
        world.redis.kill()
        await asyncio.wait_for(page.lost(), 15)  # which its browser shows
        world.redis.start()
        await _again(page)
        await page.until(lambda page: "Before" in page.texts(CARD))
        await page.edit_first(CARD, "After")
        await page.until(is_saved)


async def _until_refused(world: Replicas, site: SlowSite) -> int:
    """How many further generations visitors get before the limit of their address."""
    async with httpx.AsyncClient(base_url=world.url, timeout=30) as client:
        for got in range(VISITORS_LIMIT + 1):
            body = {"website_url": site.base_url}
            answer = await client.post("/demo/companies/generate-ai", json=body)
            if answer.status_code == 429:
                return got
            assert answer.status_code == 200, answer.text
    raise AssertionError("nobody was refused")


async def _again(page: SocketPage) -> None:
    """Connect again as a page does: on and on."""
    async with asyncio.timeout(30):
        while True:
            try:
                await page.open_again()
                await page.loaded()
                return
            except (AssertionError, OSError, benchmark.WebSocketException):
                await asyncio.sleep(0.1)
