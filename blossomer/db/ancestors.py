"""What is above a document: read in one query, and held in place while something is made below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from blossomer.db.documents import document_of, uuid_of
from blossomer.db.entity_tables import column_of, live, table_of
from blossomer.entities import ENTITIES, above
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.errors import UserError


def parent_missing(config: EntityConfig, parent: str) -> UserError:
    """A document has no parent to be below."""
    of, what = ENTITIES[parent].label.lower(), config.label.lower()
    return UserError(
        "parent_missing",
        f"The {of} that this {what} belongs to does not exist, or has been deleted.",
        f"Choose another {of}, or undo its deletion, and try again.",
        status=404,
    )


async def read_ancestors(
    session: AsyncSession, user_id: str, config: EntityConfig, parents: Mapping[str, str]
) -> dict[str, Document]:
    """All documents above one, by entity, the topmost first, in one query.

    Args:
        session: A session of the user.
        user_id: Whose documents they are.
        config: The entity of the document below.
        parents: Ids of what it is directly below, by entity.

    Returns:
        Those that exist; a deleted one does not.
    """
    configs = above(config.entity)
    if not configs:
        return {}
    found = {each.entity: table_of(each).alias(f"above_{each.entity}") for each in configs}
    source: Any = select(literal(1).label("one")).subquery("base")
    below = [config]
    for each in reversed(configs):
        alias = found[each.entity]
        if any(parent.entity == each.entity for parent in config.parents):
            key: Any = uuid_of(parents.get(each.entity, ""))
        else:  # the nearest of those below, whose table has been joined already
            nearest = next(b for b in below if any(p.entity == each.entity for p in b.parents))
            key = found[nearest.entity].c[column_of(nearest, each.entity)]
        is_it = live(alias, user_id) & (alias.c.id == key)
        source = source.outerjoin(alias, is_it if key is not None else ~true())
        below.append(each)
    columns = [
        column.label(f"{each.entity}.{column.name}")
        for each in configs
        for column in found[each.entity].c
        if column.computed is None
    ]
    row = (await session.execute(select(*columns).select_from(source))).one()._asdict()
    return {
        each.entity: document_of(each, _part(row, f"{each.entity}."))
        for each in configs
        if row[f"{each.entity}.id"] is not None
    }


def _part(row: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {k.removeprefix(prefix): value for k, value in row.items() if k.startswith(prefix)}


def check_parents(
    config: EntityConfig, parents: Mapping[str, str], ancestors: Mapping[str, Document]
) -> None:
    """Refuse parents of which one does not exist, or is not below the one it must be below.

    Raises:
        UserError: ``parent_missing`` (404).
    """
    for parent in config.parents:
        document = ancestors.get(parent.entity)
        outer = parents.get(parent.within, "") if parent.within else ""
        if document is None or (
            parent.within and uuid_of(document["parents"][parent.within]) != uuid_of(outer)
        ):
            raise parent_missing(config, parent.entity)


async def hold_parents(
    session: AsyncSession, user_id: str, config: EntityConfig, parents: Mapping[str, str]
) -> dict[str, UUID]:
    """Keep the parents of a document from being deleted until the transaction ends.

    A deletion that is under way is waited for. Locks are taken from the top down, as a deletion
    takes them, so that the two never wait for each other.

    Returns:
        The values of the columns with the parents' ids.

    Raises:
        UserError: ``parent_missing`` (404).
    """
    values: dict[str, UUID] = {}
    for parent in config.parents:
        above_it = ENTITIES[parent.entity]
        table, key = table_of(above_it), uuid_of(parents.get(parent.entity, ""))
        query = select(table.c.id).where(live(table, user_id), table.c.id == key)
        if parent.within:
            inner = table.c[column_of(above_it, parent.within)]
            query = query.where(inner == values[column_of(config, parent.within)])
        # Not FOR KEY SHARE, as the foreign key takes: marking a row as deleted changes no key.
        if key is None or await session.scalar(query.with_for_update(read=True)) is None:
            raise parent_missing(config, parent.entity)
        values[parent.column] = key
    return values
