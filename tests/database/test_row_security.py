"""No user sees, changes or attaches to another's rows, whatever the code asks for."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from blossomer.db import tables
from blossomer.db.check import DatabaseSetupError, check_database, database_health
from blossomer.db.engine import create_engine, open_session
from blossomer.db.entity_tables import metadata, table_of
from blossomer.entities import ENTITIES, entity_config
from tests.database.rows import insert_everything

COMPANIES, ACCOUNTS, CAMPAIGNS = (
    table_of(entity_config(entity)) for entity in ("company", "account", "campaign")
)
ALL = [metadata.tables[str(tables.User.__tablename__)]]
ALL += [table for table in metadata.sorted_tables if table not in ALL]


@pytest.fixture
def two_users(database):
    return tuple(insert_everything(database.app, f"user-{uuid4()}") for _ in range(2))


def test_every_table_has_forced_row_security_and_a_policy(database):
    with psycopg.connect(database.owner) as connection:
        rows = connection.execute(
            "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, "
            "  (SELECT count(*) FROM pg_policies p WHERE p.tablename = c.relname "
            "   AND p.qual LIKE '%app.user_id%' AND p.with_check LIKE '%app.user_id%') "
            "FROM pg_class c WHERE c.relkind IN ('r', 'p') "
            "AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'"
        ).fetchall()
    assert {row[0] for row in rows} == {table.name for table in ALL}
    assert [row for row in rows if row[1:] != (True, True, 1)] == []


def test_no_other_policy_lets_anybody_write(database):
    with psycopg.connect(database.owner) as connection:
        others = connection.execute(
            "SELECT tablename, policyname, cmd, roles::text FROM pg_policies "
            "WHERE policyname <> 'own_rows' ORDER BY tablename"
        ).fetchall()
    purged = sorted([config.table for config in ENTITIES.values()] + ["versions", "document_words"])
    purged += ["given_answers"]
    owners = [(table, "purge", "ALL", "{blossomer_owner}") for table in purged]
    assert others == sorted([*owners, ("sessions", "by_secret", "SELECT", "{public}")])


async def test_a_session_is_seen_with_its_secret_and_no_other(engine, two_users):
    mine, _ = two_users
    async with engine.connect() as connection:
        await connection.execute(
            text("SELECT set_config('app.session_hash', :hash, true)"), {"hash": mine["session"]}
        )
        seen = (await connection.execute(select(tables.Session.user_id))).scalars().all()
        assert seen == [mine["user"]]
        changed = await connection.execute(text("UPDATE sessions SET refresh_token = 'taken'"))
        assert changed.rowcount == 0
    async with engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(tables.Session)) == 0


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
async def test_each_sees_its_own_row_only(engine, two_users, table):
    own = len(ENTITIES) if table.name == "document_words" else 1
    for mine in two_users:
        async with open_session(engine, mine["user"]) as session:
            assert await session.scalar(select(func.count()).select_from(table)) == own


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
async def test_without_a_user_there_is_nothing(engine, two_users, table):
    async with open_session(engine, two_users[0]["user"]) as session:
        await session.execute(text("SELECT 1"))
    # The same pooled connection, now without a session: nothing was left on it.
    async with engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(table)) == 0


async def test_the_user_is_still_set_after_a_commit_and_a_rolled_back_savepoint(engine, two_users):
    async with open_session(engine, two_users[0]["user"]) as session:
        count = select(func.count()).select_from(COMPANIES)
        await session.commit()
        assert await session.scalar(count) == 1
        async with session.begin_nested() as savepoint:
            await savepoint.rollback()
        assert await session.scalar(count) == 1


@pytest.mark.parametrize("table", ALL[1:], ids=lambda table: table.name)
async def test_anothers_row_can_be_neither_changed_nor_deleted(engine, two_users, table):
    mine, theirs = two_users
    async with open_session(engine, mine["user"]) as session:
        name = table.name
        for statement in (f"UPDATE {name} SET user_id = :mine", f"DELETE FROM {name}"):
            result = await session.execute(
                text(f"{statement} WHERE user_id = :user"),
                {"user": theirs["user"]} | ({"mine": mine["user"]} if ":mine" in statement else {}),
            )
            assert result.rowcount == 0


async def test_a_row_cannot_be_written_for_or_given_to_another(engine, two_users):
    mine, theirs = two_users
    async with open_session(engine, mine["user"]) as session:
        of_theirs = {"user_id": theirs["user"], "name": "x", "url": "https://x.example"}
        with pytest.raises(ProgrammingError, match="row-level security"):
            await session.execute(insert(COMPANIES).values(of_theirs))
    async with open_session(engine, mine["user"]) as session:
        with pytest.raises(ProgrammingError, match="row-level security"):
            await session.execute(
                text("UPDATE companies SET user_id = :user"), {"user": theirs["user"]}
            )


async def test_a_child_cannot_hang_under_anothers_parent(engine, two_users):
    mine, theirs = two_users
    async with open_session(engine, mine["user"]) as session:
        with pytest.raises(IntegrityError):
            await session.execute(
                insert(ACCOUNTS).values(
                    user_id=mine["user"],
                    company_id=UUID(theirs["company"]),
                    name="x",
                    account_data={},
                )
            )


async def test_a_campaigns_persona_is_one_of_its_account(engine, two_users):
    mine = two_users[0]
    async with open_session(engine, mine["user"]) as session:
        other = await session.scalar(
            insert(ACCOUNTS)
            .values(
                user_id=mine["user"],
                company_id=UUID(mine["company"]),
                name="other",
                account_data={},
            )
            .returning(ACCOUNTS.c.id)
        )
        with pytest.raises(IntegrityError):
            await session.execute(
                insert(CAMPAIGNS).values(
                    user_id=mine["user"],
                    target_account_id=other,
                    target_persona_id=UUID(mine["persona"]),
                    name="x",
                    campaign_type="email",
                    campaign_data={},
                )
            )


async def test_deleting_a_company_deletes_what_hangs_under_it(engine, two_users):
    mine, theirs = two_users
    async with open_session(engine, mine["user"]) as session:
        await session.execute(text("DELETE FROM companies"))
        assert await session.scalar(select(func.count()).select_from(CAMPAIGNS)) == 0
        await session.commit()
    async with open_session(engine, theirs["user"]) as session:
        assert await session.scalar(select(func.count()).select_from(CAMPAIGNS)) == 1


async def test_a_session_must_have_a_user(engine):
    with pytest.raises(ValueError, match="id of its user"):
        async with open_session(engine, ""):
            pass


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE companies",
        "DROP TABLE companies",
        "ALTER TABLE companies DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE mine (id int)",
        "UPDATE alembic_version SET version_num = ''",
        "DELETE FROM alembic_version",
        "SET ROLE blossomer_owner",
        "CREATE ROLE friend SUPERUSER",
    ],
)
def test_the_serving_role_can_only_read_and_write_rows(database, statement):
    with psycopg.connect(database.app) as connection, pytest.raises(psycopg.Error) as caught:
        connection.execute(statement)
    assert caught.value.sqlstate == "42501"  # insufficient privilege


async def test_the_start_accepts_the_serving_role(engine):
    await check_database(engine)


async def test_the_start_refuses_a_role_that_row_security_does_not_bind(postgres, database):
    url = f"postgresql://postgres:{postgres.passwords.superuser}@/migrated?host={postgres.socket}"
    engine = create_engine(url)
    try:
        with pytest.raises(DatabaseSetupError, match="role postgres, which row-level security"):
            await check_database(engine)
    finally:
        await engine.dispose()


async def test_the_start_refuses_a_table_without_row_security(database, empty_database):
    with psycopg.connect(empty_database.owner) as connection:
        connection.execute("CREATE TABLE open_to_all (id int)")
        connection.execute("GRANT SELECT ON open_to_all TO PUBLIC")
    engine = create_engine(empty_database.app)
    try:
        with pytest.raises(DatabaseSetupError, match="not forced on open_to_all"):
            await check_database(engine)
    finally:
        await engine.dispose()


async def test_health_tells_whether_the_database_answers(engine):
    health = await database_health(engine)
    assert health["status"] == "ok"
    assert health["version"].split(".")[0].isdigit()
    nowhere = create_engine("postgresql://app:secret@127.0.0.1:1/nothing")
    try:
        down = await database_health(nowhere)
        assert (down["status"], down["pool"]["in_use"]) == ("unavailable", 0)
    finally:
        await nowhere.dispose()
