"""Migrations: they run both ways, describe the tables exactly, and protect what they create."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from alembic import command
from sqlalchemy import Column, String, Table, update
from sqlmodel import SQLModel

from blossomer.db.check import DatabaseSetupError
from blossomer.db.engine import create_engine
from blossomer.db.entity_tables import entity_table, metadata, table_of
from blossomer.db.export import everything_of
from blossomer.db.migrate import alembic_config, migrate
from blossomer.db.removal import purge_deleted
from blossomer.db.roles import APP
from blossomer.entities import ENTITIES, entity_config
from blossomer.entities.config import Parent
from blossomer.entities.listing import ListQuery
from blossomer.entities.merge import Change
from tests.database.rows import insert_everything, somebodys_store
from tests.support.documents import keep_family

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


def test_the_tables_are_what_the_migrations_make(database, recwarn):
    command.check(alembic_config(database.owner))  # raises when autogenerate finds a difference
    # What it cannot change, like the expression of a computed column, it only warns of.
    assert [str(each.message) for each in recwarn if "Computed" in str(each.message)] == []


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


async def test_a_new_entity_needs_nothing_but_its_migration(empty_database, tmp_path, monkeypatch):
    migrate(empty_database.owner, empty_database.app)
    card = replace(
        entity_config("account"),
        entity="playbook",
        table="playbooks",
        data_column="playbook_data",
        parents=(Parent("company", column="company_id"),),
    )
    monkeypatch.setitem(ENTITIES, "playbook", card)
    table = entity_table(card)
    try:
        text = autogenerate(empty_database.owner, tmp_path)
        assert text.count("op.create_table(") == 1
        assert "op.add_column" not in text
        assert "op.create_unique_constraint" not in text
        assert "CREATE POLICY purge ON playbooks" in text
        config = alembic_config(empty_database.owner)
        versions = f"{config.get_main_option('script_location')}/versions"
        config.set_main_option("version_locations", f"{versions}:{tmp_path}")
        command.upgrade(config, "head")
        migrate_rights(empty_database)
        command.check(config)
        await use(card, empty_database.app)
        command.downgrade(config, "-1")
        assert "playbooks" not in tables_of(empty_database.owner)
    finally:
        metadata.remove(table)


def migrate_rights(urls) -> None:
    with psycopg.connect(urls.owner) as connection:
        connection.execute(f"GRANT ALL ON playbooks TO {APP}")


async def use(card, url: str) -> None:
    """Make, find, delete, restore and purge a document of an entity that is new."""
    engine = create_engine(url)
    try:
        store = await somebodys_store(engine)
        family = await keep_family(store, "playbook")
        kept = family["playbook"]
        assert await store.ancestors(card, kept) == {"company": family["company"]}
        query = ListQuery(text="battle", parents={"company": family["company"]["id"]})
        assert (await store.search(card, query)).total == 0
        await store.patch(card, kept["id"], [Change(path=("name",), value="Battle")])
        assert (await store.search(card, query)).rows[0].name == "Battle"
        deleted = await store.delete(entity_config("company"), family["company"]["id"])
        assert deleted.below == {"playbook": 1}
        await store.restore(entity_config("company"), family["company"]["id"])
        await store.delete(card, kept["id"])
        async with store.transaction() as session:
            rows = table_of(card)
            await session.execute(
                update(rows).values(deleted_at=rows.c.deleted_at - timedelta(days=31))
            )
        assert await purge_deleted(engine) == 4  # two versions, the words, the row
        assert len((await everything_of(store))["playbooks"]) == 0
    finally:
        await engine.dispose()


def test_documents_from_before_can_be_searched_and_deleted_ones_do_not_come_back(empty_database):
    command.upgrade(alembic_config(empty_database.owner), "686107740ca6")
    migrate_rows = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "
    with psycopg.connect(empty_database.owner) as connection:
        connection.execute(migrate_rows + APP)
    ids = insert_everything(empty_database.app, "somebody")
    migrate(empty_database.owner, empty_database.app)
    with psycopg.connect(empty_database.app) as connection:
        connection.execute("SELECT set_config('app.user_id', 'somebody', true)")
        words = connection.execute("SELECT entity, words::text FROM document_words").fetchall()
        connection.execute("UPDATE companies SET deleted_at = now()")
        connection.execute("UPDATE campaigns SET deleted_at = now()")
        # Without children, which a deletion of the store's would have marked as well.
        connection.execute("UPDATE target_accounts SET deleted_at = now()")
        connection.execute("UPDATE target_personas SET deleted_at = now()")
    assert ("company", "'acme'") in words
    assert sorted(entity for entity, _ in words) == ["account", "campaign", "company", "persona"]
    command.downgrade(alembic_config(empty_database.owner), "686107740ca6")
    with psycopg.connect(empty_database.app) as connection:
        connection.execute("SELECT set_config('app.user_id', 'somebody', true)")
        for table in ("companies", "target_accounts", "versions"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), ids


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
