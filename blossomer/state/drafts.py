"""Drafts of a visitor without an account: read from the browser, kept there, heard of from tabs.

Nothing here acts for a signed-in user, whatever a client sends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import reflex as rx
import structlog

from blossomer.entities import ENTITIES, children_of
from blossomer.entities.addresses import NEW
from blossomer.entities.document import Document, UnreadableDocument
from blossomer.entities.listing import ListQuery, ListRow, descendants, select_rows
from blossomer.state.deleting import DeletingMixin
from blossomer.state.draft_list import documents_of, draft_request, row_of, rows_of
from blossomer.state.draft_store import DraftStore, draft_key
from blossomer.state.family import MOST_CHILDREN
from blossomer.state.messages import DraftChanged, DraftsRead, DraftsWritten
from blossomer.state.validation import plain, validated
from blossomer.state.views import ChoiceView

log = structlog.get_logger(__name__)

TOO_LATE = (
    "It cannot be had back any more: what was deleted is laid aside for an hour, as long as the "
    "browser has room for it."
)

LIST = "list"
"""What a page wants that shows a list instead of a document."""


class DraftsMixin(DeletingMixin, mixin=True):
    """Keeps the page's documents in the browser's storage through the bridge component."""

    drafts_request: dict[str, Any] = {}
    drafts_operations: list[dict[str, Any]] = []
    storage: str = "fine"
    """``fine``, ``nearly_full``, ``full`` (something is not kept) or ``unavailable``."""

    _collecting: str = ""
    """The format of a file for which drafts are being collected; see ``exporting.py``."""
    _collecting_by: str = ""
    """The request that collects them."""
    _rows: list[ListRow] = []
    """All drafts of the browser, as it last answered."""
    _wanted: str = ""
    """The id that the address names, ``NEW``, or nothing: the newest."""
    _wanted_parents: dict[str, str] = {}
    _unsaved: list[str] = []
    """Documents of which the browser could not keep something; all of each is in ``_documents``."""
    _overtaken: bool = False
    """Another tab wrote to the open document while a write of this one was on its way."""

    def _read_drafts(self, wanted: str = "", parents: Mapping[str, str] | None = None) -> None:
        self._wanted, self._wanted_parents = wanted, dict(parents or {})
        if wanted == NEW:
            self.drafts_request = draft_request("", self._wanted_parents.items())
        else:
            named = [(self.entity, wanted)] if wanted else []
            self.drafts_request = draft_request(self.entity, named)

    @rx.event
    @validated
    async def drafts_read(self, message: DraftsRead) -> Any:
        """Take the drafts that the browser was asked for."""
        if self._owner or message.request != self.drafts_request.get("id"):
            return None  # never with an account: what is in the browser is not theirs to see
        if self.entity not in ENTITIES:
            return None
        if self._collecting:
            if message.request == self._collecting_by:
                return self._take_collected(message)
            self._collecting = ""  # the person went on to another page
        self._rows = rows_of(message)
        self._list_choices()
        if not message.available:
            self.storage = "unavailable"
        if self._wanted == LIST:
            self._show_list_of_drafts(message)
            return None
        documents, faults = documents_of(message)
        for fault in faults:
            log.warning("draft_unreadable", reason=fault)
        if self._wanted == NEW:
            self._show_form(documents)
            return None
        if self.generating or (self.drafts_operations and self.document_id):
            # What is on the page is newer than what the browser answered: once more, then.
            self._overtaken = not self.generating
            return None
        document = next((d for d in documents if d["entity"] == self.entity), None)
        if document is None or not self._wanted_parents.items() <= document["parents"].items():
            self._show_no_draft(message, is_unreadable=bool(faults))
            return None
        unkept = {key: d for key, d in plain(self._documents).items() if key in self._unsaved}
        document = unkept.get(document["id"], document)
        self._documents = {**unkept, document["id"]: document}
        self._show(document)
        if document["id"] in unkept:
            self.save_state = "failed"
        elif self.save_state == "failed":
            self.save_state = ""  # that was said of another one
        self._show_draft_family(documents)
        return None

    def _take_collected(self, message: DraftsRead) -> Any:
        """Take drafts that were asked for to make a file; see ``exporting.py``."""

    def _show_list_of_drafts(self, message: DraftsRead) -> None:
        """Draw a list; see ``listing.py``."""

    def _show_form(self, documents: Iterable[Document]) -> None:
        """Draw the form for a new document; see ``choosing.py``."""

    def _show_no_draft(self, message: DraftsRead, *, is_unreadable: bool) -> None:
        unkept = self._documents.get(self._wanted or self.document_id)
        if unkept is not None and (self._unsaved or not message.available):
            self._show(plain(unkept))  # never kept by the browser, so all there is of it
        elif is_unreadable:
            self._show_nothing("unreadable")
        elif self._wanted:
            self._show_nothing("not_found")
        else:
            self._show_nothing("unreadable" if message.unreadable else "empty")

    def _show_draft_family(self, documents: Iterable[Document]) -> None:
        ancestors = {d["entity"]: d for d in documents if d["id"] != self.document_id}
        pages = {
            config.entity: select_rows(
                config,
                self._rows,
                ListQuery(
                    parents={self.entity: self.document_id}, sort="created", limit=MOST_CHILDREN
                ),
            )
            for config in children_of(self.entity)
        }
        self._show_family(ancestors, pages)

    def _list_draft(self, document: Document) -> None:
        """Take a new draft into the lists of this page."""
        self._rows = [row_of(document), *plain(self._rows)]
        if self.document_id in self._documents:
            self._show_draft_family([*plain(self._ancestors).values()])

    def _list_choices(self) -> None:
        self.choices = [
            ChoiceView(id=row.id, name=row.name) for row in self._rows if row.entity == self.entity
        ][:50]

    @rx.event
    @validated
    async def drafts_written(self, message: DraftsWritten) -> Any:
        """Learn which operations the browser has performed, and which it could not."""
        if self._owner:
            return
        asked = {o["id"]: o for o in plain(self.drafts_operations)}
        answered = {*message.done, *(failure.id for failure in message.failed)}
        self.drafts_operations = [o for key, o in asked.items() if key not in answered]
        if not answered & asked.keys():
            return
        own = draft_key(self.entity, self.document_id)
        done = [asked[key] for key in message.done if key in asked]
        failed = [(asked[f.id], f.reason) for f in message.failed if f.id in asked]
        missing = [operation for operation, reason in failed if reason == "missing"]
        if any(operation["action"] == "restore" for operation in missing):
            self.notice = TOO_LATE
        is_open = self.document_id in self._documents
        if is_open and any(operation["key"] == own for operation in missing):
            # Another tab removed it while it was being edited here: what a person sees, they keep.
            with self._drafts() as drafts:
                drafts.restore(self.document_id)
            return
        reasons = {reason for _, reason in failed} - {"missing"}
        if reasons:
            self.storage = "unavailable" if "unavailable" in reasons else "full"
        else:
            self.storage = "nearly_full" if message.nearly_full else "fine"
        if is_open and any(o["key"] == own for o, reason in failed if reason != "missing"):
            self.save_state = "failed"
            self._unsaved = sorted({*self._unsaved, self.document_id})
            return
        if self.document_id in self._unsaved:
            if not any(o["key"] == own and o["action"] == "write" for o in done):
                # A later change could be kept, but one before it could not: all of it, then.
                with self._drafts() as drafts:
                    drafts.restore(self.document_id)
                return
            self._unsaved = [key for key in self._unsaved if key != self.document_id]
        if self.document_id and not self.drafts_operations:
            self.save_state = "saved"
            self._list_open_document()
            if self._overtaken:
                self._overtaken = False
                self._read_drafts(self._wanted or self.document_id, self._wanted_parents)
        if self._wanted == LIST and not self.drafts_operations:
            # Written while its page was left, deleted, or brought back: the list has it or not.
            self._read_list()

    def _read_list(self) -> None:
        self.drafts_request = draft_request("", text=str(self.drafts_request.get("text", "")))

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
            except UnreadableDocument:
                log.warning("draft_unreadable", entity=self.entity)
                return
        if self._wanted == LIST:
            self.drafts_request = draft_request("", text=str(self.drafts_request.get("text", "")))
            return
        if self.generating and not self.rewriting:
            return
        if document is None:
            if self.document_id and message.key.endswith(f"_{self.document_id}"):
                # Of what is at the top, another one is shown in its place.
                self._read_drafts(self._wanted if self._config.parents else "")
            elif self.phase == "ready" and not self.generating:
                self._read_drafts(self._wanted, self._wanted_parents)
        elif document["id"] == self.document_id:
            self._show(document)
        elif self.phase in ("ready", "empty", "not_found") and not self.generating:
            # A relative, the first of all, or what was deleted and is had back.
            self._read_drafts(self._wanted, self._wanted_parents)

    def _below_draft(self, entity: str, document_id: str) -> list[ListRow]:
        return descendants((entity, document_id), plain(self._rows))

    def _remove_draft(self, entity: str, document_id: str) -> None:
        below = self._below_draft(entity, document_id)
        keys = [(entity, document_id), *((row.entity, row.id) for row in below)]
        with self._drafts() as drafts:
            drafts.delete(keys)
        gone = set(keys)
        self._rows = [row for row in plain(self._rows) if (row.entity, row.id) not in gone]
        self._list_choices()
        self._unsaved = [key for key in self._unsaved if key not in {key for _, key in gone}]
        self._removed_keys = [list(key) for key in keys]

    def _bring_back_drafts(self) -> None:
        keys = [(entity, key) for entity, key in plain(self._removed_keys)]
        with self._drafts() as drafts:
            drafts.bring_back(keys)

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
