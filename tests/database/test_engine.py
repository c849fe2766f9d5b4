"""A database that hangs: nobody waits for it long, and it is used again once it answers."""

from __future__ import annotations

import asyncio
import time

import psutil
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from blossomer.db.engine import ANSWER_SECONDS, CONNECT_SECONDS, create_engine
from blossomer.db.roles import prepare_database
from blossomer.log import get_logger


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


async def test_what_the_database_refuses_is_not_quoted_in_the_log(store, logged):
    mark = "Only the page says this"
    wrong = text("UPDATE users SET tier = :mark WHERE id = :id")
    with pytest.raises(IntegrityError) as caught:
        async with store.transaction() as session:
            await session.execute(wrong, {"mark": mark, "id": store.user_id})
    get_logger("blossomer.x").error("refused", exc_info=caught.value)
    assert "IntegrityError" in logged.text
    assert "CheckViolation" in logged.text
    assert mark not in logged.text
