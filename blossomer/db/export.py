"""Everything that is kept of one user, for that user to have.

Written from the tables themselves, so that a new one is in it without anybody remembering.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, or_, select

from blossomer.db.entity_tables import live, metadata, table_of
from blossomer.db.store import DatabaseStore
from blossomer.db.tables import Session, Version
from blossomer.entities import ENTITIES

_NOT_THEIRS = {str(Session.__tablename__): {"secret_hash", "refresh_token"}}
"""Columns that would let whoever finds the file in; by table."""


async def everything_of(store: DatabaseStore) -> dict[str, Any]:
    """All rows of the store's user, by table, ready to be written as JSON."""
    found: dict[str, Any] = {"exported_at": datetime.now(UTC).isoformat(timespec="seconds")}
    async with store.transaction() as session:
        for table in metadata.sorted_tables:
            if table.info.get("is_derived"):
                continue
            owner = table.c[table.info["user_column"]]
            columns = [c for c in table.c if _is_theirs(table, c)]
            rows = await session.execute(
                select(*columns)
                .where(owner == store.user_id, *_is_there(table, store.user_id))
                .order_by(*_order(table))
            )
            found[table.name] = [
                {name: _plain(value) for name, value in row._asdict().items()} for row in rows
            ]
    return found


def _is_theirs(table: Table, column: Column[Any]) -> bool:
    """Whether a column says anything: not what would let others in, nor what is computed."""
    hidden = {"deleted_at", *_NOT_THEIRS.get(table.name, ())}
    return column.name not in hidden and column.computed is None


def _is_there(table: Table, user_id: str) -> list[ColumnElement[bool]]:
    """Conditions that leave out deleted documents, and their history."""
    if "deleted_at" in table.c:
        return [table.c.deleted_at.is_(None)]
    if table.name != Version.__tablename__:
        return []
    return [
        or_(
            table.c.entity != config.entity,
            table.c.entity_id.in_(select(documents.c.id).where(live(documents, user_id))),
        )
        for config in ENTITIES.values()
        for documents in [table_of(config)]
    ]


def _order(table: Table) -> list[Any]:
    moments = [table.c[name] for name in ("created_at", "started_at") if name in table.c]
    return [*moments, *table.primary_key.columns]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)
