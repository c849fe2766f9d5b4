"""Rows for the database tests: one of each table, in one account."""

from __future__ import annotations

from uuid import uuid4

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.db import tables
from blossomer.db.engine import open_session
from blossomer.db.store import DatabaseStore

STATEMENTS = (
    "INSERT INTO users (id) VALUES (%(user)s)",
    "INSERT INTO companies (id, user_id, name, url) "
    "VALUES (%(company)s, %(user)s, 'Acme', 'https://acme.example')",
    "INSERT INTO target_accounts (id, user_id, company_id, name, account_data) "
    "VALUES (%(account)s, %(user)s, %(company)s, 'Operations at carriers', '{}')",
    "INSERT INTO target_personas (id, user_id, target_account_id, name, persona_data) "
    "VALUES (%(persona)s, %(user)s, %(account)s, 'Head of operations', '{}')",
    "INSERT INTO campaigns "
    "(id, user_id, target_account_id, target_persona_id, name, campaign_type, campaign_data) "
    "VALUES (%(campaign)s, %(user)s, %(account)s, %(persona)s, 'First mail', 'email', '{}')",
    "INSERT INTO sessions (user_id, secret_hash, refresh_token, verified_until) "
    "VALUES (%(user)s, %(session)s, 'encrypted', now())",
    "INSERT INTO generations (user_id, entity, entity_id) "
    "VALUES (%(user)s, 'company', %(company)s)",
    "INSERT INTO versions (user_id, entity, entity_id, origin, changes) "
    "VALUES (%(user)s, 'company', %(company)s, 'generated', '[]')",
)


def insert_everything(url: str, user: str) -> dict[str, str]:
    """Insert one row into each table as the serving role; returns the ids by kind."""
    ids = {"user": user}
    for kind in ("company", "account", "persona", "campaign", "session"):
        ids[kind] = str(uuid4())
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('app.user_id', %s, true)", [user])
        for statement in STATEMENTS:
            connection.execute(statement, ids)
    return ids


async def somebodys_store(engine: AsyncEngine) -> DatabaseStore:
    """The store of a new user."""
    user = f"user-{uuid4()}"
    async with open_session(engine, user) as session:
        session.add(tables.User(id=user))
        await session.commit()
    return DatabaseStore(engine, user)
