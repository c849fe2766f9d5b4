"""Everything that is kept of one user, for that user to have.

Written from the tables themselves, so that a new one is in it without anybody remembering.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, select
from sqlmodel import SQLModel

from blossomer.db.store import DatabaseStore
from blossomer.db.tables import Session

_NOT_THEIRS = {str(Session.__tablename__): {"secret_hash", "refresh_token"}}
"""Columns that would let whoever finds the file in; by table."""


async def everything_of(store: DatabaseStore) -> dict[str, Any]:
    """All rows of the store's user, by table, ready to be written as JSON."""
    found: dict[str, Any] = {"exported_at": datetime.now(UTC).isoformat(timespec="seconds")}
    async with store.transaction() as session:
        for table in SQLModel.metadata.sorted_tables:
            owner = table.c[table.info["user_column"]]
            columns = [c for c in table.c if c.name not in _NOT_THEIRS.get(table.name, ())]
            rows = await session.execute(
                select(*columns).where(owner == store.user_id).order_by(*_order(table))
            )
            found[table.name] = [
                {name: _plain(value) for name, value in row._asdict().items()} for row in rows
            ]
    return found


def _order(table: Table) -> list[Any]:
    moments = [table.c[name] for name in ("created_at", "started_at") if name in table.c]
    return [*moments, *table.primary_key.columns]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)
