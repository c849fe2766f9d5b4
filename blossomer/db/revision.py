"""Has a database been migrated for this version? Asked by a server that does not migrate itself."""

from __future__ import annotations

from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.db.check import DatabaseSetupError
from blossomer.db.migrate import alembic_config

_REMEDY = "run them before the servers of this version start (make migrate)."


async def check_revision(engine: AsyncEngine) -> None:
    """Refuse a database that lacks migrations of this version.

    One with migrations that this version does not know is newer, and taken: while servers are
    replaced one by one, and after going back, older ones run on it. So a migration must leave the
    database usable for the version before it.

    Args:
        engine: Of the serving role, which may read the revision but not change it.

    Raises:
        DatabaseSetupError: With one line.
    """
    try:
        async with engine.connect() as connection:
            query = text("SELECT version_num FROM alembic_version")
            found = (await connection.execute(query)).scalar_one_or_none()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise DatabaseSetupError(
            f"Whether the migrations have run cannot be seen ({reason}): {_REMEDY}"
        ) from None
    scripts = ScriptDirectory.from_config(alembic_config(""))
    head = scripts.get_current_head()
    older = {script.revision for script in scripts.walk_revisions()} - {head}
    if found is None or found in older:
        raise DatabaseSetupError(
            f"The database lacks migrations (it is at {found or 'none'}, this version needs "
            f"{head}): {_REMEDY}"
        )
