"""A database that hangs: nobody waits for it long, and it is used again once it answers."""

from __future__ import annotations

import asyncio
import time

import psutil
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from blossomer.db.engine import ANSWER_SECONDS, CONNECT_SECONDS, create_engine
from blossomer.db.roles import prepare_database


async def test_a_hanging_database_is_given_up_and_taken_again(own_cluster):
    server, _ = own_cluster
    engine = create_engine(prepare_database(server).app)
    postmaster = psutil.Process(server.pid)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            hanging = [postmaster, *postmaster.children(recursive=True)]
            for process in hanging:
                process.suspend()
            began = time.monotonic()
            with pytest.raises(DBAPIError, match="did not answer in time"):
                await connection.execute(text("SELECT 2"))
            assert time.monotonic() - began < ANSWER_SECONDS + 1
        with pytest.raises(DBAPIError):
            async with engine.connect():
                pass
        task = asyncio.create_task(_ask(engine))
        await asyncio.sleep(0.1)
        task.cancel()
        began = time.monotonic()
        await asyncio.wait({task}, timeout=10)
        assert time.monotonic() - began < CONNECT_SECONDS
        for process in hanging:
            process.resume()
        assert await _ask(engine) == 1
    finally:
        await engine.dispose()


async def _ask(engine) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(text("SELECT 1")))
