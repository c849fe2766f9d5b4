"""Is the database what the product relies on? Asked at the start, and by ``GET /health/ready``."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.db.engine import pool_state
from blossomer.log import get_logger

log = get_logger(__name__)

HEALTH_SECONDS = 3.0
WAIT_SECONDS = 1.0
OLDEST_VERSION = 15


class DatabaseSetupError(Exception):
    """The database must not be used as it is. The message is one line: what and what to do."""


class DatabaseAwayError(DatabaseSetupError):
    """The database does not answer, so that nothing can be known about it."""


async def check_when_there(engine: AsyncEngine) -> None:
    """Check the database as soon as it answers.

    For a worker that takes the place of another while the database is away: should it end for
    that, the server would take it for one that cannot work, and end as well.

    Raises:
        DatabaseSetupError: As ``check_database``, but for a database that does not answer.
    """
    while True:
        try:
            await check_database(engine)
            return
        except DatabaseAwayError as error:
            log.warning("database.waited_for", reason=str(error))
            await asyncio.sleep(WAIT_SECONDS)


async def check_database(engine: AsyncEngine) -> None:
    """Refuse a database in which one user could see another's rows.

    Row-level security does not bind superusers and roles with BYPASSRLS, nor tables on which it is
    not switched on; nothing would show that it does nothing.

    Raises:
        DatabaseSetupError: With one line for the first thing that is wrong; ``DatabaseAwayError``
            when it does not answer.
    """
    try:
        async with engine.connect() as connection:
            version = int((await connection.execute(text("SHOW server_version_num"))).scalar_one())
            role = (
                await connection.execute(
                    text(
                        "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles "
                        "WHERE rolname = current_user"
                    )
                )
            ).one()
            unprotected = (
                (
                    await connection.execute(
                        text(
                            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') "
                            "AND relnamespace = current_schema()::regnamespace "
                            "AND relname <> 'alembic_version' "
                            "AND has_table_privilege(oid, 'SELECT') "
                            "AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY relname"
                        )
                    )
                )
                .scalars()
                .all()
            )
    except SQLAlchemyError as error:
        raise DatabaseAwayError(
            f"The database does not answer ({_cause(error)}): check DATABASE_URL."
        ) from None
    if version // 10_000 < OLDEST_VERSION:
        raise DatabaseSetupError(
            f"The database is PostgreSQL {version // 10_000}; {OLDEST_VERSION} or newer is needed."
        )
    if role.rolsuper or role.rolbypassrls:
        raise DatabaseSetupError(
            f"DATABASE_URL uses the role {role.rolname}, which row-level security does not bind "
            "(superuser or BYPASSRLS): create a plain role for serving with CREATE ROLE in SQL."
        )
    if unprotected:
        raise DatabaseSetupError(
            f"Row-level security is not forced on {', '.join(unprotected)}: run the migrations."
        )


async def database_health(engine: AsyncEngine) -> dict[str, Any]:
    """State of the database for ``GET /health/ready``; never raises and never takes long.

    Returns:
        ``status`` ("ok" or "unavailable") and ``pool``, and when ok ``latency_ms`` and ``version``.
    """
    started = time.perf_counter()
    try:
        async with asyncio.timeout(HEALTH_SECONDS), engine.connect() as connection:
            version = (await connection.execute(text("SHOW server_version"))).scalar_one()
    except (SQLAlchemyError, OSError, TimeoutError):
        return {"status": "unavailable", "pool": pool_state(engine)}
    elapsed = time.perf_counter() - started
    return {
        "status": "ok",
        "latency_ms": round(elapsed * 1000, 1),
        "version": str(version).split(" ")[0],
        "pool": pool_state(engine),
    }


def _cause(error: SQLAlchemyError) -> str:
    """First line of the driver's own words, which name the host but no password."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
