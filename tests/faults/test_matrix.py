"""Every cell of the matrix: nothing acknowledged is lost, everybody is told, all is well again."""

from __future__ import annotations

import asyncio
import itertools
import re
import time

import pytest

from tests.faults.matrix import FAULTS, MATRIX, PARTS, Cell
from tests.faults.people import BY_RULES, CARD, DONE, LOST, WAITS, Outcome
from tests.faults.scenes import Postgres, Provider, Redis, Scene, Website
from tests.faults.world import LIMIT, Member, World
from tests.support.documents import CONFIG

SCENES: dict[str, type[Scene]] = {
    "Postgres": Postgres,
    "Redis": Redis,
    **dict.fromkeys(("OpenAI", "Anthropic", "Gemini"), Provider),
    "website": Website,
}

_addresses = itertools.count(1)


def test_the_matrix_is_whole() -> None:
    assert [(c.part, c.fault) for c in sorted(MATRIX, key=_place)] == [
        (part, fault) for part in PARTS for fault in FAULTS
    ]


def _place(cell: Cell) -> tuple[int, int]:
    return PARTS.index(cell.part), FAULTS.index(cell.fault)


@pytest.mark.parametrize("cell", MATRIX, ids=str)
async def test_nothing_is_lost_everybody_is_told_and_all_is_well_again(
    cell: Cell, world: World
) -> None:
    began = time.perf_counter()
    async with Member(world, next(_addresses)) as member:
        scene = SCENES[cell.part](world, member, cell)
        print("member", time.perf_counter() - began)
        try:
            told = await scene.meanwhile()
            print("told", time.perf_counter() - began)
            health = await world.health() if cell.health else {}
        finally:
            await scene.mend()
        for act, outcome in told.items():
            print(act, outcome)
        print({k: v for k, v in health.items() if k != "models"}, [(m["model"], m["state"], m["last_error"]) for m in health.get("models", [])])
        await scene.all_is_well(told)
        print("well", time.perf_counter() - began)
        for act, outcome in told.items():
            require_expected(act, outcome, getattr(cell, act))


def require_expected(act: str, outcome: Outcome, expected: str) -> None:
    what, _, status = expected.partition(" ") if expected[-1].isdigit() else (expected, "", "")
    assert outcome.what == what, (act, outcome)
    if status:
        assert outcome.status == int(status)
    if status in ("429", "503"):
        assert outcome.retry_after > 0
    if what in (DONE, WAITS):
        return
    assert outcome.message
