"""A server that does not migrate starts on a database of its version or a newer one, only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import psycopg
import pytest
from alembic import command
from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.db.check import DatabaseSetupError
from blossomer.db.engine import create_engine
from blossomer.db.migrate import alembic_config, migrate
from blossomer.db.revision import check_revision
from blossomer.db.roles import DatabaseUrls
from blossomer.launcher.console import LauncherError
from blossomer.launcher.database import migrate_database, start_database
from blossomer.settings import Settings

Check = Callable[[], Awaitable[None]]


@pytest.fixture
async def check(empty_database: DatabaseUrls) -> Check:
    async def check() -> None:
        engine: AsyncEngine = create_engine(empty_database.app)
        try:
            await check_revision(engine)
        finally:
            await engine.dispose()

    return check


async def test_a_database_of_this_version_is_taken(
    empty_database: DatabaseUrls, check: Check
) -> None:
    migrate(empty_database.owner, empty_database.app)
    await check()


async def test_one_that_has_never_been_migrated_is_not(check: Check) -> None:
    with pytest.raises(DatabaseSetupError, match="run them before the servers"):
        await check()


async def test_one_that_lacks_a_migration_is_not(
    empty_database: DatabaseUrls, check: Check
) -> None:
    migrate(empty_database.owner, empty_database.app)
    command.downgrade(alembic_config(empty_database.owner), "-1")
    with pytest.raises(DatabaseSetupError, match="The database lacks migrations"):
        await check()


async def test_one_with_migrations_of_a_later_version_is_taken(
    empty_database: DatabaseUrls, check: Check
) -> None:
    migrate(empty_database.owner, empty_database.app)
    with psycopg.connect(empty_database.owner) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    await check()


def test_the_step_of_a_release_migrates_and_the_server_without_the_owner_starts(
    empty_database: DatabaseUrls, tmp_path, capsys
) -> None:
    def settings(**values: object) -> Settings:
        return Settings(_env_file=None, database_url=empty_database.app, **values)  # type: ignore[call-arg, arg-type]

    server = settings(migrate_at_start=False)
    with pytest.raises(LauncherError, match="cannot be seen"):
        start_database(server, tmp_path)
    with pytest.raises(LauncherError, match="set DATABASE_URL and DATABASE_OWNER_URL"):
        migrate_database(server)
    migrate_database(settings(database_owner_url=empty_database.owner))
    assert "up to date" in capsys.readouterr().out
    database = start_database(server, tmp_path)
    assert (database.app_url, database.label) == (empty_database.app, "external PostgreSQL")
