"""Deleting a document: a dialog that says what goes before anything is lost, and the way back."""

from __future__ import annotations

import reflex as rx

from blossomer.components.editors.modal import modal
from blossomer.components.place import Place
from blossomer.components.ui import action_button, icon_button, notice
from blossomer.state.deleting import DELETE_BUTTON
from blossomer.state.entity_page import EntityPageState


def delete_dialog(place: Place) -> rx.Component:
    """Asks whether the document that a person pointed at may be deleted."""
    state = EntityPageState
    return modal(
        rx.el.div(
            rx.el.p(state.deleting.words, class_name="font-medium text-ink"),
            rx.el.p(place.delete, class_name="mt-1 text-muted"),
            class_name="px-5 text-sm",
        ),
        rx.el.div(
            action_button("Cancel", on_click=state.leave_deletion(False)),
            action_button("Delete", kind="danger", on_click=state.delete(True)),
            class_name="flex justify-end gap-2 px-5 py-4",
        ),
        is_open=state.deleting.id != "",
        title="Delete this?",
        subtitle=state.deleting.name,
        on_change=state.leave_deletion,
        on_leave=state.leave_deletion(False),
        focus_after=DELETE_BUTTON,
        is_small=True,
    )


def deletion_notice() -> rx.Component:
    """Says what was deleted, and brings it back."""
    state = EntityPageState
    return rx.cond(
        state.deleted != "",
        notice(
            rx.el.div(
                rx.el.p(state.deleted, dir="auto", class_name="min-w-0 flex-1"),
                action_button("Undo", on_click=state.undo_delete, class_name="text-ink"),
                icon_button("Close", "x", on_click=state.dismiss_deletion),
                class_name="flex items-center gap-2",
            ),
            tone="info",
            icon_name="trash-2",
            is_row=True,
            data_testid="deleted",
        ),
    )
