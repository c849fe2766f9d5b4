"""Lists of documents: what is asked for, what a row says, and how a list in memory is searched.

Pure. Rows of the database are searched by the database (``db/listing.py``); drafts of the browser
are rows already and are searched here. Both follow ``ListQuery``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from blossomer.entities.config import EntityConfig

PAGE_ROWS = 25
"""Rows of one page of a list."""

MOST_SEARCH = 200
"""Most characters of a search."""

UNSEARCHED = ("evidence", "provenance", "basis", "proposals")
"""Fields of the data that a search leaves out: they are about the document."""

Sort = Literal["updated", "created", "name"]
Level = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What to list.

    Args:
        text: Words that must all occur, as beginnings of words, in the name or the texts.
        parents: Ids of documents above, by entity; all must match, directly or further up.
        kind: Of which kind; empty for all.
        status: ``draft`` or ``saved``; empty for both.
        confidence: Overall confidence; empty for all.
        sort: By the moment of the last change, of the making, or by name.
        descending: The latest or last first.
        offset: Rows to leave out at the beginning.
        limit: Most rows.
        after: The ``key`` and the id of a row: only what comes after it in this order. Unlike
            ``offset`` this leaves nothing out and repeats nothing when rows come or go meanwhile.
    """

    text: str = ""
    parents: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    status: str = ""
    confidence: str = ""
    sort: Sort = "updated"
    descending: bool = True
    offset: int = 0
    limit: int = PAGE_ROWS
    after: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ListRow:
    """One document in a list, without its content.

    Args:
        id: Its id.
        entity: Its entity.
        name: Its name.
        description: The beginning of its description.
        parents: Ids of what it is directly below, by entity.
        kind: Of which kind it is.
        status: ``draft`` or ``saved``.
        confidence: Overall confidence.
        created_at: ISO 8601, UTC.
        updated_at: ISO 8601, UTC.
        basis: What it rests on, see ``lineage.py``; empty where it was not asked for.
        matches: Whether a search of its whole text, which a row does not hold, has found it.
        key: What it was put in order by, as text.
    """

    id: str
    entity: str
    name: str
    description: str = ""
    parents: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    status: str = "saved"
    confidence: str = ""
    created_at: str = ""
    updated_at: str = ""
    basis: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    matches: bool = True
    key: str = ""


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list, and how many rows there are in all."""

    rows: tuple[ListRow, ...] = ()
    total: int = 0


MOST_DESCRIPTION = 200
"""Characters of a description that a row shows."""


def overall_confidence(levels: Mapping[str, str]) -> str:
    """One level for a document: the middle one of its fields, the lower of two middles.

    Args:
        levels: Field to level, as in a document's ``confidence``.
    """
    order = ("low", "medium", "high")
    ranks = sorted(order.index(level) for level in levels.values() if level in order)
    return order[ranks[(len(ranks) - 1) // 2]] if ranks else ""


def select_rows(config: EntityConfig, rows: Iterable[ListRow], query: ListQuery) -> ListPage:
    """Search, filter, sort and cut rows in memory.

    Args:
        config: The entity to list.
        rows: Rows of all entities; those of others tell what is below what.
        query: What to list. Its ``text`` has been looked for already: see ``ListRow.matches``.
    """
    known = {(row.entity, row.id): row for row in rows}
    found = [
        row
        for row in known.values()
        if row.entity == config.entity
        and row.matches
        and query.kind in ("", row.kind)
        and query.status in ("", row.status)
        and query.confidence in ("", row.confidence)
        and query.parents.items() <= lineage_ids(row, known).items()
    ]
    found = [replace(row, key=_sort_key(row, query.sort)) for row in found]
    found.sort(key=lambda row: (row.key, row.id), reverse=query.descending)
    rest = found
    if (after := query.after) is not None:
        rest = [
            row
            for row in found
            if ((row.key, row.id) < after if query.descending else (row.key, row.id) > after)
        ]
    return ListPage(tuple(rest[query.offset : query.offset + query.limit]), len(found))


def _sort_key(row: ListRow, sort: Sort) -> str:
    if sort == "name":
        return _without_accents(row.name)
    return row.updated_at if sort == "updated" else row.created_at


def _without_accents(text: str) -> str:
    """As names are put in order: "Über" comes among those with u, as in the database."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def lineage_ids(row: ListRow, known: Mapping[tuple[str, str], ListRow]) -> dict[str, str]:
    """The ids of everything above a row, by entity."""
    found: dict[str, str] = {}
    waiting = list(row.parents.items())
    while waiting:
        entity, key = waiting.pop()
        if entity in found:
            continue
        found[entity] = key
        if (parent := known.get((entity, key))) is not None:
            waiting += parent.parents.items()
    return found


def descendants(row_key: tuple[str, str], rows: Iterable[ListRow]) -> list[ListRow]:
    """Everything below a document, parents before children."""
    found: list[ListRow] = []
    reached = {row_key}
    left = list(rows)
    while True:
        following = [row for row in left if any((e, k) in reached for e, k in row.parents.items())]
        if not following:
            return found
        found += following
        reached |= {(row.entity, row.id) for row in following}
        left = [row for row in left if row not in following]
