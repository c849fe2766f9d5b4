"""Every cell of the matrix: nothing acknowledged is lost, everybody is told, all is well again."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from blossomer.entities import entity_config
from blossomer.entities.listing import ListQuery
from tests.faults.matrix import FAULTS, MATRIX, PARTS, Cell
from tests.faults.people import (
    BY_RULES,
    CARD,
    DONE,
    EDITED,
    LONGEST_SECONDS,
    LOST,
    WAITS,
    Outcome,
)
from tests.faults.scenes import Scene, scene_of
from tests.faults.world import LIMIT, World

NO_WORDS = re.compile(r"Traceback|Error\b|Exception|None|\bnull\b|[{}<>]|\w+\.\w+\(")
"""What is meant for a programmer."""

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "troubleshooting.md"
DOCUMENTED = {DONE: "", BY_RULES: "", WAITS: "Not saved yet", LOST: "onnection"}
"""How outcomes that are no codes are told there."""


def _in_order(cells: Sequence[Cell]) -> list[Cell]:
    """The matrix, with what ends a worker far apart: another one starts while others are played."""
    first, middle, last = (
        next(cell for cell in cells if str(cell) == f"worker {fault}")
        for fault in ("refused", "slow", "dies in the middle")
    )
    others = [cell for cell in cells if cell.part != "worker"]
    half = len(others) // 2
    return [first, *others[:half], middle, *others[half:], last]


def test_the_matrix_is_whole() -> None:
    cells = [(cell.part, cell.fault) for cell in MATRIX]
    assert sorted(cells) == sorted(itertools.product(PARTS, FAULTS))


def test_the_documents_tell_every_cell() -> None:
    section = DOCUMENT.read_text().partition("## What happens when something fails")[2]
    told: dict[tuple[str, str], str] = {}
    for line in section.partition("\n## ")[0].splitlines():
        columns = line.strip("| ").split(" | ")
        for part in set(columns[0].split(", ")) & set(PARTS):
            words = " ".join(columns[2:])
            if "The same" in words:  # as in the row above
                words += told[part, FAULTS[FAULTS.index(columns[1]) - 1]]
            told[part, columns[1]] = words
    assert set(told) == set(itertools.product(PARTS, FAULTS))
    for cell in MATRIX:
        for outcome in (cell.page_edits, cell.page_writes, cell.program_edits, cell.program_writes):
            code = outcome.partition(" ")[0]
            words = DOCUMENTED.get(outcome, f"`{code}`")
            assert words in told[cell.part, cell.fault], (str(cell), outcome)


@pytest.mark.parametrize("cell", _in_order(MATRIX), ids=str)
async def test_nothing_is_lost_everybody_is_told_and_all_is_well_again(
    cell: Cell, world: World
) -> None:
    scene = scene_of(cell)(world, await world.somebody(), cell)
    try:
        try:
            told = await scene.meanwhile()
        finally:
            await scene.mend()
        for act, outcome in told.items():
            require_words(act, outcome, getattr(cell, act))
        assert cell.is_seen(scene.health), scene.health
        await scene.all_is_well(told)
        await require_everything_is_kept_once(scene)
        await require_exact_counts(scene)
        await require_no_trace(world)
    except BaseException:
        # So that the next cell shows what is wrong with it, and not with this one.
        await world.dismiss()
        with suppress(AssertionError):
            await require_no_trace(world)
        raise


def require_words(act: str, outcome: Outcome, expected: str) -> None:
    """Whoever is told something is told what is expected, in words, with what to do."""
    code, _, status = expected.partition(" ") if expected[-1].isdigit() else (expected, "", "")
    assert outcome.what == code, (act, outcome)
    if status:
        assert outcome.status == int(status), outcome
    if outcome.status in (429, 503):
        assert outcome.retry_after > 0, outcome
    if code in (DONE, WAITS, LOST):
        return  # what the browser says of a lost connection, tests/browser/test_connection.py tests
    assert outcome.message.endswith("."), outcome
    assert not NO_WORDS.search(f"{outcome.message} {outcome.action}"), outcome
    if code != BY_RULES:
        assert outcome.action.endswith("."), outcome


async def require_everything_is_kept_once(scene: Scene) -> None:
    """What was acknowledged is in the database, and nothing is there twice."""
    store, account = scene.member.store, scene.member.account
    edited = entity_config(EDITED)
    for path, acknowledged in ((CARD, scene.texts), ("description", scene.described)):
        history = await store.history(edited, account, ("data", path))
        written = [e.value[0] if path == CARD else e.value for e in history]
        times = Counter(text for text in written if text in scene.tried)
        assert set(acknowledged) <= set(times)
        assert set(times.values()) == {1}
        assert written[0] == acknowledged[-1], "newest first"
    page = await store.search(entity_config("company"), ListQuery(limit=50))
    generated = [row.id for row in page.rows if row.id not in scene.member.companies]
    untold = Counter(generated) - Counter(scene.documents)
    assert not Counter(scene.documents) - Counter(generated)
    # Where the connection was lost in between, nobody could be told that it was begun.
    assert untold.total() <= scene.lost, untold
    scene.counted += untold.total()
    scene.member.companies.update(generated)


async def require_exact_counts(scene: Scene) -> None:
    """What failed has been given back, soon, and nothing else has."""
    program = scene.member.program

    async def are_exact() -> bool:
        of_address = LIMIT - program.left
        if of_address != scene.written:
            of_address = LIMIT - await program.looked_up()
        of_user = LIMIT - await program.users_left()
        scene.member.used = of_address, of_user
        return scene.member.used == (scene.written, scene.counted)

    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            while not await are_exact():  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError((scene.member.used, scene.written, scene.counted)) from None


async def require_no_trace(world: World) -> None:
    """Every part is well, and every breaker is closed, soon."""
    health: dict[str, Any] = {}
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            while not _is_well(health):
                await asyncio.sleep(0.1)
                health = await world.health()
    except TimeoutError:
        raise AssertionError(health) from None


def _is_well(health: dict[str, Any]) -> bool:
    return health.get("status") == "ok" and all(
        model["state"] == "closed" for model in health["models"]
    )
