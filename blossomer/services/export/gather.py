"""Collects a document and what is below or above it from where documents are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from blossomer.entities import below
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.entities.listing import PAGE_ROWS, ListPage, ListQuery
from blossomer.errors import UserError
from blossomer.services.export.portable import MOST_DOCUMENTS


class DocumentSource(Protocol):
    """Where documents are kept."""

    async def get(self, config: EntityConfig, document_id: str) -> Document | None:
        """One document; None when there is none with this id."""

    async def ancestors(
        self, config: EntityConfig, document: Mapping[str, Any]
    ) -> dict[str, Document]:
        """Everything above a document, by entity, the topmost first."""

    async def search(self, config: EntityConfig, query: ListQuery) -> ListPage:
        """Rows of an entity. ``query.parents`` means what is directly or further above."""


async def documents_below(
    store: DocumentSource,
    config: EntityConfig,
    document_id: str,
    *,
    with_above: bool = False,
    with_below: bool = True,
) -> list[Document]:
    """A document and everything below it, parents before children and the oldest first.

    Args:
        store: Where documents are kept.
        config: The document's entity.
        document_id: Its id.
        with_above: Whether what is above it comes along, as its first documents.
        with_below: Whether what is below it does.

    Returns:
        Nothing when there is no such document.

    Raises:
        UserError: ``plan_too_large`` (422): more documents than one file may have.
    """
    top = await store.get(config, document_id)
    if top is None:
        return []
    above = await store.ancestors(config, top) if with_above else {}
    documents = [*above.values(), top]
    for lower in below(config.entity) if with_below else ():
        for key in await _ids(store, lower, {config.entity: document_id}):
            # One that is deleted at this moment is not missed.
            if (document := await store.get(lower, key)) is not None:
                documents.append(document)
        if len(documents) > MOST_DOCUMENTS:
            raise _too_large()
    return documents


async def _ids(
    store: DocumentSource, config: EntityConfig, parents: Mapping[str, str]
) -> list[str]:
    found: list[str] = []
    while True:
        query = ListQuery(
            parents=parents, sort="created", descending=False, offset=len(found), limit=PAGE_ROWS
        )
        page = await store.search(config, query)
        found += [row.id for row in page.rows]
        if not page.rows or len(found) >= page.total:
            return found
        if page.total > MOST_DOCUMENTS:
            raise _too_large()


def _too_large() -> UserError:
    return UserError(
        "plan_too_large",
        f"There are more than {MOST_DOCUMENTS:,} documents in this plan.",
        "Export its parts one by one.",
        status=422,
    )
