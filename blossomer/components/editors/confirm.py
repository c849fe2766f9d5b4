"""Deleting the open document: a disclosure that asks before anything is lost."""

from __future__ import annotations

import reflex as rx

from blossomer.components.place import Place
from blossomer.components.ui import action_button, icon
from blossomer.state.entity_page import EntityPageState


def delete_button(place: Place) -> rx.Component:
    """A button that opens the question; the second button does it."""
    return rx.el.details(
        rx.el.summary(
            icon("trash-2", 17),
            aria_label="Delete",
            title="Delete",
            class_name=(
                "flex size-11 items-center justify-center rounded-lg text-muted "
                "hover:bg-sunken hover:text-bad sm:size-9"
            ),
        ),
        rx.el.div(
            rx.el.p(
                place.delete,
                class_name="text-sm text-ink",
            ),
            action_button(
                "Delete for good",
                kind="danger",
                on_click=EntityPageState.delete(True),
                class_name="mt-3 w-full",
            ),
            class_name=(
                "absolute right-0 z-20 mt-2 w-64 rounded-xl border border-line bg-raised p-4 "
                "modal-shadow"
            ),
        ),
        class_name="relative",
    )
