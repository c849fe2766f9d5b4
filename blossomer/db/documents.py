"""A document as a row: what of it stands in which column, both ways. Queries are elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from blossomer.db.patch import storable
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document, checked_document
from blossomer.entities.merge import Change

_OWN_COLUMNS = frozenset({"name", "status"})


def document_of(config: EntityConfig, row: Mapping[str, Any]) -> Document:
    """The document of a row with all columns of its table.

    Raises:
        UnreadableDocument: The row is older than the schema and does not fit it any more.
    """
    raw = {
        "id": str(row["id"]),
        "entity": config.entity,
        "parents": parents_of(config, row),
        "name": row["name"],
        "status": row["status"],
        "created_at": iso(row["created_at"]),
        "updated_at": iso(row["updated_at"]),
        "inputs": row["inputs"],
        "data": row[config.data_column],
    }
    return checked_document(config, raw)


def parents_of(config: EntityConfig, row: Mapping[str, Any]) -> dict[str, str]:
    """Ids of what a row is directly below, by entity."""
    return {parent.entity: str(row[parent.column]) for parent in config.parents}


def values_of(config: EntityConfig, document: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a new row, without its id, its user and its parents."""
    data = storable(document["data"])
    values = {
        "name": storable(document["name"]),
        "status": document["status"],
        "inputs": storable(document["inputs"]),
        config.data_column: data,
        **{column: data.get(field, "") for column, field in config.columns},
    }
    created = moment_of(document.get("created_at"))
    if created is not None and created <= datetime.now(UTC):
        values["created_at"] = created
    return values


@dataclass(frozen=True, slots=True)
class Changed:
    """What changes of a document mean for its row.

    Args:
        texts: New texts of columns, by column.
        parts: Changes within columns, by column.
    """

    texts: dict[str, str]
    parts: dict[str, list[Change]]


def changed_columns(config: EntityConfig, changes: Sequence[Change]) -> Changed:
    """Where changes of a document stand in its row.

    Raises:
        ValueError: A path leads to something that no change may touch.
    """
    texts: dict[str, str] = {}
    parts: dict[str, list[Change]] = {}
    columns = {("data", field): column for column, field in config.columns}
    for change in changes:
        first, *rest = change.path
        if first in ("data", "inputs") and rest:
            column = config.data_column if first == "data" else first
            parts.setdefault(column, []).append(Change(path=tuple(rest), value=change.value))
            if change.path in columns:
                texts[columns[change.path]] = storable(str(change.value))
        elif first in _OWN_COLUMNS and not rest:
            texts[first] = storable(str(change.value))
        elif change.path != ("updated_at",):
            raise ValueError(f"no such path in a document: {'.'.join(change.path)[:100]}")
    return Changed(texts, parts)


def uuid_of(text: str) -> UUID | None:
    """The id that a text is, if it is one."""
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None


def iso(moment: datetime) -> str:
    """A moment as documents have it: ISO 8601, UTC, microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment_of(text: Any) -> datetime | None:
    """The moment that a text says, if it says one with its time zone."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
