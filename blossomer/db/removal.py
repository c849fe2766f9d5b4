"""Deleting with everything below, and taking it back.

A deletion marks rows with its moment; the marks are how it is undone, and only it. What has been
deleted for ``KEEP_DELETED`` is removed for good by a function of the database, for all users (see
``purge_deleted``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from blossomer.db.ancestors import hold_parents
from blossomer.db.documents import parents_of
from blossomer.db.entity_tables import is_below, live, table_of
from blossomer.entities import ENTITIES, below
from blossomer.entities.config import EntityConfig
from blossomer.errors import UserError
from blossomer.log import get_logger

log = get_logger(__name__)

KEEP_DELETED = timedelta(days=30)
"""How long a deletion can be undone. The database's own function has the same number."""

PURGE_SECONDS = 24 * 60 * 60.0


class NoSuchDocument(Exception):
    """The user has no such document, whether or not somebody else has."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """A deletion, or the undoing of one.

    Args:
        entity: Of the document that was named.
        id: Its id.
        name: Its name.
        below: How many documents below it went, or came back, with it, by entity.
    """

    entity: str
    id: str
    name: str
    below: Mapping[str, int] = field(default_factory=dict)


async def count_below(
    session: AsyncSession, user_id: str, config: EntityConfig, key: UUID
) -> dict[str, int] | None:
    """How many documents are below one, by entity; None when there is no such document."""
    table, following = table_of(config), below(config.entity)
    counts = [
        select(func.count())
        .select_from(table_of(each))
        .where(live(table_of(each), user_id), is_below(each, user_id, config.entity, key))
        .scalar_subquery()
        for each in following
    ]
    query = select(table.c.id, *counts).where(live(table, user_id), table.c.id == key)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    return {each.entity: n for each, n in zip(following, row[1:], strict=True) if n}


async def delete_in(
    session: AsyncSession, user_id: str, config: EntityConfig, key: UUID
) -> Deleted | None:
    """Mark a document and everything below it, from the top down; None when there is none."""
    table = table_of(config)
    top = (
        update(table)
        .where(live(table, user_id), table.c.id == key)
        .values(deleted_at=func.clock_timestamp())
        .returning(table.c.name, table.c.deleted_at)
    )
    row = (await session.execute(top)).one_or_none()
    if row is None:
        return None
    counts = {}
    # Each level is a statement of its own: it sees what was made below the one before it, until
    # that was marked. From then on nothing can be made there (``hold_parents``).
    for each in below(config.entity):
        inner = table_of(each)
        marked = await session.execute(
            update(inner)
            .where(live(inner, user_id), is_below(each, user_id, config.entity, key))
            .values(deleted_at=row.deleted_at)
            .returning(inner.c.id)
        )
        counts[each.entity] = len(marked.all())
    return Deleted(config.entity, str(key), row.name, {e: n for e, n in counts.items() if n})


async def restore_in(
    session: AsyncSession, user_id: str, config: EntityConfig, key: UUID
) -> Deleted | None:
    """Take back the deletion of a document, and of what went with it.

    Returns:
        None when there is no such deletion, or what the document was below is gone.
    """
    table = table_of(config)
    query = select(table).where(table.c.user_id == user_id, table.c.id == key)
    row = (await session.execute(query)).one_or_none()
    if row is None or row.deleted_at is None or row.deleted_at < datetime.now(UTC) - KEEP_DELETED:
        return None
    try:
        await hold_parents(session, user_id, config, parents_of(config, row._asdict()))
    except UserError:
        return None
    at: datetime = row.deleted_at
    taken_back = await session.execute(
        update(table)
        .where(table.c.user_id == user_id, table.c.id == key, table.c.deleted_at == at)
        .values(deleted_at=None)
        .returning(table.c.id)
    )
    if taken_back.one_or_none() is None:  # somebody else was quicker
        return None
    counts = {}
    for each in below(config.entity):
        inner = table_of(each)
        has_parents = (
            inner.c[parent.column].in_(_live_ids(parent.entity, user_id)) for parent in each.parents
        )
        restored = await session.execute(
            update(inner)
            .where(
                inner.c.user_id == user_id,
                inner.c.deleted_at == at,
                is_below(each, user_id, config.entity, key),
                *has_parents,
            )
            .values(deleted_at=None)
            .returning(inner.c.id)
        )
        counts[each.entity] = len(restored.all())
    return Deleted(config.entity, str(key), row.name, {e: n for e, n in counts.items() if n})


def _live_ids(entity: str, user_id: str) -> Select[Any]:
    table = table_of(ENTITIES[entity])
    return select(table.c.id).where(live(table, user_id))


async def purge_deleted(engine: AsyncEngine) -> int:
    """Remove for good, with its history, what any user deleted longer than ``KEEP_DELETED`` ago.

    The serving role sees the rows of one user at a time and no list of users, so it cannot do this
    itself, and a user who never comes back must not keep deleted things alive. A function of the
    tables' owner does it: it takes no argument and touches nothing else, so that whoever may call
    it can do no harm with it.

    Args:
        engine: The database, as the serving role.

    Returns:
        How many rows that removed, not counting those that foreign keys took along.
    """
    total = 0
    while True:
        # Some at a time: no statement may take long, and no lock is held for long.
        async with engine.begin() as connection:
            removed = int(await connection.scalar(text("SELECT purge_deleted()")) or 0)
        if not removed:
            return total
        total += removed


async def purge_answers(engine: AsyncEngine) -> int:
    """Remove what was answered to anybody more than a day ago; see ``idempotency.py``.

    By a function of the tables' owner, for the same reason as ``purge_deleted``.

    Args:
        engine: The database, as the serving role.

    Returns:
        How many rows that removed.
    """
    total = 0
    while True:
        async with engine.begin() as connection:
            removed = int(await connection.scalar(text("SELECT purge_answers()")) or 0)
        if not removed:
            return total
        total += removed


First = Callable[[str, float], Awaitable[bool | None]]
"""Whether nobody else has done what has this name within so many seconds; None: not known."""


async def purge_daily(engine: AsyncEngine, first: First | None = None) -> None:
    """Purge now and every day, until cancelled; a failure is only written down.

    Args:
        engine: The database, as the serving role.
        first: With several workers, which of them does it.
    """
    while True:
        try:
            others_did = first and await first("purge", PURGE_SECONDS * 0.9) is False
            if not others_did and (removed := await purge_deleted(engine)):
                log.info("deleted.purged", rows=removed)
            if removed := await purge_answers(engine):
                log.info("answers.purged", rows=removed)
        except Exception as error:
            # Tomorrow is soon enough: nobody waits for it.
            log.warning("deleted.not_purged", reason=type(error).__name__)
        await asyncio.sleep(PURGE_SECONDS)
