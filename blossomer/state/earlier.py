"""What the fields of the open edit modal have held before, and the way to have it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import reflex as rx
from pydantic import Field

from blossomer.entities.config import Card
from blossomer.entities.items import item_lines
from blossomer.errors import UserError
from blossomer.state.edit_views import edit_field, values_of
from blossomer.state.editing_rows import EditingRowsMixin, attribute_named
from blossomer.state.messages import Identifier
from blossomer.state.validation import plain, validated
from blossomer.state.views import EarlierView

OVERVIEW = "overview"
"""Key under which the modal edits name and description instead of a card."""

OVERVIEW_INPUTS = {"Name": "edit-name", "Description": "edit-description"}
"""Ids of the inputs with which the modal edits name and description, by their labels."""

MOST_EARLIER = 30
"""Earlier versions of a field that the modal lists."""

ORIGINS = {
    "generated": "Written by Blossomer",
    "rewritten": "Written again",
    "edited": "Edited by you",
    "undone": "Edit undone",
    "restored": "Restored",
    "imported": "From your playground",
}


class EarlierMixin(EditingRowsMixin, mixin=True):
    """Lists earlier versions and puts one of them into the modal."""

    earlier: list[EarlierView] = []
    earlier_state: str = ""
    """Empty until asked for; then ``some``, ``none`` or ``unavailable``."""

    _earlier_values: dict[str, Any] = {}
    """What the listed versions held, by version and key."""

    def _forget_earlier(self) -> None:
        self.earlier, self.earlier_state = [], ""
        self._earlier_values = {}

    @rx.event
    @validated
    async def show_earlier(self) -> Any:
        """List what the fields of the open modal have held before."""
        workspace, document = self._workspace, self._documents.get(self.document_id)
        if workspace is None or document is None or not self.editing:
            return
        store, card = workspace.store(self._owner or ""), self._edited_card
        earlier, values = [], {}
        try:
            for path, label in self._fields_of_modal().items():
                found = await store.history(self._config, self.document_id, path)
                present = _at(plain(document), path)
                for entry in [one for one in found if one.value != present][:MOST_EARLIER]:
                    view = EarlierView(
                        version=entry.version,
                        key=path[-1],
                        label=label,
                        origin=ORIGINS.get(entry.origin, entry.origin),
                        at=f"{entry.at:%Y-%m-%d %H:%M}",
                        texts=_texts(card, path[-1], entry.value),
                    )
                    earlier.append(view)
                    values[_name(entry.version, path[-1])] = entry.value
        except UserError:
            self.earlier_state = "unavailable"
            return
        self.earlier, self._earlier_values = earlier, values
        self.earlier_state = "some" if self.earlier else "none"

    @rx.event
    @validated
    async def use_earlier(self, version: Annotated[int, Field(ge=0)], key: Identifier) -> Any:
        """Put an earlier version into the modal; nothing is changed before it is saved."""
        values = plain(self._earlier_values)
        name = _name(version, key)
        if name not in values or not self.editing:
            return None
        self._touch()
        card = self._edited_card
        if card is None:
            label = next(entry.label for entry in self.earlier if entry.key == key)
            return rx.set_value(OVERVIEW_INPUTS[label], str(values[name]))
        if card.shape == "record":
            self._use_attribute(card, key, values[name])
        else:
            self._fill_rows(card, values[name] if isinstance(values[name], list) else [])
        return None

    def _use_attribute(self, card: Card, name: str, value: Any) -> None:
        """Put an earlier value of one attribute into its input."""
        attribute = attribute_named(card, name)
        rows = plain(self.edit_items)
        if attribute is None or not rows:
            return
        changed = edit_field(rows[0].id, card, attribute, value)
        self._replace_field(changed)
        if attribute.kind == "tags":
            values = values_of(card, rows[0], {name: value})
            self.edit_values = {**plain(self.edit_values), changed.input: values[changed.input]}

    def _fields_of_modal(self) -> dict[tuple[str, ...], str]:
        """Paths in the document that the open modal edits, with what they are called there."""
        card = self._edited_card
        if card is None:
            return {
                ("data", self._config.name_field): "Name",
                ("data", "description"): "Description",
            }
        if card.shape == "record":  # each attribute is written, and so remembered, by itself
            return {("data", *card.at, a.name): a.label for a in card.attributes}
        return {("data", *card.at): ""}


def _name(version: int, key: str) -> str:
    return f"{version}-{key}"


def _at(document: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    node: Any = document
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def _texts(card: Card | None, key: str, value: Any) -> list[str]:
    """An earlier version as lines to read."""
    if card is None:
        return [str(value)]
    if card.shape == "record":
        return [str(text) for text in value] if isinstance(value, list) else [str(value)]
    items = value if isinstance(value, list) else []
    fitting = [i for i in items if isinstance(i, str if card.shape == "texts" else Mapping)]
    return list(item_lines(card, fitting))
