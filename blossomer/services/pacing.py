"""Two small tools for streams: news from a running call, and a stream that does not hurry.

Both run their source in a task of its own and end it, whatever happens, before they return.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import TypeVar

T = TypeVar("T")


async def events_while(
    call: Callable[[Callable[[str], None]], Awaitable[T]],
) -> AsyncGenerator[str | T, None]:
    """Run a call that reports progress; yield each report as it comes, then the result.

    Args:
        call: Given a function that takes one line of progress (from any thread), starts the work.

    Raises:
        Whatever the call raises.
    """
    loop = asyncio.get_running_loop()
    reports: asyncio.Queue[str | None] = asyncio.Queue()

    def tell(report: str) -> None:
        loop.call_soon_threadsafe(reports.put_nowait, report)

    async def work() -> T:
        return await call(tell)

    task = asyncio.create_task(work())
    task.add_done_callback(lambda _: reports.put_nowait(None))
    try:
        while (report := await reports.get()) is not None:
            yield report
        yield await task
    finally:
        await _end(task)


async def paced(
    source: AsyncGenerator[T, None], kind: type, interval: float
) -> AsyncGenerator[T, None]:
    """Let a stream's frequent items through at most once in ``interval`` seconds.

    Of several items of ``kind`` in a row only the newest counts. The last one before a pause is
    never held back longer than the interval, and items of other kinds are neither lost nor
    reordered.

    Args:
        source: The stream; closed when this one ends.
        kind: Class of the items of which the newest replaces the older.
        interval: Seconds between two of them.

    Raises:
        Whatever the source raises, after what came before it.
    """
    waiting: deque[T] = deque()
    news = asyncio.Event()

    async def pump() -> None:
        async with aclosing(source):
            async for item in source:
                if waiting and isinstance(item, kind) and isinstance(waiting[-1], kind):
                    waiting[-1] = item
                else:
                    waiting.append(item)
                news.set()

    task = asyncio.create_task(pump())
    task.add_done_callback(lambda _: news.set())
    last = -interval
    try:
        while waiting or not task.done():
            if not waiting:
                news.clear()
                await news.wait()
                continue
            pause = last + interval - time.monotonic()
            if pause > 0 and len(waiting) == 1 and isinstance(waiting[0], kind):
                # Ends early with the source, since what follows has no reason to wait.
                await asyncio.wait({task}, timeout=pause)
                if not task.done():
                    continue
            item = waiting.popleft()
            if isinstance(item, kind):
                last = time.monotonic()
            yield item
        await task
    finally:
        await _end(task)


async def _end(task: asyncio.Task[T]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await task
