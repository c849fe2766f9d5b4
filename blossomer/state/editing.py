"""The edit modal: one for every card and for the overview, owned by the page."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import reflex as rx
from pydantic import Field

from blossomer.entities.base import MOST_TEXT
from blossomer.entities.config import MOST_ITEMS
from blossomer.entities.document import Document
from blossomer.entities.merge import Change, undoing
from blossomer.errors import UserError
from blossomer.state.listing import ListingMixin
from blossomer.state.messages import FormValues, Identifier
from blossomer.state.validation import plain, validated
from blossomer.state.views import EarlierView, EditItem

OVERVIEW = "overview"
"""Key under which the modal edits name and description instead of a card."""

MOST_NAME = 200

STALE_PAGE = (
    "This page was open for too long to be saved from. Copy what you typed, load the page again, "
    "and paste it."
)


CHANGED_SINCE = (
    "Your edit was not undone: the text has changed since, in another tab or by being written "
    "again."
)

MOST_UNDONE = 50
"""Edits of a page that can be undone."""

MOST_EARLIER = 30
"""Earlier texts that the modal lists."""

TYPING = ("INPUT", "TEXTAREA", "SELECT")
"""Elements in which Ctrl+Z belongs to the browser."""

OVERVIEW_INPUTS = {"Name": "edit-name", "Description": "edit-description"}
"""Ids of the inputs with which the modal edits name and description, by their labels."""

FocusedElement = Annotated[str, Field(max_length=40)]

ORIGINS = {
    "generated": "Written by Blossomer",
    "rewritten": "Written again",
    "edited": "Edited by you",
    "undone": "Edit undone",
    "restored": "Restored",
    "imported": "From your playground",
}


def edit_button_id(key: str) -> str:
    """The id of the button that opens the modal for a card, or for the overview."""
    return f"edit-{key}"


class EditingMixin(ListingMixin, mixin=True):
    """The modal's rows. Texts stay in the browser while typing and arrive with *Save*."""

    edit_title: str = ""
    edit_subtitle: str = ""
    edit_items: list[EditItem] = []
    edit_touched: bool = False
    edit_asks: bool = False
    edit_problem: str = ""

    earlier: list[EarlierView] = []
    earlier_state: str = ""
    """Empty until asked for; then ``some``, ``none`` or ``unavailable``."""
    can_undo: bool = False

    _edited_last: str = ""
    _edited_from: dict[str, Any] = {}
    """What the fields of the modal held when it was opened."""
    _undo: list[dict[str, Any]] = []
    """What the open document's last edits wrote and what undoes them, the newest last."""

    @rx.event
    @validated
    async def edit(self, key: Identifier) -> Any:
        """Open the modal for a card, or for the overview."""
        document = self._documents.get(self.document_id)
        if document is None or self.generating:
            return
        data = plain(document)["data"]
        if key == OVERVIEW:
            self.edit_title, self.edit_subtitle = "Overview", "The name and what the company does."
            self.edit_items = []
            self._edited_from = {"name": self.name, "description": self.description.text}
        elif key in self._config.card_keys:
            card = self._config.card(key)
            self.edit_title, self.edit_subtitle = card.label, card.subtitle
            texts = data.get(key, [])
            self.edit_items = [_row(text) for text in texts] or [_row("")]
            self._edited_from = {key: texts}
        else:
            return
        self.editing = self._edited_last = key
        self.edit_touched = self.edit_asks = False
        self.edit_problem = ""
        self.earlier, self.earlier_state = [], ""

    @rx.event
    @validated
    async def touch(self) -> Any:
        """Note that something was typed, so that leaving asks first."""
        self.edit_touched = True
        self.edit_asks = False

    @rx.event
    @validated
    async def add_row(self) -> Any:
        """Add an empty row at the end."""
        if len(self.edit_items) >= MOST_ITEMS:
            self.edit_problem = f"A card holds at most {MOST_ITEMS} items."
            return
        self.edit_items = [*plain(self.edit_items), _row("")]
        self.edit_touched = True

    @rx.event
    @validated
    async def remove_row(self, row_id: Identifier) -> Any:
        """Remove one row."""
        self.edit_items = [row for row in plain(self.edit_items) if row.id != row_id]
        self.edit_touched = True

    @rx.event
    @validated
    async def move_row(self, row_id: Identifier, step: Literal[-1, 1]) -> Any:
        """Move one row up (-1) or down (1)."""
        rows = plain(self.edit_items)
        index = next((i for i, row in enumerate(rows) if row.id == row_id), None)
        if index is None or not 0 <= index + step < len(rows):
            return
        rows[index], rows[index + step] = rows[index + step], rows[index]
        self.edit_items = rows
        self.edit_touched = True

    @rx.event
    @validated
    async def leave_edit(self, stay_open: bool = False) -> Any:
        """Close the modal; with unsaved changes, ask first."""
        if stay_open or not self.editing:
            return
        if self.edit_touched and not self.edit_asks:
            self.edit_asks = True
            return
        if not self.edit_touched:
            self.editing = ""

    @rx.event
    @validated
    async def keep_editing(self) -> Any:
        """Answer the question with *keep editing*."""
        self.edit_asks = False

    @rx.event
    @validated
    async def discard_edit(self) -> Any:
        """Close the modal and forget what was typed."""
        self.editing = ""
        self.edit_touched = self.edit_asks = False

    @rx.event
    @validated
    async def edit_closed(self) -> Any:
        """Give the focus back to the button that opened the modal, once the modal is gone."""
        if self.phase == "ready" and self._edited_last and not self.generating:
            return rx.set_focus(edit_button_id(self._edited_last))
        return None

    @rx.event
    @validated
    async def save_edit(self, form: FormValues) -> Any:
        """Write what the modal holds: only the fields that changed."""
        document = self._documents.get(self.document_id)
        if document is None or not self.editing:
            # The server forgets a page that was left alone for hours; the browser still shows it.
            self.notice = STALE_PAGE
            return
        if self.generating:
            self.edit_problem = "Wait until the writing has ended, then save."
            return
        data = plain(document)["data"]
        problem, changes = (
            self._overview_changes(form, data)
            if self.editing == OVERVIEW
            else self._card_changes(form, data)
        )
        if problem:
            self.edit_problem = problem
            return
        if changes:
            self._remember(changes)
            self._show(self._change(changes))
        self.editing = ""
        self.edit_touched = self.edit_asks = False

    @rx.event
    @validated
    async def undo(self, focused: FocusedElement = "") -> Any:
        """Bring back what the last edit of this page changed."""
        if focused in TYPING or self.editing or self.generating:
            return  # there the browser undoes what was typed
        steps = [step for step in plain(self._undo) if step["document"] == self.document_id]
        if not steps or self.document_id not in self._documents:
            return
        self._undo = steps[:-1]
        document = plain(self._documents[self.document_id])
        if not _still_holds(document, _read(steps[-1]["wrote"])):
            self.notice = CHANGED_SINCE
            self._show(document)
            return
        self._show(self._change(_read(steps[-1]["changes"]), "undone"))

    def _show(self, document: Mapping[str, Any]) -> None:
        super()._show(document)
        self.can_undo = any(step["document"] == self.document_id for step in self._undo)

    def _remember(self, changes: list[Change]) -> None:
        """Note how to undo changes that are about to be made to the open document."""
        document = plain(self._documents[self.document_id])
        step = {
            "document": self.document_id,
            "wrote": [c.model_dump(mode="json") for c in changes],
            "changes": [c.model_dump(mode="json") for c in undoing(document, changes)],
        }
        steps = [step for step in plain(self._undo) if step["document"] == self.document_id]
        self._undo = [*steps, step][-MOST_UNDONE:]

    @rx.event
    @validated
    async def show_earlier(self) -> Any:
        """List what the field of the open modal has held before."""
        workspace, document = self._workspace, self._documents.get(self.document_id)
        if workspace is None or document is None or not self.editing:
            return
        store, data = workspace.store(self._owner or ""), plain(document)["data"]
        earlier = []
        try:
            for key, label in self._fields_of_modal().items():
                found = await store.history(self._config, self.document_id, ("data", key))
                earlier += [
                    EarlierView(
                        version=entry.version,
                        key=key,
                        label=label,
                        origin=ORIGINS.get(entry.origin, entry.origin),
                        at=f"{entry.at:%Y-%m-%d %H:%M}",
                        texts=_texts(entry.value),
                    )
                    for entry in found
                    if entry.value != data.get(key)
                ][:MOST_EARLIER]
        except UserError:
            self.earlier_state = "unavailable"
            return
        self.earlier = earlier
        self.earlier_state = "some" if self.earlier else "none"

    @rx.event
    @validated
    async def use_earlier(self, version: Annotated[int, Field(ge=0)], key: Identifier) -> Any:
        """Put an earlier text into the modal; nothing is changed before it is saved."""
        for entry in plain(self.earlier):
            if (entry.version, entry.key) == (version, key) and self.editing:
                if self.editing == OVERVIEW:
                    self.edit_touched = True
                    return rx.set_value(OVERVIEW_INPUTS[entry.label], " ".join(entry.texts))
                self.edit_items = [_row(text) for text in entry.texts] or [_row("")]
                self.edit_touched = True
        return None

    def _fields_of_modal(self) -> dict[str, str]:
        """The fields of the data that the open modal edits, with what they are called there."""
        if self.editing == OVERVIEW:
            return {self._config.name_field: "Name", "description": "Description"}
        return {self.editing: ""}

    def _card_changes(self, form: dict[str, str], data: dict[str, Any]) -> tuple[str, list[Change]]:
        key, old = self.editing, data.get(self.editing, [])
        texts = []
        for row in self.edit_items:
            text = form.get(f"row-{row.id}", row.text).strip()
            if len(text) > MOST_TEXT:
                return f"An item can have at most {MOST_TEXT:,} characters.", []
            if text and text not in texts:
                texts.append(text)
        if texts in (old, self._edited_from.get(key)):
            return "", []
        edited = data["provenance"]["edited"].get(key, [])
        mine = [text for text in texts if text in edited or text not in old]
        changes = [Change(path=("data", key), value=texts)]
        if mine != edited:
            changes.append(Change(path=("data", "provenance", "edited", key), value=mine))
        return "", changes

    def _overview_changes(
        self, form: dict[str, str], data: dict[str, Any]
    ) -> tuple[str, list[Change]]:
        config = self._config
        name = form.get("name", self.name).strip()
        description = form.get("description", self.description.text).strip()
        if not name:
            return "The name cannot be empty.", []
        if len(name) > MOST_NAME or len(description) > MOST_TEXT:
            return (
                f"The name can have {MOST_NAME} characters, the description {MOST_TEXT:,}.",
                [],
            )
        changes = []
        # Another tab may have changed one of them meanwhile: what was not touched here stays.
        if name not in (data[config.name_field], self._edited_from.get("name")):
            changes += [
                Change(path=("name",), value=name),
                Change(path=("data", config.name_field), value=name),
            ]
        if description not in (data.get("description", ""), self._edited_from.get("description")):
            changes += [
                Change(path=("data", "description"), value=description),
                Change(path=("data", "provenance", "edited", "description"), value=[description]),
            ]
        return "", changes


def _read(changes: list[dict[str, Any]]) -> list[Change]:
    return [Change(path=tuple(change["path"]), value=change["value"]) for change in changes]


def _still_holds(document: Document, wrote: list[Change]) -> bool:
    """Whether the texts of an edit are still as it left them."""
    present = {change.path: change.value for change in undoing(document, wrote)}
    return all(
        present.get(change.path) == change.value
        for change in wrote
        if "provenance" not in change.path
    )


def _row(text: str) -> EditItem:
    return EditItem(id=secrets.token_hex(4), text=text)


def _texts(value: Any) -> list[str]:
    return [str(text) for text in value] if isinstance(value, list) else [str(value)]
