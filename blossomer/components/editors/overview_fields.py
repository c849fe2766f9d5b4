"""The inputs of the edit modal for name and description."""

from __future__ import annotations

import reflex as rx

from blossomer.components.editors.inputs import touch
from blossomer.components.ui.inputs import INPUT, LABEL
from blossomer.entities.base import MOST_TEXT
from blossomer.state.editing import MOST_NAME
from blossomer.state.entity_page import EntityPageState


def overview_fields() -> rx.Component:
    """Name and description."""
    state = EntityPageState
    return rx.el.div(
        rx.el.label("Name", html_for="edit-name", class_name=LABEL),
        rx.el.input(
            id="edit-name",
            name="name",
            default_value=state.name,
            on_change=touch(),
            max_length=MOST_NAME,
            required=True,
            dir="auto",
            class_name=INPUT,
        ),
        rx.el.label("Description", html_for="edit-description", class_name=f"mt-3 {LABEL}"),
        rx.el.textarea(
            id="edit-description",
            name="description",
            default_value=state.description.text,
            on_change=touch(),
            rows="6",
            max_length=MOST_TEXT,
            dir="auto",
            class_name=INPUT + " field-sizing-content min-h-40",
        ),
        class_name="flex flex-col gap-1.5",
    )
