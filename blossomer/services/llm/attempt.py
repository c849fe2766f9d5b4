"""One attempt with one model under deadlines. Which model, and what then, ``router.py`` decides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from blossomer.services.llm.failures import AttemptFailed
from blossomer.services.llm.litellm_transport import Call, Piece, stream_pieces
from blossomer.services.llm.model import TextSoFar

EMIT_SECONDS = 0.02
"""Shortest time between two texts, for models whose events are not merged: fresh enough for a page,
without copying the whole text for every token. Shorter than the pause of ``merged_events.py``, so
that what comes from there never waits for the next one."""

LATE_SECONDS = 0.1
"""Delay of a timer from which the event loop counts as having been held up."""

ATTEMPT_OVER = "attempt"
"""``detail`` of the failure when the attempt's own time was over, rather than a silence."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what.

    Args:
        first_token: Seconds until the first sign of work.
        silence: Seconds between two signs of work.
        ends_at: Time of the event loop at which the attempt is over.
    """

    first_token: float
    silence: float
    ends_at: float


@dataclass(frozen=True, slots=True)
class Answer:
    """All that came, however it ended.

    Args:
        text: The whole text.
        failure: Why the stream ended early; None when it ended by itself.
        out_of_room: The model stopped because it had used all its tokens.
        usage: (input tokens, output tokens) as reported, else None.
    """

    text: str
    failure: AttemptFailed | None
    out_of_room: bool
    usage: tuple[int, int] | None


async def run_attempt(call: Call, patience: Patience) -> AsyncGenerator[TextSoFar | Answer, None]:
    """Ask once; yield the text while it grows, then exactly one ``Answer``.

    Never raises for what a provider does. Closing the iterator ends the request.
    """
    loop = asyncio.get_running_loop()
    text, fresh = "", []
    usage: tuple[int, int] | None = None
    failure: AttemptFailed | None = None
    out_of_room = began = False
    emitted_at = alive_at = loop.time()
    async with aclosing(stream_pieces(call)) as pieces:
        while True:
            wait = patience.silence if began else patience.first_token
            try:
                piece = await _next(pieces, alive_at + wait, patience.ends_at)
            except TimeoutError:
                over = loop.time() >= patience.ends_at
                detail = ATTEMPT_OVER if over else "silence" if began else "first token"
                failure = AttemptFailed("timeout", detail=detail)
                break
            except AttemptFailed as error:
                failure = error
                break
            if piece is None:
                break
            now = loop.time()
            usage = piece.usage or usage
            out_of_room = out_of_room or piece.finish_reason == "length"
            if not piece.alive:
                continue
            alive_at = now
            if piece.text:
                fresh.append(piece.text)
            if fresh and (not text or now - emitted_at >= EMIT_SECONDS):
                text, fresh = text + "".join(fresh), []
                emitted_at = now
                yield TextSoFar(text)
                # The reader's own time is no silence of the model.
                alive_at += loop.time() - now
            began = True
    if fresh:
        text += "".join(fresh)
        yield TextSoFar(text)
    yield Answer(text, failure, out_of_room, usage)


async def _next(
    pieces: AsyncIterator[Piece], patience_ends_at: float, ends_at: float
) -> Piece | None:
    """Wait for the next piece.

    A busy process must not take its own delay for the model's silence: when the event loop gets
    to the timer late, what arrived meanwhile is given as much time again to be read. The end of
    the attempt itself is not moved.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout_at(ends_at) as limit:

        def patience_over() -> None:
            now = loop.time()
            late = now - patience_ends_at
            limit.reschedule(min(ends_at, now + late if late > LATE_SECONDS else now))

        timer = loop.call_at(patience_ends_at, patience_over)
        try:
            return await anext(pieces, None)
        finally:
            timer.cancel()
