"""What operations answer with, as JSON: the same for programs (REST) and for AI clients (MCP)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blossomer.db.history import Earlier
from blossomer.db.removal import Deleted
from blossomer.db.store import Stored
from blossomer.entities.listing import ListRow
from blossomer.services.operations import Listing, Relations, SuggestionNews, Versions

Content = dict[str, Any]


def document_content(stored: Stored) -> Content:
    """A document with its version, which an update can name."""
    return {**stored.document, "version": stored.version}


def row_content(row: ListRow) -> Content:
    """A document in a list, without its content."""
    return {
        "id": row.id,
        "entity": row.entity,
        "name": row.name,
        "description": row.description,
        "parents": dict(row.parents),
        "kind": row.kind,
        "status": row.status,
        "confidence": row.confidence,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def list_content(listing: Listing) -> Content:
    """One page of a list."""
    return {
        "items": [row_content(row) for row in listing.rows],
        "total": listing.total,
        "next_cursor": listing.next_cursor or None,
    }


def relations_content(relations: Relations) -> Content:
    """What is above and below a document."""
    return {
        "above": [{"entity": a.entity, "id": a.id, "name": a.name} for a in relations.above],
        "below": {
            entity: {"total": below.total, "items": [row_content(row) for row in below.rows]}
            for entity, below in relations.below.items()
        },
        "outdated": [
            {"entity": each.entity, "fields": list(each.fields)} for each in relations.outdated
        ],
    }


def versions_content(versions: Versions) -> Content:
    """Some of the writes of a document."""
    return {
        "items": [
            {
                "version": entry.id,
                "origin": entry.origin,
                "at": entry.at.isoformat(),
                "fields": list(entry.fields),
            }
            for entry in versions.entries
        ],
        "next_before": versions.next_before,
    }


def history_content(history: Sequence[Earlier]) -> Content:
    """What a field has held."""
    return {
        "items": [
            {"version": e.version, "origin": e.origin, "at": e.at.isoformat(), "value": e.value}
            for e in history
        ]
    }


def deletion_content(deleted: Deleted) -> Content:
    """What went, or came back, with what was below it."""
    return {
        "entity": deleted.entity,
        "id": deleted.id,
        "name": deleted.name,
        "below": dict(deleted.below),
    }


def suggestion_content(news: SuggestionNews) -> Content:
    """What became of each document that was suggested."""
    return {
        "stage": news.stage,
        "documents": [
            {"name": d.name, "state": d.state, "id": d.id or None, "problem": d.problem}
            for d in news.documents
        ],
        "is_over": news.is_over,
    }
