"""Who uses the product while a part of it fails: somebody at a page, and a program.

Both say in one word what became of what they did, and keep the words they were told.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.support.socket_page import ROOT, SocketPage

DONE = "done"
BY_RULES = "done by rules"
"""Basic analysis has written it, since no model could, and the page says so."""
WAITS = "waits"
"""Not saved yet, and tried again by itself; the page says so."""
LOST = "connection lost"
"""The browser says so, and connects again by itself."""

END = ("saved", "retrying", "failed")
"""What a page says of a change, once it is known."""

LONGEST_SECONDS = 20.0
"""Nobody waits for longer: the product's own deadlines are shorter, as the tests set them."""

EDITED, CARD = "account", "strengths"
"""What is edited: an entity, and a card of it."""
PASTED = (
    "Acme plans delivery routes for regional carriers. Routes change while drivers are on the "
    "road, so that a late van does not spoil the day. Dispatchers see every stop, drivers see the "
    "next one, and customers get a text message before the van arrives. Prices are per vehicle."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of something that was done.

    Args:
        what: ``DONE`` or another of the words above, or the code of a failure.
        message: What was said, and
        action: what to do.
        status: Of the answer to a program.
        retry_after: When it may try again, in seconds.
        document: Id of what was written and kept.
    """

    what: str
    message: str = ""
    action: str = ""
    status: int = 0
    retry_after: int = 0
    document: str = ""


class _Lost(Exception):
    """The connection went away in between."""


class Page:
    """Somebody signed in at one tab, whose browser connects again whenever it has to.

    Args:
        url: Of the server.
        path: Of the page.
        cookie: Of their session.
        address: Where they are.
    """

    def __init__(self, url: str, path: str, cookie: str, address: str) -> None:
        self.tab = SocketPage(url, path, cookie=cookie, forwarded_for=address)
        self.losses: list[str] = []
        self._browser: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Page:
        await self.tab.open()
        work = (self._stay_connected(), self._go_where_sent())
        self._browser = [asyncio.create_task(each) for each in work]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._browser:
            task.cancel()
        await asyncio.gather(*self._browser, return_exceptions=True)
        await self.tab.close()

    async def shows(self, what: str, condition: Callable[[SocketPage], Any]) -> None:
        """Wait until the page shows something, however often it has to connect again for that."""
        async with asyncio.timeout(LONGEST_SECONDS * 2):
            while True:
                with suppress(_Lost):
                    await self._until(what, condition)
                    return
                await asyncio.sleep(0.05)

    async def connect_anew(self) -> None:
        """Have the connection break off, and wait for the next one."""
        known = len(self.losses)
        self.tab.break_off()
        async with asyncio.timeout(LONGEST_SECONDS):
            while len(self.losses) == known or self.tab.is_lost:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await self.shows("the page", lambda p: p.get("phase") == "ready")

    async def edit(self, text: str) -> Outcome:
        """Write something into a card, and look what the page says of it."""
        tab = self.tab
        try:
            await self._send("dismiss_notice")
            await self._send("discard_edit")  # one that was open when the connection was lost
            await self._until("no modal", lambda p: p.get("editing") == "")
            await self._send("edit", key=CARD)
            await self._until("the modal", lambda p: p.get("editing") == CARD or p.get("notice"))
            if tab.get("editing") != CARD:
                return _said(tab)
            row = tab.get("edit_items")[0]["id"]
            await self._send("save_edit", form={f"row-{row}": text})
            # What was asked for before the connection was lost may be carried out meanwhile, and
            # open or close the modal once more: the text on the card says that it was this.
            await self._until(
                "what became of it",
                lambda p: p.get("notice") or (text in p.texts(CARD) and p.get("save_state") in END),
            )
        except _Lost:
            return Outcome(LOST, tab.reason)
        if text not in tab.texts(CARD):
            return _said(tab)
        if tab.get("save_state") == "retrying":
            return Outcome(WAITS)
        return Outcome(DONE if tab.get("save_state") == "saved" else "failed")

    async def generate(self, known: AbstractSet[str], **inputs: str) -> Outcome:
        """Have a company written by the form.

        Args:
            known: Ids of those that there are already.
            inputs: Of the form.
        """
        return await self._written(known, "start", form={"entity": "company", **inputs})

    async def try_again(self, known: AbstractSet[str]) -> Outcome:
        """Press the button below a failure."""
        return await self._written(known, "try_again")

    async def _written(self, known: AbstractSet[str], handler: str, **payload: Any) -> Outcome:
        tab = self.tab
        try:
            await self._send("dismiss_notice")
            await self._until("a button that can be pressed", _lets_write)
            while tab.failure:
                await self._send("dismiss_error")
                await self._until("nothing said", lambda p: not p.failure and _lets_write(p))
            if _shows_another(tab, known):  # asked for before the connection was lost
                return self.outcome(known)
            await self._send(handler, **payload)
            await self._until(
                "what became of the generation",
                lambda p: (
                    p.failure
                    or p.get("form_problem")
                    or p.get("notice")
                    or _shows_another(p, known)
                ),
            )
        except _Lost:
            return Outcome(LOST, tab.reason)
        return self.outcome(known)

    def outcome(self, known: AbstractSet[str]) -> Outcome:
        """What the page says of a generation that has ended.

        Args:
            known: Ids of the companies that there were when it began.
        """
        tab = self.tab
        error = tab.get("error") or {}
        if error.get("code"):
            return Outcome(error["code"], error["message"], error["action"])
        if _shows_another(tab, known):
            document = str(tab.get("document_id"))
            made = tab.get("provenance")
            if made["is_basic"]:
                return Outcome(BY_RULES, made["note"], document=document)
            return Outcome(DONE, document=document)
        return _said(tab)

    async def _send(self, handler: str, **payload: Any) -> None:
        if self.tab.is_lost:
            raise _Lost
        try:
            await self.tab.send(handler, **payload)
        except ConnectionClosed:
            raise _Lost from None

    async def _until(self, what: str, condition: Callable[[SocketPage], Any]) -> None:
        await self.tab.until(lambda p: p.is_lost or condition(p), what=what)
        if self.tab.is_lost:
            raise _Lost

    async def _go_where_sent(self) -> None:
        while True:
            with suppress(AssertionError, ConnectionClosed):
                await self.tab.go_where_sent(what="another address")
            await asyncio.sleep(0.01)  # while there is no connection

    async def _stay_connected(self) -> None:
        while True:
            with suppress(AssertionError):
                await self.tab.until(lambda p: p.is_lost)
            if not self.tab.is_lost:
                continue
            self.losses.append(self.tab.reason)
            while self.tab.is_lost:
                await asyncio.sleep(0.1)
                self.tab.values.clear()  # the server tells the new connection everything
                with suppress(OSError, InvalidHandshake, ConnectionClosed, TimeoutError):
                    if self.tab.given_token:
                        self.tab.token, self.tab.given_token = self.tab.given_token, ""
                    await self.tab.open()


def _lets_write(tab: SocketPage) -> bool:
    """Whether the page's button can be pressed."""
    return bool(tab.get("is_hydrated", ROOT)) and not tab.get("generating")


def _shows_another(tab: SocketPage, known: AbstractSet[str]) -> bool:
    """Whether a page shows a finished document that there was not before."""
    document = tab.get("document_id")
    return bool(document) and document not in known and not tab.get("generating")


def _said(tab: SocketPage) -> Outcome:
    """What stands in the page's notice, or at its form."""
    words = tab.get("notice") or tab.get("form_problem") or ""
    return Outcome("notice", *words.partition(". ")[::2])


def new_client(url: str, address: str = "203.0.113.254") -> httpx.AsyncClient:
    """A client of the server, at an address."""
    headers = {"X-Forwarded-For": address}
    # Without TLS, whose certificates take long to read.
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=LONGEST_SECONDS, verify=False)


