"""What a signed-in user's edits survive: deaths of everything, a database that is away, many tabs.

A browser edits a card again and again. At a random moment server and database are killed at once,
without a chance to write anything; after the next start the card is read. An edit is *shown as
saved* when the page has said so.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import uuid4

from playwright.async_api import Error, expect

from benchmarks._product import chromium
from benchmarks._statistics import percentiles
from benchmarks.figures import Figure
from tests.browser.company_page import CARDS, CompanyPage
from tests.browser.server import Server
from tests.browser.test_account import APP, new_member
from tests.support.fixture_site import FixtureSite
from tests.support.member import sign_in
from tests.support.socket_page import SocketPage

DEATHS = 50
AWAY_SECONDS = 20.0
TABS, EDITS = 10, 20
CARD = CARDS[0]


def run() -> list[Figure]:
    """Measure."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    expect.set_options(timeout=30_000)
    return [*await _deaths(), *await _away(), *await _tabs()]


@asynccontextmanager
async def _server() -> AsyncIterator[tuple[Server, str]]:
    """A server without a model, with a folder of its own, and the website it may read."""
    with FixtureSite() as website, tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data", {"FETCH_ALLOW_HOSTS": website.host_port})
        await server.start()
        try:
            yield server, website.base_url
        finally:
            await server.stop()


@asynccontextmanager
async def _company(server: Server, website: str) -> AsyncIterator[CompanyPage]:
    """A tab of somebody new that shows a company."""
    async with chromium() as browser:
        company = await new_member(await browser.new_context(), server)
        await company.open()
        await company.submit(website)
        await company.wait_written()
        yield company


async def _deaths() -> list[Figure]:
    generator = random.Random(7)
    shown = lost = 0
    opened: list[float] = []
    async with _server() as (server, website), _company(server, website) as company:
        address = company.page.url.removeprefix(server.url)
        for _ in range(DEATHS):
            editing = asyncio.create_task(_edit_until_it_dies(company, shown))
            await asyncio.sleep(generator.uniform(0.3, 2.0))
            await server.kill()
            shown = await editing
            began = time.monotonic()
            await server.start()
            opened.append(time.monotonic() - began)
            await company.open(address)
            stored = await _number(company)
            lost += stored < shown
            shown = max(shown, stored)
    return [
        Figure(
            f"deaths of everything, {DEATHS} at random moments: edits shown as saved", shown, ""
        ),
        Figure(
            "deaths of everything: edits shown as saved that were lost", lost, "", "none", not lost
        ),
        Figure("deaths of everything: longest start afterwards", max(opened), "s"),
    ]


async def _edit_until_it_dies(company: CompanyPage, last: int) -> int:
    """Edit on and on; the number of the last edit that the page has shown as saved."""
    while True:
        try:
            async with asyncio.timeout(3):
                await company.change_item(CARD, 0, f"Edit {last + 1}")
                await company.wait_saved()
        except (Error, AssertionError, TimeoutError):
            return last
        last += 1


async def _number(company: CompanyPage) -> int:
    text = (await company.texts(CARD))[0]
    return int(text.removeprefix("Edit ")) if text.startswith("Edit ") else 0


async def _away() -> list[Figure]:
    async with _server() as (server, website), _company(server, website) as company:
        stopped = server.database_processes()
        for process in stopped:
            process.suspend()
        began = time.monotonic()
        typed = 0
        while time.monotonic() - began < AWAY_SECONDS:
            typed += 1
            await company.change_item(CARD, 0, f"Edit {typed}")
            await asyncio.sleep(0.5)
        for process in stopped:
            process.resume()
        began = time.monotonic()
        await company.wait_saved()
        recovered = time.monotonic() - began
        await company.reload()
        kept = await _number(company) == typed
    return [
        Figure(f"database away for {AWAY_SECONDS:.0f} s: edits typed meanwhile", typed, ""),
        Figure("database away: the last of them is kept", int(kept), "of 1", "1", kept),
        Figure("database away: from its return to 'Saved'", recovered, "s"),
    ]


async def _tabs() -> list[Figure]:
    async with _server() as (server, website), AsyncExitStack() as stack:
        cookie = await sign_in(server.url, f"{uuid4().hex}@example.com")
        first = await stack.enter_async_context(SocketPage(server.url, APP, cookie=cookie))
        await first.loaded("empty")
        await first.start(website)
        await first.until(lambda page: page.redirected)
        address = first.redirected[-1]
        tabs = [
            await stack.enter_async_context(SocketPage(server.url, address, cookie=cookie))
            for _ in range(TABS)
        ]
        for tab in tabs:
            await tab.loaded()
        seen: list[float] = []
        for number in range(EDITS):
            await tabs[0].edit_first(CARD, f"Seen elsewhere {number}")
            began = time.monotonic()
            await tabs[1].until(
                lambda page, number=number: f"Seen elsewhere {number}" in page.texts(CARD)  # type: ignore[misc]
            )
            seen.append((time.monotonic() - began) * 1000)
        began = time.monotonic()
        await asyncio.gather(*(_edit_often(number, tab) for number, tab in enumerate(tabs)))
        for tab in tabs:
            await tab.until(lambda page: page.get("save_state") == "saved")
        took = time.monotonic() - began
    return [
        *percentiles("tabs: from a change to another tab that shows it", seen, "ms"),
        Figure(f"tabs: {TABS * EDITS} edits from {TABS} at once, until all are saved", took, "s"),
    ]


async def _edit_often(number: int, tab: SocketPage) -> None:
    for step in range(EDITS):
        await tab.edit_first(CARDS[number % len(CARDS)], f"Tab {number}, edit {step}")
