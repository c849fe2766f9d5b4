"""Two hundred signed-in users who each have a page open and edit it every two seconds.

One worker, five minutes, everything over real websockets. Each user signs in from an address of
their own, has a company of their own, and changes one card after the other, as its modal does. The
users are played by a process beside the server, on the same cores.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import httpx

from benchmarks._product import Product, product
from benchmarks._statistics import percentiles
from benchmarks.figures import Figure
from blossomer.services.export.portable import portable
from tests.browser.company_page import CARDS
from tests.support.documents import company_document
from tests.support.member import sign_in
from tests.support.socket_page import SocketPage

USERS = int(os.environ.get("BENCH_USERS", "200"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "300"))
EVERY_SECONDS = 2.0
WARM_UP_SECONDS = 20.0
AT_ONCE = 8
GOAL_MS = 250.0
FLAT_MB = 40.0
"""Growth over the second half that still counts as flat: less than a tenth of a server at rest."""

LOOK_SECONDS = 5.0


class User:
    """One of them.

    Args:
        running: The product.
        number: Tells them apart.
    """

    def __init__(self, running: Product, number: int) -> None:
        self._url = running.url
        self._number = number
        self._texts = (f"Edit {n} of user {number}" for n in itertools.count(1))
        self._cards = itertools.cycle(CARDS)
        self.page: SocketPage | None = None
        self.shown: list[float] = []
        self.saved: list[float] = []
        self.errors: list[str] = []
        self.last: dict[str, str] = {}

    async def arrive(self) -> SocketPage:
        """Sign in, with a company that is already there, and open its page."""
        number = self._number
        address = f"10.{number // 250}.{number % 250}.7"
        cookie = await sign_in(self._url, f"user-{number}@example.com", address=address)
        headers = {"Cookie": cookie, "Origin": self._url, "X-Forwarded-For": address}
        document = company_document(f"Company {number}")
        async with httpx.AsyncClient(base_url=self._url, timeout=60, headers=headers) as client:
            answer = await client.post("/api/import", content=portable([document]))
            answer.raise_for_status()
        self.page = SocketPage(self._url, "/app/company", cookie=cookie)
        await self.page.open()
        await self.page.go_where_sent(what="the address of the company")
        await self.page.loaded()
        return self.page

    async def edit(self, *, counts: bool) -> None:
        """Change the first item of the next card, and wait until the page says that it is saved."""
        page, card, text = self.page, next(self._cards), next(self._texts)
        assert page is not None
        try:
            await page.send("edit", key=card)
            await page.until(lambda p: p.get("editing") == card, what="the modal")
            row = page.get("edit_items")[0]["id"]
            page.heard.clear()
            began = time.perf_counter()
            await page.send("save_edit", form={f"row-{row}": text})
            await page.until(lambda p: text in p.texts(card), what="the new text")
            shown = time.perf_counter()
            await page.until(lambda p: p.get("save_state") == "saved", what="saved")
            saved = time.perf_counter()
        except (AssertionError, OSError) as error:
            self.errors.append(str(error)[:300])
            return
        self.last[card] = text
        if counts:
            self.shown.append((shown - began) * 1000)
            self.saved.append((saved - began) * 1000)

    async def kept(self) -> bool:
        """Whether a page that is opened anew shows the last edit of every card."""
        assert self.page is not None
        async with SocketPage(self._url, self.page.path, cookie=self.page.cookie) as page:
            await page.loaded()
            return all(text in page.texts(card) for card, text in self.last.items())


def run() -> list[Figure]:
    """Measure."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    async with product(settings={"TRUSTED_PROXY_HOPS": "1"}) as running, AsyncExitStack() as pages:
        users = [User(running, number) for number in range(USERS)]

        async def arrive(user: User) -> None:
            pages.push_async_callback((await user.arrive()).close)

        await _few_at_once(arrive, users)
        await _everybody_edits(users, WARM_UP_SECONDS, counts=False)
        memory: list[float] = []
        used, began = running.processor_seconds(), time.perf_counter()
        watching = asyncio.create_task(_watch(running, memory))
        await _everybody_edits(users, SECONDS, counts=True)
        watching.cancel()
        used, lasted = running.processor_seconds() - used, time.perf_counter() - began
        kept: list[bool] = []

        async def look(user: User) -> None:
            kept.append(await user.kept())

        await _few_at_once(look, users)
    return _figures(users, memory, used / lasted, kept.count(False))


def _figures(users: list[User], memory: list[float], cores: float, lost: int) -> list[Figure]:
    name = f"live edits, {USERS} users for {SECONDS:.0f} s"
    errors = [error for user in users for error in user.errors]
    for error in errors[:5]:
        print(json.dumps(error))
    half = memory[len(memory) // 2 :]
    some = max(1, len(half) // 4)
    growth = statistics.median(half[-some:]) - statistics.median(half[:some])
    shown = [ms for user in users for ms in user.shown]
    saved = [ms for user in users for ms in user.saved]
    return [
        *percentiles(f"{name}: from Save to the new text", shown, "ms", GOAL_MS),
        *percentiles(f"{name}: from Save to 'Saved', committed", saved, "ms", GOAL_MS),
        Figure(f"{name}: errors", len(errors), "", "none", not errors),
        Figure(f"{name}: users whose last edits a new page lacks", lost, "", "none", not lost),
        Figure(f"{name}: memory of the server, at the end", memory[-1], "MB"),
        Figure(
            f"{name}: its growth over the second half",
            growth,
            "MB",
            f"at most {FLAT_MB:.0f}",
            growth <= FLAT_MB,
        ),
        Figure(f"{name}: cores that the server used", cores, ""),
    ]


async def _few_at_once(do: Callable[[User], Awaitable[None]], users: list[User]) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(user: User) -> None:
        async with gate:
            await do(user)

    await asyncio.gather(*(one(user) for user in users))


async def _everybody_edits(users: list[User], seconds: float, *, counts: bool) -> None:
    """Each begins at a moment of its own, and edits every two seconds from then on."""
    end = time.perf_counter() + seconds

    async def keep_editing(place: int, user: User) -> None:
        due = time.perf_counter() + EVERY_SECONDS * place / len(users)
        while due < end:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await user.edit(counts=counts)
            due += EVERY_SECONDS

    await asyncio.gather(*(keep_editing(place, user) for place, user in enumerate(users)))


async def _watch(running: Product, memory: list[float]) -> None:
    while True:
        memory.append(running.memory())
        await asyncio.sleep(LOOK_SECONDS)
