"""What the browser is asked about its drafts, and what it answers, as rows of lists. Pure."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from typing import Any

from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document, UnreadableDocument, is_identifier, parse_document
from blossomer.entities.listing import (
    MOST_DESCRIPTION,
    MOST_SEARCH,
    UNSEARCHED,
    ListRow,
    overall_confidence,
)
from blossomer.state.draft_store import PREFIX, draft_key
from blossomer.state.messages import DraftEntry, DraftsRead


def draft_request(
    entity: str, wanted: Iterable[tuple[str, str]] = (), *, text: str = ""
) -> dict[str, Any]:
    """A request for the bridge: all drafts as rows, and some of them whole with what is above.

    Args:
        entity: The entity whose newest draft is read when none is wanted; empty for none.
        wanted: Entity and id of each draft that is read whole.
        text: Words to look for in the drafts.
    """
    return {
        "id": secrets.token_hex(8),
        "prefix": PREFIX,
        "own": f"{PREFIX}{entity}_" if entity else "",
        "wanted": [draft_key(kind, key[:64]) for kind, key in wanted],
        "columns": {config.entity: _columns(config) for config in ENTITIES.values()},
        "text": text[:MOST_SEARCH],
        "unsearched": list(UNSEARCHED),
    }


def _columns(config: EntityConfig) -> dict[str, list[str]]:
    columns = {name: ["data", name] for name in ("description", "confidence", "basis")}
    if config.kind_field:
        columns["kind"] = ["data", config.kind_field]
    return columns


def rows_of(message: DraftsRead) -> list[ListRow]:
    """The drafts of an answer as rows, trusting nothing in it; what is no draft is left out."""
    return [
        _row(entry)
        for entry in message.entries
        if entry.entity in ENTITIES and is_identifier(entry.id)
    ]


def row_of(document: Document) -> ListRow:
    """A document as a row."""
    config, data = ENTITIES[document["entity"]], document["data"]
    return ListRow(
        id=document["id"],
        entity=document["entity"],
        name=document["name"],
        description=str(data.get("description", ""))[:MOST_DESCRIPTION],
        parents=document["parents"],
        kind=config.kind_of(data),
        status=document["status"],
        confidence=overall_confidence(data.get("confidence", {})),
        created_at=document["created_at"],
        updated_at=document["updated_at"],
        basis=data.get("basis", {}),
    )


def documents_of(message: DraftsRead) -> tuple[list[Document], list[str]]:
    """The readable documents of an answer, and what is wrong with each of the others."""
    documents, faults = [], []
    for text in message.documents:
        try:
            documents.append(parse_any_document(text))
        except UnreadableDocument as error:
            faults.append(str(error))
    return documents, faults


def parse_any_document(text: str) -> Document:
    """Read a draft of whatever entity.

    Raises:
        UnreadableDocument: It is none.
    """
    try:
        config = ENTITIES[json.loads(text)["entity"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnreadableDocument(type(error).__name__) from None
    return parse_document(config, text)


def _row(entry: DraftEntry) -> ListRow:
    columns, levels = entry.columns, entry.columns.get("confidence")
    basis = columns.get("basis")
    return ListRow(
        id=entry.id,
        entity=entry.entity,
        name=entry.name,
        description=_text(columns.get("description"))[:MOST_DESCRIPTION],
        parents={
            entity: key
            for entity, key in entry.parents.items()
            if entity in ENTITIES and isinstance(key, str) and is_identifier(key)
        },
        kind=_text(columns.get("kind")),
        status="saved" if entry.status == "saved" else "draft",
        confidence=overall_confidence(_texts(levels)),
        created_at=entry.created_at,
        updated_at=entry.updated_at,
        basis={
            entity: _texts(digests)
            for entity, digests in (basis if isinstance(basis, dict) else {}).items()
        },
        matches=entry.matches,
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> dict[str, str]:
    given = value if isinstance(value, dict) else {}
    return {str(k): v for k, v in given.items() if isinstance(v, str)}
