"""What the writes of a document have left in ``versions``: earlier values of a field, and the list
of all writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, cast, exists, func, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from blossomer.db.entity_tables import live, table_of
from blossomer.db.tables import Version
from blossomer.entities.config import EntityConfig

MOST_VERSIONS = 500
"""Earlier texts of a field that are looked up, newest first."""

_WHOLE = "$[*] ? (@.path.size() == 1)"
"""Finds versions with a change of a whole document, or of its name."""

_PATHS = "$[*].path"

versions_table: Table = SQLModel.metadata.tables[str(Version.__tablename__)]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a field held from a moment on.

    Args:
        version: Id of the version that wrote it.
        value: The field's value.
        origin: Why it was written.
        at: When.
    """

    version: int
    value: Any
    origin: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a document.

    Args:
        version: Its id; a later one has a larger one.
        origin: Why it was written.
        at: When.
        paths: Where something was written.
    """

    version: int
    origin: str
    at: datetime
    paths: tuple[tuple[str, ...], ...]


async def history_in(
    session: AsyncSession, user_id: str, config: EntityConfig, key: UUID, path: tuple[str, ...]
) -> list[Earlier]:
    """What a field has held, newest first, each value once in a row."""
    query = (
        select(versions_table)
        .where(
            *_of_document(user_id, config, key),
            # Those that write the field itself, or a whole document; read exactly below.
            versions_table.c.changes.contains([{"path": list(path)}])
            | func.jsonb_path_exists(versions_table.c.changes, cast(_WHOLE, JSONPATH)),
        )
        .order_by(versions_table.c.id.desc())
        .limit(MOST_VERSIONS)
    )
    rows = (await session.execute(query)).all()
    found: list[Earlier] = []
    for row in reversed(rows):
        for change in row.changes:
            held, value = _value_at(change, path)
            if held and (not found or found[-1].value != value):
                found.append(Earlier(row.id, value, row.origin, row.created_at))
    return found[::-1]


async def writes_in(
    session: AsyncSession,
    user_id: str,
    config: EntityConfig,
    key: UUID,
    *,
    before: int | None = None,
    limit: int,
) -> list[Write]:
    """The writes of a document, newest first.

    Args:
        session: A session of the user.
        user_id: Whose document it is.
        config: Its entity.
        key: Its id; one that is not there, or deleted, has none.
        before: Leave out this version and later ones.
        limit: Most of them.
    """
    columns = versions_table.c
    # The paths alone: the values may be a whole document each.
    paths = func.jsonb_path_query_array(columns.changes, cast(_PATHS, JSONPATH)).label("paths")
    query = (
        select(columns.id, columns.origin, columns.created_at, paths)
        .where(*_of_document(user_id, config, key))
        .order_by(columns.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(columns.id < before)
    rows = (await session.execute(query)).all()
    return [Write(r.id, r.origin, r.created_at, tuple(map(tuple, r.paths))) for r in rows]


def _of_document(user_id: str, config: EntityConfig, key: UUID) -> tuple[Any, ...]:
    documents = table_of(config)
    return (
        versions_table.c.user_id == user_id,
        versions_table.c.entity == config.entity,
        versions_table.c.entity_id == key,
        exists().where(live(documents, user_id), documents.c.id == key),
    )


def _value_at(change: dict[str, Any], path: tuple[str, ...]) -> tuple[bool, Any]:
    """Whether a noted change says what is at a path, and what."""
    written, value = tuple(change["path"]), change["value"]
    if path[: len(written)] != written:
        return False, None
    for key in path[len(written) :]:
        if not isinstance(value, dict) or key not in value:
            return False, None
        value = value[key]
    return True, value
