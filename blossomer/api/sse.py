"""Server-sent events: a generation as it happens, and its end when the client goes away.

The format is that of the HTML standard's ``text/event-stream``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TypeVar

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from blossomer.api.errors import error_content
from blossomer.services.events import Completed, Failed, GenerationEvent, Partial, StageEvent

T = TypeVar("T")

KEEP_ALIVE_SECONDS = 10.0
"""Proxies drop connections that are silent for 30 to 60 seconds."""


EVENTS = "text/event-stream"


def accepted_types(accept: str) -> dict[str, float]:
    """The media types of a header Accept, each with how much it is wanted.

    Args:
        accept: The header (RFC 9110, section 12.5.1). What cannot be read is left out.
    """
    weights: dict[str, float] = {}
    for choice in accept.lower().split(","):
        name, *parameters = (part.strip() for part in choice.split(";"))
        weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        with suppress(ValueError):
            weights[name] = float(weight)
    return weights


def prefers_events(accept: str) -> bool:
    """Whether a client asks for events, and for JSON no more than for them.

    Args:
        accept: The header Accept.
    """
    weights = accepted_types(accept)
    events = weights.get(EVENTS, 0)
    return events > 0 and events >= weights.get("application/json", 0)


@dataclass(frozen=True, slots=True)
class Frame:
    """An event by its name, with data that is JSON already."""

    name: str
    data: object


def encode(event: GenerationEvent | Frame) -> bytes:
    """One event in the wire format: its name and its data as one line of JSON."""
    match event:
        case Frame():
            name: str = event.name
            data: object = event.data
        case StageEvent():
            name, data = "stage", {"key": event.key, "detail": event.detail}
        case Partial():
            name, data = "partial", {"data": event.data, "writing": event.writing}
        case Completed():
            name, data = "completed", event.data
        case Failed():
            name, data = "failed", error_content(event.error)
    # JSON escapes line breaks, so the data is always one line.
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\ndata: {text}\n\n".encode()


class EventStreamResponse(Response):
    """Sends events as they come and stops the source as soon as nobody listens.

    Starlette's own streaming response notices a closed connection only with some servers, and only
    when it next sends something; a model that is being waited for would go on costing money.

    Args:
        events: The stream; closed at the end, and when the client goes away.
        headers: More headers.
        keep_alive: Seconds of silence after which a comment is sent.
    """

    media_type = EVENTS

    def __init__(
        self,
        events: AsyncGenerator[GenerationEvent | Frame, None],
        headers: Mapping[str, str] | None = None,
        keep_alive: float = KEEP_ALIVE_SECONDS,
    ) -> None:
        self._events = events
        self._keep_alive = keep_alive
        self.status_code = 200
        self.background = None
        # nginx buffers answers unless told not to.
        self.init_headers(
            {**(headers or {}), "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        self.raw_headers = [h for h in self.raw_headers if h[0] != b"content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await unless_disconnected(self._send_all(send), receive)

    async def _send_all(self, send: Send) -> None:
        lock = asyncio.Lock()

        async def chunk(body: bytes, *, more: bool = True) -> None:
            async with lock:
                await send({"type": "http.response.body", "body": body, "more_body": more})

        async def keep_alive() -> None:
            while True:
                await asyncio.sleep(self._keep_alive)
                await chunk(b": still working\n\n")

        beat = asyncio.create_task(keep_alive())
        try:
            async with aclosing(self._events) as events:
                async for event in events:
                    await chunk(encode(event))
        finally:
            beat.cancel()
        with suppress(OSError):
            await chunk(b"", more=False)


async def unless_disconnected(work: Awaitable[T], receive: Receive) -> T | None:
    """Do the work; when the client goes away first, cancel it and return None.

    Args:
        work: What to do.
        receive: The request's ``receive``, its body already read.
    """
    task = asyncio.ensure_future(work)
    gone = asyncio.create_task(_disconnected(receive))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        return None
    finally:
        for pending in (task, gone):
            pending.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _disconnected(receive: Receive) -> None:
    message: Message = {"type": ""}
    while message["type"] != "http.disconnect":
        message = await receive()
