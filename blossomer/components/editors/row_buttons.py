"""Moving and deleting a row of the edit modal."""

from __future__ import annotations

import reflex as rx

from blossomer.components.ui import icon, icon_button
from blossomer.components.ui.dragging import DragHandle
from blossomer.state.edit_views import EditItem
from blossomer.state.entity_page import EntityPageState


def row_buttons(
    row: rx.Var[EditItem], index: rx.Var[int], name: rx.Var[str], class_name: str = ""
) -> rx.Component:
    """The buttons of one row.

    Args:
        row: The row.
        index: Its place among the rows.
        name: What it is called in the words on the buttons.
        class_name: Where the buttons stand.
    """
    state = EntityPageState
    return rx.el.div(
        DragHandle.create(
            icon("grip-vertical", 17),
            draggable=True,
            aria_hidden="true",
            title="Drag to another place",
            on_drag_start=state.drag_row(row.id),
            class_name=(
                "hidden size-9 items-center justify-center text-faint cursor-grab "
                "sm:pointer-fine:inline-flex"
            ),
        ),
        icon_button(
            "Move " + name + " up",
            "arrow-up",
            disabled=index == 0,
            on_click=state.move_row(row.id, -1),
        ),
        icon_button(
            "Move " + name + " down",
            "arrow-down",
            disabled=index == state.edit_items.length() - 1,
            on_click=state.move_row(row.id, 1),
        ),
        icon_button(
            "Delete " + name,
            "trash-2",
            on_click=state.remove_row(row.id),
            class_name="hover:text-bad",
        ),
        class_name=f"flex {class_name or 'self-end sm:self-start'}",
    )
