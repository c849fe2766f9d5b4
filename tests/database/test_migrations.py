"""Migrations: they run both ways, describe the tables exactly, and protect what they create."""

from __future__ import annotations

import psycopg
import pytest
from alembic import command
from sqlalchemy import Column, String, Table
from sqlmodel import SQLModel

from blossomer.db.check import DatabaseSetupError
from blossomer.db.entity_tables import metadata
from blossomer.db.migrate import alembic_config, migrate
from tests.database.rows import insert_everything

TABLES = {table.name for table in metadata.sorted_tables}


def tables_of(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {row[0] for row in rows} - {"alembic_version"}


@pytest.mark.parametrize("filled", [False, True])
def test_up_down_and_up_again(empty_database, filled):
    migrate(empty_database.owner, empty_database.app)
    assert tables_of(empty_database.owner) == TABLES
    if filled:
        insert_everything(empty_database.app, "somebody")
    command.downgrade(alembic_config(empty_database.owner), "base")
    assert tables_of(empty_database.owner) == set()
    migrate(empty_database.owner, empty_database.app)
    assert tables_of(empty_database.owner) == TABLES
    insert_everything(empty_database.app, "somebody")


def test_going_back_to_unique_addresses_keeps_every_account(empty_database):
    migrate(empty_database.owner, empty_database.app)
    with psycopg.connect(empty_database.app) as connection:
        for user in ("first", "second"):
            connection.execute("SELECT set_config('app.user_id', %s, true)", [user])
            connection.execute("INSERT INTO users (id, email) VALUES (%s, 'a@example.com')", [user])
    command.downgrade(alembic_config(empty_database.owner), "6dba1d4a14f2")
    kept = {}
    with psycopg.connect(empty_database.app) as connection:
        for user in ("first", "second"):
            connection.execute("SELECT set_config('app.user_id', %s, true)", [user])
            kept[user] = connection.execute("SELECT email FROM users").fetchall()
    assert kept == {"first": [("a@example.com",)], "second": [(None,)]}


def test_running_them_again_changes_nothing(empty_database):
    migrate(empty_database.owner, empty_database.app)
    insert_everything(empty_database.app, "somebody")
    migrate(empty_database.owner, empty_database.app)
    with psycopg.connect(empty_database.app) as connection:
        connection.execute("SELECT set_config('app.user_id', 'somebody', true)")
        assert connection.execute("SELECT count(*) FROM campaigns").fetchone() == (1,)


def test_the_tables_are_what_the_migrations_make(database):
    command.check(alembic_config(database.owner))  # raises when autogenerate finds a difference


def test_a_new_table_gets_its_row_security_from_autogenerate(database, tmp_path):
    table = Table(
        "notes",
        SQLModel.metadata,
        Column("id", String, primary_key=True),
        Column("user_id", String, nullable=False),
        info={"user_column": "user_id"},
    )
    try:
        text = autogenerate(database.owner, tmp_path)
    finally:
        SQLModel.metadata.remove(table)
    assert "ALTER TABLE notes FORCE ROW LEVEL SECURITY" in text
    assert "CREATE POLICY own_rows ON notes" in text


def test_a_new_table_that_belongs_to_nobody_is_refused(database, tmp_path):
    table = Table("notes", SQLModel.metadata, Column("id", String, primary_key=True))
    try:
        with pytest.raises(ValueError, match="notes has no user_column"):
            autogenerate(database.owner, tmp_path)
    finally:
        SQLModel.metadata.remove(table)


def autogenerate(url: str, folder) -> str:
    """Let Alembic write a migration for the present tables into a folder; returns its text."""
    config = alembic_config(url)
    versions = f"{config.get_main_option('script_location')}/versions"
    config.set_main_option("version_locations", f"{versions}:{folder}")
    script = command.revision(config, "notes", autogenerate=True, version_path=str(folder))
    return folder.joinpath(script.path).read_text()


def test_an_unreachable_database_is_one_line():
    nowhere = "postgresql://owner:secret@127.0.0.1:1/nothing"
    with pytest.raises(DatabaseSetupError) as caught:
        migrate(nowhere, nowhere)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
