"""Merges the server-sent events of a model on their way in: what arrived together becomes one.

Sits below LiteLLM, as a hook of its HTTP clients, and knows two wire formats. It changes how finely
an answer is cut, never what it says: everything that is not a plain piece of text passes as it is.

A model sends 40 to 100 events a second, of which each costs LiteLLM and the provider's library more
than a millisecond of processor time, while a page is drawn ten times a second.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from weakref import WeakSet

import httpx

PAUSE_SECONDS = 0.03
"""Time between two events while few streams are open: little beside a page's time between two
pictures, 0.1 s."""

PAUSE_PER_STREAM = 0.003
"""Added up over the open streams this is their pause when they are many, so that all of them
together hand on at most 330 events a second, half a core, however many they are. A longer pause
would be seen at the end of each answer."""

LONGEST_PAUSE_SECONDS = 1.0
"""Far below any patience for silence."""

MOST_BYTES = 256_000
"""Of one batch. Real ones have a few thousand."""

_END_OF_EVENT = re.compile(rb"\r\n\r\n|\n\n|\r\r")

_open_streams: WeakSet[MergedStream] = WeakSet()


async def merge_events(response: httpx.Response) -> None:
    """Response hook for ``httpx.AsyncClient(event_hooks={"response": [merge_events]})``."""
    is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
    if (
        is_stream
        and "content-encoding" not in response.headers
        and isinstance(response.stream, httpx.AsyncByteStream)
    ):
        response.stream = MergedStream(response.stream)


class MergedStream(httpx.AsyncByteStream):
    """A stream of events in fewer, larger events.

    The first bytes are handed on at once; after that it waits a moment, takes all that has come
    meanwhile, and hands it on. An error or the end comes after everything that came before it.

    Args:
        source: The bytes as they arrive; closed together with this one.
    """

    def __init__(self, source: httpx.AsyncByteStream) -> None:
        self._source = source
        self._reading: asyncio.Task[bytes | None] | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The merged events."""
        loop = asyncio.get_running_loop()
        pieces = aiter(self._source)
        merger = Merger()
        _open_streams.add(self)
        handed_on_at = -LONGEST_PAUSE_SECONDS
        try:
            while True:
                await asyncio.sleep(handed_on_at + _pause() - loop.time())
                batch = bytearray()
                ended = False
                # The first piece may have to be waited for; the others count if they are there.
                while not batch or (await self._is_there(pieces) and len(batch) < MOST_BYTES):
                    piece = await self._next(pieces)
                    ended = piece is None
                    if piece is None:
                        break
                    batch += piece
                handed_on_at = loop.time()
                merged = merger.feed(bytes(batch))
                if ended:
                    merged += merger.rest
                if merged:
                    yield merged
                if ended:
                    return
        finally:
            _open_streams.discard(self)
            if self._reading is not None:
                self._reading.cancel()

    async def aclose(self) -> None:
        """Give up reading and close the connection."""
        _open_streams.discard(self)
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await reading
        await self._source.aclose()

    def _begin(self, pieces: AsyncIterator[bytes]) -> asyncio.Task[bytes | None]:
        if self._reading is None:
            self._reading = asyncio.create_task(_piece(pieces))
        return self._reading

    async def _is_there(self, pieces: AsyncIterator[bytes]) -> bool:
        """Whether a piece can be had without waiting for the network, and without an error."""
        reading = self._begin(pieces)
        await asyncio.sleep(0)
        return reading.done() and reading.exception() is None

    async def _next(self, pieces: AsyncIterator[bytes]) -> bytes | None:
        reading = self._begin(pieces)
        try:
            return await reading
        finally:
            self._reading = None


class Merger:
    """Puts neighbouring pieces of text together.

    Attributes:
        rest: The beginning of an event whose end has not come yet.
    """

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        """Take bytes as they came; returns every whole event so far that was not yet returned."""
        merged: list[bytes] = []
        text: _Text | None = None
        data, begin = self.rest + data, 0
        for end in _END_OF_EVENT.finditer(data):
            event = data[begin : end.end()]
            begin = end.end()
            following = _text(event)
            if text is not None and following is not None and text.takes(following):
                continue
            if text is not None:
                merged.append(text.as_event())
            text = following
            if following is None:
                merged.append(event)
        if text is not None:
            merged.append(text.as_event())
        self.rest = data[begin:]
        return b"".join(merged)


class _Text:
    """An event that is nothing but a piece of text.

    Args:
        event: As it came.
        head: The event's lines before its data.
        data: Its data.
        slot: The part of ``data`` that holds the text.
        key: Under which name.
    """

    def __init__(
        self, event: bytes, head: bytes, data: dict[str, Any], slot: dict[str, Any], key: str
    ) -> None:
        self._event = event
        self._head = head
        self._data = data
        self._slot = slot
        self._key = key
        self._more: list[str] = []

    def takes(self, other: _Text) -> bool:
        """Put the other's text behind this one's, if they are pieces of the same text."""
        if (self._head, self._key, self._data.get("index")) != (
            other._head,
            other._key,
            other._data.get("index"),
        ):
            return False
        self._more.append(other._slot[other._key])
        return True

    def as_event(self) -> bytes:
        """The event to hand on."""
        if not self._more:
            return self._event
        self._slot[self._key] += "".join(self._more)
        return self._head + b"data: " + json.dumps(self._data).encode() + b"\n\n"


def _text(event: bytes) -> _Text | None:
    """The event as a piece of text; None for every other event, broken ones included."""
    *head, last = event.strip(b"\r\n").splitlines(keepends=True) or [b""]
    if not last.startswith(b"data:") or not all(line.startswith(b"event:") for line in head):
        return None
    try:
        data = json.loads(last[5:])
    except ValueError:
        return None
    match data:
        case {"choices": [{"delta": {"content": str()} as delta} as choice], **rest}:
            # OpenAI's. Anything else that says something makes it more than a piece of text;
            # "obfuscation" is random letters.
            says_more = (
                _says(delta, "content", "obfuscation")
                or _says(choice, "index", "delta")
                or rest.get("usage") is not None
            )
            slot, key = delta, "content"
            if choice.get("index", 0) != 0:
                return None
        case {
            "type": "content_block_delta",
            "delta": {"type": "text_delta", "text": str()} as delta,
        }:
            # Anthropic's.
            says_more = _says(delta, "type", "text")
            slot, key = delta, "text"
        case _:
            return None
    return None if says_more else _Text(event, b"".join(head), data, slot, key)


def _says(part: dict[str, Any], *known: str) -> bool:
    return any(value is not None for name, value in part.items() if name not in known)


async def _piece(pieces: AsyncIterator[bytes]) -> bytes | None:
    return await anext(pieces, None)


def _pause() -> float:
    """Seconds between two batches of one stream."""
    many = PAUSE_PER_STREAM * len(_open_streams)
    return min(max(PAUSE_SECONDS, many), LONGEST_PAUSE_SECONDS)
