"""The rows of the edit modal: added, removed and moved, and what is kept of them while it is open.

Texts stay in the browser while typing and arrive with *Save*. Kept here is what a text does not
say: the order of the rows, and the short values of an attribute, which are added one by one.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import reflex as rx
from pydantic import Field, StringConstraints

from blossomer.entities.attributes import Attribute, Limit
from blossomer.entities.config import MOST_ITEMS, Card
from blossomer.state.card_views import counted
from blossomer.state.edit_values import split_values, too_many, with_values
from blossomer.state.edit_views import (
    CountView,
    EditField,
    EditItem,
    counts_of,
    input_name,
    new_row,
    rows_of,
    values_of,
)
from blossomer.state.listing import ListingMixin
from blossomer.state.messages import Identifier
from blossomer.state.validation import bare, plain, validated

TypedText = Annotated[str, Field(max_length=60_000)]
"""What stands in an input; a whole list may be pasted into one."""

AttributeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{0,64}$")]
"""An attribute; empty for a row that is one text."""


def attribute_named(card: Card, name: str) -> Attribute | None:
    """An attribute of a card's records."""
    return next((a for a in card.attributes if a.name == name), None)


class EditingRowsMixin(ListingMixin, mixin=True):
    """What the modal holds, by the names of its inputs where it is not a text."""

    edit_shape: str = ""
    """The shape of the card in the modal; empty for name and description."""
    edit_items: list[EditItem] = []
    edit_values: dict[str, list[str]] = {}
    edit_counts: dict[str, CountView] = {}
    edit_problems: dict[str, str] = {}
    edit_touched: bool = False
    edit_asks: bool = False
    edit_problem: str = ""

    _originals: dict[str, Any] = {}
    """What the rows stood for when they were put into the modal, by their ids."""
    _dragged: str = ""
    """The row that was taken with the mouse."""

    @property
    def _edited_card(self) -> Card | None:
        """The card in the modal."""
        keys = self._config.card_keys if self.entity else ()
        return self._config.card(self.editing) if self.editing in keys else None

    def _fill_rows(self, card: Card, value: Any) -> None:
        """Put what a card holds, or held, into the modal."""
        rows, originals = rows_of(card, value)
        self.edit_shape = card.shape
        self.edit_items, self._originals = rows, originals
        self.edit_values, self.edit_counts, self.edit_problems = {}, {}, {}
        for row in rows:
            self._note_row(card, row)

    def _note_row(self, card: Card, row: EditItem) -> None:
        """Keep what the inputs of a row hold besides their texts."""
        original = bare(self._originals).get(row.id)
        if values := values_of(card, row, original):
            self.edit_values = {**bare(self.edit_values), **values}
        if counts := counts_of(card, row):
            self.edit_counts = {**bare(self.edit_counts), **counts}

    @rx.event
    @validated
    async def touch(self) -> Any:
        """Note that something was typed, so that leaving asks first."""
        self._touch()

    def _touch(self) -> None:
        self.edit_touched = True
        self.edit_asks = False

    @rx.event
    @validated
    async def add_row(self) -> Any:
        """Add an empty row at the end."""
        card = self._edited_card
        if card is None or card.shape == "record":
            return
        if len(self.edit_items) >= MOST_ITEMS:
            self.edit_problem = f"A card holds at most {MOST_ITEMS} items."
            return
        row = new_row(card)
        self.edit_items = [*plain(self.edit_items), row]
        self._note_row(card, row)
        self._touch()

    @rx.event
    @validated
    async def remove_row(self, row_id: Identifier) -> Any:
        """Remove one row."""
        if self.edit_shape == "record":
            return
        self.edit_items = [row for row in plain(self.edit_items) if row.id != row_id]
        self._touch()

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
        self._touch()

    @rx.event
    @validated
    async def drag_row(self, row_id: Identifier) -> Any:
        """Take a row with the mouse."""
        self._dragged = row_id

    @rx.event
    @validated
    async def drop_row(self, row_id: Identifier) -> Any:
        """Drop the row that was taken at the place of another one."""
        rows = plain(self.edit_items)
        places = {row.id: place for place, row in enumerate(rows)}
        dragged, self._dragged = self._dragged, ""
        if dragged == row_id or not {dragged, row_id} <= places.keys():
            return
        row = rows.pop(places[dragged])
        rows.insert(places[row_id], row)
        self.edit_items = rows
        self._touch()

    @rx.event
    @validated
    async def add_values(
        self, row_id: Identifier, attribute: AttributeName, text: TypedText
    ) -> Any:
        """Add the short values in a text, which are separated by commas or lines."""
        name = self._tags_input(row_id, attribute)
        if name is None or not split_values(text):
            return
        values, left_out = with_values(plain(self.edit_values[name]), text)
        self.edit_values = {**plain(self.edit_values), name: values}
        problems = {key: words for key, words in plain(self.edit_problems).items() if key != name}
        if left_out:
            problems[name] = too_many(left_out)
        self.edit_problems = problems
        self._touch()

    @rx.event
    @validated
    async def remove_value(
        self, row_id: Identifier, attribute: AttributeName, value: TypedText
    ) -> Any:
        """Remove one of the short values of an attribute."""
        name = self._tags_input(row_id, attribute)
        if name is None:
            return
        present = plain(self.edit_values[name])
        self.edit_values = {
            **plain(self.edit_values),
            name: [kept for kept in present if kept != value],
        }
        self._touch()

    @rx.event
    @validated
    async def count_text(
        self, row_id: Identifier, attribute: AttributeName, text: TypedText
    ) -> Any:
        """Say how long a text is that has a limit."""
        name = input_name(row_id, attribute)
        limit = self._limit_of(attribute)
        if name in self.edit_counts and limit is not None:
            counts = plain(self.edit_counts)
            self.edit_counts = {**counts, name: CountView(*counted(limit, text))}

    def _limit_of(self, attribute: str) -> Limit | None:
        card = self._edited_card
        if card is None:
            return None
        if not attribute:
            return card.limit
        found = attribute_named(card, attribute)
        return found.limit if found is not None else None

    def _tags_input(self, row_id: str, attribute: str) -> str | None:
        """The name of an input for short values, if there is such a one in the modal."""
        name = input_name(row_id, attribute)
        return name if self._edited_card is not None and name in self.edit_values else None

    def _replace_field(self, changed: EditField) -> None:
        """Draw an input anew with what it holds now."""
        rows = plain(self.edit_items)
        for row in rows:
            row.fields = [changed if f.input == changed.input else f for f in row.fields]
        self.edit_items = rows
