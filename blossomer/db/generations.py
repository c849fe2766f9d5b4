"""The log of a user's generations: what became of each, and what it cost.

One that runs says so every ``HEARTBEAT_SECONDS``. When it has not for ``SILENT_SECONDS`` its
process is gone, and whoever looks next marks it as interrupted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, insert, select, update
from sqlmodel import SQLModel

from blossomer.db.patch import storable
from blossomer.db.store import DatabaseStore
from blossomer.db.tables import Generation

HEARTBEAT_SECONDS = 2.0
SILENT_SECONDS = 10.0

_generations: Table = SQLModel.metadata.tables[str(Generation.__tablename__)]

_COSTS = ("writer", "provider", "model", "prompt_version", "input_tokens", "output_tokens")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a user's generations have taken.

    Args:
        generations: How many were completed.
        input_tokens: Tokens that models have read.
        output_tokens: Tokens that models have written.
        cost_usd: What is known of their price.
    """

    generations: int
    input_tokens: int
    output_tokens: int
    cost_usd: float


class GenerationLog:
    """The generations of one user.

    Args:
        store: Whose they are; raises ``database_unavailable`` like it.
    """

    def __init__(self, store: DatabaseStore) -> None:
        self._store = store
        self._user_id = store.user_id

    async def begin(
        self,
        generation_id: UUID,
        *,
        entity: str,
        inputs: Mapping[str, str],
        parents: Mapping[str, str] | None = None,
        only: str = "",
        document_id: str = "",
    ) -> Mapping[str, Any] | None:
        """Note that a generation has begun, unless another one of the entity is running.

        Returns:
            The row of the one that runs, on whichever worker; None when this one has begun.
        """
        async with self._store.transaction() as session:
            # Of two workers that begin at once, one waits here until the other's row is there.
            place = func.hashtextextended(f"generation {self._user_id} {entity}", 0)
            await session.execute(select(func.pg_advisory_xact_lock(place)))
            await session.execute(self._mark_silent(entity))
            running = (
                await session.execute(
                    select(_generations)
                    .where(self._of(entity), _generations.c.status == "running")
                    .limit(1)
                )
            ).one_or_none()
            if running is not None:
                return running._asdict()
            await session.execute(
                self.begun(
                    generation_id,
                    entity=entity,
                    inputs=inputs,
                    parents=parents,
                    only=only,
                    document_id=document_id,
                )
            )
        return None

    def begun(
        self,
        generation_id: UUID,
        *,
        entity: str,
        inputs: Mapping[str, str],
        parents: Mapping[str, str] | None = None,
        only: str = "",
        document_id: str = "",
    ) -> Any:
        """The statement that notes that a generation has begun, for a transaction of the caller's.

        For one of which nobody has to know before it is done.
        """
        return insert(_generations).values(
            id=generation_id,
            user_id=self._user_id,
            entity=entity,
            entity_id=UUID(document_id) if document_id else None,
            only=only,
            inputs=storable(inputs),
            parents=dict(parents or {}),
        )

    async def is_alive(self, generation_id: UUID) -> bool:
        """Note that it still runs; whether it is still wanted."""
        async with self._store.transaction() as session:
            status = await session.scalar(
                update(_generations)
                .where(_generations.c.user_id == self._user_id, _generations.c.id == generation_id)
                .values(alive_at=func.clock_timestamp())
                .returning(_generations.c.status)
            )
        return bool(status != "cancelled")

    def finished(
        self, generation_id: UUID, status: str, provenance: Mapping[str, Any], document_id: str
    ) -> Any:
        """The statement that notes how a generation ended, for a transaction of the caller's.

        It returns the id, and changes nothing when the generation has been cancelled.
        """
        return (
            update(_generations)
            .where(
                _generations.c.user_id == self._user_id,
                _generations.c.id == generation_id,
                _generations.c.status != "cancelled",
            )
            .returning(_generations.c.id)
            .values(
                status=status,
                entity_id=UUID(document_id),
                finished_at=func.clock_timestamp(),
                cost_usd=provenance.get("cost_usd"),
                duration_seconds=provenance.get("duration_seconds"),
                **{name: provenance[name] for name in _COSTS if name in provenance},
            )
        )

    def kept(self, generation_id: UUID) -> Any:
        """The statement that finds the document that a completed generation has written.

        Whoever has lost the answer to a commit does not know whether it has taken place.
        """
        return select(_generations.c.entity_id).where(
            _generations.c.user_id == self._user_id,
            _generations.c.id == generation_id,
            _generations.c.status == "completed",
        )

    async def end(self, generation_id: UUID, status: str, error: Mapping[str, Any]) -> bool:
        """Note that a generation ended without a result; whether it had not ended already."""
        return await self._set(
            generation_id,
            _generations.c.status == "running",
            status=status,
            error=storable(error),
            finished_at=func.clock_timestamp(),
        )

    async def latest(self, entity: str) -> Mapping[str, Any] | None:
        """The newest generation of an entity; one that has fallen silent is marked first."""
        async with self._store.transaction() as session:
            await session.execute(self._mark_silent(entity))
            row = (
                await session.execute(
                    select(_generations)
                    .where(self._of(entity))
                    .order_by(_generations.c.started_at.desc())
                    .limit(1)
                )
            ).one_or_none()
        return None if row is None else row._asdict()

    async def running(self, entity: str) -> Mapping[str, Any] | None:
        """The generation of an entity that runs; one that has fallen silent is marked first."""
        running = self._of(entity) & (_generations.c.status == "running")
        async with self._store.transaction() as session:
            await session.execute(self._mark_silent(entity))
            row = (
                await session.execute(select(_generations).where(running).limit(1))
            ).one_or_none()
        return None if row is None else row._asdict()

    async def one(self, entity: str, generation_id: UUID) -> Mapping[str, Any] | None:
        """One generation; one that has fallen silent is marked first."""
        async with self._store.transaction() as session:
            await session.execute(self._mark_silent(entity))
            row = (
                await session.execute(
                    select(_generations).where(self._of(entity), _generations.c.id == generation_id)
                )
            ).one_or_none()
        return None if row is None else row._asdict()

    async def seen(self, generation_id: UUID) -> None:
        """Note that the person knows how it ended."""
        await self._set(generation_id, seen_at=func.clock_timestamp())

    async def usage(self, since: datetime | None = None) -> Usage:
        """What the completed generations have taken, all or since a moment."""
        columns = _generations.c
        query = select(
            func.count(),
            func.coalesce(func.sum(columns.input_tokens), 0),
            func.coalesce(func.sum(columns.output_tokens), 0),
            func.coalesce(func.sum(columns.cost_usd), 0),
        ).where(columns.user_id == self._user_id, columns.status == "completed")
        if since is not None:
            query = query.where(columns.started_at >= since)
        async with self._store.transaction() as session:
            row = (await session.execute(query)).one()
        return Usage(int(row[0]), int(row[1]), int(row[2]), float(row[3]))

    async def recent(self, most: int = 20) -> list[Mapping[str, Any]]:
        """The newest generations, for the account's page and the export."""
        query = (
            select(_generations)
            .where(_generations.c.user_id == self._user_id)
            .order_by(_generations.c.started_at.desc())
            .limit(most)
        )
        async with self._store.transaction() as session:
            return [row._asdict() for row in await session.execute(query)]

    def _of(self, entity: str) -> Any:
        return (_generations.c.user_id == self._user_id) & (_generations.c.entity == entity)

    def _mark_silent(self, entity: str) -> Any:
        silent = func.clock_timestamp() - timedelta(seconds=SILENT_SECONDS)
        return (
            update(_generations)
            .where(
                self._of(entity),
                _generations.c.status == "running",
                _generations.c.alive_at < silent,
            )
            .values(status="interrupted", finished_at=func.clock_timestamp())
        )

    async def _set(self, generation_id: UUID, *conditions: Any, **values: Any) -> bool:
        async with self._store.transaction() as session:
            changed = await session.execute(
                update(_generations)
                .where(
                    _generations.c.user_id == self._user_id,
                    _generations.c.id == generation_id,
                    *conditions,
                )
                .values(**values)
                .returning(_generations.c.id)
            )
            return changed.one_or_none() is not None
