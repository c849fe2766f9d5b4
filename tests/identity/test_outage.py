"""The database really goes away and comes back, under people who are signed in."""

from __future__ import annotations

import asyncio
from pathlib import Path

from blossomer.db.embedded import start_embedded
from blossomer.db.engine import create_engine
from blossomer.db.migrate import migrate
from blossomer.db.roles import prepare_database
from tests.identity.conftest import Service, refusal
from tests.support.fake_stack import FakeStack


async def test_twenty_seconds_without_a_database(data_dir: Path, stack: FakeStack) -> None:
    postgres = await asyncio.to_thread(start_embedded, data_dir)
    urls = await asyncio.to_thread(prepare_database, postgres)
    await asyncio.to_thread(migrate, urls.owner, urls.app)
    engine = create_engine(urls.app)
    service = Service(stack, engine, urls)
    try:
        here, identity = await service.sign_in()
        there, _ = await service.sign_in()
        for cookie in (here, there):
            assert await service.sessions.identify(cookie) == identity

        await asyncio.to_thread(postgres.stop)
        for _ in range(20):
            service.time.pass_by(seconds=1)
            assert await service.sessions.identify(here) == identity
        assert (await refusal(service.another().identify(here))).code == "database_unavailable"
        await service.sessions.end(there)
        assert await service.sessions.identify(there) is None

        postgres = await asyncio.to_thread(start_embedded, data_dir)
        service.time.pass_by(seconds=6)
        assert await service.sessions.identify(here) == identity
        assert await service.another().identify(here) == identity
        async with asyncio.timeout(10):
            while await service.another().identify(there):  # noqa: ASYNC110 - a row sets no event
                await asyncio.sleep(0.1)
        assert await service.sessions.identify(there) is None
    finally:
        await service.sessions.close()
        await service.http.aclose()
        await engine.dispose()
        await asyncio.to_thread(postgres.stop)
