"""Two replicas, one of which is killed every 20 seconds for three minutes, under load.

Signed-in people edit and generate over websockets, through a proxy; visitors generate over HTTP
until the limit of their address is reached. An edit is *acknowledged* when the page has said that
it is saved. Afterwards every acknowledged edit is looked for in the database.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine
from websockets.exceptions import WebSocketException

from benchmarks._statistics import percentiles
from benchmarks.figures import Figure
from blossomer.db.engine import create_engine
from blossomer.db.store import DatabaseStore
from blossomer.services.redis import open_redis
from blossomer.settings import Settings
from tests.browser.company_page import CARDS
from tests.support.documents import CONFIG
from tests.support.fixture_site import FixtureSite
from tests.support.member import sign_in
from tests.support.replicas import Replicas, replicas
from tests.support.socket_page import ConnectionLost, SocketPage

SECONDS_BETWEEN_EDITS = 2.0
VISITORS_LIMIT = 60
"""Generations that one address may have in the hour; all of them are wanted in the run."""

PAGE_SECONDS = 0.7
APP = "/app/company"
CARD = CARDS[0]
PATIENCE_SECONDS = 60.0
TAG = re.compile(r"member-(\d+)-edit")


def run() -> list[Figure]:
    """Measure."""
    return asyncio.run(_measure())


class SlowSite(FixtureSite):
    """A website that takes its time, so that a death often comes in the middle of reading it.

    Attributes:
        seconds: How much for each page; none at first.
    """

    seconds = 0.0

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """The answer to a request, after a while."""
        time.sleep(self.seconds)
        return super().answer(path)


@dataclass
class Tally:
    """What was seen."""

    edits: int = 0
    deaths: int = 0
    wrong: list[str] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    """Milliseconds from the loss of a connection until the page was loaded again."""
    stuck: list[str] = field(default_factory=list)
    """What did not come although the connection stood."""
    generations: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)


class Member:
    """Somebody signed in, with one tab.

    Args:
        number: Stands in all that they write.
        world: What is running.
        tally: What is seen.
    """

    def __init__(self, number: int, world: Replicas, tally: Tally) -> None:
        self.number = number
        self.world = world
        self.tally = tally
        self.acknowledged: list[str] = []
        self.user_id = self.document_id = ""
        self._cookie = ""
        self._tab: SocketPage | None = None
        self._heard = 0

    @property
    def tab(self) -> SocketPage:
        """Their tab."""
        assert self._tab is not None
        return self._tab

    async def arrive(self, website: str) -> None:
        """Sign in and have a company written."""
        address = f"198.51.100.{self.number}"
        self._cookie = await sign_in(self.world.url, f"{uuid4().hex}@example.com", address=address)
        async with httpx.AsyncClient(base_url=self.world.url, timeout=20) as client:
            answer = await client.get("/auth/session", headers={"Cookie": self._cookie})
            self.user_id = answer.json()["user"]["id"]
        self._tab = SocketPage(self.world.url, APP, cookie=self._cookie)
        await self.tab.open()
        await self.tab.loaded("empty")
        await self.tab.start(website)
        await self.tab.go_where_sent(what="the company")
        await self.tab.loaded()
        self.document_id = self.tab.path.rpartition("/")[2]

    async def edit(self, until: float) -> None:
        """Edit on and on, as somebody who is impatient and looks whether it is saved."""
        count = 0
        while time.monotonic() < until:
            await asyncio.sleep(SECONDS_BETWEEN_EDITS * random.uniform(0.5, 1.5))
            count += 1
            text = f"member-{self.number}-edit {count}"
            while not await self._connected(partial(self._edit_once, text)):
                pass  # it looks whether it is there, and types it again if not
            self.acknowledged.append(text)
            self.tally.edits += 1
            self._look_for_others()

    async def _edit_once(self, text: str) -> None:
        tab = self.tab
        if first_text(tab) != text:
            if tab.get("editing"):
                await tab.send("discard_edit")
                await tab.until(lambda page: page.get("editing") == "")
            await tab.edit_first(CARD, text)
        await tab.until(
            lambda page: first_text(page) == text and page.get("save_state") in ("saved", ""),
            what=f"{text} saved",
        )

    async def generate(self, until: float) -> None:
        """Have the company written again and again; how each ended must be told."""
        while time.monotonic() < until:
            await asyncio.sleep(random.uniform(0.5, 1.5))
            await self._connected(self._start_writing_again)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while (end := _end_of_writing(self.tab)) is None and time.monotonic() < deadline:
                await self._connected(self._wait_for_end)
            self.tally.generations[end or "nothing was told"] += 1
            await self._connected(lambda: self.tab.send("dismiss_error"))
            self._look_for_others()

    async def _start_writing_again(self) -> None:
        await self.tab.send("write_again")
        await self.tab.until(lambda page: page.get("generating") or page.failure)

    async def _wait_for_end(self) -> None:
        await self.tab.until(lambda page: _end_of_writing(page) is not None, what="the end")

    async def _connected(self, action: Any) -> bool:
        """Do something; when the connection is lost, connect again instead, and return False."""
        try:
            await action()
        except (AssertionError, OSError, WebSocketException) as error:
            if isinstance(error, AssertionError) and not isinstance(error, ConnectionLost):
                self.tally.stuck.append(str(error)[:300])
            began = time.monotonic()
            while time.monotonic() < began + PATIENCE_SECONDS:
                try:
                    await self.tab.open_again()
                    await self.tab.loaded()
                except (AssertionError, OSError, WebSocketException):
                    await asyncio.sleep(0.2)
                    continue
                self.tally.again.append((time.monotonic() - began) * 1000)
                return False
            raise
        return True

    def _look_for_others(self) -> None:
        for packet in self.tab.heard[self._heard :]:
            for number in TAG.findall(packet):
                if int(number) != self.number:
                    self.tally.wrong.append(packet[:200])
        self._heard = len(self.tab.heard)

    async def lost(self, engine: AsyncEngine) -> int:
        """Acknowledged edits that the database does not have."""
        store = DatabaseStore(engine, self.user_id)
        history = await store.history(CONFIG, self.document_id, ("data", CARD))
        kept = {entry.value[0] for entry in history if entry.value}
        return len([text for text in self.acknowledged if text not in kept])

    async def leave(self) -> None:
        """Close the tab."""
        if self._tab is not None:
            await self._tab.close()


def first_text(page: SocketPage) -> str:
    """What stands first on the card."""
    return (page.texts(CARD) or [""])[0]


def _end_of_writing(page: SocketPage) -> str | None:
    if page.get("generating"):
        return None
    return page.failure or "written"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done.

    Args:
        seconds: For how long.
        between_deaths: Seconds from one death to the next; 0 for none.
        editors: People who edit.
        generators: People who generate.
        visitors: Visitors at once, all from one address.
    """

    seconds: float = 180.0
    between_deaths: float = 20.0
    editors: int = 24
    generators: int = 6
    visitors: int = 3


