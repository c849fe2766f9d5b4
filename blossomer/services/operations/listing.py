"""Lists for programs: what may be asked for, and a cursor that stays right while rows come and go.

A cursor names the last row that was seen by what the list is in order of. It holds nothing that a
client could not know, and is checked like everything else that a client sends.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from blossomer.db.documents import moment_of
from blossomer.entities import above
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Status, is_identifier
from blossomer.entities.listing import (
    MOST_SEARCH,
    PAGE_ROWS,
    Level,
    ListPage,
    ListQuery,
    ListRow,
    Sort,
)
from blossomer.errors import UserError

MOST_ROWS = 100
"""Most rows of one page of a list."""

SORTS: tuple[str, ...] = get_args(Sort)
STATUSES: tuple[str, ...] = get_args(Status)
LEVELS: tuple[str, ...] = get_args(Level)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list.

    Args:
        rows: The documents, without their content.
        total: How many match in all.
        next_cursor: What to ask for to get the next page; empty at the end.
    """

    rows: tuple[ListRow, ...]
    total: int
    next_cursor: str


def list_query(
    config: EntityConfig,
    *,
    text: str = "",
    parents: Mapping[str, str] | None = None,
    kind: str = "",
    status: str = "",
    confidence: str = "",
    sort: str = "created",
    descending: bool = True,
    limit: int = PAGE_ROWS,
    cursor: str = "",
) -> ListQuery:
    """Check what a program asks for; empty values leave out a condition.

    Args:
        config: The entity to list.
        text: Words that must all occur.
        parents: Ids of documents above, by entity.
        kind: Of which kind.
        status: ``draft`` or ``saved``.
        confidence: ``high``, ``medium`` or ``low``.
        sort: ``created``, ``updated`` or ``name``. Only the first never changes, so only with it
            is nothing left out when documents are edited between two pages.
        descending: The latest or last first.
        limit: Rows of a page.
        cursor: ``Listing.next_cursor`` of the page before, asked for with the same conditions.

    Raises:
        UserError: ``invalid_input`` or ``invalid_cursor`` (422).
    """
    possible = [each.entity for each in above(config.entity)]
    for entity, key in (parents or {}).items():
        _one_of("parents", entity, possible)
        if not is_identifier(key):
            raise _refused(f"“{entity[:40]}” must be the id of a document.")
    for name, value, options in (
        ("kind", kind, [each.value for each in config.kinds]),
        ("status", status, STATUSES),
        ("confidence", confidence, LEVELS),
    ):
        if value:
            _one_of(name, value, options)
    _one_of("sort", sort, SORTS)
    if not 1 <= limit <= MOST_ROWS:
        raise _refused(f"“limit” must be from 1 to {MOST_ROWS}.")
    if len(text) > MOST_SEARCH:
        raise _refused(f"A search can have at most {MOST_SEARCH} characters.")
    query = ListQuery(
        text=text,
        parents=dict(parents or {}),
        kind=kind,
        status=status,
        confidence=confidence,
        sort=sort,  # type: ignore[arg-type]  # checked above
        descending=descending,
        limit=limit,
    )
    return replace(query, after=_after(config, query, cursor)) if cursor else query


def listing_of(config: EntityConfig, query: ListQuery, page: ListPage) -> Listing:
    """The answer for a page that was read with one row more than was asked for."""
    rows = page.rows[: query.limit]
    more = len(page.rows) > len(rows)
    return Listing(rows, page.total, _cursor(config, query, rows[-1]) if more and rows else "")


def _cursor(config: EntityConfig, query: ListQuery, row: ListRow) -> str:
    parts = [_conditions(config, query), row.key, row.id]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def _after(config: EntityConfig, query: ListQuery, cursor: str) -> tuple[str, str]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        parts: Any = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        conditions, key, row = parts
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise _no_cursor() from None
    if not all(isinstance(part, str) for part in parts) or not is_identifier(row):
        raise _no_cursor()
    if conditions != _conditions(config, query):
        raise _no_cursor("It belongs to a list with other conditions.")
    if query.sort != "name" and moment_of(key) is None:
        raise _no_cursor()
    return key, row


def _conditions(config: EntityConfig, query: ListQuery) -> str:
    """Tells lists with different conditions or another order apart."""
    parts = [
        config.entity, query.text, sorted(query.parents.items()), query.kind, query.status,
        query.confidence, query.sort, query.descending,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def _one_of(name: str, value: str, options: Any) -> None:
    if value not in options:
        known = ", ".join(options) or "nothing, here"
        raise _refused(f"“{name}” cannot be {value[:40]!r}. It can be: {known}.")


def _refused(message: str) -> UserError:
    return UserError("invalid_input", message, "Correct it and ask again.", status=422)


def _no_cursor(why: str = "") -> UserError:
    return UserError(
        "invalid_cursor",
        f"That cursor cannot be used. {why}".strip(),
        "Take “next_cursor” of the page before, with the same conditions, or begin without one.",
        status=422,
    )
