"""One world for all cells: a server of two workers takes long to start."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.faults.world import World


@pytest.fixture(scope="session")
async def world() -> AsyncIterator[World]:
    world = World()
    try:
        await world.start()
        yield world
    finally:
        await world.stop()
