"""The documents of one signed-in user, in Postgres: read, listed, patched, removed.

Everything here acts as the user it was made for; row-level security holds even where a condition
is missing. When and how often is written is decided in ``services/saving.py``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import Table, exists, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from blossomer.db.ancestors import check_parents, hold_parents, read_ancestors
from blossomer.db.documents import changed_columns, document_of, uuid_of, values_of
from blossomer.db.engine import open_for_one_statement, open_session
from blossomer.db.entity_tables import live, table_of
from blossomer.db.history import Earlier, Write, history_in, versions_table, writes_in
from blossomer.db.importing import Imported, LeftOut, imported_id, parents_first, parents_here
from blossomer.db.listing import search_in
from blossomer.db.outage import outage_in_words
from blossomer.db.patch import WRITE, listed, storable
from blossomer.db.removal import Deleted, NoSuchDocument, count_below, delete_in, restore_in
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.entities.listing import ListPage, ListQuery
from blossomer.entities.merge import Change
from blossomer.errors import UserError

__all__ = [
    "DatabaseStore",
    "Deleted",
    "Earlier",
    "Imported",
    "Listed",
    "NoSuchDocument",
    "Origin",
    "Stored",
    "Write",
]

Origin = Literal["generated", "edited", "rewritten", "restored", "undone", "imported"]
"""Why a document was written."""

TRANSACTION_SECONDS = 8.0
"""Longest transaction. A database that hangs is like one that is not there."""

MOST_TICKETS = 50
"""Of a document's last writes by ``patch_once`` that are remembered. What is carried out again is
carried out again soon: by a worker that did not hear the answer, or by one in the place of one that
has died."""

_NEW_VERSION = insert(versions_table)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list of documents."""

    id: str
    name: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as it is kept.

    Args:
        document: The document.
        version: How often it has been written; the first time is 1.
    """

    document: Document
    version: int


class DatabaseStore:
    """The documents of one user.

    Every method raises ``UserError`` ``database_unavailable`` (503) when the database cannot be
    reached, and nothing is changed then.

    Args:
        engine: From ``create_engine``.
        user_id: The verified id of the user.
    """

    def __init__(self, engine: AsyncEngine, user_id: str) -> None:
        self._engine = engine
        self._user_id = user_id

    @property
    def user_id(self) -> str:
        """Whose documents these are."""
        return self._user_id

    async def listed(self, config: EntityConfig, *, most: int = 50) -> list[Listed]:
        """The user's documents of an entity, newest first."""
        table = table_of(config)
        query = (
            select(table.c.id, table.c.name, table.c.status, table.c.created_at)
            .where(live(table, self._user_id))
            .order_by(table.c.created_at.desc(), table.c.id.desc())
            .limit(most)
        )
        async with self._session() as session:
            rows = (await session.execute(query)).all()
        return [Listed(str(row.id), row.name, row.status, row.created_at) for row in rows]

    async def get(self, config: EntityConfig, document_id: str) -> Document | None:
        """One document; None when the user has none with this id."""
        table, key = table_of(config), uuid_of(document_id)
        if key is None:
            return None
        return await self._one(config, select(table).where(self._is(table, key)))

    async def stored(self, config: EntityConfig, document_id: str) -> Stored | None:
        """One document with its version; None when the user has none with this id."""
        async with self._session() as session:
            return await self._stored_in(session, config, document_id)

    async def edit(
        self,
        config: EntityConfig,
        document_id: str,
        decide: Callable[[Stored], Sequence[Change]],
        origin: Origin = "edited",
    ) -> tuple[Stored, tuple[Change, ...]]:
        """Change a document by what it says now, which nobody else can change meanwhile.

        Args:
            config: The entity.
            document_id: Its id.
            decide: Gives the changes, as ``patch`` takes them; without any nothing is written. What
                it raises ends the transaction, and is raised.
            origin: Why.

        Returns:
            The document afterwards, and what was changed.

        Raises:
            NoSuchDocument: The user has none with this id.
        """
        async with self.transaction() as session:
            before = await self._stored_in(session, config, document_id, lock=True)
            if before is None:
                raise NoSuchDocument(document_id)
            changes = tuple(decide(before))
            if not changes:
                return before, ()
            await self.patch_in(session, config, document_id, changes, origin)
            after = await self._stored_in(session, config, document_id)
            return after or before, changes

    async def newest(self, config: EntityConfig) -> Document | None:
        """The user's newest document of an entity, if there is any."""
        table = table_of(config)
        query = (
            select(table)
            .where(live(table, self._user_id))
            .order_by(table.c.created_at.desc(), table.c.id.desc())
            .limit(1)
        )
        return await self._one(config, query)

    async def create(
        self, config: EntityConfig, document: Mapping[str, Any], origin: Origin = "generated"
    ) -> Document:
        """Keep a new document.

        Args:
            config: The entity.
            document: As made by ``new_document``; it gets another id when its own is no UUID.
            origin: ``generated`` or ``imported``.

        Raises:
            UserError: ``parent_missing`` (404): what it is below does not exist, or is deleted.
        """
        async with self.transaction() as session:
            return await self.create_in(session, config, document, origin)

    async def import_all(self, documents: Sequence[tuple[EntityConfig, Document]]) -> Imported:
        """Keep documents from elsewhere as saved ones, in one transaction.

        One that was imported before is not imported again: its id follows from the one it had.
        Parents are found by the ids they had, in whatever order the documents come.

        Returns:
            What is new, and what was left out because it has no parent here. Anything else that is
            wrong with one of them is raised, and then none is kept.
        """
        kept: list[Document] = []
        left_out: list[LeftOut] = []
        moved: dict[tuple[str, str], UUID] = {}
        async with self.transaction() as session:
            for config, document in parents_first(documents):
                key = imported_id(self._user_id, str(document["id"]))
                moved[config.entity, str(document["id"])] = key
                table = table_of(config)
                # A deleted one counts: who has deleted it does not want it back.
                known = select(exists().where(table.c.user_id == self._user_id, table.c.id == key))
                if await session.scalar(known):
                    continue
                parents = await parents_here(session, self._user_id, document, moved)
                new = {**document, "id": str(key), "status": "saved", "parents": parents}
                try:
                    kept.append(await self.create_in(session, config, new, "imported"))
                except UserError as reason:
                    left_out.append(
                        LeftOut(config.entity, str(document["id"]), str(document["name"]), reason)
                    )
        return Imported(tuple(kept), tuple(left_out))

    async def patch(
        self,
        config: EntityConfig,
        document_id: str,
        changes: Sequence[Change],
        origin: Origin = "edited",
    ) -> int:
        """Apply changes to one document, in one statement, and note them in its history.

        Args:
            config: The entity.
            document_id: Its id.
            changes: Paths begin with ``data`` or ``inputs`` and lead to something within, or are
                ``("name",)`` or ``("status",)``. Changes of ``updated_at`` are ignored: the
                database's clock counts.
            origin: Why.

        Returns:
            The document's new version.

        Raises:
            NoSuchDocument: The user has none with this id.
            ValueError: A path leads elsewhere.
        """
        version = await self._write(config, document_id, changes, origin)
        if version is None:
            raise NoSuchDocument(document_id)
        return version

    async def patch_in(
        self,
        session: AsyncSession,
        config: EntityConfig,
        document_id: str,
        changes: Sequence[Change],
        origin: Origin,
    ) -> int:
        """``patch`` within a transaction of the caller's."""
        values = self._written(config, document_id, changes, origin)
        version: int | None = await session.scalar(WRITE, values)
        if version is None:
            raise NoSuchDocument(document_id)
        return version

    async def patch_once(
        self,
        config: EntityConfig,
        document_id: str,
        writes: Mapping[int, Sequence[Change]],
        origin: Origin = "edited",
    ) -> frozenset[int]:
        """``patch`` for changes that somebody else may have written, or that may be written twice.

        Args:
            config: The entity.
            document_id: Its id.
            writes: Changes by their tickets, in order. One whose ticket is among the document's
                last ``MOST_TICKETS`` is left out: it has been carried out already. So is one that
                is older than all of them: it would overwrite what is newer.
            origin: Why.

        Returns:
            The tickets of those that were carried out now.

        Raises:
            NoSuchDocument: The user has none with this id.
            ValueError: A path leads elsewhere.
        """
        left = dict(writes)
        while left:
            changes = [change for each in left.values() for change in each]
            if await self._write(config, document_id, changes, origin, tuple(left)) is not None:
                break
            async with self._session() as session:
                known = await self._tickets(session, config, document_id)
            left = {ticket: left[ticket] for ticket in left if not _is_known(ticket, known)}
        return frozenset(left)

    async def carried_out(
        self, config: EntityConfig, document_id: str, tickets: Iterable[int]
    ) -> frozenset[int]:
        """Which of these writes ``patch_once`` would leave out; none when the document is gone."""
        async with self._session() as session:
            try:
                known = await self._tickets(session, config, document_id)
            except NoSuchDocument:
                return frozenset()
        return frozenset(ticket for ticket in tickets if _is_known(ticket, known))

    async def _tickets(
        self, session: AsyncSession, config: EntityConfig, document_id: str
    ) -> list[int]:
        table, key = table_of(config), uuid_of(document_id)
        query = select(table.c.tickets).where(self._is(table, key))
        known = (await session.execute(query)).scalar_one_or_none() if key else None
        if known is None:
            raise NoSuchDocument(document_id)
        return list(known)

    async def _write(
        self,
        config: EntityConfig,
        document_id: str,
        changes: Sequence[Change],
        origin: Origin,
        tickets: tuple[int, ...] = (),
    ) -> int | None:
        """The new version; None when there is no such document, or one of the tickets is known."""
        values = self._written(config, document_id, changes, origin, tickets)
        async with (
            outage_in_words(TRANSACTION_SECONDS),
            open_for_one_statement(self._engine) as connection,
        ):
            version: int | None = await connection.scalar(WRITE, values)
        return version

    def _written(
        self,
        config: EntityConfig,
        document_id: str,
        changes: Sequence[Change],
        origin: Origin,
        tickets: tuple[int, ...] = (),
    ) -> dict[str, Any]:
        """The parameters of ``WRITE``."""
        changed = changed_columns(config, changes)
        noted = [change for change in changes if change.path[0] in ("data", "name")]
        return {
            "place": config.table,
            "owner": self._user_id,
            "document": uuid_of(document_id),
            "texts": changed.texts,
            "parts": {column: listed(inside) for column, inside in changed.parts.items()},
            "given": list(reversed(tickets)),
            "most": MOST_TICKETS,
            "kind": config.entity,
            "reason": origin,
            "noted": _in_history(noted),
        }

    async def search(
        self, config: EntityConfig, query: ListQuery, *, with_basis: bool = False
    ) -> ListPage:
        """One page of the user's documents of an entity.

        Args:
            config: The entity.
            query: What to list. Its words are beginnings of words, without regard to case and
                accents, and all must occur in the name or the texts of the data.
            with_basis: Whether the rows say what they rest on, for ``lineage.outdated``.
        """
        async with self._session() as session:
            return await search_in(session, self._user_id, config, query, with_basis=with_basis)

    async def names(self, config: EntityConfig, ids: Sequence[str]) -> dict[str, str]:
        """The names of documents by their ids; those that are not there are missing."""
        table, keys = table_of(config), [key for text in ids if (key := uuid_of(text))]
        query = select(table.c.id, table.c.name).where(
            table.c.user_id == self._user_id, table.c.id.in_(keys), table.c.deleted_at.is_(None)
        )
        async with self._session() as session:
            rows = (await session.execute(query)).all()
        return {str(row.id): row.name for row in rows}

    async def ancestors(
        self, config: EntityConfig, document: Mapping[str, Any]
    ) -> dict[str, Document]:
        """All documents above one, by entity, the topmost first; those that are gone are missing.

        Args:
            config: The document's entity.
            document: The document.
        """
        async with self._session() as session:
            return await read_ancestors(session, self._user_id, config, document["parents"])

    async def ancestors_of_parents(
        self, config: EntityConfig, parents: Mapping[str, str]
    ) -> dict[str, Document]:
        """All documents above one that is yet to be made.

        Args:
            config: Its entity.
            parents: Ids of what it will be directly below, by entity.

        Raises:
            UserError: ``parent_missing`` (404): one of them does not exist, or is not below the
                other that it must be below.
        """
        async with self._session() as session:
            found = await read_ancestors(session, self._user_id, config, parents)
        check_parents(config, parents, found)
        return found

    async def what_hangs_below(self, config: EntityConfig, document_id: str) -> dict[str, int]:
        """How many documents a deletion would take along, by entity; those with none are left out.

        Raises:
            NoSuchDocument: The user has none with this id.
        """
        key = uuid_of(document_id)
        async with self._session() as session:
            counts = await count_below(session, self._user_id, config, key) if key else None
        if counts is None:
            raise NoSuchDocument(document_id)
        return counts

    async def delete(self, config: EntityConfig, document_id: str) -> Deleted:
        """Delete a document and everything below it, so that it can be undone for 30 days.

        Raises:
            NoSuchDocument: The user has none with this id.
        """
        return await self._carried_out(delete_in, config, document_id)

    async def restore(self, config: EntityConfig, document_id: str) -> Deleted:
        """Undo the deletion of a document: what went with it comes back, and nothing else.

        Returns:
            What came back.

        Raises:
            NoSuchDocument: It was not deleted, or not lately, or something above it is gone.
        """
        return await self._carried_out(restore_in, config, document_id)

    async def _carried_out(
        self, deed: Callable[..., Awaitable[Deleted | None]], config: EntityConfig, document_id: str
    ) -> Deleted:
        """A deletion or its undoing, which finds nothing when the id is no UUID."""
        key = uuid_of(document_id)
        async with self.transaction() as session:
            done = await deed(session, self._user_id, config, key) if key else None
        if done is None:
            raise NoSuchDocument(document_id)
        return done

    async def history(
        self, config: EntityConfig, document_id: str, path: tuple[str, ...]
    ) -> list[Earlier]:
        """What a field has held, newest first, each value once in a row.

        Args:
            config: The entity.
            document_id: Its id.
            path: For example ``("data", "capabilities")``.
        """
        if (key := uuid_of(document_id)) is None:
            return []
        async with self._session() as session:
            return await history_in(session, self._user_id, config, key, path)

    async def writes(
        self, config: EntityConfig, document_id: str, *, before: int | None = None, limit: int
    ) -> list[Write]:
        """The writes of a document, newest first; see ``history.writes_in``."""
        if (key := uuid_of(document_id)) is None:
            return []
        async with self._session() as session:
            return await writes_in(session, self._user_id, config, key, before=before, limit=limit)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A transaction of the user, committed at the end of the block."""
        async with self._session() as session:
            yield session
            await session.commit()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[AsyncSession]:
        async with (
            outage_in_words(TRANSACTION_SECONDS),
            open_session(self._engine, self._user_id) as session,
        ):
            yield session

    async def _one(self, config: EntityConfig, query: Any) -> Document | None:
        async with self._session() as session:
            row = (await session.execute(query)).one_or_none()
        return None if row is None else document_of(config, row._asdict())

    async def _stored_in(
        self, session: AsyncSession, config: EntityConfig, document_id: str, *, lock: bool = False
    ) -> Stored | None:
        table, key = table_of(config), uuid_of(document_id)
        if key is None:
            return None
        query = select(table).where(self._is(table, key))
        row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
        return None if row is None else Stored(document_of(config, row._asdict()), row.version)

    async def locked_in(
        self, session: AsyncSession, config: EntityConfig, document_id: str
    ) -> Document | None:
        """``get`` within a transaction of the caller's, until whose end nobody else changes it."""
        table = table_of(config)
        query = select(table).where(self._is(table, uuid_of(document_id))).with_for_update()
        row = (await session.execute(query)).one_or_none()
        return None if row is None else document_of(config, row._asdict())

    async def create_in(
        self,
        session: AsyncSession,
        config: EntityConfig,
        document: Mapping[str, Any],
        origin: Origin,
    ) -> Document:
        """``create`` within a transaction of the caller's."""
        table = table_of(config)
        parents = document.get("parents") or {}
        key = uuid_of(str(document["id"])) or uuid4()
        values = {
            "id": key,
            "user_id": self._user_id,
            **await hold_parents(session, self._user_id, config, parents),
            **values_of(config, document),
        }
        row = (await session.execute(insert(table).values(values).returning(*table.c))).one()
        whole = [
            Change(path=("data",), value=values[config.data_column]),
            Change(path=("name",), value=values["name"]),
        ]
        await self._note(session, config, key, origin, whole)
        return document_of(config, row._asdict())

    def _is(self, table: Table, key: UUID | None) -> Any:
        return live(table, self._user_id) & (table.c.id == key)

    async def _note(
        self,
        session: AsyncSession,
        config: EntityConfig,
        key: UUID,
        origin: Origin,
        changes: Sequence[Change],
    ) -> None:
        """Write changes into the document's history."""
        await session.execute(
            _NEW_VERSION,
            {
                "user_id": self._user_id,
                "entity": config.entity,
                "entity_id": key,
                "origin": origin,
                "changes": _in_history(changes),
            },
        )


def _in_history(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [storable(change.model_dump(mode="json")) for change in changes]


def _is_known(ticket: int, known: Sequence[int]) -> bool:
    """Whether a write has been carried out, or is older than all that are remembered."""
    return ticket in known or (len(known) == MOST_TICKETS and ticket < known[-1])
