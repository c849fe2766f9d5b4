"""Requests of a user that named themselves with a key: who carries one out, and what was answered.

A key is claimed in one statement, so that of two requests at the same moment, on whichever worker,
one gets it. Whoever carries a request out says so again and again; one that has fallen silent is
gone, and the next to ask takes over.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Table, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel

from blossomer.db.store import DatabaseStore
from blossomer.db.tables import GivenAnswer

KEPT = timedelta(hours=24)
"""How long an answer is given again. The database's own function has the same number."""

SILENT_SECONDS = 15.0
"""After this whoever carried a request out is gone."""

MOST_ANSWERS = 2_000
"""Answers of one user that are kept; of more the oldest are forgotten, so that nobody fills the
disk of the database."""

_answers: Table = SQLModel.metadata.tables[str(GivenAnswer.__tablename__)]


@dataclass(frozen=True, slots=True)
class Given:
    """An answer.

    Args:
        status: Of HTTP.
        headers: Those that belong to it.
        body: What was answered.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claimed:
    """The request is to be carried out.

    Args:
        claim: Names this claim in what follows.
        since: Tells this request from others that had the key on other days; stays the same when
            somebody takes over.
    """

    claim: UUID
    since: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Another request had this key.

    Args:
        fingerprint: Digest of what it asked for.
        given: What was answered; None while it is being carried out.
    """

    fingerprint: str
    given: Given | None


class DatabaseAnswers:
    """The answers of one user.

    Args:
        store: Whose they are; raises ``database_unavailable`` like it.
    """

    def __init__(self, store: DatabaseStore) -> None:
        self._store = store

    async def claim(self, key: str, fingerprint: str) -> Claimed | Known:
        """Begin to carry out a request, unless another one has done so, or is doing so.

        Args:
            key: As the client named it.
            fingerprint: Digest of what it asks for.
        """
        claim, now = uuid4(), func.clock_timestamp()
        new = {
            "user_id": self._store.user_id,
            "key": key,
            "fingerprint": fingerprint,
            "claim": claim,
        }
        is_old = _answers.c.created_at < now - KEPT
        is_silent = (
            _answers.c.status.is_(None)
            & (_answers.c.alive_at < now - timedelta(seconds=SILENT_SECONDS))
            & (_answers.c.fingerprint == fingerprint)
        )
        async with self._store.transaction() as session:
            await session.execute(delete(_answers).where(self._is_mine(), is_old))
            await session.execute(delete(_answers).where(self._is_mine(), self._is_one_too_many()))
            inserted = insert(_answers).values(**new).on_conflict_do_nothing()
            since = await session.scalar(inserted.returning(_answers.c.created_at))
            if since is not None:
                return Claimed(claim, self._since(since))
            taken_over = (
                update(_answers)
                .where(self._is(key), is_silent)
                .values(claim=claim, alive_at=now)
                .returning(_answers.c.created_at)
            )
            since = await session.scalar(taken_over)
            if since is not None:
                return Claimed(claim, self._since(since))
            row = (await session.execute(select(_answers).where(self._is(key)))).one_or_none()
        if row is None:  # given up in this very moment
            return await self.claim(key, fingerprint)
        if row.status is None:
            return Known(row.fingerprint, None)
        return Known(
            row.fingerprint, Given(row.status, row.headers, zlib.decompress(row.body or b""))
        )

    async def is_alive(self, key: str, claimed: Claimed) -> None:
        """Say that the request is still being carried out."""
        await self._set(key, claimed, alive_at=func.clock_timestamp())

    async def give(self, key: str, claimed: Claimed, given: Given) -> None:
        """Note what was answered."""
        await self._set(
            key,
            claimed,
            status=given.status,
            headers=dict(given.headers),
            body=zlib.compress(given.body),
        )

    async def give_up(self, key: str, claimed: Claimed) -> None:
        """Forget a request of which nothing has come, so that it can be tried again."""
        async with self._store.transaction() as session:
            await session.execute(
                delete(_answers).where(
                    self._is(key), _answers.c.claim == claimed.claim, _answers.c.status.is_(None)
                )
            )

    async def _set(self, key: str, claimed: Claimed, **values: object) -> None:
        async with self._store.transaction() as session:
            await session.execute(
                update(_answers)
                .where(
                    self._is(key), _answers.c.claim == claimed.claim, _answers.c.status.is_(None)
                )
                .values(**values)
            )

    def _since(self, moment: datetime) -> str:
        return f"{self._store.user_id} {moment.isoformat()}"

    def _is_mine(self) -> ColumnElement[bool]:
        return _answers.c.user_id == self._store.user_id

    def _is(self, key: str) -> ColumnElement[bool]:
        return self._is_mine() & (_answers.c.key == key)

    def _is_one_too_many(self) -> ColumnElement[bool]:
        newest = (
            select(_answers.c.created_at)
            .where(self._is_mine())
            .order_by(_answers.c.created_at.desc())
            .offset(MOST_ANSWERS - 1)
            .limit(1)
            .scalar_subquery()
        )
        return _answers.c.status.is_not(None) & (_answers.c.created_at < newest)