@asynccontextmanager
async def people(world: Replicas, website: str, plan: Plan) -> AsyncIterator[list[Member]]:
    """The people of a plan, signed in and each with a company, the editors first."""
    tally = Tally()
    members = [Member(number, world, tally) for number in range(plan.editors + plan.generators)]
    try:
        await asyncio.gather(*(member.arrive(website) for member in members))
        yield members
    finally:
        for member in members:
            await member.leave()


async def load(world: Replicas, website: str, plan: Plan, members: list[Member]) -> Tally:
    """Let them work, and replicas die."""
    tally = members[0].tally
    until = time.monotonic() + plan.seconds
    await asyncio.gather(
        *(member.edit(until) for member in members[: plan.editors]),
        *(member.generate(until) for member in members[plan.editors :]),
        *(_visit(world, website, tally, until) for _ in range(plan.visitors)),
        _kill(world, tally, plan, until),
    )
    return tally


async def lost_edits(world: Replicas, members: list[Member]) -> int:
    """How many acknowledged edits the database does not have."""
    engine = create_engine(world.database.app)
    try:
        return sum([await member.lost(engine) for member in members])
    finally:
        await engine.dispose()


async def _measure() -> list[Figure]:
    plan = Plan()
    with SlowSite() as site:
        settings = {
            "FETCH_ALLOW_HOSTS": site.host_port,
            "FREE_GENERATIONS_PER_HOUR": "100000",
            "ANONYMOUS_GENERATIONS_PER_HOUR": str(VISITORS_LIMIT),
            # The proxy passes on what a client says: here each person says where they are.
            "TRUSTED_PROXY_HOPS": "1",
            "LOG_LEVEL": "WARNING",
        }
        async with (
            replicas(1, 1, **settings) as world,
            people(world, site.base_url, plan) as members,
        ):
            site.seconds = PAGE_SECONDS
            tally = await load(world, site.base_url, plan, members)
            lost = await lost_edits(world, members)
            counted = await counted_generations(world)
    return _figures(plan, tally, lost, counted)


