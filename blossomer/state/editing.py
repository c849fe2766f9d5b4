"""The edit modal: one for every card and for the overview, owned by the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import reflex as rx
from pydantic import Field

from blossomer.entities.base import MOST_TEXT
from blossomer.entities.document import Document
from blossomer.entities.edits import (
    MOST_NAME,
    changes_of_card_edit,
    changes_of_description,
    changes_of_name,
)
from blossomer.entities.merge import Change, undoing
from blossomer.state.earlier import OVERVIEW, EarlierMixin
from blossomer.state.edit_values import Sent, outcome_of
from blossomer.state.edit_views import shown_text
from blossomer.state.messages import FormValues, Identifier
from blossomer.state.validation import bare, plain, validated

__all__ = ["MOST_NAME", "OVERVIEW", "STALE_PAGE", "EditingMixin", "edit_button_id"]

STALE_PAGE = (
    "This page was open for too long to be saved from. Copy what you typed, load the page again, "
    "and paste it."
)

NOT_YET = "Not saved yet: see what is said beside the inputs above."

CHANGED_SINCE = (
    "Your edit was not undone: the text has changed since, in another tab or by being written "
    "again."
)

MOST_UNDONE = 50
"""Edits of a page that can be undone."""

TYPING = ("INPUT", "TEXTAREA", "SELECT")
"""Elements in which Ctrl+Z belongs to the browser."""

FocusedElement = Annotated[str, Field(max_length=40)]


def edit_button_id(key: str) -> str:
    """The id of the button that opens the modal for a card, or for the overview."""
    return f"edit-{key}"


class EditingMixin(EarlierMixin, mixin=True):
    """Opens the modal, leaves it, and writes what it holds."""

    edit_title: str = ""
    edit_subtitle: str = ""
    can_undo: bool = False
    edit_opener: str = ""
    """Id of the button that opened the modal."""

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
        config, data = self._config, bare(document)["data"]
        cards = {card.key: card for card in config.cards_of(config.kind_of(data))}
        if key == OVERVIEW:
            self.edit_title, self.edit_subtitle = "Overview", "The name, and what there is to say."
            self.edit_shape, self.edit_items = "", []
            self._edited_from = {
                "name": document["name"],
                "description": data.get("description", ""),
            }
        elif key in cards:
            card = cards[key]
            value = plain(card.value(data))
            self.edit_title, self.edit_subtitle = card.label, card.subtitle
            self._edited_from = {key: value}
            self._fill_rows(card, value)
        else:
            return
        self.editing, self.edit_opener = key, edit_button_id(key)
        self.edit_touched = self.edit_asks = False
        self.edit_problem = ""
        self._forget_earlier()

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
        data = bare(document)["data"]
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
        self.edit_problem = ""

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
        self.can_undo = any(step["document"] == self.document_id for step in bare(self._undo))

    def _remember(self, changes: list[Change]) -> None:
        """Note how to undo changes that are about to be made to the open document."""
        document = bare(self._documents[self.document_id])
        step = {
            "document": self.document_id,
            "wrote": [c.model_dump(mode="json") for c in changes],
            "changes": [c.model_dump(mode="json") for c in undoing(document, changes)],
        }
        steps = [step for step in bare(self._undo) if step["document"] == self.document_id]
        self._undo = [*steps, step][-MOST_UNDONE:]

    def _card_changes(self, form: dict[str, str], data: dict[str, Any]) -> tuple[str, list[Change]]:
        card = self._edited_card
        if card is None:
            return "", []
        sent = Sent(form, bare(self.edit_values))
        outcome = outcome_of(card, bare(self.edit_items), bare(self._originals), sent)
        if outcome.problems or self.edit_problems:
            self.edit_problems = outcome.problems
        if outcome.problems:
            rows = plain(self.edit_items)
            for row in rows:
                # What has to be mended must be seen.
                row.is_open = row.is_open or any(f.input in outcome.problems for f in row.fields)
            self.edit_items = rows
            return NOT_YET, []
        opened = bare(self._edited_from).get(card.key)
        return "", changes_of_card_edit(card, plain(outcome.value), opened, data)

    def _overview_changes(
        self, form: dict[str, str], data: dict[str, Any]
    ) -> tuple[str, list[Change]]:
        config, opened = self._config, plain(self._edited_from)
        name = _typed(form.get("name"), opened.get("name"), "text")
        description = _typed(form.get("description"), opened.get("description"), "long_text")
        if not name:
            return "The name cannot be empty.", []
        if len(name) > MOST_NAME or len(description) > MOST_TEXT:
            return (
                f"The name can have {MOST_NAME} characters, the description {MOST_TEXT:,}.",
                [],
            )
        changes = []
        # Another tab may have changed one of them meanwhile: what was not touched here stays.
        if name not in (data[config.name_field], opened.get("name")):
            changes += changes_of_name(config, name)
        if description not in (data.get("description", ""), opened.get("description")):
            changes += changes_of_description(description)
        return "", changes


def _typed(typed: str | None, before: Any, kind: str) -> str:
    """What stands in an input of the overview; as it was, to the last space, if untouched."""
    if typed is None or typed == shown_text(kind, before):
        return str(before or "")
    return typed.strip()


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
