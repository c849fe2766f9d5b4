"""Documents from elsewhere, as they come: ids are mapped, parents go first, and each child is asked
for its parents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blossomer.db.documents import uuid_of
from blossomer.db.entity_tables import live, table_of
from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.errors import UserError


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A document that could not be imported.

    Args:
        entity: Its entity.
        id: The id it had.
        name: Its name.
        reason: Why, in words.
    """

    entity: str
    id: str
    name: str
    reason: UserError


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an import.

    Args:
        kept: The documents that are new, as they are kept, parents before children.
        left_out: Those of which a parent is neither among them nor in the database.
    """

    kept: tuple[Document, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def parents_first(
    documents: Sequence[tuple[EntityConfig, Document]],
) -> list[tuple[EntityConfig, Document]]:
    """The same documents, each after those it can be below; otherwise in the order given."""
    order = list(ENTITIES)
    return sorted(documents, key=lambda each: order.index(each[0].entity))


def imported_id(user_id: str, draft_id: str) -> UUID:
    """The id that a document from elsewhere has here: the same each time it is imported."""
    return uuid5(NAMESPACE_OID, f"{user_id} {draft_id}")


async def parents_here(
    session: AsyncSession,
    user_id: str,
    document: Mapping[str, Any],
    moved: Mapping[tuple[str, str], UUID],
) -> dict[str, str]:
    """The parents of a document from elsewhere by the ids they have here.

    A parent that is not among the documents may have come with an earlier import, or may have been
    here all along; one that is nowhere keeps its id, and is then missed when the child is made.

    Args:
        session: A session of the user.
        user_id: Who imports.
        document: The document.
        moved: Ids here, by entity and the id there, of the documents that came before this one.
    """
    parents = {}
    for entity, key in document.get("parents", {}).items():
        here = moved.get((entity, key))
        if here is None:
            table = table_of(ENTITIES[entity])
            candidates = [each for each in (uuid_of(key), imported_id(user_id, key)) if each]
            query = select(table.c.id).where(live(table, user_id), table.c.id.in_(candidates))
            here = (await session.execute(query.limit(1))).scalar_one_or_none()
        parents[entity] = str(here or key)
    return parents
