"""Many who want the same website at the same moment wait for one read of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from blossomer.errors import UserError
from blossomer.services.website.pasted import website_from_text
from blossomer.services.website.shared_reads import SharedReads

SITE = website_from_text("Acme plans delivery routes for regional carriers. " * 10)


class Reads:
    """Plays the reading of websites, which goes on when a test says so."""

    def __init__(self) -> None:
        self.shared = SharedReads()
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.go_on = asyncio.Event()
        self.problem: UserError | None = None

    def start(self, key: str = "acme", told: list[str] | None = None) -> asyncio.Task[Any]:
        async def begin(tell: Any) -> Any:
            self.begun.append(key)
            tell("Read 1 of 3 pages")
            try:
                await self.go_on.wait()
                tell("Read 2 of 3 pages")
                if self.problem:
                    raise self.problem
                return SITE
            finally:
                self.ended.append(key)

        listener = None if told is None else told.append
        return asyncio.create_task(self.shared.read(key, begin, listener))


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def reads() -> Reads:
    return Reads()


async def test_one_read_serves_all_who_wait_and_tells_each(reads: Reads) -> None:
    first, late = [], []
    one = reads.start(told=first)
    await settled()
    other, silent = reads.start(told=late), reads.start()
    await settled()
    reads.go_on.set()
    assert await asyncio.gather(one, other, silent) == [SITE] * 3
    assert reads.begun == ["acme"]
    assert first == late == ["Read 1 of 3 pages", "Read 2 of 3 pages"]


async def test_another_website_is_another_read(reads: Reads) -> None:
    reads.go_on.set()
    await asyncio.gather(reads.start("acme"), reads.start("other"))
    assert sorted(reads.begun) == ["acme", "other"]


async def test_nothing_is_kept_for_later(reads: Reads) -> None:
    reads.go_on.set()
    await reads.start()
    await reads.start()
    assert reads.begun == ["acme", "acme"]


async def test_a_failure_is_everybody_s_and_forgotten(reads: Reads) -> None:
    reads.problem = UserError("site_down", "It is down.", "Try again.", status=502)
    waiting = [reads.start(), reads.start()]
    await settled()
    reads.go_on.set()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert [getattr(error, "code", None) for error in found] == ["site_down"] * 2
    reads.problem = None
    assert await reads.start() == SITE


async def test_who_leaves_takes_it_from_nobody_and_the_last_one_ends_it(reads: Reads) -> None:
    one, other = reads.start(), reads.start()
    await settled()
    one.cancel()
    await settled()
    assert reads.ended == []
    other.cancel()
    await settled()
    assert reads.ended == ["acme"]
    reads.go_on.set()
    assert await reads.start() == SITE
    assert reads.begun == ["acme", "acme"]
