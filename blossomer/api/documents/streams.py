"""A generation or a suggestion as an answer: waited for, or as events; begun once for each key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TypeVar

from fastapi import Request
from fastapi.responses import Response

from blossomer.api.contents import document_content, suggestion_content
from blossomer.api.documents.parts import operations_of
from blossomer.api.errors import error_content, error_response
from blossomer.api.generation_headers import generation_headers
from blossomer.api.once import Answer, answers_of, begin_once, replay, response_of
from blossomer.api.sse import EventStreamResponse, Frame, prefers_events
from blossomer.db.idempotency import Given
from blossomer.db.store import Stored
from blossomer.errors import UserError
from blossomer.services.events import Failed, Partial, StageEvent
from blossomer.services.idempotency import Answers, Once
from blossomer.services.identity.model import Identity
from blossomer.services.operations import Kept, Suggesting, Writing, WritingEvent

Begun = TypeVar("Begun")


async def answer_with_writing(
    request: Request,
    key: str | None,
    identity: Identity,
    begin: Callable[[str], Awaitable[Writing | Stored]],
    answer: Callable[[Stored], Answer],
) -> Response:
    """Begin a generation, unless it was begun already, and answer with it or its events.

    Args:
        request: The request.
        key: Its ``Idempotency-Key``, if it has one.
        identity: Whose it is.
        begin: Begins it, with the id for what is made, or nothing without a key. It may find that
            the document has been made already.
        answer: What is answered with the document.
    """
    once = await _once(request, key, identity)
    if isinstance(once, Given):
        return replay(request, once)
    writing = await _begun(once, begin)
    if isinstance(writing, Stored):
        stored = writing

        async def known() -> Given:
            return answer(stored).given()

        assert once is not None
        return replay(request, await once.carry_out(known))

    async def work() -> Given:
        return answer((await writing.result()).stored).given()

    finished = _finishing(once, work)
    headers = await generation_headers(operations_of(identity))
    if not prefers_events(request.headers.get("accept", "")):
        return await _waited_for(finished, headers)
    events = writing.events()
    first = await anext(events)
    if isinstance(first, Failed):
        await _settled(finished)
        return error_response(first.error, headers)
    return EventStreamResponse(_frames(first, events, finished), headers)


async def answer_with_suggestions(
    request: Request,
    key: str | None,
    identity: Identity,
    begin: Callable[[str], Awaitable[Suggesting]],
) -> Response:
    """The same with a suggestion of several documents."""
    once = await _once(request, key, identity)
    if isinstance(once, Given):
        return replay(request, once)
    suggesting = await _begun(once, begin)

    async def work() -> Given:
        return Answer(suggestion_content(await suggesting.result())).given()

    finished = _finishing(once, work)
    headers = await generation_headers(operations_of(identity))
    if not prefers_events(request.headers.get("accept", "")):
        return await _waited_for(finished, headers)

    async def frames() -> AsyncGenerator[Frame, None]:
        async with aclosing(suggesting.events()) as events:
            async for news in events:
                if not news.is_over:
                    yield Frame("progress", suggestion_content(news))
                    continue
                await _settled(finished)
                if news.error is not None:
                    yield Frame("failed", error_content(news.error))
                else:
                    yield Frame("completed", suggestion_content(news))

    return EventStreamResponse(frames(), headers)


async def _once(request: Request, key: str | None, identity: Identity) -> Once | Given | None:
    async def answers() -> Answers:
        return await answers_of(identity)

    return await begin_once(request, key, answers)


def _finishing(once: Once | None, work: Callable[[], Awaitable[Given]]) -> asyncio.Future[Given]:
    """Wait for the end, whether or not the client does."""
    finished = asyncio.ensure_future(once.carry_out(work) if once else work())
    finished.add_done_callback(_seen)
    return finished


def _seen(finished: asyncio.Future[Given]) -> None:
    """Whoever waits is told of a failure; that nobody does is no failure of its own."""
    if not finished.cancelled():
        finished.exception()


async def _begun(once: Once | None, begin: Callable[[str], Awaitable[Begun]]) -> Begun:
    try:
        return await begin(once.document_id if once else "")
    except BaseException:
        if once is not None:
            await once.give_up()
        raise


async def _waited_for(finished: asyncio.Future[Given], headers: dict[str, str]) -> Response:
    """Answer once it is done. A failure has the headers too."""
    try:
        return response_of(await asyncio.shield(finished), headers)
    except UserError as error:
        return error_response(error, headers)


async def _settled(finished: asyncio.Future[Given]) -> None:
    """Wait until an answer has been noted, so that whoever asks again at once gets it."""
    await asyncio.gather(asyncio.shield(finished), return_exceptions=True)


async def _frames(
    first: WritingEvent, rest: AsyncGenerator[WritingEvent, None], finished: asyncio.Future[Given]
) -> AsyncGenerator[Frame, None]:
    async with aclosing(rest) as events:
        yield _frame(first)
        async for event in events:
            if isinstance(event, Kept | Failed):
                await _settled(finished)
            yield _frame(event)


def _frame(event: WritingEvent) -> Frame:
    match event:
        case StageEvent():
            return Frame("stage", {"key": event.key, "detail": event.detail})
        case Partial():
            return Frame("partial", {"data": event.data, "writing": event.writing})
        case Kept():
            return Frame("completed", document_content(event.stored))
        case Failed():
            return Frame("failed", error_content(event.error))
