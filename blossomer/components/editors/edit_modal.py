"""The edit modal of a detail page: what a card holds, or name and description."""

from __future__ import annotations

import reflex as rx

from blossomer.components.editors.earlier import earlier_versions
from blossomer.components.editors.modal import modal
from blossomer.components.editors.overview_fields import overview_fields
from blossomer.components.editors.record_rows import record_fields, record_rows
from blossomer.components.editors.text_rows import text_rows
from blossomer.components.place import Place
from blossomer.components.ui import action_button, icon, notice
from blossomer.components.ui.keys import KeyForm
from blossomer.state.entity_page import EntityPageState


def edit_modal(place: Place) -> rx.Component:
    """One modal for every card; which one is open is the page's state."""
    state = EntityPageState
    return modal(
        KeyForm.create(
            rx.el.div(
                _inputs(),
                earlier_versions() if place.has_account else rx.fragment(),
                class_name="flex-1 overflow-y-auto px-5 py-2",
            ),
            rx.cond(
                state.edit_problem != "",
                rx.el.div(
                    notice(rx.el.p(state.edit_problem), tone="bad", icon_name="triangle-alert"),
                    role="alert",
                    class_name="px-5 pt-2",
                ),
            ),
            rx.cond(state.edit_asks, _question(), _buttons()),
            on_submit=state.save_edit,
            class_name="flex min-h-0 flex-1 flex-col",
        ),
        is_open=state.editing != "",
        title=state.edit_title,
        subtitle=state.edit_subtitle,
        on_change=state.leave_edit,
        on_leave=state.leave_edit(False),
        focus_after=state.edit_opener,
    )


def _inputs() -> rx.Component:
    """The inputs for the shape of what is edited."""
    state = EntityPageState
    return rx.match(
        state.edit_shape,
        ("", overview_fields()),
        ("record", record_fields()),
        ("texts", rx.fragment(text_rows(), _add())),
        rx.fragment(record_rows(), _add()),
    )


def _add() -> rx.Component:
    return action_button(
        icon("plus", 16),
        "Add item",
        kind="quiet",
        on_click=EntityPageState.add_row,
        class_name="mt-3",
    )


def _buttons() -> rx.Component:
    return rx.el.div(
        action_button("Cancel", on_click=EntityPageState.leave_edit(False)),
        action_button("Save", kind="primary", type="submit", title="Ctrl+Enter"),
        class_name="flex justify-end gap-2 border-t border-line px-5 py-4",
    )


def _question() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            "Discard your changes?",
            class_name="w-full self-center text-sm font-medium sm:mr-auto sm:w-auto",
        ),
        action_button("Discard", kind="danger", on_click=EntityPageState.discard_edit),
        action_button(
            "Keep editing", kind="primary", on_click=EntityPageState.keep_editing, auto_focus=True
        ),
        role="alert",
        class_name="flex flex-wrap justify-end gap-2 border-t border-line bg-warn-soft px-5 py-4",
    )
