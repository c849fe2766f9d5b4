"""Brings a database up to date, as the owner of its tables. What changes is in ``alembic/``."""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy.engine import make_url

from blossomer.db.check import DatabaseSetupError

PROJECT = Path(__file__).resolve().parents[2]

GRANT_LOCK = 7_402_118
"""Of the database, held while rights are given; any number that nobody else uses."""


def alembic_config(owner_url: str) -> Config:
    """Alembic's configuration for one database.

    Args:
        owner_url: Address of the owning role over a direct, not pooled, connection.
    """
    config = Config(PROJECT / "alembic.ini")
    config.attributes["url"] = owner_url
    return config


def migrate(owner_url: str, app_url: str) -> None:
    """Run the migrations that are missing and give the serving role its rights.

    Several servers may start at once: one migrates, the others wait for it.

    Args:
        owner_url: Address of the role that owns the tables, direct.
        app_url: Address of the serving role; only its name is used.

    Raises:
        DatabaseSetupError: One line says why it could not be done.
    """
    app_role = make_url(app_url).username
    try:
        command.upgrade(alembic_config(owner_url), "head")
        with psycopg.connect(owner_url) as connection:
            if app_role and app_role != connection.info.user:
                _grant(connection, app_role)
    except psycopg.Error as error:
        raise _as_one_line(error) from None
    except Exception as error:
        # SQLAlchemy wraps the driver's errors; anything else is a bug in a migration.
        if isinstance(cause := getattr(error, "orig", None), psycopg.Error):
            raise _as_one_line(cause) from None
        raise


def _grant(connection: psycopg.Connection, role: str) -> None:
    """Rows may be read and written; tables, migrations and TRUNCATE stay with the owner.

    Which migrations have run may be read (``revision.py``).
    """
    rights = (
        "GRANT USAGE ON SCHEMA public TO {}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
        "REVOKE ALL ON alembic_version FROM {}",
        "GRANT SELECT ON alembic_version TO {}",
    )
    # Of servers that start at once one after the other: the database refuses two that grant.
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [GRANT_LOCK])
    for statement in rights:
        connection.execute(sql.SQL(statement).format(sql.Identifier(role)))


def _as_one_line(error: psycopg.Error) -> DatabaseSetupError:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return DatabaseSetupError(f"The database could not be brought up to date: {reason}")
