"""What operations answer with, as JSON for a model: what it can use, and nothing it would skip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from blossomer.db.history import Earlier
from blossomer.db.removal import Deleted
from blossomer.db.store import Stored
from blossomer.entities.listing import ListRow
from blossomer.services.limits import Remaining
from blossomer.services.operations import Kept, Listing, Relations, SuggestionNews, Versions

Json = dict[str, Any]


def document(stored: Stored) -> Json:
    """A document with its version, which an update can name."""
    return {**stored.document, "version": stored.version}


def written(kept: Kept) -> Json:
    """What a generation has kept, and whether a card of it only waits as a proposal."""
    return {**document(kept.stored), "waits_as_proposal": kept.waits}


def listing(page: Listing) -> Json:
    """One page of a list."""
    return {
        "documents": [_row(row) for row in page.rows],
        "total": page.total,
        "next_cursor": page.next_cursor,
    }


def relations(found: Relations) -> Json:
    """What is above and below a document."""
    return {
        "above": [asdict(one) for one in found.above],
        "below": {
            entity: {"total": one.total, "documents": [_row(row) for row in one.rows]}
            for entity, one in found.below.items()
        },
        "outdated": [asdict(one) for one in found.outdated],
    }


def versions(found: Versions) -> Json:
    """Some of a document's writes."""
    return {
        "versions": [
            {"id": one.id, "origin": one.origin, "at": one.at.isoformat(), "fields": one.fields}
            for one in found.entries
        ],
        "next_before": found.next_before,
    }


def history(found: Sequence[Earlier]) -> Json:
    """What a field has held."""
    return {
        "values": [
            {"version": e.version, "origin": e.origin, "at": e.at.isoformat(), "value": e.value}
            for e in found
        ]
    }


def deleted(done: Deleted) -> Json:
    """What went, or came back."""
    return {"entity": done.entity, "id": done.id, "name": done.name, "below": dict(done.below)}


def suggested(news: SuggestionNews) -> Json:
    """What became of each document that was suggested."""
    return {"documents": [asdict(one) for one in news.documents]}


def remaining(left: Remaining) -> Json:
    """Generations that are left."""
    return asdict(left)


def _row(row: ListRow) -> Json:
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
