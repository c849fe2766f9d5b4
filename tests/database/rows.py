"""Rows for the database tests: one of each table, in one account."""

from __future__ import annotations

from uuid import uuid4

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.db import tables
from blossomer.db.engine import open_session
from blossomer.db.store import DatabaseStore
from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig

AFTER_THE_ENTITIES = (
    "INSERT INTO sessions (user_id, secret_hash, refresh_token, verified_until) "
    "VALUES (%(user)s, %(session)s, 'encrypted', now())",
    "INSERT INTO generations (user_id, entity, entity_id) "
    "VALUES (%(user)s, 'company', %(company)s)",
    "INSERT INTO versions (user_id, entity, entity_id, origin, changes) "
    "VALUES (%(user)s, 'company', %(company)s, 'generated', '[]')",
    "INSERT INTO given_answers (user_id, key, fingerprint, claim) "
    "VALUES (%(user)s, 'key', 'fingerprint', gen_random_uuid())",
)


def insert_everything(url: str, user: str) -> dict[str, str]:
    """Insert one row into each table as the serving role; returns the ids by kind.

    Tables that an older schema does not have yet are left out.
    """
    ids = {"user": user, **{kind: str(uuid4()) for kind in (*ENTITIES, "session")}}
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('app.user_id', %s, true)", [user])
        connection.execute("INSERT INTO users (id) VALUES (%(user)s)", ids)
        for config in ENTITIES.values():
            found = connection.execute("SELECT to_regclass(%s)", [config.table]).fetchone()
            if found and found[0]:
                connection.execute(_insertion(config), ids)
        for statement in AFTER_THE_ENTITIES:
            table = statement.split()[2]
            found = connection.execute("SELECT to_regclass(%s)", [table]).fetchone()
            if found and found[0]:
                connection.execute(statement, ids)
    return ids


def _insertion(config: EntityConfig) -> str:
    """A row with what its table must have; of one at the top nothing has been written yet."""
    values = {
        "id": f"%({config.entity})s",
        "user_id": "%(user)s",
        **{parent.column: f"%({parent.entity})s" for parent in config.parents},
        "name": "'Acme'" if not config.parents else f"'The {config.label.lower()}'",
        **{column: "'of the row'" for column, _ in config.columns},
        **({config.data_column: "'{}'"} if config.parents else {}),
    }
    return f"INSERT INTO {config.table} ({', '.join(values)}) VALUES ({', '.join(values.values())})"


async def somebodys_store(engine: AsyncEngine) -> DatabaseStore:
    """The store of a new user."""
    user = f"user-{uuid4()}"
    async with open_session(engine, user) as session:
        session.add(tables.User(id=user))
        await session.commit()
    return DatabaseStore(engine, user)
