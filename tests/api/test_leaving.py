"""A worker that is to stop, or cannot reach what pages hold, sends everybody away, with words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from blossomer.api.middleware import wrap
from blossomer.services import doors as module
from blossomer.services.bus import Bus
from blossomer.services.doors import SERVICE_RESTART, TRY_AGAIN_LATER, Doors
from blossomer.settings import Settings
from tests.api.test_middleware import Behind, Socket

PAGE = {"host": "localhost:3000", "origin": "http://localhost:3000"}


class Redis(Bus):
    """A line to Redis that is cut when a test says so."""

    is_there_now = True

    @property
    def is_connected(self) -> bool:
        return self.is_there_now

    def lose(self) -> None:
        self.is_there_now = False
        for call in self.on_lost:
            call()


def served(app: ASGIApp, doors: Doors) -> ASGIApp:
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    return wrap(app, settings=settings, doors=lambda: doors)


class Visit:
    """A page that stays open until it is sent away."""

    def __init__(self, doors: Doors, token: str = "") -> None:
        self.socket = Socket(served(Behind(), doors), **PAGE)
        self.socket.scope["query_string"] = f"token={token}".encode()
        self.socket.leaves = asyncio.Event()
        self._task = asyncio.create_task(self.socket.run())

    async def stays(self) -> None:
        await asyncio.wait_for(self.socket.has_said_all.wait(), 5)

    async def sent_away_with(self) -> int | None:
        await asyncio.wait_for(self._task, 5)
        return self.socket.closed_with


async def test_pages_are_sent_away_and_nobody_is_let_in_any_more() -> None:
    doors = Doors()
    visits = [Visit(doors) for _ in range(3)]
    for visit in visits:
        await visit.stays()
    assert doors.sockets == 3
    await doors.leave()
    assert [await visit.sent_away_with() for visit in visits] == [SERVICE_RESTART] * 3
    assert doors.sockets == 0
    assert await Visit(doors).sent_away_with() == TRY_AGAIN_LATER


async def test_without_redis_pages_are_sent_away_and_let_in_when_it_is_back() -> None:
    redis = Redis()
    doors = Doors(redis)
    visit = Visit(doors)
    await visit.stays()
    redis.lose()
    assert await visit.sent_away_with() == TRY_AGAIN_LATER
    assert await Visit(doors).sent_away_with() == TRY_AGAIN_LATER
    redis.is_there_now = True
    again = Visit(doors)
    await again.stays()
    await doors.leave()
    await again.sent_away_with()


async def test_one_page_alone_can_be_sent_away() -> None:
    doors = Doors()
    here, there = Visit(doors, "here"), Visit(doors, "there")
    await here.stays()
    await there.stays()
    tabs = [name for name, _ in doors._sockets.values()]
    assert len(set(tabs)) == 2
    doors.send_away("another")
    doors.send_away(tabs[0])
    assert await here.sent_away_with() == TRY_AGAIN_LATER
    assert doors.sockets == 1
    await doors.leave()
    await there.sent_away_with()


def answering(go: asyncio.Event, *, begins: bool) -> ASGIApp:
    """Answers when it may; perhaps with a beginning at once."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        start: Message = {"type": "http.response.start", "status": 200, "headers": []}
        if begins:
            await send(start)
            await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await go.wait()
        if not begins:
            await send(start)
        await send({"type": "http.response.body", "body": b"last"})

    return app


async def asked(app: ASGIApp, begun: Callable[[], Any] = lambda: None) -> tuple[int, bytes]:
    """Status and body of what was answered until it ended, however it did."""
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.sleep(3600)
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)
        begun()

    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/x",
        "raw_path": b"/api/x",
        "query_string": b"",
        "scheme": "http",
        "headers": [(b"host", b"localhost:3000")],
        "client": ("127.0.0.1", 1),
    }
    with suppress(asyncio.CancelledError):
        await app(scope, receive, send)
    status = next((m["status"] for m in sent if m["type"] == "http.response.start"), 0)
    return status, b"".join(m.get("body", b"") for m in sent)


async def test_a_request_that_ends_in_time_is_answered() -> None:
    doors, go = Doors(), asyncio.Event()
    request = asyncio.create_task(asked(served(answering(go, begins=False), doors)))
    await asyncio.sleep(0)
    leaving = asyncio.create_task(doors.leave())
    await asyncio.sleep(0)
    go.set()
    await leaving
    assert await request == (200, b"last")


async def test_one_that_does_not_ends_with_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REQUEST_SECONDS", 0.05)
    doors, go = Doors(), asyncio.Event()
    request = asyncio.create_task(asked(served(answering(go, begins=False), doors)))
    await asyncio.sleep(0.01)
    await doors.leave()
    status, body = await request
    assert status == 503
    error = json.loads(body)["error"]
    assert error["code"] == "server_stopping"
    assert error["request_id"]


async def test_one_that_has_been_answered_in_part_is_broken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "REQUEST_SECONDS", 0.05)
    doors, go = Doors(), asyncio.Event()
    request = asyncio.create_task(asked(served(answering(go, begins=True), doors)))
    await asyncio.sleep(0.01)
    await doors.leave()
    assert await request == (200, b"first")


async def test_who_hangs_up_is_no_business_of_the_doors() -> None:
    doors = Doors()

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise asyncio.CancelledError

    transport = httpx.ASGITransport(served(app, doors))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:3000") as client:
        with pytest.raises(asyncio.CancelledError):
            await client.get("/api/x")