async def _visit(world: Replicas, website: str, tally: Tally, until: float) -> None:
    """Generate without an account, from one address, until well after the limit."""
    while time.monotonic() < until:
        try:
            async with httpx.AsyncClient(base_url=world.url, timeout=30) as client:
                answer = await client.post(
                    "/demo/companies/generate-ai", json={"website_url": website}
                )
                tally.answers[str(answer.status_code)] += 1
        except httpx.HTTPError:
            tally.answers["broken off"] += 1
        await asyncio.sleep(0.5)


async def counted_generations(world: Replicas) -> int:
    """How many generations are counted for the address of the visitors."""
    settings = Settings(_env_file=None, redis_url=world.redis.url)  # type: ignore[call-arg,arg-type]
    redis: Any = open_redis(settings)
    total = 0
    async for key in redis.scan_iter("*generations/anonymous:*"):
        total += int(await redis.llen(key))
    await redis.aclose()
    return total


async def _kill(world: Replicas, tally: Tally, plan: Plan, until: float) -> None:
    """Kill the replicas by turns; each is started again at once."""
    starting: list[asyncio.Task[None]] = []
    while plan.between_deaths and time.monotonic() + plan.between_deaths < until:
        await asyncio.sleep(plan.between_deaths)
        number = tally.deaths % len(world.servers)
        await asyncio.gather(*starting)  # the other one must be back
        await world.kill(number)
        tally.deaths += 1
        starting = [asyncio.create_task(world.servers[number].start())]
    await asyncio.gather(*starting)


def _figures(plan: Plan, tally: Tally, lost: int, counted: int) -> list[Figure]:
    written, told = tally.generations["written"], tally.generations["interrupted"]
    silent = tally.generations["nothing was told"]
    good = tally.answers["200"]
    broken = tally.answers["broken off"]
    exact = counted == VISITORS_LIMIT and good <= VISITORS_LIMIT <= good + broken
    name = f"two replicas, {tally.deaths} deaths in {plan.seconds:.0f} s"
    return [
        Figure(f"{name}: edits acknowledged, {plan.editors} people", tally.edits, ""),
        Figure("replicas: acknowledged edits that were lost", lost, "", "none", not lost),
        Figure(
            "replicas: times that something did not come on a connection that stood",
            len(tally.stuck),
            "",
            "none",
            not tally.stuck,
        ),
        Figure(
            "replicas: answers with somebody else's text",
            len(tally.wrong),
            "",
            "none",
            not tally.wrong,
        ),
        *percentiles("replicas: from a lost connection to a loaded page", tally.again, "ms"),
        Figure("replicas: longest time from a lost connection to a page", max(tally.again), "ms"),
        Figure(f"replicas: generations written, {plan.generators} people", written, ""),
        Figure("replicas: generations that a death interrupted, told", told, ""),
        Figure("replicas: generations of which nothing was told", silent, "", "none", silent == 0),
        Figure(
            f"replicas: generations counted for one address, of {VISITORS_LIMIT} allowed",
            counted,
            "",
            f"{VISITORS_LIMIT}",
            exact,
        ),
        Figure("replicas: of these answered", good, ""),
        Figure("replicas: of these broken off by a death", broken, ""),
        Figure("replicas: refused beyond the limit", tally.answers["429"], ""),
    ]
