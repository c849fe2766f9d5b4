"""The store of a visitor without an account: documents that live in the browser and nowhere else.

Pure bookkeeping. The server keeps a mirror of the documents that are open, applies patches to it,
and queues the same patches for the browser. ``drafts.py`` carries them there.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import (
    Document,
    UnreadableDocument,
    new_document,
    now,
    parse_document,
)
from blossomer.entities.merge import Change, apply_changes
from blossomer.state.messages import Action, operation

PREFIX = "draft_"
"""Keys in the browser are ``draft_<entity>_<id>``."""

MOST_WAITING = 20
"""Writes of one draft that may wait for the browser's word. A page has one or two on their way; a
client that never confirms any would otherwise be kept, and sent, an ever longer list."""


def draft_key(entity: str, document_id: str) -> str:
    """The key of a draft in the browser's storage."""
    return f"{PREFIX}{entity}_{document_id}"


class DraftStore:
    """Reads and patches drafts.

    Args:
        documents: Mirror of the open documents by id; changed in place.
        queue: Operations not yet confirmed by the browser; changed in place.
    """

    def __init__(self, documents: dict[str, Document], queue: list[dict[str, Any]]) -> None:
        self._documents = documents
        self._queue = queue

    def get(self, document_id: str) -> Document | None:
        """The open document with this id, if any."""
        return self._documents.get(document_id)

    def create(
        self,
        config: EntityConfig,
        data: dict[str, Any],
        inputs: dict[str, str],
        parents: Mapping[str, str] | None = None,
    ) -> Document:
        """Keep a freshly generated entity as a new draft.

        Args:
            config: The entity.
            data: Its data, as ``Completed`` carries it.
            inputs: What the person asked for; needed when it is written again.
            parents: Ids of what it is directly below, by entity.
        """
        document = new_document(config, secrets.token_hex(12), data, inputs, parents)
        self._documents[document["id"]] = document
        self._enqueue(document, "write", document=document)
        return document

    def put(self, document: Document) -> None:
        """Keep a document that comes from elsewhere, whole."""
        self._documents[document["id"]] = document
        self._enqueue(document, "write", document=document)

    def patch(self, document_id: str, changes: list[Change]) -> Document:
        """Apply changes to one draft.

        Raises:
            KeyError: When the document is not open.
        """
        if not changes:
            return self._documents[document_id]
        changes = [*changes, Change(path=("updated_at",), value=now())]
        document = apply_changes(self._documents[document_id], changes)
        self._documents[document_id] = document
        noted = [change.model_dump(mode="json") for change in changes]
        self._enqueue(document, "change", changes=noted)
        return document

    def patch_closed(self, entity: str, document_id: str, changes: list[Change]) -> None:
        """Apply changes to a draft that is not open here."""
        changes = [*changes, Change(path=("updated_at",), value=now())]
        noted = [change.model_dump(mode="json") for change in changes]
        self._queue.append(
            operation(secrets.token_hex(8), draft_key(entity, document_id), "change", changes=noted)
        )

    def restore(self, document_id: str) -> None:
        """Write the whole mirror of a draft that the browser no longer has or could not write."""
        document = self._documents[document_id]
        # The whole holds what those would have changed.
        self._drop_waiting(document["entity"], document_id)
        self._enqueue(document, "write", document=document)

    def delete(self, drafts: Iterable[tuple[str, str]]) -> None:
        """Remove drafts, by entity and id, whether or not they are open here."""
        for entity, document_id in drafts:
            self._documents.pop(document_id, None)
            self._drop_waiting(entity, document_id)
            self._queue.append(
                operation(secrets.token_hex(8), draft_key(entity, document_id), "remove")
            )

    def bring_back(self, drafts: Iterable[tuple[str, str]]) -> None:
        """Undo a removal, as long as the browser still has what was removed."""
        for entity, document_id in drafts:
            self._queue.append(
                operation(secrets.token_hex(8), draft_key(entity, document_id), "restore")
            )

    def accept(self, key: str, text: str) -> Document | None:
        """Read what another tab wrote; None when it was removed or is not ours to show.

        Only a document that is open here is taken into the mirror: the others are the browser's to
        keep, and there may be any number of them.
        """
        for config in ENTITIES.values():
            prefix = f"{PREFIX}{config.entity}_"
            if key.startswith(prefix):
                document_id = key.removeprefix(prefix)
                if not text:
                    self._documents.pop(document_id, None)
                    return None
                document = parse_document(config, text)
                if document["id"] != document_id:
                    raise UnreadableDocument("key")
                if document_id in self._documents:
                    self._documents[document_id] = document
                return document
        return None

    def _drop_waiting(self, entity: str, document_id: str) -> None:
        key = draft_key(entity, document_id)
        self._queue[:] = [waiting for waiting in self._queue if waiting["key"] != key]

    def _enqueue(self, owner: Document, action: Action, **payload: Any) -> None:
        key = draft_key(owner["entity"], owner["id"])
        if sum(waiting["key"] == key for waiting in self._queue) >= MOST_WAITING:
            self._drop_waiting(owner["entity"], owner["id"])
            action, payload = "write", {"document": owner}
        self._queue.append(operation(secrets.token_hex(8), key, action, **payload))
