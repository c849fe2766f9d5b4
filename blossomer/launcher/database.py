"""Which database the server uses: the one of the settings, or the embedded one, and its upkeep."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from blossomer.db.check import DatabaseSetupError, check_database
from blossomer.db.cluster import EmbeddedDatabaseError
from blossomer.db.embedded import EmbeddedServer, start_embedded
from blossomer.db.engine import create_engine
from blossomer.db.migrate import migrate
from blossomer.db.revision import check_revision
from blossomer.db.roles import prepare_database
from blossomer.launcher.console import LauncherError, say
from blossomer.settings import Settings


@dataclass(slots=True)
class Database:
    """The database of one running product.

    Attributes:
        app_url: Address of the serving role, with its password.
        label: For the line that says in which mode the server is.
        server: The embedded server, if it is one.
        data_dir: Where it lies.
        postgres_bin: Its programs, when they are not those of the installation.
    """

    app_url: str
    label: str
    server: EmbeddedServer | None = None
    data_dir: Path | None = None
    postgres_bin: Path | None = None

    def keep_running(self) -> None:
        """Start the embedded server again if it has ended by itself, at the same socket.

        Raises:
            LauncherError: It does not start.
        """
        if self.server is None or self.data_dir is None or self.server.is_running():
            return
        say("The database had ended by itself; starting it again.")
        try:
            self.server = start_embedded(self.data_dir, self.postgres_bin, self.server.socket)
        except EmbeddedDatabaseError as error:
            raise LauncherError(str(error)) from None

    def stop(self) -> None:
        """Stop the embedded server; somebody else's goes on."""
        if self.server is not None:
            self.server.stop()


def start_database(settings: Settings, data_dir: Path) -> Database:
    """Start or find the database, bring it up to date, and check that it keeps users apart.

    Args:
        settings: The validated settings.
        data_dir: The writable ``DATA_DIR``.

    Raises:
        LauncherError: With one line.
    """
    try:
        if settings.database_url is not None:
            database = Database(settings.database_url.get_secret_value(), "external PostgreSQL")
            if settings.migrate_at_start and settings.database_owner_url is not None:
                _bring_up_to_date(settings.database_owner_url.get_secret_value(), database.app_url)
            else:
                asyncio.run(_check(database.app_url))
            return database
        server = start_embedded(data_dir, settings.postgres_bin)
        try:
            urls = prepare_database(server)
            _bring_up_to_date(urls.owner, urls.app)
        except BaseException:
            server.stop()
            raise
        return Database(urls.app, "embedded PostgreSQL", server, data_dir, settings.postgres_bin)
    except (EmbeddedDatabaseError, DatabaseSetupError) as error:
        raise LauncherError(str(error)) from None


def migrate_database(settings: Settings) -> None:
    """Run the migrations and nothing else: a step of a release, before its servers start.

    Raises:
        LauncherError: With one line.
    """
    if settings.database_url is None or settings.database_owner_url is None:
        raise LauncherError(
            "To run the migrations alone, set DATABASE_URL and DATABASE_OWNER_URL. An embedded "
            "database is migrated whenever it starts."
        )
    try:
        _bring_up_to_date(
            settings.database_owner_url.get_secret_value(), settings.database_url.get_secret_value()
        )
    except DatabaseSetupError as error:
        raise LauncherError(str(error)) from None
    say("The database is up to date.")


def _bring_up_to_date(owner_url: str, app_url: str) -> None:
    migrate(owner_url, app_url)
    asyncio.run(_check(app_url))


async def _check(app_url: str) -> None:
    engine = create_engine(app_url)
    try:
        await check_database(engine)
        await check_revision(engine)
    finally:
        await engine.dispose()
