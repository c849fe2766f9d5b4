"""What a page is told, and what not: the database knows better than news of before."""

from __future__ import annotations

import asyncio

import pytest

from blossomer.services.feed import Added, Feed, Missed, News, Removed

USER, PAGE = "somebody", "a page"
GONE, BACK = Removed("account", "1"), Added("account", "1", "Acme")


def waiting(queue: asyncio.Queue[News]) -> list[News]:
    return [queue.get_nowait() for _ in range(queue.qsize())]


async def test_nothing_is_missed_between_reading_the_database_and_the_news() -> None:
    feed = Feed()
    await feed.joined(USER, PAGE)
    feed.publish(USER, GONE)
    with feed.reader(USER, PAGE) as queue:
        feed.publish(USER, BACK)
        assert waiting(queue) == [GONE, BACK]


async def test_what_was_gone_before_the_database_is_read_is_not_told_again() -> None:
    feed = Feed()
    await feed.joined(USER, PAGE)
    with feed.reader(USER, PAGE) as queue:
        await feed.joined(USER, PAGE)  # it looks again
        feed.publish(USER, GONE)
        assert waiting(queue) == [GONE]
        feed.publish(USER, BACK)
    # The page is loaded anew, and begins to listen before it reads the database.
    with feed.reader(USER, PAGE) as queue:
        await feed.joined(USER, PAGE)
        assert waiting(queue) == [BACK]
        feed.publish(USER, GONE)
        assert waiting(queue) == [GONE]


async def test_other_pages_keep_what_they_have_not_read() -> None:
    feed = Feed()
    with feed.reader(USER, "another") as another, feed.reader(USER) as program:
        feed.publish(USER, GONE)
        await feed.joined(USER, PAGE)
        await feed.joined(USER, "")
        assert waiting(another) == waiting(program) == [GONE]


@pytest.mark.parametrize("count", [200, 201])
async def test_who_is_too_far_behind_is_told_to_read_everything(count: int) -> None:
    feed = Feed()
    with feed.reader(USER) as queue:
        for _ in range(count):
            feed.publish(USER, GONE)
        told = waiting(queue)
    assert told == ([GONE] * 200 if count == 200 else [Missed(), GONE])
