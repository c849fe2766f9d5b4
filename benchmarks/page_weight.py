"""Everything that a first visit transfers, as the browser counts it: headers and websocket too."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import Browser

from benchmarks._product import Product, chromium, product
from benchmarks.figures import Figure
from tests.browser.company_page import PATH, CompanyPage

GOAL_KB = 220.0
PAGES = {"/": GOAL_KB, PATH: None}
QUIET_SECONDS = 2.0
"""Time without any transfer after which a page counts as loaded."""


def run() -> list[Figure]:
    """Measure."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    figures = []
    async with product() as running, chromium() as browser:
        for path, goal in PAGES.items():
            size, requests = await _first_visit(running, browser, path)
            figures += [
                Figure(
                    f"first visit of {path}: everything transferred",
                    size / 1000,
                    "KB of 1,000 bytes",
                    "" if goal is None else f"at most {goal:g}",
                    None if goal is None else size / 1000 <= goal,
                ),
                Figure(f"first visit of {path}: requests", requests, ""),
            ]
    return figures


async def _first_visit(running: Product, browser: Browser, path: str) -> tuple[int, int]:
    """Bytes and requests of the first visit of a page, with an empty cache."""
    context = await browser.new_context()
    try:
        company = CompanyPage(await context.new_page(), running.url)
        loop = asyncio.get_running_loop()
        size = requests = 0
        last = loop.time()

        def count(number: int) -> None:
            nonlocal size, last
            size += number
            last = loop.time()

        def loaded(event: dict[str, Any]) -> None:
            nonlocal requests
            requests += 1
            count(int(event["encodedDataLength"]))

        devtools = await context.new_cdp_session(company.page)
        devtools.on("Network.loadingFinished", loaded)
        for frame in ("Network.webSocketFrameSent", "Network.webSocketFrameReceived"):
            devtools.on(frame, lambda event: count(len(event["response"]["payloadData"].encode())))
        await devtools.send("Network.enable")
        await company.open(path)
        while (rest := last + QUIET_SECONDS - loop.time()) > 0:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(rest)
        return size, requests
    finally:
        await context.close()
