"""The rows of the edit modal for a card of short statements."""

from __future__ import annotations

import reflex as rx

from blossomer.components.editors.inputs import length_of, problem_of, touch
from blossomer.components.editors.row_buttons import row_buttons
from blossomer.components.ui.dragging import DropTarget
from blossomer.components.ui.inputs import INPUT
from blossomer.entities.base import MOST_TEXT
from blossomer.state.edit_views import EditItem
from blossomer.state.entity_page import EntityPageState


def text_rows() -> rx.Component:
    """One area for each statement, in order."""
    return rx.el.ol(
        rx.foreach(EntityPageState.edit_items, _row),
        class_name="flex flex-col gap-3",
    )


def _row(row: rx.Var[EditItem], index: rx.Var[int]) -> rx.Component:
    state = EntityPageState
    number = (index + 1).to_string()
    name = "row-" + row.id
    return DropTarget.create(
        rx.el.div(
            rx.el.textarea(
                default_value=row.text,
                on_change=[
                    touch(),
                    lambda text: rx.cond(
                        state.edit_counts.contains(name),
                        state.count_text(row.id, "", text).debounce(250),
                        rx.noop(),
                    ),
                ],
                # A new row is there to be written in; it takes the focus once it is on the page.
                auto_focus=row.text == "",
                name=name,
                id=name,
                rows="3",
                max_length=MOST_TEXT,
                dir="auto",
                aria_label="Item " + number,
                class_name=INPUT + " field-sizing-content min-h-20",
            ),
            length_of(name),
            problem_of(name),
            class_name="min-w-0 flex-1",
        ),
        row_buttons(row, index, "item " + number),
        key=row.id,
        on_drop=EntityPageState.drop_row(row.id).prevent_default,
        class_name="flex flex-col gap-1 sm:flex-row sm:items-start sm:gap-2",
    )
