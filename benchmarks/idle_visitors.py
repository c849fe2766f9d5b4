"""Memory of the server at rest, and for each visitor who has a page open and does nothing.

What a real browser sends while it opens the page is recorded once and repeated on many websockets,
each with a token of its own, as if it came from as many tabs.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from benchmarks._product import Product, chromium, product
from benchmarks.figures import Figure
from tests.browser.company_page import PATH, CompanyPage

VISITORS = 200
FIRST = 40
"""Visitors before the counting starts: the first ones fill what all share."""

AT_ONCE = 10
SETTLE_SECONDS = 3.0
PING, PONG = "2", "3"
DRAFTS_REQUEST = re.compile(r'"drafts_request\w*":\{"id":"(\w+)"')


@dataclass
class Recording:
    """What one tab exchanged with the server while it opened.

    Args:
        url: Of the websocket.
        packets: Whether the browser sent it, and the packet, in order; pings are left out.
    """

    url: str = ""
    packets: list[tuple[bool, str]] = field(default_factory=list)

    @property
    def token(self) -> str:
        """By which the server knows the tab."""
        return parse_qs(urlsplit(self.url).query)["token"][0]


def run() -> list[Figure]:
    """Measure."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    async with product() as running, AsyncExitStack() as visitors:
        recording = await _recorded(running)
        at_rest = running.memory()
        await _visit(running, recording, FIRST, visitors)
        before = running.memory()
        await _visit(running, recording, VISITORS, visitors)
        growth = running.memory() - before
    return [
        Figure("memory: server at rest, model library loaded", at_rest, "MB"),
        Figure(f"memory: each idle visitor, of {VISITORS}", growth / VISITORS * 1000, "KB"),
    ]


async def _recorded(running: Product) -> Recording:
    """Open the page in a browser and listen."""
    recording = Recording()

    def listen(socket: WebSocket) -> None:
        recording.url = socket.url
        socket.on("framesent", partial(note, True))
        socket.on("framereceived", partial(note, False))

    def note(is_sent: bool, packet: str | bytes) -> None:
        if packet not in (PING, PONG):
            recording.packets.append((is_sent, str(packet)))

    async with chromium() as browser:
        company = CompanyPage(await browser.new_page(), running.url)
        company.page.on("websocket", listen)
        await company.open(PATH)
        await asyncio.sleep(SETTLE_SECONDS)
        return Recording(recording.url, list(recording.packets))


async def _visit(
    running: Product, recording: Recording, number: int, visitors: AsyncExitStack
) -> None:
    """Open so many pages and leave them open."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def visitor() -> None:
        async with gate:
            url = recording.url.replace(recording.token, secrets.token_hex(18))
            socket = await visitors.enter_async_context(
                connect(url, origin=Origin(running.url), max_size=None)
            )
            async with asyncio.timeout(30):
                await _open_page(socket, recording)
        answering = asyncio.create_task(_answer_pings(socket))
        visitors.callback(answering.cancel)

    await asyncio.gather(*(visitor() for _ in range(number)))
    await asyncio.sleep(SETTLE_SECONDS)


async def _open_page(socket: ClientConnection, recording: Recording) -> None:
    """Say what the browser said, each packet after those that it had waited for."""
    recorded = mine = ""
    for is_sent, packet in recording.packets:
        if is_sent:
            await socket.send(packet.replace(recorded, mine) if recorded else packet)
            continue
        while (answer := str(await socket.recv())) == PING:
            await socket.send(PONG)
        # The server asks the page for its drafts, and knows the answer by the number it gave.
        if asked := DRAFTS_REQUEST.search(packet):
            found = DRAFTS_REQUEST.search(answer)
            assert found, "The server answers otherwise than it did when it was recorded"
            recorded, mine = asked[1], found[1]


async def _answer_pings(socket: ClientConnection) -> None:
    async for packet in socket:
        if packet == PING:
            await socket.send(PONG)