async def local_port(client: httpx.AsyncClient) -> int:
    """Of a client's connection, which is kept from one request to the next."""
    answer = await client.get("/health")
    return int(answer.extensions["network_stream"].get_extra_info("client_addr")[1])


class Program:
    """A program with an access token, and without one.

    Args:
        url: Of the server.
        token: Of whom it works for.
        address: Where it runs.
    """

    def __init__(self, url: str, token: str, address: str) -> None:
        self._token = token
        self._url, self._address = url, address
        self._client = new_client(url, address)
        self.left = 0

    async def __aenter__(self) -> Program:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def local_port(self) -> int:
        """Of its connection, which is kept from one request to the next."""
        return await local_port(self._client)

    async def connect_anew(self) -> None:
        """Have another connection."""
        await self._client.aclose()
        self._client = new_client(self._url, self._address)

    async def edit(self, document: str, text: str) -> Outcome:
        """Change the description of a document, as its user."""
        arguments = {"entity": EDITED, "id": document, "data": {"description": text}}
        try:
            answer = await self._client.post(
                "/mcp",
                headers={
                    "Authorization": f"Bearer {self._token}",
                    "Accept": "application/json, text/event-stream",
                },
                json={
                    "jsonrpc": "2.0",
                    "id": 1,
                    "method": "tools/call",
                    "params": {"name": "update_document", "arguments": arguments},
                },
            )
        except httpx.TransportError as error:
            return Outcome(LOST, type(error).__name__)
        if answer.status_code != 200:
            return _failure(answer)
        lines = [line for line in answer.text.splitlines() if line.startswith("data: ")]
        result = json.loads(lines[-1].removeprefix("data: ") if lines else answer.text)["result"]
        if not result.get("isError"):
            return Outcome(DONE, status=200)
        error = result["structuredContent"]["error"]
        return Outcome(error["code"], error["message"], error["action"], 200)

    async def looked_up(self) -> int:
        """How many generations its address has left: a page that nobody is signed in at says so."""
        async with SocketPage(
            self._url, "/playground/company", forwarded_for=self._address
        ) as visitor:
            await visitor.until(lambda p: p.get("allowance"), what="what is left")
            return int(str(visitor.get("allowance")).partition(" ")[0])

    async def users_left(self) -> int:
        """How many generations its user has left."""
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = await self._client.get("/api/usage", headers=headers)
        return int(answer.json()["generations"]["left"])

    async def generate(self, path: str, **body: Any) -> Outcome:
        """Have something written without an account."""
        try:
            answer = await self._client.post(f"/demo/{path}/generate-ai", json=body)
        except httpx.TransportError as error:
            return Outcome(LOST, type(error).__name__)
        if answer.status_code != 200:
            return _failure(answer)
        self.left = int(answer.headers["RateLimit-Remaining"])
        by_model = answer.json()["provenance"]["writer"] == "model"
        return Outcome(DONE if by_model else BY_RULES, status=200)


def _failure(answer: httpx.Response) -> Outcome:
    error = answer.json()["error"]
    assert error["request_id"] == answer.headers["X-Request-ID"]
    return Outcome(
        error["code"],
        error["message"],
        error["action"],
        answer.status_code,
        int(answer.headers.get("Retry-After", 0)),
    )
