"""Drafts of a visitor without an account: read from the browser, kept there, heard of from tabs.

Nothing here acts for a signed-in user, whatever a client sends.
"""

from __future__ import annotations

import secrets
from typing import Any

import reflex as rx
import structlog

from blossomer.entities import ENTITIES
from blossomer.entities.document import Document, UnreadableDocument, parse_document
from blossomer.state.document import DocumentMixin
from blossomer.state.draft_store import PREFIX, DraftStore
from blossomer.state.messages import DraftChanged, DraftsRead, DraftsWritten
from blossomer.state.validation import plain, validated
from blossomer.state.views import ChoiceView

log = structlog.get_logger(__name__)


class DraftsMixin(DocumentMixin, mixin=True):
    """Keeps the page's documents in the browser's storage through the bridge component."""

    drafts_request: dict[str, str] = {}
    drafts_operations: list[dict[str, Any]] = []
    storage: str = "fine"
    """``fine``, ``nearly_full``, ``full`` (something is not kept) or ``unavailable``."""

    _documents: dict[str, Document] = {}
    _unsaved: list[str] = []
    _overtaken: bool = False
    """Another tab wrote to the open document while a write of this one was on its way."""

    def _read_drafts(self, wanted: str = "") -> None:
        self.drafts_request = {
            "id": secrets.token_hex(8),
            "prefix": f"{PREFIX}{self.entity}_",
            "wanted": wanted[:64],
        }

    @rx.event
    @validated
    async def drafts_read(self, message: DraftsRead) -> Any:
        """Take the drafts that the browser was asked for."""
        if self._owner or message.request != self.drafts_request.get("id"):
            return  # never with an account: what is in the browser is not theirs to see
        if self.entity not in ENTITIES:
            return
        self.choices = [ChoiceView(id=e.id, name=e.name) for e in message.entries[:50]]
        if not message.available:
            self.storage = "unavailable"
        if self.generating or (self.drafts_operations and self.document_id):
            return  # what is on the page is newer than what the browser answered
        if not message.document:
            unkept = self._documents.get(self.document_id)
            if unkept is not None and (self._unsaved or not message.available):
                self._show(plain(unkept))  # never kept by the browser, so all there is of it
            elif self.drafts_request.get("wanted"):
                self._show_nothing("not_found")
            else:
                self._show_nothing("unreadable" if message.unreadable else "empty")
            return
        try:
            document = parse_document(self._config, message.document)
        except UnreadableDocument as error:
            log.warning("draft_unreadable", reason=str(error))
            self._show_nothing("unreadable")
            return
        if not self._unsaved:
            self._documents = {document["id"]: document}
            self._show(document)

    @rx.event
    @validated
    async def drafts_written(self, message: DraftsWritten) -> Any:
        """Learn which operations the browser has performed, and which it could not."""
        if self._owner:
            return
        answered = {*message.done, *(failure.id for failure in message.failed)}
        known = {operation["id"] for operation in self.drafts_operations}
        self.drafts_operations = [
            plain(o) for o in self.drafts_operations if o["id"] not in answered
        ]
        if not answered & known:
            return
        failed = {failure.reason for failure in message.failed}
        if "missing" in failed and self.document_id in self._documents:
            # Another tab removed it while it was being edited here: what a person sees, they keep.
            with self._drafts() as drafts:
                drafts.restore(self.document_id)
            return
        if failed:
            self.storage = "unavailable" if "unavailable" in failed else "full"
            self.save_state = "failed"
            self._unsaved = sorted({*self._unsaved, self.document_id})
            return
        self.storage = "nearly_full" if message.nearly_full else "fine"
        self._unsaved = []
        if self.document_id and not self.drafts_operations:
            self.save_state = "saved"
            self._list_open_document()
            if self._overtaken:
                self._overtaken = False
                self._read_drafts(self.document_id)

    def _list_open_document(self) -> None:
        """Put the open document into the list of drafts, or its new name."""
        names = {choice.id: choice.name for choice in self.choices}
        if self.document_id not in names:
            names = {self.document_id: self.name, **names}
        names[self.document_id] = self.name
        self.choices = [ChoiceView(id=key, name=name) for key, name in names.items()]

    @rx.event
    @validated
    async def drafts_changed(self, message: DraftChanged) -> Any:
        """Show what another tab wrote, unless something of this page is still on its way."""
        if self._owner:
            return
        if any(operation["key"] == message.key for operation in self.drafts_operations):
            # It may or may not hold what this page writes: the browser knows, once it has written.
            self._overtaken = True
            return
        with self._drafts() as drafts:
            try:
                document = drafts.accept(message.key, message.document)
            except UnreadableDocument as error:
                log.warning("draft_unreadable", reason=str(error))
                return
        if self.generating and not self.rewriting:
            return
        if document is None:
            if self.document_id and message.key.endswith(f"_{self.document_id}"):
                self._read_drafts()
        elif document["id"] == self.document_id:
            self._show(document)
        elif document["entity"] == self.entity and self.phase == "empty":
            self._read_drafts()

    def _remove_draft(self) -> Any:
        removed = self.document_id
        with self._drafts() as drafts:
            drafts.delete(removed)
        self._unsaved = []
        self.choices = [plain(c) for c in self.choices if c.id != removed]
        self._show_nothing("loading")
        self._read_drafts()
        return rx.redirect(f"/playground/{self._config.route}", replace=True)

    def _drafts(self) -> _OpenStore:
        return _OpenStore(self)


class _OpenStore:
    """A draft store over a page's state; what it changed is put back when the block ends.

    Reflex hands out proxies of its containers; the store works on plain copies.
    """

    def __init__(self, state: DraftsMixin) -> None:
        self._state = state

    def __enter__(self) -> DraftStore:
        self._documents: dict[str, Document] = plain(self._state._documents)
        self._queue: list[dict[str, Any]] = plain(self._state.drafts_operations)
        self._before = [waiting["id"] for waiting in self._queue]
        return DraftStore(self._documents, self._queue)

    def __exit__(self, *exception: object) -> None:
        self._state._documents = self._documents
        if [waiting["id"] for waiting in self._queue] != self._before:
            self._state.drafts_operations = self._queue
            self._state.save_state = "saving"
