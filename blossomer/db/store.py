"""The documents of one signed-in user, in Postgres: read, listed, patched, removed.

Everything here acts as the user it was made for; row-level security holds even where a condition
is missing. When and how often is written is decided in ``services/saving.py``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from sqlalchemy import Table, cast, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import SQLModel

from blossomer.db.engine import open_session
from blossomer.db.outage import outage_in_words
from blossomer.db.patch import patched, storable
from blossomer.db.tables import Version
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document, checked_document
from blossomer.entities.merge import Change

Origin = Literal["generated", "edited", "rewritten", "restored", "undone", "imported"]
"""Why a document was written."""

TRANSACTION_SECONDS = 8.0
"""Longest transaction. A database that hangs is like one that is not there."""

MOST_VERSIONS = 500
"""Earlier texts of a field that are looked up, newest first."""

_WHOLE = "$[*] ? (@.path.size() == 1)"
"""Finds versions with a change of a whole document, or of its name."""

_OWN_COLUMNS = frozenset({"name", "status"})
_versions: Table = SQLModel.metadata.tables[str(Version.__tablename__)]


class NoSuchDocument(Exception):
    """The user has no such document, whether or not somebody else has."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list of documents."""

    id: str
    name: str
    status: str
    created_at: datetime


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
            .where(table.c.user_id == self._user_id)
            .order_by(table.c.created_at.desc(), table.c.id.desc())
            .limit(most)
        )
        async with self._session() as session:
            rows = (await session.execute(query)).all()
        return [Listed(str(row.id), row.name, row.status, row.created_at) for row in rows]

    async def get(self, config: EntityConfig, document_id: str) -> Document | None:
        """One document; None when the user has none with this id."""
        table, key = table_of(config), _uuid(document_id)
        if key is None:
            return None
        return await self._one(config, select(table).where(self._is(table, key)))

    async def newest(self, config: EntityConfig) -> Document | None:
        """The user's newest document of an entity, if there is any."""
        table = table_of(config)
        query = (
            select(table)
            .where(table.c.user_id == self._user_id)
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
        """
        async with self.transaction() as session:
            return await self.create_in(session, config, document, origin)

    async def import_all(
        self, documents: Sequence[tuple[EntityConfig, Document]]
    ) -> list[Document]:
        """Keep documents from elsewhere as saved ones, all of them or none.

        One that was imported before is not imported again: its id follows from the one it had.

        Returns:
            The documents that are new, as they are kept.
        """
        kept: list[Document] = []
        async with self.transaction() as session:
            for config, document in documents:
                key = uuid5(NAMESPACE_OID, f"{self._user_id} {document['id']}")
                table = table_of(config)
                known = await session.scalar(select(table.c.id).where(self._is(table, key)))
                if known is None:
                    new = {**document, "id": str(key), "status": "saved"}
                    kept.append(await self.create_in(session, config, new, "imported"))
        return kept

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
            changes: Paths begin with ``data``, or are ``("name",)`` or ``("status",)``. Changes of
                ``updated_at`` are ignored: the database's clock counts.
            origin: Why.

        Returns:
            The document's new version.

        Raises:
            NoSuchDocument: The user has none with this id.
            ValueError: A path leads elsewhere.
        """
        async with self.transaction() as session:
            return await self.patch_in(session, config, document_id, changes, origin)

    async def patch_in(
        self,
        session: AsyncSession,
        config: EntityConfig,
        document_id: str,
        changes: Sequence[Change],
        origin: Origin,
    ) -> int:
        """``patch`` within a transaction of the caller's."""
        table, key = table_of(config), _uuid(document_id)
        values, of_data = _split(config, changes)
        if of_data:
            values[config.data_column] = patched(table.c[config.data_column], of_data)
        statement = (
            update(table)
            .where(table.c.user_id == self._user_id, table.c.id == key)
            .values(**values, version=table.c.version + 1, updated_at=func.clock_timestamp())
            .returning(table.c.version)
        )
        version = (await session.execute(statement)).scalar_one_or_none() if key else None
        if key is None or version is None:
            raise NoSuchDocument(document_id)
        noted = [change for change in changes if change.path[0] in ("data", "name")]
        if noted:
            await session.execute(self._version(config, key, origin, noted))
        return int(version)

    async def delete(self, config: EntityConfig, document_id: str) -> None:
        """Remove a document with its history and everything below it.

        Raises:
            NoSuchDocument: The user has none with this id.
        """
        table, key = table_of(config), _uuid(document_id)
        async with self.transaction() as session:
            removed = await session.execute(
                delete(table).where(self._is(table, key)).returning(table.c.id)
            )
            if removed.scalar_one_or_none() is None:
                raise NoSuchDocument(document_id)
            await session.execute(
                delete(_versions).where(
                    _versions.c.user_id == self._user_id,
                    _versions.c.entity == config.entity,
                    _versions.c.entity_id == key,
                )
            )

    async def history(
        self, config: EntityConfig, document_id: str, path: tuple[str, ...]
    ) -> list[Earlier]:
        """What a field has held, newest first, each value once in a row.

        Args:
            config: The entity.
            document_id: Its id.
            path: For example ``("data", "capabilities")``.
        """
        key = _uuid(document_id)
        query = (
            select(_versions)
            .where(
                _versions.c.user_id == self._user_id,
                _versions.c.entity == config.entity,
                _versions.c.entity_id == key,
                # Those that write the field itself, or a whole document; read exactly below.
                _versions.c.changes.contains([{"path": list(path)}])
                | func.jsonb_path_exists(_versions.c.changes, cast(_WHOLE, JSONPATH)),
            )
            .order_by(_versions.c.id.desc())
            .limit(MOST_VERSIONS)
        )
        async with self._session() as session:
            rows = (await session.execute(query)).all()
        found: list[Earlier] = []
        for row in reversed(rows):
            for change in row.changes:
                held, value = _value_at(change, path)
                if held and (not found or found[-1].value != value):
                    found.append(Earlier(row.id, value, row.origin, row.created_at))
        return found[::-1]

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
        return None if row is None else checked_document(config, _raw(config, row._asdict()))

    async def locked_in(
        self, session: AsyncSession, config: EntityConfig, document_id: str
    ) -> Document | None:
        """``get`` within a transaction of the caller's, until whose end nobody else changes it."""
        table = table_of(config)
        query = select(table).where(self._is(table, _uuid(document_id))).with_for_update()
        row = (await session.execute(query)).one_or_none()
        return None if row is None else checked_document(config, _raw(config, row._asdict()))

    async def create_in(
        self,
        session: AsyncSession,
        config: EntityConfig,
        document: Mapping[str, Any],
        origin: Origin,
    ) -> Document:
        """``create`` within a transaction of the caller's."""
        table = table_of(config)
        key = _uuid(str(document["id"])) or uuid4()
        data = storable(document["data"])
        values = {
            "id": key,
            "user_id": self._user_id,
            "name": storable(document["name"]),
            "status": document["status"],
            "inputs": storable(document["inputs"]),
            config.data_column: data,
            **{column: data.get(field, "") for column, field in config.columns},
        }
        if created := _moment(document.get("created_at")):
            values["created_at"] = created
        row = (await session.execute(insert(table).values(values).returning(*table.c))).one()
        whole = [Change(path=("data",), value=data), Change(path=("name",), value=values["name"])]
        await session.execute(self._version(config, key, origin, whole))
        return checked_document(config, _raw(config, row._asdict()))

    def _is(self, table: Table, key: UUID | None) -> Any:
        return (table.c.user_id == self._user_id) & (table.c.id == key)

    def _version(
        self, config: EntityConfig, key: UUID, origin: Origin, changes: Sequence[Change]
    ) -> Any:
        return insert(_versions).values(
            user_id=self._user_id,
            entity=config.entity,
            entity_id=key,
            origin=origin,
            changes=[storable(change.model_dump(mode="json")) for change in changes],
        )


def table_of(config: EntityConfig) -> Table:
    """The table of an entity."""
    return SQLModel.metadata.tables[config.table]


def _split(config: EntityConfig, changes: Sequence[Change]) -> tuple[dict[str, Any], list[Change]]:
    """Values of columns, and the changes of the data with paths from its top."""
    values: dict[str, Any] = {}
    of_data: list[Change] = []
    columns = {("data", field): column for column, field in config.columns}
    for change in changes:
        if change.path[0] == "data" and len(change.path) > 1:
            of_data.append(Change(path=change.path[1:], value=change.value))
            if change.path in columns:
                values[columns[change.path]] = storable(str(change.value))
        elif len(change.path) == 1 and change.path[0] in _OWN_COLUMNS:
            values[change.path[0]] = storable(str(change.value))
        elif change.path != ("updated_at",):
            raise ValueError(f"no such path in a document: {'.'.join(change.path)[:100]}")
    return values, of_data


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


def _raw(config: EntityConfig, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "entity": config.entity,
        "name": row["name"],
        "status": row["status"],
        "created_at": row["created_at"].astimezone(UTC).isoformat(timespec="microseconds"),
        "updated_at": row["updated_at"].astimezone(UTC).isoformat(timespec="microseconds"),
        "inputs": row["inputs"],
        "data": row[config.data_column],
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _moment(text: Any) -> datetime | None:
    """A moment from a document, unless it is none or lies in the future."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    if moment.tzinfo is None or moment > datetime.now(UTC):
        return None
    return moment
