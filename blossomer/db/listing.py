"""Lists of documents, searched, filtered, sorted and cut by the database.

One pass over the user's rows finds what is wanted by narrow columns, and by the words beside them
(``DocumentWords``); only the rows of the page are then read in full. No index but that of the
user's rows takes part: row-level security keeps operators that are not leakproof, like those of
text search, from being index conditions, and the documents of one user are few enough
(``benchmarks/lists.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Uuid,
    cast,
    false,
    func,
    literal,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from blossomer.db.documents import iso, moment_of, parents_of, uuid_of
from blossomer.db.entity_tables import is_below, live, metadata, table_of
from blossomer.db.patch import storable
from blossomer.db.tables import DocumentWords
from blossomer.entities.config import EntityConfig
from blossomer.entities.listing import (
    MOST_DESCRIPTION,
    MOST_SEARCH,
    ListPage,
    ListQuery,
    ListRow,
)

_words_table = metadata.tables[str(DocumentWords.__tablename__)]
_SORT_COLUMNS = {"updated": "updated_at", "created": "created_at", "name": "sort_name"}


async def search_in(
    session: AsyncSession,
    user_id: str,
    config: EntityConfig,
    query: ListQuery,
    *,
    with_basis: bool = False,
) -> ListPage:
    """One page of a list; see ``DatabaseStore.search``."""
    words = await _words(session, query.text)
    statement = _page(user_id, config, query, words, with_basis=with_basis)
    rows = (await session.execute(statement)).all()
    return ListPage(
        tuple(_row(config, row._asdict()) for row in rows if row.id is not None), rows[0].total
    )


async def _words(session: AsyncSession, text: str) -> Sequence[str]:
    """The words of a search, cut by the same rule as those that are searched."""
    asked = storable(text[:MOST_SEARCH]).strip()
    if not asked:
        return ()
    words = await session.scalar(select(func.search_words(asked)))
    return words or ()


def _page(
    user_id: str, config: EntityConfig, query: ListQuery, words: Sequence[str], *, with_basis: bool
) -> Select[Any]:
    table = table_of(config)
    key: ColumnElement[Any] = table.c[_SORT_COLUMNS[query.sort]]
    if query.sort == "name":
        key = key.collate("C")
    found = (
        select(table.c.id, key.label("key"))
        .where(*_conditions(user_id, config, query, words))
        .cte("found")
    )
    order: list[ColumnElement[Any]] = [found.c.key, found.c.id]
    if query.descending:
        order = [column.desc() for column in order]
    page = (
        select(found.c.id, found.c.key, func.row_number().over(order_by=order).label("place"))
        .where(*_after(found, query))
        .order_by(*order)
        .offset(max(0, query.offset))
        .limit(max(0, query.limit))
        .subquery("page")
    )
    data = table.c[config.data_column]
    columns = [
        table.c.id,
        table.c.name,
        func.left(data["description"].astext, MOST_DESCRIPTION).label("description"),
        *(table.c[parent.column] for parent in config.parents),
        _kind(config).label("kind"),
        table.c.status,
        table.c.confidence,
        table.c.created_at,
        table.c.updated_at,
        (data["basis"] if with_basis else literal(None)).label("basis"),
        page.c.key,
    ]
    total = select(func.count().label("total")).select_from(found).subquery("counted")
    # The count is there even when the page is empty.
    return (
        select(total.c.total, *columns)
        .select_from(total)
        .outerjoin(page, true())
        .outerjoin(table, (table.c.user_id == user_id) & (table.c.id == page.c.id))
        .order_by(page.c.place)
    )


def _after(found: FromClause, query: ListQuery) -> list[ColumnElement[bool]]:
    """What comes after a row, by what the list is in order of."""
    if query.after is None:
        return []
    text, key = query.after
    moment = moment_of(text)
    bound: ColumnElement[Any] = literal(storable(text) if query.sort == "name" else moment)
    row, other = uuid_of(key), tuple_(found.c.key, found.c.id)
    if row is None or (moment is None and query.sort != "name"):
        return [false()]
    start = tuple_(bound, literal(row, Uuid))
    return [other < start if query.descending else other > start]


def _conditions(
    user_id: str, config: EntityConfig, query: ListQuery, words: Sequence[str]
) -> list[ColumnElement[bool]]:
    table = table_of(config)
    conditions = [live(table, user_id)]
    conditions += [
        is_below(config, user_id, entity, uuid_of(key)) for entity, key in query.parents.items()
    ]
    for wanted, column in (
        (query.status, table.c.status),
        (query.confidence, table.c.confidence),
        (query.kind, _kind(config)),
    ):
        if wanted:
            conditions.append(column == storable(wanted))
    if words:
        # They are letters and digits only, so nothing in them means anything to the query.
        beginnings = " & ".join(f"{word}:*" for word in words)
        conditions += [
            _words_table.c.user_id == user_id,
            _words_table.c.entity == config.entity,
            _words_table.c.entity_id == table.c.id,
            _words_table.c.words.op("@@")(cast(beginnings, TSQUERY)),
        ]
    return conditions if query.sort in _SORT_COLUMNS else [false()]


def _kind(config: EntityConfig) -> ColumnElement[Any]:
    """Of which kind a row is: a column where the table repeats it, else from the data."""
    table = table_of(config)
    if not config.kind_field:
        return literal("")
    for column, field in config.columns:
        if field == config.kind_field:
            return table.c[column]
    return func.coalesce(table.c[config.data_column][config.kind_field].astext, "")


def _row(config: EntityConfig, row: dict[str, Any]) -> ListRow:
    return ListRow(
        id=str(row["id"]),
        entity=config.entity,
        name=row["name"],
        description=row["description"] or "",
        parents=parents_of(config, row),
        kind=row["kind"],
        status=row["status"],
        confidence=row["confidence"] or "",
        created_at=iso(row["created_at"]),
        updated_at=iso(row["updated_at"]),
        basis=row["basis"] or {},
        key=iso(row["key"]) if isinstance(row["key"], datetime) else row["key"],
    )
