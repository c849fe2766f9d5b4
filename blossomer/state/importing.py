"""Taking in a plan that was exported as JSON: into the database, or into the browser."""

from __future__ import annotations

from typing import Any

import reflex as rx

from blossomer.entities import ENTITIES
from blossomer.entities.addresses import document_address
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.errors import UserError
from blossomer.services.export.portable import read_plan
from blossomer.state.exporting import ExportingMixin
from blossomer.state.messages import MOST_FILE_CHARACTERS, TextFileRead
from blossomer.state.validation import plain, validated

TOO_LARGE = (
    f"The file has more than {MOST_FILE_CHARACTERS:,} characters, which is more than a page takes. "
    "Import its parts one by one, or send it to POST /api/import."
)


class ImportingMixin(ExportingMixin, mixin=True):
    """Reads a file of documents and keeps them where the person's others are."""

    @rx.event
    @validated
    async def import_plan(self, message: TextFileRead) -> Any:
        """Take in the documents of a file; those that are there already are left alone."""
        if self.generating or self.editing:
            return None
        if not message.fits:
            self.notice = TOO_LARGE
            return None
        try:
            documents = read_plan(message.text)
            kept = await self._import(documents)
        except UserError as error:
            self.notice = error.words
            return None
        left = len(documents) - len(kept)
        self.notice = f"Imported: {len(kept)}." + (f" There already: {left}." if left else "")
        if not kept:
            return None
        first = kept[0]
        config = ENTITIES[first["entity"]]
        address = document_address(self._place, config, first["id"], first["parents"])
        return rx.redirect(address)

    async def _import(self, documents: list[tuple[EntityConfig, Document]]) -> list[Document]:
        """Keep documents; returns those that are new, parents first."""
        if (workspace := self._workspace) is not None:
            return list((await workspace.store(self._owner or "").import_all(documents)).kept)
        known = {(row.entity, row.id) for row in plain(self._rows)}
        new = [
            {**document, "status": "saved"}
            for config, document in documents
            if (config.entity, document["id"]) not in known
        ]
        before = plain(self._documents)
        with self._drafts() as drafts:
            for document in new:
                drafts.put(document)
        self._documents = before  # none of them is open yet
        return new
