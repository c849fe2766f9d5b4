"""Suggestions of signed-in users: they belong to the process, one at a time for each document."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from blossomer.errors import UserError
from blossomer.services.events import (
    Failed,
    GenerationRequest,
    Ideas,
    NotWritten,
    StageEvent,
    SuggestionRequest,
    Written,
)
from blossomer.services.feed import Feed, Suggesting
from blossomer.services.runtime import kept_one
from blossomer.services.suggestion_runs import Progress, SuggestionRuns

REQUEST = SuggestionRequest("account", parents={"company": "c1"})
GONE = UserError("parent_missing", "The company does not exist.", "Choose another.", status=404)


class World:
    """Suggestions that are played, and a store that remembers."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, GenerationRequest, dict[str, Any]]] = []
        self.refused: set[str] = set()
        self.asked: list[str] = []
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.breaks = False
        self.closed = 0
        self.feed = Feed()
        self.runs = SuggestionRuns(self._suggest, self._keep, self.feed)

    async def _suggest(
        self, request: SuggestionRequest, *, key: str, keep: Any
    ) -> AsyncIterator[Any]:
        self.asked.append(key)
        try:
            yield StageEvent("read", "Reading")
            yield Ideas(("One", "Two"))
            await self.may_go_on.wait()
            if self.breaks:
                raise RuntimeError("a fault of ours")
            for index, name in enumerate(("One", "Two")):
                written = Written(index, {"name": name}, {"model": "m"}, {"name": name})
                yield await kept_one(written, keep)
        finally:
            self.closed += 1

    async def _keep(
        self, user_id: str, request: GenerationRequest, data: dict[str, Any], made_by: Any
    ) -> dict[str, Any]:
        assert made_by == {"model": "m"}
        if data["name"] in self.refused:
            raise GONE
        self.kept.append((user_id, request, data))
        return {"id": f"kept-{data['name']}"}

    def states(self, user_id: str = "ada", parent: str = "c1") -> list[str]:
        """How far each document is."""
        run = self.runs.latest(user_id, "account", parent)
        return [item.state for item in run.progress.items] if run else []


@pytest.fixture
async def world() -> World:
    return World()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - progress sets no event
            await asyncio.sleep(0)


async def over(world: World, user_id: str = "ada") -> Progress:
    run = world.runs.latest(user_id, "account", "c1")
    assert run is not None
    await until(lambda: run.progress.is_over)
    return run.progress


async def test_each_is_kept_below_its_parent_and_every_step_is_told(world: World) -> None:
    with world.feed.reader("ada") as ada, world.feed.reader("bob") as bob:
        world.runs.start("ada", REQUEST, key="user:ada")
        await over(world)
        told = [ada.get_nowait() for _ in range(ada.qsize())]
        assert set(told) == {Suggesting("account", "c1")}
        assert len(told) >= 4
        assert bob.empty()
    assert world.states() == ["done", "done"]
    assert [(user, data["name"]) for user, _, data in world.kept] == [
        ("ada", "One"),
        ("ada", "Two"),
    ]
    request = world.kept[0][1]
    assert (request.entity, request.parents, request.inputs) == (
        "account",
        {"company": "c1"},
        {"name": "One"},
    )


async def test_a_second_start_while_one_runs_finds_that_one(world: World) -> None:
    world.may_go_on.clear()
    first = world.runs.start("ada", REQUEST, key="k")
    assert world.runs.start("ada", REQUEST, key="k") is first
    elsewhere = SuggestionRequest("account", parents={"company": "c2"})
    assert world.runs.start("ada", elsewhere, key="k") is not first
    assert world.runs.start("bob", REQUEST, key="b") is not first
    await until(lambda: len(world.asked) == 3)
    world.may_go_on.set()
    await over(world)
    assert world.runs.start("ada", REQUEST, key="k") is not first


async def test_what_cannot_be_kept_is_told_and_the_others_are(world: World) -> None:
    world.refused = {"One"}
    world.runs.start("ada", REQUEST, key="k")
    progress = await over(world)
    assert world.states() == ["failed", "done"]
    assert progress.items[0].problem == GONE.words
    assert [data["name"] for *_, data in world.kept] == ["Two"]


async def test_stopping_closes_it_at_once(world: World) -> None:
    world.may_go_on.clear()
    world.runs.start("ada", REQUEST, key="k")
    await until(lambda: world.states() == ["writing", "writing"])
    await world.runs.cancel("bob", "account", "c1")
    assert world.closed == 0
    await world.runs.cancel("ada", "account", "c1")
    assert (world.closed, (await over(world)).error) == (1, None)
    assert world.kept == []
    await world.runs.cancel("ada", "account", "nobody")


async def test_a_fault_of_ours_is_said_and_ends_it(world: World) -> None:
    world.breaks = True
    world.runs.start("ada", REQUEST, key="k")
    error = (await over(world)).error
    assert error is not None
    assert (error.code, "fault of ours" in error.words) == ("internal_error", False)


async def test_only_one_that_is_over_can_be_dismissed(world: World) -> None:
    world.may_go_on.clear()
    world.runs.start("ada", REQUEST, key="k")
    await world.runs.dismiss("ada", "account", "c1")
    assert world.runs.latest("ada", "account", "c1") is not None
    world.may_go_on.set()
    await over(world)
    await world.runs.dismiss("bob", "account", "c1")
    assert world.runs.latest("ada", "account", "c1") is not None
    await world.runs.dismiss("ada", "account", "c1")
    assert world.runs.latest("ada", "account", "c1") is None


async def test_the_end_of_the_process_ends_all(world: World) -> None:
    world.may_go_on.clear()
    world.runs.start("ada", REQUEST, key="k")
    world.runs.start("bob", REQUEST, key="k")
    await until(lambda: len(world.asked) == 2)
    await world.runs.stop()
    assert world.closed == 2


def test_progress_takes_in_what_the_stream_says() -> None:
    progress = Progress()
    for event in (
        StageEvent("read", "Read 3 of 5 pages"),
        Ideas(("One", "Two")),
        Written(1, {}, {}, {}),
        NotWritten(0, GONE),
        Failed(GONE),
    ):
        progress.note(event)
    assert progress.stage == "Read 3 of 5 pages"
    assert [(i.name, i.state, i.problem) for i in progress.items] == [
        ("One", "failed", GONE.words),
        ("Two", "done", ""),
    ]
    assert (progress.error, progress.is_over) == (GONE, False)
