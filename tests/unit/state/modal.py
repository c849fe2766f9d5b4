"""A person at the edit modal, without a browser: what its inputs would hold, and send."""

from __future__ import annotations

import copy
import json
from typing import Any

import reflex as rx

from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.state.edit_views import EditField, shown_text
from blossomer.state.entity_page import EntityPageState
from blossomer.state.validation import plain


class Modal:
    """The page of a document and its edit modal.

    Args:
        state: The page's state.
        config: The entity.
        document: The open document.
    """

    def __init__(self, state: Any, config: EntityConfig, document: Document) -> None:
        self.state = state
        state.entity, state.phase, state.document_id = config.entity, "ready", document["id"]
        state._documents = {document["id"]: copy.deepcopy(document)}
        self.form: dict[str, str] = {}

    @classmethod
    async def on(cls, config: EntityConfig, document: Document) -> Modal:
        """A new page with this document."""
        root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
        return cls(await root.get_state(EntityPageState), config, document)

    async def call(self, handler: str, **arguments: Any) -> Any:
        """Have an event handled."""
        return await getattr(EntityPageState, handler).fn(self.state, **arguments)

    async def edit(self, key: str) -> None:
        """Open the modal; the inputs hold what a browser shows."""
        await self.call("edit", key=key)
        self.form = {}
        self.show()

    def show(self) -> None:
        """Draw inputs that were not there before; the others keep what was typed."""
        if self.state.edit_shape == "":
            document = self.document
            self.form.setdefault("name", shown_text("text", document["name"]))
            described = document["data"].get("description", "")
            self.form.setdefault("description", shown_text("long_text", described))
        fresh: dict[str, str] = {}
        for row in self.rows:
            if not row.fields:
                fresh[f"row-{row.id}"] = shown_text("long_text", row.text)
            for one in row.fields:
                fresh |= _shown(one)
        old = set(self.form)
        self.form |= {
            name: text
            for name, text in fresh.items()
            if name not in old and name.rpartition("-")[0] not in old
        }
        here = {f"row-{row.id}" for row in self.rows}
        self.form = {
            name: text
            for name, text in self.form.items()
            if not name.startswith("row-") or "-".join(name.split("-")[:2]) in here
        }

    @property
    def rows(self) -> list[Any]:
        """The rows as they stand."""
        return list(plain(self.state.edit_items))

    @property
    def document(self) -> Document:
        """The open document."""
        return dict(plain(self.state._documents[self.state.document_id]))

    def field(self, row: int, name: str) -> EditField:
        """An input of a row."""
        return next(f for f in self.rows[row].fields if f.name == name)

    async def add(self) -> int:
        """Add a row; returns its place."""
        await self.call("add_row")
        self.show()
        return len(self.rows) - 1

    async def write(self, row: int, name: str, value: Any) -> None:
        """Make an input hold a value, by its kind, as a person does."""
        if not name:
            self.form[f"row-{self.rows[row].id}"] = shown_text("long_text", value)
            return
        one = self.field(row, name)
        if one.kind == "tags":
            for held in plain(self.state.edit_values[one.input]):
                await self.call(
                    "remove_value", row_id=self.rows[row].id, attribute=name, value=held
                )
            for added in value:
                await self.call("add_values", row_id=self.rows[row].id, attribute=name, text=added)
        elif one.kind == "choices":
            for option in one.options:
                self.form.pop(option.input, None)
                if option.value in value:
                    self.form[option.input] = "on"
        else:
            self.form[one.input] = shown_text(one.kind, value)

    async def save(self) -> None:
        """Press *Save*."""
        await self.call("save_edit", form=dict(self.form))

    @property
    def written(self) -> list[tuple[str, ...]]:
        """The paths that were handed to the store."""
        return [
            tuple(change["path"])
            for operation in plain(self.state.drafts_operations)
            for change in operation["changes"]
            if change["path"] != ["updated_at"]
        ]


def _shown(one: EditField) -> dict[str, str]:
    if one.kind == "choices":
        ticked = {option.input: "on" for option in one.options if option.is_chosen}
        return {one.input: "boxes", **ticked}
    if one.kind == "choice":
        values = [option.value for option in one.options]
        return {one.input: one.text if one.text in values else values[0]}
    return {one.input: shown_text(one.kind, one.text)}


def without(document: Document, *paths: tuple[str, ...]) -> str:
    """A document as JSON without what stands at some paths."""
    left = copy.deepcopy(document)
    for path in (*paths, ("updated_at",)):
        node: Any = left
        for key in path[:-1]:
            node = node.get(key) if isinstance(node, dict) else None
        if isinstance(node, dict):
            node.pop(path[-1], None)
    return json.dumps(left, sort_keys=True)
