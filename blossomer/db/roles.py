"""The two roles and the database of an embedded server. Tables and their rights are in migrations.

*owner* owns the tables and runs migrations; it is never given to the serving process. *app* serves:
it may read and write rows, and row-level security decides which. Neither is a superuser.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from blossomer.db.embedded import EmbeddedServer

OWNER = "blossomer_owner"
APP = "blossomer_app"
DATABASE = "blossomer"


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """Connection addresses, each with its role's password: never log or show them."""

    owner: str
    app: str


def prepare_database(server: EmbeddedServer, database: str = DATABASE) -> DatabaseUrls:
    """Create the roles and the database where they are missing, and say how to connect.

    Safe to run at every start: a start that was killed in between is completed by the next one.

    Args:
        server: The running embedded server.
        database: Name of the database.
    """
    with server.connect() as connection:
        _ensure_role(connection, OWNER, server.passwords.owner)
        _ensure_role(connection, APP, server.passwords.app)
        known = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [database]
        ).fetchone()
        if known is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(database), sql.Identifier(OWNER)
                )
            )
        connection.execute(
            sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database))
        )
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                sql.Identifier(database), sql.Identifier(APP)
            )
        )
    return DatabaseUrls(
        owner=_url(server, OWNER, server.passwords.owner, database),
        app=_url(server, APP, server.passwords.app, database),
    )


def _ensure_role(connection: psycopg.Connection, role: str, password: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    statement = "CREATE ROLE {} {}" if known is None else "ALTER ROLE {} {}"
    rights = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD {}"
    connection.execute(
        sql.SQL(statement).format(
            sql.Identifier(role), sql.SQL(rights).format(sql.Literal(password))
        )
    )


def _url(server: EmbeddedServer, role: str, password: str, database: str) -> str:
    # The passwords are URL-safe by construction, and so are role and database.
    return f"postgresql://{role}:{password}@/{database}?host={server.socket}"
