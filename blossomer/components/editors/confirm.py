"""Deleting the open document: a panel that asks before anything is lost."""

from __future__ import annotations

import reflex as rx

from blossomer.components.place import Place
from blossomer.components.ui import action_button, icon_button, popover
from blossomer.state.entity_page import EntityPageState


def delete_button(place: Place) -> rx.Component:
    """A button that opens the question; the second button does it."""
    return popover(
        rx.el.p(place.delete, class_name="text-sm text-ink"),
        action_button(
            "Delete for good",
            kind="danger",
            on_click=EntityPageState.delete(True),
            class_name="mt-3 w-full",
        ),
        panel="delete-question",
        button=icon_button("Delete", "trash-2", class_name="hover:text-bad"),
    )
