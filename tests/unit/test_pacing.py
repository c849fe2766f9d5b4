"""Streams that do not hurry, and lose nothing that matters."""

import asyncio
from collections.abc import AsyncGenerator, Callable

import pytest

from blossomer.services.pacing import events_while, paced


async def stream(*values: object) -> AsyncGenerator[object, None]:
    for value in values:
        yield value


async def test_of_many_in_a_row_only_the_newest_counts_and_the_last_one_always_comes() -> None:
    seen = [item async for item in paced(stream("start", *range(500), "end"), int, 0.01)]
    numbers = [item for item in seen if isinstance(item, int)]
    assert seen[0] == "start"
    assert seen[-1] == "end"
    assert numbers[-1] == 499
    assert numbers == sorted(numbers)
    assert len(numbers) < 10


async def test_other_items_are_neither_lost_nor_reordered() -> None:
    seen = [item async for item in paced(stream("a", 1, 2, "b", 3, "c", "d"), int, 0.0)]
    assert [item for item in seen if isinstance(item, str)] == ["a", "b", "c", "d"]
    assert seen.index("b") < seen.index(3) < seen.index("c")


async def test_the_last_before_a_pause_does_not_wait_for_what_comes_after_it() -> None:
    more = asyncio.Event()

    async def pausing() -> AsyncGenerator[int, None]:
        yield 1
        yield 2
        await more.wait()
        yield 3

    items = paced(pausing(), int, 0.01)
    seen = [await anext(items)]
    while seen[-1] != 2:
        seen.append(await anext(items))
    more.set()
    assert [item async for item in items] == [3]


async def test_a_failure_comes_after_what_came_before_it() -> None:
    async def failing() -> AsyncGenerator[int, None]:
        yield 1
        raise RuntimeError("broken")

    items = paced(failing(), int, 60.0)
    assert await anext(items) == 1
    with pytest.raises(RuntimeError, match="broken"):
        await anext(items)


async def test_closing_ends_the_source_before_it_returns() -> None:
    ended = False

    async def endless() -> AsyncGenerator[int, None]:
        nonlocal ended
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            ended = True

    items = paced(endless(), int, 0.01)
    await anext(items)
    await items.aclose()
    assert ended


async def test_progress_arrives_while_the_work_is_going_on() -> None:
    proceed = asyncio.Event()

    async def work(tell: Callable[[str], None]) -> int:
        tell("one")
        await proceed.wait()
        await asyncio.to_thread(tell, "two, from a thread")
        return 7

    events = events_while(work)
    assert await anext(events) == "one"
    proceed.set()
    assert [event async for event in events] == ["two, from a thread", 7]


async def test_work_that_fails_and_work_that_nobody_waits_for() -> None:
    cancelled = asyncio.Event()

    async def failing(tell: Callable[[str], None]) -> int:
        tell("begun")
        raise ValueError("no")

    events = events_while(failing)
    assert await anext(events) == "begun"
    with pytest.raises(ValueError, match="no"):
        await anext(events)

    async def endless(tell: Callable[[str], None]) -> int:
        tell("begun")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return 0

    waiting = events_while(endless)
    await anext(waiting)
    await waiting.aclose()
    assert cancelled.is_set()
