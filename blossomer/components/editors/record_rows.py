"""The edit modal for structured cards: the inputs of one record, or of several in their order."""

from __future__ import annotations

import reflex as rx

from blossomer.components.editors.inputs import attribute_input
from blossomer.components.editors.row_buttons import row_buttons
from blossomer.components.ui import icon
from blossomer.components.ui.dragging import DropTarget
from blossomer.state.edit_views import EditItem
from blossomer.state.entity_page import EntityPageState


def record_fields() -> rx.Component:
    """The inputs of the one record of a card."""
    return rx.foreach(
        EntityPageState.edit_items,
        lambda row: rx.el.div(_inputs(row), key=row.id),
    )


def record_rows() -> rx.Component:
    """A panel for each record; what stands in a closed one is sent too."""
    return rx.el.ol(
        rx.foreach(EntityPageState.edit_items, _row),
        class_name="flex flex-col gap-2.5",
    )


def _row(row: rx.Var[EditItem], index: rx.Var[int]) -> rx.Component:
    number = (index + 1).to_string()
    return DropTarget.create(
        rx.el.details(
            rx.el.summary(
                icon("chevron-right", 16, "turns transition-transform text-faint"),
                rx.el.span(number + ".", class_name="text-sm text-faint tabular-nums"),
                rx.el.span(
                    rx.cond(row.title != "", row.title, "New"),
                    dir="auto",
                    class_name="min-w-0 flex-1 truncate text-sm font-semibold text-ink",
                ),
                class_name=(
                    "flex min-h-11 items-center gap-2 rounded-xl py-1.5 pl-3 pr-36 sm:pr-40 "
                    "hover:bg-sunken"
                ),
            ),
            rx.el.div(_inputs(row), class_name="border-t border-line px-3 pt-3 pb-4 sm:px-4"),
            open=row.is_open,
        ),
        row_buttons(row, index, "item " + number, class_name="absolute right-1 top-0.5"),
        key=row.id,
        on_drop=EntityPageState.drop_row(row.id).prevent_default,
        class_name="relative rounded-xl border border-line bg-surface",
    )


def _inputs(row: rx.Var[EditItem]) -> rx.Component:
    return rx.el.div(
        rx.foreach(row.fields, lambda field: attribute_input(row.id, field)),
        class_name="flex flex-col gap-4",
    )
