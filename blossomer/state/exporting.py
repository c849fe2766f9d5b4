"""Handing documents out as files: the open one, with or without everything below it.

How a file is written is in ``services/export/``. The documents come from the database, or from the
browser, which is asked for them piece by piece: a message of the websocket holds only so much.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import reflex as rx
from pydantic import Field

from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.entities.listing import select_rows
from blossomer.errors import UserError
from blossomer.services.export.formats import FORMATS, export
from blossomer.services.export.gather import documents_below
from blossomer.services.export.portable import MOST_DOCUMENTS
from blossomer.state.draft_list import documents_of, draft_request
from blossomer.state.drafts import LIST
from blossomer.state.listing import query_of
from blossomer.state.messages import DraftsRead
from blossomer.state.suggesting import SuggestingMixin
from blossomer.state.validation import plain, validated

FormatKey = Annotated[str, Field(max_length=40)]

LIST_FORMATS = {key for key, one in FORMATS.items() if not one.needs_parents}
"""Formats in which a list is handed out: those of which a file needs nothing from above."""


class ExportingMixin(SuggestingMixin, mixin=True):
    """Writes files and hands them to the browser."""

    _collected: dict[str, Document] = {}
    """Drafts that have been collected for a file."""
    _uncollected: list[list[str]] = []

    @rx.event
    @validated
    async def export(self, form: FormatKey, whole: bool = False) -> Any:
        """Hand out the open document as a file; with ``whole`` also what is below it."""
        document = plain(self._documents.get(self.document_id))
        if document is None or form not in FORMATS:
            return None
        if (workspace := self._workspace) is not None:
            try:
                documents = await documents_below(
                    workspace.store(self._owner or ""),
                    ENTITIES[document["entity"]],
                    document["id"],
                    with_above=FORMATS[form].needs_parents,
                    with_below=whole,
                )
            except UserError as error:
                self.notice = error.words
                return None
            return self._hand_out(form, documents)
        above = list(plain(self._ancestors).values()) if FORMATS[form].needs_parents else []
        self._collected = {d["id"]: d for d in (*above, document)}
        below = self._below_draft(document["entity"], document["id"]) if whole else []
        self._uncollected = [[row.entity, row.id] for row in below]
        self._collecting = form
        return self._collect()

    @rx.event
    @validated
    async def export_list(self, form: FormatKey) -> Any:
        """Hand out what the open list shows, on all its pages, as a file."""
        if form not in LIST_FORMATS or self.entity not in ENTITIES or self._wanted != LIST:
            return None
        config = self._config
        query = replace(query_of(config, plain(self.list_filters)), offset=0, limit=MOST_DOCUMENTS)
        if (workspace := self._workspace) is not None:
            store = workspace.store(self._owner or "")
            try:
                rows = (await store.search(config, query)).rows
                found = [await store.get(config, row.id) for row in rows]
            except UserError as error:
                self.notice = error.words
                return None
            return self._hand_out(form, [document for document in found if document is not None])
        rows = select_rows(config, plain(self._rows), query).rows
        self._collected = {}
        self._uncollected = [[row.entity, row.id] for row in rows]
        self._collecting = form
        return self._collect()

    def _collect(self) -> Any:
        """Ask the browser for what is still missing, or hand out the file."""
        if self._uncollected:
            keys = [(entity, key) for entity, key in plain(self._uncollected)]
            self.drafts_request = draft_request("", keys)
            self._collecting_by = self.drafts_request["id"]
            return None
        form, self._collecting = self._collecting, ""
        documents = list(plain(self._collected).values())
        self._collected = {}
        return self._hand_out(form, documents)

    def _take_collected(self, message: DraftsRead) -> Any:
        """Take what the browser has sent for a file."""
        documents, _ = documents_of(message)
        wanted = {key for _, key in self._uncollected}
        found = {d["id"]: d for d in documents if d["id"] in wanted}
        if not found:
            self._collecting, self._collected, self._uncollected = "", {}, []
            self.notice = "Some of your drafts could not be read, so no file was made. Try again."
            return None
        self._collected = {**plain(self._collected), **found}
        self._uncollected = [key for key in plain(self._uncollected) if key[1] not in found]
        return self._collect()

    def _hand_out(self, form: str, documents: list[Document]) -> Any:
        try:
            file = export(form, documents)
        except UserError as error:
            self.notice = error.words
            return None
        return rx.download(data=file.content, filename=file.name)
