"""The table of every entity, made from its configuration, and the conditions all queries share.

A new entity in ``ENTITIES`` has its table without anything here being touched; the migration is
written by ``alembic revision --autogenerate``. How rows become documents is in ``documents.py``.

Every foreign key and unique constraint begins with ``user_id``; ``tables.py`` says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Computed,
    Constraint,
    DateTime,
    ForeignKeyConstraint,
    FromClause,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import SQLModel

from blossomer.db.tables import User
from blossomer.entities import ENTITIES, above
from blossomer.entities.config import EntityConfig, Parent


def entity_table(config: EntityConfig, metadata: MetaData = SQLModel.metadata) -> Table:
    """Make the table of an entity.

    ``status`` is ``draft`` until the person has kept what was written, then ``saved``; ``inputs``
    is what they asked for; ``version`` counts the changes, and ``tickets`` names the last of them,
    the newest first, so that none is carried out twice. ``deleted_at`` is the moment of the
    deletion that took the row away; all rows that one deletion took have the same.

    The last two columns are what lists sort and filter by. The database computes them, with
    functions from the migrations, so that no write can leave them behind; ``DocumentWords`` is kept
    by a trigger for the same reason.

    Args:
        config: The entity.
        metadata: Where the table is registered.
    """
    data = config.data_column
    return Table(
        config.table,
        metadata,
        Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
        Column("user_id", String, nullable=False),
        *(Column(parent.column, Uuid, nullable=False) for parent in config.parents),
        Column("name", String, nullable=False),
        *(Column(column, String, nullable=False) for column, _ in config.columns),
        # What is at the top may be known before anything has been written about it.
        Column(data, JSONB, nullable=not config.parents),
        Column("status", String, nullable=False, server_default=text("'saved'")),
        Column("inputs", JSONB, nullable=False, server_default=text("'{}'")),
        Column("version", Integer, nullable=False, server_default=text("1")),
        Column("tickets", ARRAY(BigInteger), nullable=False, server_default=text("'{}'")),
        _moment("created_at"),
        _moment("updated_at"),
        Column("deleted_at", DateTime(timezone=True)),
        Column("sort_name", Text, Computed("folded(name)", persisted=True)),
        Column("confidence", Text, Computed(f"overall_confidence({data})", persisted=True)),
        *_constraints(config),
        info={"user_column": "user_id", "is_purged": True, "words": (config.entity, data)},
    )


def _moment(name: str) -> Column[Any]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


def _constraints(config: EntityConfig) -> Iterator[Constraint | Index]:
    if not config.parents:
        yield ForeignKeyConstraint(["user_id"], [f"{User.__tablename__}.id"], ondelete="CASCADE")
    for parent in config.parents:
        table, columns, theirs = ENTITIES[parent.entity].table, [parent.column], ["id"]
        if parent.within:
            columns.insert(0, column_of(config, parent.within))
            theirs.insert(0, column_of(ENTITIES[parent.entity], parent.within))
        yield ForeignKeyConstraint(
            ["user_id", *columns],
            [f"{table}.{column}" for column in ("user_id", *theirs)],
            ondelete="CASCADE",
        )
    yield UniqueConstraint("user_id", "id")
    # For children whose parent of this entity must itself be below another parent of theirs.
    outer = dict.fromkeys(
        column_of(config, parent.within)
        for child in ENTITIES.values()
        for parent in child.parents
        if parent.entity == config.entity and parent.within
    )
    for column in outer:
        yield UniqueConstraint("user_id", column, "id")
    yield Index(None, "user_id", "created_at")
    columns = [parent.column for parent in config.parents]
    if columns and not (len(columns) == 1 and columns[0] in outer):  # has an index already
        yield Index(None, "user_id", *columns)


metadata = SQLModel.metadata
"""All tables: those of the entities, and those of ``tables.py``."""


def table_of(config: EntityConfig) -> Table:
    """The table of an entity."""
    return SQLModel.metadata.tables[config.table]


def column_of(config: EntityConfig, parent: str) -> str:
    """The column with the id of a direct parent.

    Raises:
        KeyError: The entity has no such parent.
    """
    for each in config.parents:
        if each.entity == parent:
            return each.column
    raise KeyError(parent)


def live(table: FromClause, user_id: str) -> ColumnElement[bool]:
    """The user's rows that have not been deleted."""
    return (table.c.user_id == user_id) & table.c.deleted_at.is_(None)


def is_below(
    config: EntityConfig, user_id: str, ancestor: str, key: UUID | None
) -> ColumnElement[bool]:
    """Whether a row of an entity's table is below a document, directly or further up.

    Args:
        config: The entity of the rows.
        user_id: Whose they are.
        ancestor: The entity of the document above; one that is nowhere above has nothing below.
        key: Its id.
    """
    table = table_of(config)
    ways = [
        table.c[parent.column] == key
        if parent.entity == ancestor
        else table.c[parent.column].in_(_ids_below(parent, user_id, ancestor, key))
        for parent in config.parents
        if parent.entity == ancestor or ancestor in {e.entity for e in above(parent.entity)}
    ]
    return or_(*ways) if ways and key is not None else false()


def _ids_below(parent: Parent, user_id: str, ancestor: str, key: UUID | None) -> Any:
    config = ENTITIES[parent.entity]
    table = table_of(config)
    return select(table.c.id).where(
        table.c.user_id == user_id, is_below(config, user_id, ancestor, key)
    )


for _config in ENTITIES.values():
    entity_table(_config)
