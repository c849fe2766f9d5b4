"""A real PostgreSQL and a real Redis for all tests that need one, one of each for the session."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.db.embedded import EmbeddedServer, start_embedded
from blossomer.db.engine import create_engine
from blossomer.db.migrate import migrate
from blossomer.db.roles import DatabaseUrls, prepare_database
from blossomer.db.store import DatabaseStore
from tests.database.rows import somebodys_store
from tests.support.logged import Logged, logging_as_in_production
from tests.support.redis import RedisServer
from tests.thorough import is_left_out


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what ``tests/thorough.py`` names, unless all of it is asked for."""
    if os.environ.get("THOROUGH"):
        return
    skip = pytest.mark.skip(reason="More cases of what others see: make thorough runs them.")
    for item in items:
        if is_left_out(item.nodeid):
            item.add_marker(skip)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A DATA_DIR as the launcher makes it; pytest's own are closed to the server's account."""
    folder = Path(tempfile.mkdtemp(prefix="bl-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedServer]:
    folder = Path(tempfile.mkdtemp(prefix="bl-"))
    folder.chmod(0o711)
    server = start_embedded(folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def own_cluster() -> Iterator[tuple[EmbeddedServer, Path]]:
    """A server that a test may stop, and the folder from which it starts again."""
    folder = Path(tempfile.mkdtemp(prefix="bl-"))
    folder.chmod(0o711)
    yield start_embedded(folder), folder
    start_embedded(folder).stop()
    shutil.rmtree(folder)


@pytest.fixture
def empty_database(postgres: EmbeddedServer) -> DatabaseUrls:
    """A database with the two roles and no tables."""
    return prepare_database(postgres, f"test_{uuid4().hex[:12]}")


@pytest.fixture(scope="session")
def database(postgres: EmbeddedServer) -> DatabaseUrls:
    """A migrated database; tests keep apart by using users of their own."""
    urls = prepare_database(postgres, "migrated")
    migrate(urls.owner, urls.app)
    return urls


@pytest.fixture
async def store(engine: AsyncEngine) -> DatabaseStore:
    """The store of a user who has nothing yet."""
    return await somebodys_store(engine)


@pytest.fixture
async def engine(database: DatabaseUrls) -> AsyncIterator[AsyncEngine]:
    """The engine of the serving role."""
    engine = create_engine(database.app)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis that no test may stop."""
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="session")
def redis_url(redis_server: RedisServer) -> str:
    """Its first database, which all share."""
    return redis_server.url


@pytest.fixture
def new_redis_url(redis_server: RedisServer, request: pytest.FixtureRequest) -> str:
    """A database of it with which no test of the last fourteen has had to do."""
    number = request.config.stash.setdefault(_databases, [0])
    number[0] += 1
    return redis_server.url_of(1 + number[0] % 15)


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A Redis that the test may stop, hang and start again."""
    with RedisServer() as server:
        yield server


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Logged]:
    """The log of a server in production, at its usual level."""
    with logging_as_in_production(monkeypatch) as logged:
        yield logged


_databases = pytest.StashKey[list[int]]()
